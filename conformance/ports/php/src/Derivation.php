<?php

declare(strict_types=1);

namespace CookiejarSession;

/** What SPEC 3 derives, all of it by keyed BLAKE2b-256. Knows nothing of how keys are written. */
final class Derivation
{
    private const LABEL = 'cookiejar-session/v1/';

    public static function boxKey(#[\SensitiveParameter] string $key, string $purpose): string
    {
        return self::derive($key, 'box', self::checkText($purpose, 'purpose'));
    }

    public static function keyId(#[\SensitiveParameter] string $key): string
    {
        return substr(self::derive($key, 'key-id'), 0, 8);
    }

    public static function csrf(#[\SensitiveParameter] string $sid, string $form): string
    {
        return self::derive($sid, 'csrf', self::checkText($form, 'form'));
    }

    public static function logId(#[\SensitiveParameter] string $sid): string
    {
        return substr(self::derive($sid, 'log-id'), 0, 8);
    }

    /** The key that stands for a SECRET_KEY_BASE of 64 octets. */
    public static function fromSecretKeyBase(#[\SensitiveParameter] string $octets): string
    {
        return self::derive($octets, 'skb');
    }

    public static function checksum(#[\SensitiveParameter] string $key): string
    {
        return substr(sodium_crypto_generichash(self::joinPieces(self::LABEL . 'key-text', $key)), 0, 4);
    }

    private static function derive(#[\SensitiveParameter] string $key, string $label, string ...$pieces): string
    {
        // SPEC 3.2: always 32 octets of output; shorter results are cut from these.
        return sodium_crypto_generichash(self::joinPieces(self::LABEL . $label, ...$pieces), $key, 32);
    }

    /** PAE (SPEC 3.1): no two lists of pieces give the same octets. */
    private static function joinPieces(#[\SensitiveParameter] string ...$pieces): string
    {
        $joined = pack('P', count($pieces));
        foreach ($pieces as $piece) {
            $joined .= pack('P', strlen($piece)) . $piece;
        }
        return $joined;
    }

    private static function checkText(string $text, string $name): string
    {
        if (!Text::isWellFormed($text)) {
            throw new UnsupportedValueError("the $name is not well-formed UTF-8; convert it");
        }
        return $text;
    }
}
