<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The cookie's whole value: seal and open (SPEC 7 and 8). Knows nothing of cookies. */
final class Token
{
    private const PREFIX = 'cj1.';
    private const BLOCK_OCTETS = 24;
    private const KEY_ID_OCTETS = 8;
    private const NONCE_OCTETS = SODIUM_CRYPTO_SECRETBOX_NONCEBYTES;
    // SPEC 2.2: 68 + 32 k characters for k = 2 to 122 blocks.
    private const FRAME_CHARACTERS = 68;
    private const BLOCK_CHARACTERS = 32;
    public const MIN_CHARACTERS = 132;
    public const MAX_CHARACTERS = 3972;

    /** @param string $raw key id, nonce and box, well formed and not yet opened */
    private function __construct(private readonly string $raw, public readonly RingEntry $entry)
    {
    }

    /**
     * The token for an envelope, issued at $now under the primary.
     *
     * @throws UnsupportedValueError|SessionTooLargeError|ConfigError where SPEC 7.2 refuses
     */
    public static function seal(Envelope $envelope, Keyring $ring, string $purpose, int $now): string
    {
        return self::sealWithin(self::MAX_CHARACTERS, $envelope, $ring, $purpose, $now);
    }

    /** @internal The same with a limit of at most MAX_CHARACTERS (SPEC 13.8). */
    public static function sealWithin(int $limit, Envelope $envelope, Keyring $ring, string $purpose, int $now): string
    {
        return self::sealWithNonce($envelope, $ring, $purpose, $now, random_bytes(self::NONCE_OCTETS), $limit);
    }

    /** Whether a value begins like a token of any version; another belongs to other software (SPEC 10.5). */
    public static function isLike(string $value): bool
    {
        return preg_match('/\Acj[0-9]{1,9}[a-z]?\./', $value) === 1;
    }

    /**
     * A value that looks like a token and has a key in the ring, to be opened (SPEC 8.2 steps 1 to 7).
     *
     * @throws TokenError
     */
    public static function find(string $value, Keyring $ring, int $now): self
    {
        if (!str_starts_with($value, self::PREFIX)) {
            throw new TokenError(self::isLike($value) ? Reason::UnknownVersion : Reason::Malformed);
        }
        $characters = strlen($value);
        if ($characters > self::MAX_CHARACTERS) {
            throw new TokenError(Reason::TooLong);
        }
        $isOnGrid = ($characters - self::FRAME_CHARACTERS) % self::BLOCK_CHARACTERS === 0;
        if ($characters < self::MIN_CHARACTERS || !$isOnGrid) {
            throw new TokenError(Reason::Malformed);
        }
        $raw = Base64Url::decode(substr($value, strlen(self::PREFIX))) ?? throw new TokenError(Reason::Malformed);
        $entry = $ring->find(substr($raw, 0, self::KEY_ID_OCTETS), $now) ?? throw new TokenError(Reason::UnknownKey);
        return new self($raw, $entry);
    }

    /**
     * The envelope, idle and until lowered by the policy (SPEC 8.2 steps 8 to 16).
     *
     * @throws TokenError
     */
    public function open(string $purpose, int $now, Policy $policy = new Policy()): Envelope
    {
        $nonce = substr($this->raw, self::KEY_ID_OCTETS, self::NONCE_OCTETS);
        $box = substr($this->raw, self::KEY_ID_OCTETS + self::NONCE_OCTETS);
        $padded = sodium_crypto_secretbox_open($box, $nonce, $this->entry->key->boxKey($purpose));
        if ($padded === false) {
            throw new TokenError(Reason::NotAuthentic);
        }
        $envelope = $policy->lower(Envelope::decode(self::removePadding($padded)));
        $reason = $policy->judge($envelope, $now);
        return $reason === null ? $envelope : throw new TokenError($reason);
    }

    /** @return array<string, mixed> without the raw octets: a token is not to get into a log (SPEC 14.5) */
    public function __debugInfo(): array
    {
        return ['entry' => $this->entry];
    }

    /** @internal A seam for tests: SPEC 7.4 forbids a public one, since a nonce that is used twice reveals sessions. */
    private static function sealWithNonce(
        Envelope $envelope,
        Keyring $ring,
        string $purpose,
        int $now,
        string $nonce,
        int $limit = self::MAX_CHARACTERS,
    ): string {
        $primary = $ring->primary($now)
            ?? throw new ConfigError('no key may seal now; add a key without @from and @until');
        // SPEC 7.2 step 2; a negative time would vanish in the greatest of the three.
        foreach (['now' => $now, 'created' => $envelope->created, 'issued' => $envelope->issued] as $name => $time) {
            if ($time < 0 || $time > Envelope::MAX_TIME) {
                throw new UnsupportedValueError("$name must be whole Unix seconds below 2^48; write time()");
            }
        }
        $plaintext = $envelope->stamped($now)->encodeAnyLength();
        $blocks = intdiv(strlen($plaintext), self::BLOCK_OCTETS) + 1;
        $characters = self::FRAME_CHARACTERS + self::BLOCK_CHARACTERS * $blocks;
        if ($characters > $limit) {
            throw SessionTooLargeError::ofSession($characters, $limit, $envelope->countOctetsByKey());
        }
        $box = sodium_crypto_secretbox(self::addPadding($plaintext), $nonce, $primary->key->boxKey($purpose));
        return self::PREFIX . Base64Url::encode($primary->key->id . $nonce . $box);
    }

    /** SPEC 2.3: a whole block behind an exact multiple. */
    private static function addPadding(string $plaintext): string
    {
        $blocks = intdiv(strlen($plaintext), self::BLOCK_OCTETS) + 1;
        return str_pad("$plaintext\x80", $blocks * self::BLOCK_OCTETS, "\0");
    }

    /** SPEC 2.4. */
    private static function removePadding(string $padded): string
    {
        $stripped = rtrim($padded, "\0");
        if (strlen($padded) - strlen($stripped) >= self::BLOCK_OCTETS || !str_ends_with($stripped, "\x80")) {
            throw new TokenError(Reason::BadPadding);
        }
        return substr($stripped, 0, -1);
    }
}
