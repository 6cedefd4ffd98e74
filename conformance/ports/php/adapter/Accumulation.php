<?php

declare(strict_types=1);

namespace CookiejarSession\Adapter;

use CookiejarSession\Binary;
use CookiejarSession\Envelope;
use CookiejarSession\Map;
use CookiejarSession\Ring;
use CookiejarSession\Sid;
use CookiejarSession\Token;
use CookiejarSession\TokenError;

/** Many seals and opens from one seed, one hash over all that came of them. */
final class Accumulation
{
    public function __construct(private readonly Ring $ring, private readonly string $purpose)
    {
    }

    public function run(string $seed, int $steps): string
    {
        $hash = $seed;
        for ($step = 0; $step < $steps; $step++) {
            $r = sodium_crypto_generichash($hash . pack('P', $step));
            $s = sodium_crypto_generichash($r);
            $now = 1_700_000_000 + self::readInteger($r, 16) % (1 << 26);
            $envelope = self::makeEnvelope($r, $s, $step, $now);
            $token = Seams::seal($envelope, $this->ring, $this->purpose, $now, substr($s, 0, 24));
            $position = (ord($r[31]) * 256 + ord($s[31])) % strlen($token);
            $outcome = $this->openTampered($token, $position, $now);
            $plaintext = $this->open($token, $now)->encode();
            $hash = sodium_crypto_generichash($token . $outcome . $plaintext);
        }
        return $hash;
    }

    private static function makeEnvelope(string $r, string $s, int $step, int $now): Envelope
    {
        $elements = [];
        for ($k = 0; $k < ord($s[15]) % 20; $k++) {
            $elements[] = [null, true, false][ord($s[$k]) % 3];
        }
        return new Envelope(
            sid: new Sid(substr($r, 0, 16)),
            created: $now - ord($r[20]),
            issued: $now - ord($r[20]),
            idle: max(1, self::readInteger($r, 21)),
            until: $now + 1 + self::readInteger($r, 25),
            persistent: ord($r[29]) % 2 === 1,
            data: new Map([
                'n' => unpack('P', $s)[1] >> ord($s[8]) % 64,
                // Not the operator "/", which gives an integer when the result is whole.
                'f' => fdiv(self::readInteger($s, 9), 256),
                'b' => new Binary(substr($s, 0, ord($s[13]) % 33)),
                'é' => bin2hex(substr($s, 0, ord($s[14]) % 17)),
                'l' => $elements,
            ]),
            flash: array_fill(0, ord($r[30]) % 3, ['k', $step]),
        );
    }

    private function openTampered(string $token, int $position, int $now): string
    {
        $token[$position] = $token[$position] === 'A' ? 'B' : 'A';
        try {
            $this->open($token, $now);
        } catch (TokenError $error) {
            return $error->reason->value;
        }
        return 'accepted';
    }

    private function open(string $token, int $now): Envelope
    {
        return Token::find($token, $this->ring, $now)->open($this->purpose, $now);
    }

    private static function readInteger(string $octets, int $offset): int
    {
        return unpack('V', $octets, $offset)[1];
    }
}
