<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * The eight values of a session (SPEC 5). Applications use a Session; this is what a token holds.
 *
 * Only data changes in place; with() gives another envelope, which shares the data.
 */
final class Envelope implements \JsonSerializable
{
    public const MAX_TIME = (1 << 48) - 1;
    private const MAX_IDLE = (1 << 32) - 1;
    public const MAX_FLASH = 32;

    /** @param list<array{string, mixed}> $flash */
    public function __construct(
        public readonly Sid $sid,
        public readonly int $created,
        public readonly int $issued,
        public readonly int $idle,
        public readonly int $until,
        public readonly bool $persistent,
        public readonly Map $data,
        public readonly array $flash,
    ) {
    }

    /** A new, empty session (SPEC 13.1). */
    public static function begin(Policy $policy, int $now): self
    {
        $until = $now + $policy->absoluteLifetime;
        return new self(Sid::draw(), $now, $now, $policy->idleTimeout, $until, $policy->persistent, new Map(), []);
    }

    /**
     * The envelope of decoded values, their types checked and not yet their ranges (SPEC 5.2 items 1, 2).
     *
     * @throws TokenError bad-envelope
     */
    public static function fromValues(mixed $values): self
    {
        if (!is_array($values) || !array_is_list($values) || count($values) !== 8) {
            throw new TokenError(Reason::BadEnvelope);
        }
        [$sid, $created, $issued, $idle, $until, $persistent, $data, $flash] = $values;
        $areTyped = $sid instanceof Binary && is_int($created) && is_int($issued) && is_int($idle) && is_int($until)
            && is_bool($persistent) && $data instanceof Map && is_array($flash);
        if (!$areTyped) {
            throw new TokenError(Reason::BadEnvelope);
        }
        return new self(new Sid($sid->octets), $created, $issued, $idle, $until, $persistent, $data, $flash);
    }

    /** @throws TokenError bad-encoding (SPEC 6.3) or bad-envelope (SPEC 5.2) */
    public static function decode(string $plaintext): self
    {
        $envelope = self::fromValues(MessagePackReader::decode($plaintext));
        if ($envelope->findFault() !== null) {
            throw new TokenError(Reason::BadEnvelope);
        }
        return $envelope;
    }

    /** The plaintext. @throws UnsupportedValueError|SessionTooLargeError (SPEC 5.3, 6.1) */
    public function encode(): string
    {
        $plaintext = $this->encodeAnyLength();
        if (strlen($plaintext) > MessagePackWriter::MAX_LENGTH && MessagePackWriter::hasLongValue([$this->data, $this->flash])) {
            throw new SessionTooLargeError('a text, a Binary, an array or a Map has a length above 65,535; keep large '
                . 'values on the server and their ids in the session');
        }
        return $plaintext;
    }

    /** The same, but a value that is too long for any token is encoded too, so that the size is known. */
    public function encodeAnyLength(): string
    {
        $fault = $this->findFault();
        if ($fault !== null) {
            throw new UnsupportedValueError("no token can hold this session: $fault");
        }
        return MessagePackWriter::encode([
            new Binary($this->sid->octets()),
            $this->created,
            $this->issued,
            $this->idle,
            $this->until,
            $this->persistent,
            $this->data,
            $this->flash,
        ], 'envelope');
    }

    /** @return list<array{?string, int}> the octets of each key with its value; null stands for all flash messages */
    public function countOctetsByKey(): array
    {
        $octets = [];
        foreach ($this->data as $key => $value) {
            $octets[] = [$key, strlen(MessagePackWriter::encode($key) . MessagePackWriter::encode($value))];
        }
        return $this->flash === [] ? $octets : [...$octets, [null, strlen(MessagePackWriter::encode($this->flash))]];
    }

    /** This session with another value under each name given. */
    public function with(mixed ...$changes): self
    {
        return new self(...[...get_object_vars($this), ...$changes]);
    }

    /** As issued at $now: never before it was created or issued last (SPEC 7.2 step 2). */
    public function stamped(int $now): self
    {
        return $this->with(issued: max($now, $this->created, $this->issued));
    }

    /** The first second at which the session is expired (SPEC 9.1). */
    public function expires(): int
    {
        return min($this->issued + $this->idle, $this->until);
    }

    /** The octets by which a change of the content is found (SPEC 13.3 item 1). @throws UnsupportedValueError */
    public function encodeContent(): string
    {
        return MessagePackWriter::encode($this->data, 'data', 1) . MessagePackWriter::encode($this->flash, 'flash', 1);
    }

    /** @return array<string, mixed> neither sid nor content, which are not to get into a log (SPEC 14.5) */
    public function jsonSerialize(): array
    {
        return ['data' => '(not shown)', 'flash' => '(not shown)'] + get_object_vars($this);
    }

    /** @return array<string, mixed> */
    public function __debugInfo(): array
    {
        return $this->jsonSerialize();
    }

    /** What breaks SPEC 5.1, if anything does. */
    private function findFault(): ?string
    {
        foreach (['created' => $this->created, 'issued' => $this->issued, 'until' => $this->until] as $name => $time) {
            if ($time < 0 || $time > self::MAX_TIME) {
                return "$name is not a time";
            }
        }
        return match (true) {
            !$this->sid->isWellFormed() => 'the sid has not 16 octets',
            $this->idle < 1 || $this->idle > self::MAX_IDLE => 'idle is not 1 to 2^32 - 1 seconds',
            $this->issued < $this->created => 'it was issued before it was created',
            $this->until <= $this->issued => 'it ends before it is issued, or then',
            !array_is_list($this->flash) => 'flash is not a list',
            count($this->flash) > self::MAX_FLASH => 'flash has more than 32 entries',
            default => $this->findFlashFault(),
        };
    }

    private function findFlashFault(): ?string
    {
        foreach ($this->flash as $entry) {
            if (!is_array($entry) || !array_is_list($entry) || count($entry) !== 2 || !is_string($entry[0])) {
                return 'a flash entry is not a list of a text and a value';
            }
        }
        return null;
    }
}
