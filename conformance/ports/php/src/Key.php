<?php

declare(strict_types=1);

namespace CookiejarSession;

/** One key: 32 octets and what is derived from them (SPEC 3). Knows nothing of other keys or of time. */
final class Key
{
    private const OCTETS = 32;
    // Random octets practically never repeat so much; typed-in and zeroed keys do (SPEC 4.2 item 9).
    private const MIN_DISTINCT_OCTETS = 16;
    public const MAKE_ONE = 'make a key with "cookiejar-session keygen"';

    /** The key id: 8 octets, public. */
    public readonly string $id;

    // In a closure, since var_export and array casts show private properties and do not ask __debugInfo.
    private readonly \Closure $material;

    public function __construct(#[\SensitiveParameter] string $material)
    {
        if (strlen($material) !== self::OCTETS) {
            throw new ConfigError('a key must be 32 octets, got ' . strlen($material) . '; ' . self::MAKE_ONE);
        }
        $this->id = Derivation::keyId($material);
        $this->material = static fn (): string => $material;
    }

    public static function generate(): self
    {
        return new self(random_bytes(self::OCTETS));
    }

    /** Whether a text begins like a key, so that it must not be shown in a message. */
    public static function resembles(#[\SensitiveParameter] string $text): bool
    {
        return preg_match('/\A(cjk1_|hex:|b64:|skb:|[0-9A-Fa-f]{64})/', $text) === 1;
    }

    /** Whether a text looks like a key without its "b64:". A path may look like it too. */
    public static function resemblesBare(#[\SensitiveParameter] string $text): bool
    {
        return preg_match('#\A[A-Za-z0-9+/_-]{43}=?\z#', $text) === 1;
    }

    public static function fromSecretKeyBase(#[\SensitiveParameter] string $octets): self
    {
        return new self(Derivation::fromSecretKeyBase($octets));
    }

    /** A key as one of the four forms of SPEC 4.1. */
    public static function parse(#[\SensitiveParameter] string $text): self
    {
        return match (1) {
            preg_match('/\Acjk1_([A-Za-z0-9_-]{48})\z/', $text, $found) => self::parseChecked($found[1]),
            preg_match('/\Ahex:([0-9A-Fa-f]{64})\z/', $text, $found),
            preg_match('/\Askb:([0-9A-Fa-f]{128})\z/', $text, $found) => self::fromOctets(sodium_hex2bin($found[1])),
            preg_match('#\Ab64:([A-Za-z0-9+/_-]{43})=?\z#', $text, $found) => self::parseBase64($found[1]),
            default => throw new ConfigError(
                'a key must be "cjk1_" and 48 base64url characters, "hex:" and 64 hex digits, "b64:" and 43 base64 '
                . 'characters, or "skb:" and 128 hex digits, got ' . strlen($text) . ' characters; ' . self::MAKE_ONE,
            ),
        };
    }

    /** The key text of SPEC 4.3. It is the secret itself. */
    public function toText(): string
    {
        $material = ($this->material)();
        return 'cjk1_' . Base64Url::encode($material . Derivation::checksum($material));
    }

    /** The secretbox key for a purpose. It is a secret. */
    public function boxKey(string $purpose): string
    {
        return Derivation::boxKey(($this->material)(), $purpose);
    }

    /** @return array{id: string} */
    public function __debugInfo(): array
    {
        return ['id' => bin2hex($this->id)];
    }

    private static function parseChecked(#[\SensitiveParameter] string $characters): self
    {
        $octets = Base64Url::decode($characters);
        $material = substr($octets, 0, self::OCTETS);
        if (!hash_equals(Derivation::checksum($material), substr($octets, self::OCTETS))) {
            throw new ConfigError('the checksum does not match, so the key text was damaged on the way; copy it again');
        }
        return self::fromOctets($material);
    }

    private static function parseBase64(#[\SensitiveParameter] string $characters): self
    {
        $octets = Base64Url::decode(strtr($characters, '+/', '-_'));
        if ($octets === null) {
            throw new ConfigError('the spare bits of the last base64 character are not zero; copy the key again');
        }
        return self::fromOctets($octets);
    }

    /** A key of 32 octets, or of a SECRET_KEY_BASE of 64. */
    private static function fromOctets(#[\SensitiveParameter] string $octets): self
    {
        $distinct = strlen(count_chars($octets, 3));
        if ($distinct < self::MIN_DISTINCT_OCTETS) {
            throw new ConfigError("a key needs 16 distinct octets, this has $distinct: not random; " . self::MAKE_ONE);
        }
        return strlen($octets) === self::OCTETS ? new self($octets) : self::fromSecretKeyBase($octets);
    }
}
