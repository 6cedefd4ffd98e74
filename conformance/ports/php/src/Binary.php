<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Octets. PHP's strings stand for text (SPEC 6.1 str), so what is to be bin is put into this. */
final class Binary implements \JsonSerializable
{
    public function __construct(public readonly string $octets)
    {
    }

    public static function fromHex(string $hex): self
    {
        return new self(sodium_hex2bin($hex));
    }

    public function toHex(): string
    {
        return bin2hex($this->octets);
    }

    /** Base64, since JSON has no octets. */
    public function jsonSerialize(): string
    {
        return base64_encode($this->octets);
    }
}
