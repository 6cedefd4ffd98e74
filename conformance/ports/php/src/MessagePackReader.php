<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * Plaintext to value, by the profile of SPEC 6 and nothing beside it. Knows nothing of envelopes.
 *
 * bin becomes Binary, map becomes Map, array becomes a list.
 */
final class MessagePackReader
{
    public const MAX_LEVEL = 16;

    private int $offset = 0;

    private function __construct(private readonly string $octets)
    {
    }

    /** @throws TokenError bad-encoding, for whatever breaks SPEC 6.3 */
    public static function decode(string $plaintext): mixed
    {
        $reader = new self($plaintext);
        $value = $reader->readValue(0);
        if ($reader->offset !== strlen($plaintext)) {
            throw self::refuse();
        }
        return $value;
    }

    /** @param int $level the level of the value, should it be an array or a map */
    private function readValue(int $level): mixed
    {
        $first = ord($this->take(1));
        return match (true) {
            $first <= 0x7f => $first,
            $first <= 0x8f => $this->readMap($first & 0x0f, $level),
            $first <= 0x9f => $this->readArray($first & 0x0f, $level),
            $first <= 0xbf => $this->readText($first & 0x1f),
            $first >= 0xe0 => $first - 0x100,
            default => $this->readAfter($first, $level),
        };
    }

    private function readAfter(int $first, int $level): mixed
    {
        return match ($first) {
            0xc0 => null,
            0xc2 => false,
            0xc3 => true,
            0xc4 => new Binary($this->take($this->readUnsigned(1, least: 0))),
            0xc5 => new Binary($this->take($this->readUnsigned(2, least: 0x100))),
            0xcb => $this->readFloat(),
            0xcc => $this->readUnsigned(1, least: 0x80),
            0xcd => $this->readUnsigned(2, least: 0x100),
            0xce => $this->readUnsigned(4, least: 0x10000),
            0xcf => $this->readUnsigned(8, least: 0x100000000),
            0xd0 => $this->readNegative(1, greatest: -0x20 - 1),
            0xd1 => $this->readNegative(2, greatest: -0x80 - 1),
            0xd2 => $this->readNegative(4, greatest: -0x8000 - 1),
            0xd3 => $this->readNegative(8, greatest: -0x80000000 - 1),
            0xd9 => $this->readText($this->readUnsigned(1, least: 32)),
            0xda => $this->readText($this->readUnsigned(2, least: 0x100)),
            0xdc => $this->readArray($this->readUnsigned(2, least: 16), $level),
            0xde => $this->readMap($this->readUnsigned(2, least: 16), $level),
            // SPEC 6.3 item 2.
            default => throw self::refuse(),
        };
    }

    /** An integer or a length of 0 or more; one less than $least has a shorter form (SPEC 6.3 item 3). */
    private function readUnsigned(int $octets, int $least): int
    {
        // Above 2^63 - 1 it comes out negative, and so is refused too (SPEC 6.3 item 4).
        $number = unpack('J', str_pad($this->take($octets), 8, "\0", STR_PAD_LEFT))[1];
        return $number >= $least ? $number : throw self::refuse();
    }

    /** A negative integer; one above $greatest has a shorter form, or is not negative (SPEC 6.3 item 3). */
    private function readNegative(int $octets, int $greatest): int
    {
        $taken = $this->take($octets);
        $sign = ord($taken[0]) >= 0x80 ? "\xff" : "\0";
        $number = unpack('J', str_pad($taken, 8, $sign, STR_PAD_LEFT))[1];
        return $number <= $greatest ? $number : throw self::refuse();
    }

    private function readFloat(): float
    {
        $number = unpack('E', $this->take(8))[1];
        return is_finite($number) ? $number : throw self::refuse();
    }

    private function readText(int $length): string
    {
        $text = $this->take($length);
        return Text::isWellFormed($text) ? $text : throw self::refuse();
    }

    /** @return list<mixed> */
    private function readArray(int $length, int $level): array
    {
        $this->refuseContainer($level, $length);
        $values = [];
        while ($length-- > 0) {
            $values[] = $this->readValue($level + 1);
        }
        return $values;
    }

    private function readMap(int $length, int $level): Map
    {
        $this->refuseContainer($level, 2 * $length);
        $map = new Map();
        $before = null;
        while ($length-- > 0) {
            $key = $this->readValue($level + 1);
            // SPEC 6.3 items 7, 8 and 9. strcmp compares unsigned octets, a prefix before what it begins.
            if (!is_string($key) || $key === '__proto__' || ($before !== null && strcmp($before, $key) >= 0)) {
                throw self::refuse();
            }
            $map[$key] = $this->readValue($level + 1);
            $before = $key;
        }
        return $map;
    }

    /** SPEC 6.3 item 10, and 6.7: each element has at least one octet. */
    private function refuseContainer(int $level, int $elements): void
    {
        if ($level > self::MAX_LEVEL || $elements > strlen($this->octets) - $this->offset) {
            throw self::refuse();
        }
    }

    private function take(int $length): string
    {
        if ($length > strlen($this->octets) - $this->offset) {
            throw self::refuse();
        }
        $taken = substr($this->octets, $this->offset, $length);
        $this->offset += $length;
        return $taken;
    }

    private static function refuse(): TokenError
    {
        return new TokenError(Reason::BadEncoding);
    }
}
