<?php

declare(strict_types=1);

namespace CookiejarSession;

/** One configuration, checked once: reads the session of a request, and renders the Set-Cookie field for it. */
final class CookieSessions
{
    private readonly string $purpose;
    private readonly Acceptance $acceptance;

    /**
     * @param ?string $purpose null: each cookie's name is its purpose (SPEC 3.5)
     * @param list<CookieAttributes> $previous that it had before; they are read, and not deleted here (SPEC 12.6)
     */
    public function __construct(
        private readonly Ring $ring,
        private readonly CookieAttributes $cookie = new CookieAttributes(),
        private readonly Policy $policy = new Policy(),
        ?string $purpose = null,
        array $previous = [],
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
        $this->acceptance = new Acceptance($ring, $policy, $purposes);
    }

    /** @param string|list<string> $fields the Cookie field values of the request: $_SERVER['HTTP_COOKIE'] ?? '' */
    public function read(string|array $fields, int $now): Reading
    {
        return $this->acceptance->read((array) $fields, $now);
    }

    /** A new, empty session. */
    public function begin(int $now): Envelope
    {
        return Envelope::begin($this->policy, $now);
    }

    /** The Set-Cookie field value that hands the session to the browser. */
    public function setCookie(Envelope $envelope, int $now): string
    {
        $token = Token::seal($envelope, $this->ring, $this->purpose, $now);
        return $this->cookie->render($token, $envelope->persistent, $envelope->stamped($now)->expires(), $now);
    }

    /** The Set-Cookie field value for a logout. */
    public function deleteCookie(): string
    {
        return $this->cookie->renderDeletion();
    }
}
