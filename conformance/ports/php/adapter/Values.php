<?php

declare(strict_types=1);

namespace CookiejarSession\Adapter;

use CookiejarSession\Binary;
use CookiejarSession\CookieAttributes;
use CookiejarSession\Envelope;
use CookiejarSession\Map;
use CookiejarSession\Policy;
use CookiejarSession\Sid;
use CookiejarSession\UnsupportedValueError;

/** Values, envelopes, attributes and policies: as the vectors write them, and as the library takes and gives them. */
final class Values
{
    // PHP's integers have 64 bits, and its text is octets: big-integers and lone-surrogates cannot be said.
    public const CAPABILITIES = [
        'wide-integers',
        'whole-floats',
        'ill-formed-text',
        'other-keys',
        'duplicate-keys',
        'dates',
        'untyped',
    ];

    /** A VALUE; an untagged integer is one too, as the times of an envelope are written. */
    public static function read(mixed $value): mixed
    {
        if (!$value instanceof \stdClass) {
            return $value;
        }
        $tag = array_key_first(get_object_vars($value));
        $content = $value->$tag;
        return match ($tag) {
            'int' => self::readInteger($content),
            'float' => unpack('E', sodium_hex2bin($content))[1],
            'bin' => Binary::fromHex($content),
            'array' => array_map(self::read(...), $content),
            'map' => Map::fromPairs(array_map(static fn (array $pair) => array_map(self::read(...), $pair), $content)),
            'utf8' => sodium_hex2bin($content),
            'date' => new \DateTimeImmutable($content),
        };
    }

    public static function write(mixed $value): mixed
    {
        return match (true) {
            is_int($value) => ['int' => (string) $value],
            is_float($value) => ['float' => bin2hex(pack('E', $value))],
            $value instanceof Binary => ['bin' => $value->toHex()],
            $value instanceof Map => ['map' => self::writePairs($value)],
            is_array($value) => ['array' => array_map(self::write(...), $value)],
            default => $value,
        };
    }

    /** An envelope; a field of a wrong type stands as a tagged value and is handed over as it is. */
    public static function readEnvelope(\stdClass $envelope): Envelope
    {
        $fields = [];
        foreach (['created', 'issued', 'idle', 'until', 'persistent', 'data'] as $name) {
            $fields[$name] = self::read($envelope->$name);
        }
        $fields['sid'] = self::readSid($envelope->sid);
        $fields['flash'] = is_array($envelope->flash)
            ? array_map(static fn (mixed $entry) => self::readFlashEntry($entry), $envelope->flash)
            : self::read($envelope->flash);
        try {
            return new Envelope(...$fields);
        } catch (\TypeError) {
            // Here PHP itself refuses.
            throw new UnsupportedValueError('a field of the envelope has another type');
        }
    }

    /** @return array<string, mixed> */
    public static function writeEnvelope(Envelope $envelope): array
    {
        return [
            'sid' => bin2hex($envelope->sid->octets()),
            'created' => $envelope->created,
            'issued' => $envelope->issued,
            'idle' => $envelope->idle,
            'until' => $envelope->until,
            'persistent' => $envelope->persistent,
            'data' => self::write($envelope->data),
            'flash' => array_map(static fn (array $entry) => array_map(self::write(...), $entry), $envelope->flash),
        ];
    }

    public static function readAttributes(\stdClass $attributes): CookieAttributes
    {
        return new CookieAttributes(...get_object_vars($attributes));
    }

    public static function readPolicy(\stdClass $policy): Policy
    {
        return new Policy(
            idleTimeout: $policy->idle_timeout,
            absoluteLifetime: $policy->absolute_lifetime,
            persistent: $policy->persistent,
            renewAfter: $policy->renew_after,
            longestIdle: $policy->longest_idle,
            longestLifetime: $policy->longest_lifetime,
            notBefore: $policy->not_before,
        );
    }

    private static function readSid(mixed $sid): mixed
    {
        $value = is_string($sid) ? Binary::fromHex($sid) : self::read($sid);
        return $value instanceof Binary ? new Sid($value->octets) : $value;
    }

    private static function readInteger(string $digits): int
    {
        $number = (int) $digits;
        return (string) $number === $digits ? $number : throw new \RangeException("no PHP integer: $digits");
    }

    private static function readFlashEntry(mixed $entry): mixed
    {
        return is_array($entry) ? array_map(self::read(...), $entry) : self::read($entry);
    }

    /** @return list<array{string, mixed}> in the order in which they came out of the octets */
    private static function writePairs(Map $map): array
    {
        $pairs = [];
        foreach ($map as $key => $value) {
            $pairs[] = [$key, self::write($value)];
        }
        return $pairs;
    }
}
