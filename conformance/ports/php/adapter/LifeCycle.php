<?php

declare(strict_types=1);

namespace CookiejarSession\Adapter;

use CookiejarSession\CookieSessions;
use CookiejarSession\Session;
use CookiejarSession\Token;

/** One exchange: the actions of the application, and the header fields that come of them. */
final class LifeCycle
{
    /** @return array<string, mixed> */
    public static function run(CookieSessions $sessions, \stdClass $input): array
    {
        $lines = array_map(static fn (array $field): string => "$field[0]: $field[1]", $input->response);
        // This port accesses the session by open(); an application that does not want it does not call open().
        if ($input->actions !== []) {
            $session = $sessions->open(array_map('sodium_hex2bin', $input->cookie_headers), $input->opened_at);
            foreach ($input->actions as $action) {
                self::act($session, $action);
            }
            $lines = $session->commit($lines, $input->status, $input->sealed_at);
        }
        // Ours stand behind the application's own.
        $theirs = array_filter($input->response, static fn (array $field): bool => strtolower($field[0]) === 'set-cookie');
        $ours = array_slice(self::values($lines, 'set-cookie'), count($theirs));
        $token = preg_match('/=(cj1\.[^;]*)/', $ours[0] ?? '', $found) === 1 ? $found[1] : null;
        return [
            'set_cookies' => str_replace($token ?? "\0", '{token}', $ours),
            'vary' => self::values($lines, 'vary'),
            'cache_control' => self::values($lines, 'cache-control'),
            'others' => self::listOthers($lines, $ours),
            'token' => $token === null ? null : self::showToken($token, $sessions, max($input->opened_at, $input->sealed_at)),
        ];
    }

    private static function act(Session $session, \stdClass $action): void
    {
        match ($action->do) {
            'read' => $session->isNew(),
            'set' => $session->data[Values::read($action->key)] = Values::read($action->value),
            'delete' => self::delete($session, Values::read($action->key)),
            'flash' => $session->addFlash(Values::read($action->category), Values::read($action->value)),
            'pop-flash' => $session->popAllFlash(),
            'regenerate' => $session->regenerate(),
            'renew' => $session->renew(),
            'set-lifetime' => $session->setLifetime($action->idle, $action->absolute, $action->persistent),
            'clear' => $session->clear(),
            'discard' => $session->discard(),
            'csrf-token' => $session->csrfToken(),
        };
    }

    private static function delete(Session $session, string $key): void
    {
        unset($session->data[$key]);
    }

    /** @param list<string> $lines */
    private static function values(array $lines, string $wanted): array
    {
        $values = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(': ', $line, 2);
            if (strtolower($name) === $wanted) {
                $values[] = $value;
            }
        }
        return $values;
    }

    /**
     * @param list<string> $lines
     * @param list<string> $ours
     */
    private static function listOthers(array $lines, array $ours): array
    {
        $others = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(': ', $line, 2);
            if (!in_array(strtolower($name), ['vary', 'cache-control'], true) && !in_array($value, $ours, true)) {
                $others[] = [strtolower($name), $value];
            }
        }
        return $others;
    }

    /** What the token itself says, without ceilings. */
    private static function showToken(string $token, CookieSessions $sessions, int $now): array
    {
        $found = Token::find($token, $sessions->keyring, $now);
        return [
            'key_id' => bin2hex($found->entry->key->id),
            'envelope' => Values::writeEnvelope($found->open($sessions->purpose, $now)),
        ];
    }
}
