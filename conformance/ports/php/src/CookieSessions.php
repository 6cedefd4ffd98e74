<?php

declare(strict_types=1);

namespace CookiejarSession;

/** One configuration, checked once. open() gives the session of a request. */
final class CookieSessions
{
    // SPEC 13.8, 15.1
    private const DEFAULT_TOKEN_CHARACTERS = 2660;

    public readonly string $purpose;
    private readonly Acceptance $acceptance;

    /**
     * @param ?string $purpose null: each cookie's name is its purpose (SPEC 3.5)
     * @param list<CookieAttributes> $previous that it had before; they are read, and then deleted (SPEC 12.6)
     * @param int $maxTokenCharacters the longest token that is written, 132 to 3,972
     * @throws ConfigError for what cannot work
     */
    public function __construct(
        public readonly Keyring $keyring,
        public readonly CookieAttributes $cookie = new CookieAttributes(),
        public readonly Policy $policy = new Policy(),
        ?string $purpose = null,
        public readonly array $previous = [],
        public readonly int $maxTokenCharacters = self::DEFAULT_TOKEN_CHARACTERS,
    ) {
        $this->purpose = $purpose ?? $cookie->name;
        $purposes = [$cookie->name => $this->purpose];
        foreach ($previous as $attributes) {
            if ($attributes->isSameCookie($cookie)) {
                throw new ConfigError("previous cookie $attributes->name is the cookie itself; say what it had before");
            }
            // SPEC 12.6
            if ($purpose !== null && $cookie->hasHostPrefix() && !$attributes->hasHostPrefix()) {
                throw new ConfigError("previous cookie $attributes->name without __Host- and an explicit purpose: any "
                    . 'subdomain can set that cookie, and a session of its own would be moved; leave out one of the two');
            }
            // SPEC 11.5: each name once, the current one first.
            $purposes[$attributes->name] ??= $purpose ?? $attributes->name;
        }
        if ($maxTokenCharacters < Token::MIN_CHARACTERS || $maxTokenCharacters > Token::MAX_CHARACTERS) {
            throw new ConfigError("maxTokenCharacters must be from 132 to 3972, got $maxTokenCharacters");
        }
        $this->acceptance = new Acceptance($keyring, $policy, $purposes);
    }

    /**
     * Sessions with the keys of the environment (Ring::fromEnvironment).
     *
     * @param ?string $configuration the JSON text that sessions.configuration_json() of the Python app prints; without
     *     it, the defaults
     */
    public static function fromEnvironment(?string $configuration = null): self
    {
        $options = $configuration === null ? [] : Configuration::parse($configuration);
        return new self(Ring::fromEnvironment(), ...$options);
    }

    /**
     * The session of a request: that of its cookie or, if no cookie is accepted, a new one.
     *
     * @param string|list<string>|null $fields the Cookie field values, by default $_SERVER['HTTP_COOKIE']
     * @param ?int $now in Unix seconds, by default the clock's
     */
    public function open(string|array|null $fields = null, ?int $now = null): Session
    {
        $fields ??= $_SERVER['HTTP_COOKIE'] ?? '';
        return new Session(new Exchange($this, (array) $fields, $now ?? time()));
    }

    /**
     * What the cookies of a request come to. Only open() gives a session that can be changed.
     *
     * @param string|list<string> $fields
     */
    public function read(string|array $fields, int $now): Reading
    {
        return $this->acceptance->read((array) $fields, $now);
    }

    /**
     * @internal Whether a value of the current name is to be preserved (SPEC 13.7).
     *
     * @param list<string> $fields
     */
    public function mustPreserveCurrent(array $fields, int $now): bool
    {
        return $this->acceptance->mustPreserveCurrent($fields, $now);
    }
}
