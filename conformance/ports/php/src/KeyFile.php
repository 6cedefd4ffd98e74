<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * The keys of a file, which is read again when it changes. A valid change takes effect. An invalid one is written to
 * PHP's error log, and the previous keys stay in use.
 */
final class KeyFile implements Keyring
{
    // In seconds: how often the state of the file is checked, in general and after an unknown key id.
    private const CHECK_EVERY = 10;
    private const CHECK_EVERY_ON_UNKNOWN_KEY = 1;
    // 16 keys need 4 KiB; the rest is room for comments.
    private const MAX_OCTETS = 1 << 20;
    // stat() gives whole seconds here, and some file systems have steps of two.
    private const CLOCK_TICK = 2;

    private const WAY_OUT = '; name a file that this process can read';

    private Ring $ring;
    private mixed $state;
    private int $checkedAt;
    private ?string $complaint = null;

    /** @throws ConfigError if the file cannot be read, or is no ring at $now (Unix seconds, by default the clock's) */
    public function __construct(#[\SensitiveParameter] private readonly string $path, ?int $now = null)
    {
        if (Key::resembles($path) || (Key::resemblesBare($path) && !file_exists($path))) {
            throw new ConfigError('the path of the key file is a key; put a key in ' . Ring::KEYS . ', and a path in '
                . Ring::KEYS_FILE);
        }
        $this->checkedAt = $now ?? time();
        $this->state = $this->readState();
        $this->ring = $this->load($this->checkedAt);
    }

    public function primary(int $now): ?RingEntry
    {
        return $this->ring($now)->primary($now);
    }

    public function find(string $keyId, int $now): ?RingEntry
    {
        $entry = $this->ring($now)->find($keyId, $now);
        if ($entry === null && $this->isDue($now, self::CHECK_EVERY_ON_UNKNOWN_KEY)) {
            $this->check($now);
            $entry = $this->ring->find($keyId, $now);
        }
        return $entry;
    }

    public function isBehindPrimary(RingEntry $entry, int $now): bool
    {
        return $this->ring($now)->isBehindPrimary($entry, $now);
    }

    private function ring(int $now): Ring
    {
        if ($this->isDue($now, self::CHECK_EVERY)) {
            $this->check($now);
        }
        return $this->ring;
    }

    private function isDue(int $now, int $seconds): bool
    {
        return $now < $this->checkedAt || $now - $this->checkedAt >= $seconds;
    }

    private function check(int $now): void
    {
        $this->checkedAt = $now;
        $state = $this->readState();
        try {
            if ($state !== $this->state) {
                $this->ring = $this->load($now);
                $this->state = $state;
            }
            $this->recover();
        } catch (ConfigError $error) {
            // The state is not kept, so that the next check tries the file again.
            $this->complain($error->getMessage());
        }
    }

    private function recover(): void
    {
        if ($this->complaint !== null) {
            $this->complaint = null;
            error_log("cookiejar-session: key file $this->path is valid again");
        }
    }

    private function complain(string $problem): void
    {
        if ($problem !== $this->complaint) {
            $this->complaint = $problem;
            error_log("cookiejar-session: key file ignored, the previous keys stay in use: $problem");
        }
    }

    /** What changes when the file does. A file of the last two seconds differs each time: it may change unnoticed. */
    private function readState(): mixed
    {
        clearstatcache(true, $this->path);
        $found = file_exists($this->path) ? @stat($this->path) : false;
        if ($found === false) {
            return null;
        }
        $isYoung = time() - max($found['mtime'], $found['ctime']) < self::CLOCK_TICK;
        return $isYoung ? new \stdClass() : [$found['mtime'], $found['ctime'], $found['size'], $found['ino']];
    }

    private function load(int $now): Ring
    {
        $problem = $this->findProblem();
        $text = $problem === null ? @file_get_contents($this->path, length: self::MAX_OCTETS + 1) : '';
        if ($text === false) {
            $problem = 'cannot be read' . self::WAY_OUT;
        } elseif (strlen($text) > self::MAX_OCTETS) {
            $problem = 'is longer than ' . self::MAX_OCTETS . ' octets; name a file with keys';
        }
        if ($problem !== null) {
            throw new ConfigError("key file $this->path: $problem");
        }
        try {
            return Ring::parse($text, $now, isFile: true);
        } catch (ConfigError $error) {
            throw new ConfigError("key file $this->path: {$error->getMessage()}");
        }
    }

    /** Why the file is not to be opened, if it is not. A FIFO would make this process wait. */
    private function findProblem(): ?string
    {
        return match (true) {
            !file_exists($this->path) => 'there is no such file' . self::WAY_OUT,
            is_dir($this->path) => 'is a directory; name a file with keys',
            !is_file($this->path) => 'is a FIFO, a socket or a device; name a file with keys',
            !is_readable($this->path) => 'permission denied' . self::WAY_OUT,
            default => null,
        };
    }
}
