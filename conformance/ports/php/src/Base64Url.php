<?php

declare(strict_types=1);

namespace CookiejarSession;

/** base64url without padding (SPEC 1.5). libsodium's takes a time that does not depend on the octets. */
final class Base64Url
{
    public static function encode(#[\SensitiveParameter] string $octets): string
    {
        return sodium_bin2base64($octets, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
    }

    /** Null for a character outside the alphabet, an impossible length, and spare bits that are not zero. */
    public static function decode(#[\SensitiveParameter] string $characters): ?string
    {
        // libsodium 1.0.18 takes octets above 0x7f for characters of the alphabet.
        if (preg_match('/[^A-Za-z0-9_-]/', $characters) === 1) {
            return null;
        }
        try {
            return sodium_base642bin($characters, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
        } catch (\SodiumException) {
            return null;
        }
    }
}
