<?php

declare(strict_types=1);

namespace CookiejarSession;

/** CSRF tokens of a session and a form, masked afresh each time (SPEC 14, 17.8). */
final class CsrfToken
{
    private const MASK_OCTETS = 32;

    public static function make(Sid $sid, string $form = ''): string
    {
        return self::makeWithMask($sid, $form, random_bytes(self::MASK_OCTETS));
    }

    /** Whether the token is one for this sid and form (SPEC 14.3), in constant time. What is no string is none. */
    public static function check(#[\SensitiveParameter] mixed $token, Sid $sid, string $form = ''): bool
    {
        // 86 characters have four spare bits; decode refuses them unless they are zero.
        $octets = is_string($token) && strlen($token) === 86 ? Base64Url::decode($token) : null;
        if ($octets === null) {
            return false;
        }
        [$mask, $masked] = str_split($octets, self::MASK_OCTETS);
        return hash_equals(Derivation::csrf($sid->octets(), $form), $mask ^ $masked);
    }

    /** @internal A seam for tests. */
    private static function makeWithMask(Sid $sid, string $form, string $mask): string
    {
        return Base64Url::encode($mask . ($mask ^ Derivation::csrf($sid->octets(), $form)));
    }
}
