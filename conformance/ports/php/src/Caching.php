<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Cache-Control, Vary and the fields for CDNs of a response (SPEC 13.9 to 13.11). */
final class Caching
{
    // The ends of the names of fields that some shared caches obey in place of Cache-Control (SPEC 13.9.2).
    private const TARGETED = '/(-cache-control|surrogate-control|edge-control|x-accel-expires)$/D';
    private const UNSTORED = ['no-store', '0'];
    private const UNSHARED = [...self::UNSTORED, 'private', 'no-cache', 'max-age=0'];
    // A piece between commas. In a quoted string a comma does not separate; one that is not closed runs to the end.
    private const PIECE = '/(?:[^,"]|"(?:[^"\\\\]|\\\\.)*+(?:"|\\\\?$))++/Ds';

    /**
     * The lines of a response that sets or deletes the session's cookie, changed so that no shared cache keeps the
     * response, with Cookie in Vary. The lines are as headers_list() gives them: "Name: value".
     *
     * @param list<string> $lines
     * @return list<string>
     */
    public static function keepPrivate(array $lines): array
    {
        $directives = self::split(self::values($lines, 'cache-control'));
        $kept = array_filter(
            $directives,
            static fn (string $each): bool => !self::isShared($each) && strtolower($each) !== 'private',
        );
        $isShared = array_filter($directives, self::isShared(...)) !== [];
        if ($isShared || !self::includesAny($directives, ['private', 'no-store'])) {
            $lines = self::replace($lines, 'Cache-Control', ['private', ...$kept]);
        }
        foreach (self::targeted($lines) as $name) {
            if (!self::includesAny(self::split(self::values($lines, $name)), self::UNSTORED)) {
                $lines = array_filter($lines, static fn (string $line): bool => self::name($line) !== $name);
            }
        }
        return self::varyByCookie(array_values($lines));
    }

    /**
     * Whether the application asked for shared caching of the response (SPEC 13.9).
     *
     * @param list<string> $lines
     */
    public static function isSharedCacheable(array $lines): bool
    {
        if (array_filter(self::split(self::values($lines, 'cache-control')), self::isShared(...)) !== []) {
            return true;
        }
        foreach (self::targeted($lines) as $name) {
            $directives = self::split(self::values($lines, $name));
            if ($directives !== [] && !self::includesAny($directives, self::UNSHARED)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The lines with Cookie in Vary, as the response to every request whose session was read has it.
     *
     * @param list<string> $lines
     * @return list<string>
     */
    public static function varyByCookie(array $lines): array
    {
        $members = array_map(static fn (string $member): string => trim($member, " \t"), explode(',', self::values($lines, 'vary')));
        $members = array_filter($members, static fn (string $member): bool => $member !== '');
        return self::includesAny($members, ['*', 'cookie']) ? $lines : self::replace($lines, 'Vary', [...$members, 'Cookie']);
    }

    private static function name(string $line): string
    {
        return strtolower(explode(':', $line, 2)[0]);
    }

    /**
     * @param array<string> $lines
     * @return list<string> names in small letters
     */
    private static function targeted(array $lines): array
    {
        $names = array_unique(array_map(self::name(...), $lines));
        return array_values(array_filter($names, static fn (string $name): bool => preg_match(self::TARGETED, $name) === 1));
    }

    /** @param list<string> $lines */
    private static function values(array $lines, string $name): string
    {
        $found = array_filter($lines, static fn (string $line): bool => self::name($line) === $name);
        return implode(',', array_map(static fn (string $line): string => trim(explode(':', $line, 2)[1] ?? '', " \t"), $found));
    }

    /** @return list<string> */
    private static function split(string $values): array
    {
        preg_match_all(self::PIECE, $values, $found);
        $pieces = array_map(static fn (string $piece): string => trim($piece, " \t"), $found[0]);
        return array_values(array_filter($pieces, static fn (string $piece): bool => $piece !== ''));
    }

    private static function isShared(string $directive): bool
    {
        return in_array(strtolower(explode('=', $directive, 2)[0]), ['public', 's-maxage'], true);
    }

    /**
     * @param array<string> $pieces
     * @param list<string> $words
     */
    private static function includesAny(array $pieces, array $words): bool
    {
        return array_intersect(array_map(strtolower(...), $pieces), $words) !== [];
    }

    /**
     * @param array<string> $lines
     * @param array<string> $pieces
     * @return list<string>
     */
    private static function replace(array $lines, string $name, array $pieces): array
    {
        $others = array_filter($lines, static fn (string $line): bool => self::name($line) !== strtolower($name));
        return [...array_values($others), "$name: " . implode(', ', $pieces)];
    }
}
