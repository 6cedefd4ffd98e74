<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * Value to plaintext, in the one form that SPEC 6.1 gives each. Knows nothing of envelopes.
 *
 * A PHP array is an array if it is a list, also when it is empty; otherwise it is a map, and all its keys must be
 * strings. A Map says what an array cannot: the empty map, and keys such as "1".
 */
final class MessagePackWriter
{
    /** A longer text, Binary, array or Map has no form in SPEC 6.1. */
    public const MAX_LENGTH = 0xffff;

    /**
     * A value with a length above MAX_LENGTH gets MessagePack's own form, so that its size can be measured. No token has
     * room for it: Envelope::encode refuses it.
     *
     * @param string $path what the value is called in the error for it
     * @throws UnsupportedValueError for whatever SPEC 6.5 refuses
     */
    public static function encode(mixed $value, string $path = 'value', int $level = 0): string
    {
        return match (true) {
            $value === null => "\xc0",
            $value === false => "\xc2",
            $value === true => "\xc3",
            is_int($value) => self::encodeInteger($value),
            is_float($value) => self::encodeFloat($value, $path),
            is_string($value) => self::encodeText($value, $path),
            $value instanceof Binary => self::encodeBinary($value),
            $value instanceof Map => self::encodeMap($value, $path, $level),
            is_array($value) && array_is_list($value) => self::encodeArray($value, $path, $level),
            is_array($value) => self::encodeMap(self::makeMap($value, $path), $path, $level),
            $value instanceof \DateTimeInterface => throw new UnsupportedValueError(
                "$path is a date, which no token can hold; store its text or its Unix seconds",
            ),
            default => throw new UnsupportedValueError(
                "$path is of type " . get_debug_type($value)
                . '; store null, bool, int, float, string, array, Map or Binary',
            ),
        };
    }

    /** Whether a value that encode() takes, or a value or key inside it, has a length above MAX_LENGTH. */
    public static function hasLongValue(mixed $value): bool
    {
        $values = $value instanceof Map ? $value->toArray() : $value;
        if (!is_array($values)) {
            $octets = $values instanceof Binary ? $values->octets : $values;
            return is_string($octets) && strlen($octets) > self::MAX_LENGTH;
        }
        foreach ($values as $key => $each) {
            if (strlen((string) $key) > self::MAX_LENGTH || self::hasLongValue($each)) {
                return true;
            }
        }
        return count($values) > self::MAX_LENGTH;
    }

    private static function encodeInteger(int $number): string
    {
        return match (true) {
            $number >= 0x100000000 => "\xcf" . pack('J', $number),
            $number >= 0x10000 => "\xce" . pack('N', $number),
            $number >= 0x100 => "\xcd" . pack('n', $number),
            $number >= 0x80 => "\xcc" . pack('C', $number),
            $number >= -0x20 => pack('C', $number & 0xff),
            $number >= -0x80 => "\xd0" . pack('C', $number & 0xff),
            $number >= -0x8000 => "\xd1" . pack('n', $number & 0xffff),
            $number >= -0x80000000 => "\xd2" . pack('N', $number & 0xffffffff),
            default => "\xd3" . pack('J', $number),
        };
    }

    private static function encodeFloat(float $number, string $path): string
    {
        if (!is_finite($number)) {
            throw new UnsupportedValueError("$path is infinite or not a number; store a finite float or null");
        }
        return "\xcb" . pack('E', $number);
    }

    private static function encodeText(string $text, string $path): string
    {
        if (!Text::isWellFormed($text)) {
            throw new UnsupportedValueError("$path is not well-formed UTF-8; put octets into a Binary");
        }
        $length = strlen($text);
        return match (true) {
            $length < 32 => pack('C', 0xa0 | $length) . $text,
            $length < 0x100 => "\xd9" . pack('C', $length) . $text,
            $length <= self::MAX_LENGTH => "\xda" . pack('n', $length) . $text,
            default => "\xdb" . pack('N', $length) . $text,
        };
    }

    private static function encodeBinary(Binary $binary): string
    {
        $length = strlen($binary->octets);
        return match (true) {
            $length < 0x100 => "\xc4" . pack('C', $length),
            $length <= self::MAX_LENGTH => "\xc5" . pack('n', $length),
            default => "\xc6" . pack('N', $length),
        } . $binary->octets;
    }

    /** @param list<mixed> $values */
    private static function encodeArray(array $values, string $path, int $level): string
    {
        self::checkLevel($level, $path);
        $encoded = self::encodeLength(count($values), 0x90, "\xdc", "\xdd");
        foreach ($values as $index => $value) {
            $encoded .= self::encode($value, "{$path}[$index]", $level + 1);
        }
        return $encoded;
    }

    private static function encodeMap(Map $map, string $path, int $level): string
    {
        self::checkLevel($level, $path);
        $encoded = self::encodeLength(count($map), 0x80, "\xde", "\xdf");
        $values = $map->toArray();
        // SPEC 6.4: by unsigned octets; SORT_STRING takes keys that PHP made integers as the text that they were.
        ksort($values, SORT_STRING);
        foreach ($values as $key => $value) {
            if ($key === '__proto__') {
                throw new UnsupportedValueError("$path has the key \"__proto__\", which no token can hold; rename it");
            }
            $encoded .= self::encodeText((string) $key, "a key of $path");
            $encoded .= self::encode($value, "{$path}[\"$key\"]", $level + 1);
        }
        return $encoded;
    }

    /** @param array<mixed> $array that is no list */
    private static function makeMap(array $array, string $path): Map
    {
        foreach ($array as $key => $_) {
            if (!is_string($key)) {
                // A list with gaps, such as array_filter leaves, is not to become a map in silence (SPEC 6.6).
                throw new UnsupportedValueError(
                    "$path is no list, but has the number $key among its keys; write array_values() or new Map()",
                );
            }
        }
        return new Map($array);
    }

    private static function encodeLength(int $length, int $short, string $twoOctets, string $fourOctets): string
    {
        return match (true) {
            $length < 16 => pack('C', $short | $length),
            $length <= self::MAX_LENGTH => $twoOctets . pack('n', $length),
            default => $fourOctets . pack('N', $length),
        };
    }

    private static function checkLevel(int $level, string $path): void
    {
        if ($level > MessagePackReader::MAX_LEVEL) {
            throw new UnsupportedValueError("$path is too deep: arrays and maps go down to level 16 (data is level 1)");
        }
    }
}
