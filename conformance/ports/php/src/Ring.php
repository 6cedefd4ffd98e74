<?php

declare(strict_types=1);

namespace CookiejarSession;

/** 1 to 16 keys in order: which seals, which open (SPEC 4). Knows nothing of tokens. */
final class Ring implements Keyring
{
    private const MAX_ENTRIES = 16;
    public const KEYS = 'COOKIEJAR_SESSION_KEYS';
    public const KEYS_FILE = 'COOKIEJAR_SESSION_KEYS_FILE';
    private const BLANKS = " \t\r\n";

    /** @param non-empty-list<RingEntry> $entries */
    private function __construct(public readonly array $entries)
    {
    }

    /**
     * A ring from its text at $now. Comments are for files alone (SPEC 4.2 item 2).
     *
     * @throws ConfigError that names the entry by its number and shows nothing of the text
     */
    public static function parse(#[\SensitiveParameter] string $text, int $now, bool $isFile = false): self
    {
        $ring = self::parseTakingPublished($text, $now, $isFile);
        foreach ($ring->entries as $entry) {
            if (in_array(bin2hex($entry->key->id), PublishedKeys::IDS, true)) {
                throw self::refuseEntry($entry->position, 'this key is published, so anybody could seal with it');
            }
        }
        return $ring;
    }

    /** The keys of COOKIEJAR_SESSION_KEYS, or of the file that COOKIEJAR_SESSION_KEYS_FILE names (SPEC 4.5.2). */
    public static function fromEnvironment(?int $now = null): Keyring
    {
        $text = trim((string) getenv(self::KEYS), self::BLANKS);
        $path = trim((string) getenv(self::KEYS_FILE), self::BLANKS);
        if ($text !== '' && $path !== '') {
            throw new ConfigError(self::KEYS . ' and ' . self::KEYS_FILE . ' are both set; unset one of the two');
        }
        if ($path !== '') {
            return new KeyFile($path, $now);
        }
        if ($text === '') {
            throw new ConfigError(self::KEYS . ' is not set, nor is ' . self::KEYS_FILE . '; ' . Key::MAKE_ONE
                . ' and put it there (php-fpm hides the environment: set env[' . self::KEYS . '] in its pool)');
        }
        if (!Key::resembles($text) && (str_contains('./~', $text[0]) || is_file($text))) {
            throw new ConfigError(self::KEYS . ' holds a path, not a key; put the path in ' . self::KEYS_FILE);
        }
        try {
            return self::parse($text, $now ?? time());
        } catch (ConfigError $error) {
            throw new ConfigError(self::KEYS . ": {$error->getMessage()}");
        }
    }

    /** The first entry that may seal, if there is one (SPEC 4.4.3). */
    public function primary(int $now): ?RingEntry
    {
        foreach ($this->entries as $entry) {
            if ($entry->maySeal($now)) {
                return $entry;
            }
        }
        return null;
    }

    /** The entry with this key id, if it may open: no other is tried (SPEC 4.4.4). */
    public function find(string $keyId, int $now): ?RingEntry
    {
        foreach ($this->entries as $entry) {
            if ($entry->key->id === $keyId) {
                return $entry->mayOpen($now) ? $entry : null;
            }
        }
        return null;
    }

    /** Whether the entry stands after the primary, or is gone from the ring, so that its tokens are resealed (SPEC 9.6). */
    public function isBehindPrimary(RingEntry $entry, int $now): bool
    {
        $primary = $this->primary($now);
        foreach ($this->entries as $each) {
            if ($each->key->id === $entry->key->id) {
                return $primary !== null && $each->position > $primary->position;
            }
        }
        return $primary !== null;
    }

    /** @internal A seam for tests, and what parse checks further: takes the published keys too (SPEC 4.6.1). */
    private static function parseTakingPublished(#[\SensitiveParameter] string $text, int $now, bool $isFile): self
    {
        $words = preg_split('/[ \t\r\n,]+/', $isFile ? self::dropComments($text) : $text, -1, PREG_SPLIT_NO_EMPTY);
        if ($words === [] || count($words) > self::MAX_ENTRIES) {
            throw new ConfigError('a ring has 1 to ' . self::MAX_ENTRIES . ' keys, this has ' . count($words) . '; ' . Key::MAKE_ONE);
        }
        $entries = [];
        foreach ($words as $position => $word) {
            try {
                $entries[] = self::parseEntry($word, $position);
            } catch (ConfigError $error) {
                throw self::refuseEntry($position, $error->getMessage());
            }
        }
        self::refuseSameIds($entries);
        $ring = new self($entries);
        $ring->refuseGaps($now);
        return $ring;
    }

    private static function dropComments(#[\SensitiveParameter] string $text): string
    {
        $lines = explode("\n", $text);
        return implode("\n", array_filter($lines, static fn (string $line): bool => !str_starts_with($line, '#')));
    }

    private static function parseEntry(#[\SensitiveParameter] string $word, int $position): RingEntry
    {
        $bounds = explode('@', $word);
        $key = Key::parse(array_shift($bounds));
        $times = [];
        foreach ($bounds as $bound) {
            if (preg_match('/\A(from|until)=(.*)\z/s', $bound, $found) !== 1) {
                throw new ConfigError('after "@" only "from=" and "until=" may stand');
            }
            if (isset($times[$found[1]])) {
                throw new ConfigError("@{$found[1]} is given twice; keep one");
            }
            $times[$found[1]] = self::parseTime($found[2])
                ?? throw new ConfigError("@{$found[1]} is not a time; write it as 2027-01-31T00:00:00Z");
        }
        // SPEC 4.2 item 6 wants both: an @until of 1970 alone is a key that has ended.
        if (isset($times['from'], $times['until']) && $times['from'] >= $times['until']) {
            throw new ConfigError('@from must be before @until; change one of the two');
        }
        return new RingEntry($key, $position, $times['from'] ?? 0, $times['until'] ?? PHP_INT_MAX);
    }

    private static function parseTime(string $text): ?int
    {
        if (preg_match('/\A(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z\z/', $text, $found) !== 1) {
            return null;
        }
        [$year, $month, $day, $hour, $minute, $second] = array_map('intval', array_slice($found, 1));
        // SPEC 4.2 item 5. gmmktime alone would carry 31 February over into March.
        $isReal = $year >= 1970 && checkdate($month, $day, $year) && $hour < 24 && $minute < 60 && $second < 60;
        return $isReal ? (int) gmmktime($hour, $minute, $second, $month, $day, $year) : null;
    }

    /** @param list<RingEntry> $entries */
    private static function refuseSameIds(array $entries): void
    {
        $positions = [];
        foreach ($entries as $entry) {
            // The same key has the same key id, however written: SPEC 4.2 items 10 and 11 in one.
            $earlier = $positions[bin2hex($entry->key->id)] ??= $entry->position;
            if ($earlier !== $entry->position) {
                throw self::refuseEntry($entry->position, 'the key id of entry ' . ($earlier + 1) . '; remove one');
            }
        }
    }

    private function refuseGaps(int $now): void
    {
        // SPEC 4.2 item 13: that nobody may seal can only begin where some entry ends.
        foreach ([$now, ...array_column($this->entries, 'until')] as $moment) {
            if ($moment >= $now && $moment !== PHP_INT_MAX && $this->primary($moment) === null) {
                $time = gmdate('Y-m-d\TH:i:s\Z', $moment);
                throw new ConfigError("no key could seal at $time; add a key without @from and @until");
            }
        }
    }

    private static function refuseEntry(int $position, string $problem): ConfigError
    {
        return new ConfigError('entry ' . ($position + 1) . ": $problem");
    }
}
