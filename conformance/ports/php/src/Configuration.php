<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The JSON text of one configuration for all applications (conformance/README.md). It holds no key. */
final class Configuration
{
    private const WAY_OUT = 'pass the text that sessions.configuration_json() prints in Python';
    private const FIELDS = ['cookie', 'purpose', 'policy', 'max_token_characters', 'previous'];
    private const COOKIE_FIELDS = ['name', 'path', 'domain', 'secure', 'httponly', 'samesite', 'partitioned'];
    private const POLICY_FIELDS = [
        'idle_timeout' => 'idleTimeout',
        'absolute_lifetime' => 'absoluteLifetime',
        'persistent' => 'persistent',
        'renew_after' => 'renewAfter',
        'longest_idle' => 'longestIdle',
        'longest_lifetime' => 'longestLifetime',
        'not_before' => 'notBefore',
    ];

    /**
     * The arguments of CookieSessions but the keyring.
     *
     * @return array<string, mixed>
     * @throws ConfigError for a text that is not what configuration_json() prints
     */
    public static function parse(string $json): array
    {
        try {
            $fields = self::checkFields(json_decode($json, true, flags: JSON_THROW_ON_ERROR), self::FIELDS, 'it');
            $previous = array_map(
                static fn (mixed $each): array => self::checkFields($each, ['cookie', 'purpose'], 'previous'),
                $fields['previous'],
            );
            $cookie = self::makeCookie($fields['cookie']);
            $policy = self::checkFields($fields['policy'], array_keys(self::POLICY_FIELDS), 'policy');
            $names = array_map(static fn (string $name): string => self::POLICY_FIELDS[$name], array_keys($policy));
            return [
                'cookie' => $cookie,
                'policy' => new Policy(...array_combine($names, $policy)),
                'purpose' => self::findPurpose([['cookie' => $fields['cookie'], 'purpose' => $fields['purpose']], ...$previous]),
                'previous' => array_map(static fn (array $each) => self::makeCookie($each['cookie']), $previous),
                'maxTokenCharacters' => (static fn (int $limit): int => $limit)($fields['max_token_characters']),
            ];
        } catch (\JsonException | \TypeError) {
            throw new ConfigError('configuration is no JSON text of the right types; ' . self::WAY_OUT);
        }
    }

    private static function makeCookie(mixed $cookie): CookieAttributes
    {
        return new CookieAttributes(...self::checkFields($cookie, self::COOKIE_FIELDS, 'cookie'));
    }

    /**
     * The explicit purpose, or null if each cookie's name is its purpose.
     *
     * @param list<array{cookie: array{name: string}, purpose: string}> $cookies
     */
    private static function findPurpose(array $cookies): ?string
    {
        $purposes = array_column($cookies, 'purpose');
        if ($purposes === array_map(static fn (array $each): mixed => $each['cookie']['name'], $cookies)) {
            return null;
        }
        if (array_unique($purposes) !== [$purposes[0]]) {
            throw new ConfigError('configuration has different purposes; ' . self::WAY_OUT);
        }
        return $purposes[0];
    }

    /**
     * @param list<string> $names
     * @return array<string, mixed>
     */
    private static function checkFields(mixed $fields, array $names, string $place): array
    {
        $found = is_array($fields) ? array_keys($fields) : [];
        $unknown = implode(', ', array_diff($found, $names));
        $missing = implode(', ', array_diff($names, $found));
        return $unknown . $missing === '' ? $fields : throw new ConfigError(
            'configuration: ' . ($missing === '' ? "$place has the unknown fields $unknown" : "$place lacks $missing")
            . '; ' . self::WAY_OUT . ' with the same version',
        );
    }
}
