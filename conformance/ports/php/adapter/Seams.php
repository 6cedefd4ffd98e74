<?php

declare(strict_types=1);

namespace CookiejarSession\Adapter;

use CookiejarSession\CsrfToken;
use CookiejarSession\Envelope;
use CookiejarSession\Ring;
use CookiejarSession\Sid;
use CookiejarSession\Token;

/** What the library keeps private and vectors need: published keys, a given nonce, a given mask (SPEC 4.6.1, 7.4). */
final class Seams
{
    public static function parseRing(string $text, int $now, bool $isFile = false): Ring
    {
        return self::call(Ring::class, 'parseTakingPublished', $text, $now, $isFile);
    }

    public static function seal(Envelope $envelope, Ring $ring, string $purpose, int $now, string $nonce): string
    {
        return self::call(Token::class, 'sealWithNonce', $envelope, $ring, $purpose, $now, $nonce);
    }

    public static function makeCsrfToken(Sid $sid, string $form, string $mask): string
    {
        return self::call(CsrfToken::class, 'makeWithMask', $sid, $form, $mask);
    }

    private static function call(string $class, string $method, mixed ...$arguments): mixed
    {
        return (new \ReflectionMethod($class, $method))->invoke(null, ...$arguments);
    }
}
