<?php

declare(strict_types=1);

namespace CookiejarSession;

/** What a PHP string must be to pass for text (SPEC 6.3 item 6). */
final class Text
{
    /** PCRE refuses what RFC 3629 refuses: overlong forms, surrogates, above U+10FFFF, cut sequences. */
    public static function isWellFormed(string $octets): bool
    {
        return preg_match('//u', $octets) === 1;
    }
}
