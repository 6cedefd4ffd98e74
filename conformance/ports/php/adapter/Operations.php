<?php

declare(strict_types=1);

namespace CookiejarSession\Adapter;

use CookiejarSession\CookieHeader;
use CookiejarSession\CookieSessions;
use CookiejarSession\CookiejarError;
use CookiejarSession\CsrfToken;
use CookiejarSession\Derivation;
use CookiejarSession\Envelope;
use CookiejarSession\Key;
use CookiejarSession\Map;
use CookiejarSession\Ring;
use CookiejarSession\RingEntry;
use CookiejarSession\Sid;
use CookiejarSession\Token;
use CookiejarSession\TokenError;

/** The operations of the suite over the library: input to result. */
final class Operations
{
    private const FUNCTIONS = [
        'derive' => 'derive',
        'log-id' => 'showLogId',
        'parse-ring' => 'parseRing',
        'encode' => 'encode',
        'decode' => 'decode',
        'seal' => 'seal',
        'open' => 'open',
        'judge' => 'judge',
        'scan' => 'scan',
        'read' => 'read',
        'set-cookie' => 'setCookie',
        'life-cycle' => 'runLifeCycle',
        'make-csrf' => 'makeCsrf',
        'check-csrf' => 'checkCsrf',
        'accumulated' => 'accumulate',
    ];
    private const WITH_REASONS = ['decode', 'open', 'judge', 'read'];

    /** @return list<string> */
    public static function names(): array
    {
        return array_keys(self::FUNCTIONS);
    }

    /** @return array<string, mixed> in the shape of a vector's "expect" */
    public static function run(string $name, \stdClass $input): array
    {
        try {
            $result = [self::class, self::FUNCTIONS[$name]]($input);
        } catch (CookiejarError $error) {
            $hasReason = $error instanceof TokenError && in_array($name, self::WITH_REASONS, true);
            return ['refuse' => $hasReason ? $error->reason->value : 'refused'];
        }
        return $result === null ? ['refuse' => 'refused'] : ['accept' => (object) $result];
    }

    private static function derive(\stdClass $input): array
    {
        $key = isset($input->key)
            ? new Key(sodium_hex2bin($input->key))
            : Key::fromSecretKeyBase(sodium_hex2bin($input->secret_key_base));
        return [
            'key_id' => bin2hex($key->id),
            'box_key' => bin2hex($key->boxKey($input->purpose)),
            'key_text' => $key->toText(),
        ];
    }

    private static function showLogId(\stdClass $input): array
    {
        return ['log_id' => bin2hex(Derivation::logId(sodium_hex2bin($input->sid)))];
    }

    private static function parseRing(\stdClass $input): array
    {
        $parse = $input->allow_published ? Seams::parseRing(...) : Ring::parse(...);
        $ring = $parse(sodium_hex2bin($input->ring), $input->now, $input->is_file);
        return ['moments' => array_map(static fn (int $now) => self::describeMoment($ring, $now), $input->moments)];
    }

    private static function describeMoment(Ring $ring, int $now): array
    {
        $mayOpen = static fn (RingEntry $entry) => $ring->find($entry->key->id, $now) === $entry;
        $showId = static fn (RingEntry $entry) => bin2hex($entry->key->id);
        $primary = $ring->primary($now);
        return [
            'now' => $now,
            'primary' => $primary === null ? null : $showId($primary),
            'opens' => array_map($showId, array_values(array_filter($ring->entries, $mayOpen))),
        ];
    }

    private static function encode(\stdClass $input): array
    {
        return ['plaintext' => bin2hex(Values::readEnvelope($input->envelope)->encode())];
    }

    private static function decode(\stdClass $input): array
    {
        return ['envelope' => Values::writeEnvelope(Envelope::decode(sodium_hex2bin($input->plaintext)))];
    }

    private static function seal(\stdClass $input): array
    {
        $envelope = Values::readEnvelope($input->envelope);
        $ring = Seams::parseRing($input->keyring, $input->now);
        $token = $input->nonce === null
            ? Token::seal($envelope, $ring, $input->purpose, $input->now)
            : Seams::seal($envelope, $ring, $input->purpose, $input->now, sodium_hex2bin($input->nonce));
        return ['token' => $token];
    }

    private static function open(\stdClass $input): array
    {
        $ring = Seams::parseRing($input->keyring, $input->now);
        $envelope = Token::find(sodium_hex2bin($input->value), $ring, $input->now)
            ->open($input->purpose, $input->now, Values::readPolicy($input->policy));
        return ['envelope' => Values::writeEnvelope($envelope)];
    }

    private static function judge(\stdClass $input): array
    {
        $policy = Values::readPolicy($input->policy);
        $sid = new Sid(str_repeat("\0", 16));
        $envelope = $policy->lower(
            new Envelope($sid, $input->created, $input->issued, $input->idle, $input->until, true, new Map(), []),
        );
        $reason = $policy->judge($envelope, $input->now);
        if ($reason !== null) {
            throw new TokenError($reason);
        }
        return [
            'expires' => $envelope->expires(),
            'idle' => $envelope->idle,
            'until' => $envelope->until,
            'renewal_due' => $policy->isRenewalDue($envelope, $input->now),
            'reseal_due' => $policy->isResealDue($envelope, $input->now, $input->behind_primary),
        ];
    }

    private static function scan(\stdClass $input): array
    {
        $values = CookieHeader::scan(array_map('sodium_hex2bin', $input->cookie_headers), $input->name);
        return ['values' => array_map('bin2hex', $values)];
    }

    private static function makeSessions(\stdClass $input, int $now, mixed ...$more): CookieSessions
    {
        return new CookieSessions(
            Seams::parseRing($input->keyring, $now),
            Values::readAttributes($input->cookie),
            Values::readPolicy($input->policy),
            $input->purpose,
            array_map(Values::readAttributes(...), $input->previous),
            ...$more,
        );
    }

    private static function runLifeCycle(\stdClass $input): array
    {
        $limit = $input->max_token_characters;
        return LifeCycle::run(self::makeSessions($input, $input->opened_at, maxTokenCharacters: $limit), $input);
    }

    private static function read(\stdClass $input): array
    {
        $sessions = self::makeSessions($input, $input->now);
        $reading = $sessions->read(array_map('sodium_hex2bin', $input->cookie_headers), $input->now);
        if ($reading->reason() !== null) {
            throw new TokenError($reading->reason());
        }
        return [
            'name' => $reading->name,
            'envelope' => $reading->envelope === null ? null : Values::writeEnvelope($reading->envelope),
        ];
    }

    private static function setCookie(\stdClass $input): array
    {
        $cookie = Values::readAttributes($input->cookie);
        $field = $input->token === null
            ? $cookie->renderDeletion()
            : $cookie->render($input->token, $input->persistent, $input->expires, $input->now);
        return ['set_cookie' => $field];
    }

    private static function makeCsrf(\stdClass $input): array
    {
        return [
            'token' => Seams::makeCsrfToken(new Sid(sodium_hex2bin($input->sid)), $input->form, sodium_hex2bin($input->mask)),
        ];
    }

    private static function checkCsrf(\stdClass $input): ?array
    {
        return CsrfToken::check(sodium_hex2bin($input->token), new Sid(sodium_hex2bin($input->sid)), $input->form) ? [] : null;
    }

    private static function accumulate(\stdClass $input): array
    {
        $ring = Seams::parseRing($input->keyring, 0);
        $accumulation = new Accumulation($ring, $input->purpose);
        return ['hash' => bin2hex($accumulation->run(sodium_hex2bin($input->seed), $input->steps))];
    }
}
