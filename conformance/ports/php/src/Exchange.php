<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * One request and its response: which Set-Cookie fields the response gets (SPEC 13.5).
 *
 * @internal Applications use a Session.
 */
final class Exchange
{
    public readonly SessionState $state;
    private readonly Reading $reading;

    /** @param list<string> $fields the Cookie field values of the request */
    public function __construct(
        private readonly CookieSessions $sessions,
        private readonly array $fields,
        private readonly int $now,
    ) {
        $this->reading = $sessions->read($fields, $now);
        $this->state = new SessionState($this->reading->envelope, $sessions->policy, $now);
    }

    public function reason(): ?Reason
    {
        return $this->reading->reason();
    }

    /**
     * The header lines of the response, with those of the session (SPEC 13.10 to 13.12).
     *
     * @param list<string> $lines
     * @return list<string>
     */
    public function finish(array $lines, int $status, int $now): array
    {
        // SPEC 9.7: the second time is never earlier than the first.
        $cookies = $this->decide($lines, $status, max($now, $this->now));
        $lines = $cookies === [] ? Caching::varyByCookie($lines) : Caching::keepPrivate($lines);
        return [...$lines, ...array_map(static fn (string $cookie): string => "Set-Cookie: $cookie", $cookies)];
    }

    /**
     * @param list<string> $lines
     * @return list<string> Set-Cookie field values
     */
    private function decide(array $lines, int $status, int $now): array
    {
        $state = $this->state;
        $isWritten = $state->isWritten();
        // SPEC 13.5 steps 2 to 8
        return match (true) {
            $state->wasDiscarded && !$isWritten => $this->delete(),
            $isWritten && $state->isWorthKeeping() => $this->setToken($now),
            $isWritten && ($state->accepted !== null || $state->wasDiscarded) => $this->delete(),
            $status === 304 || Caching::isSharedCacheable($lines) || $this->setsCookie($lines) => [],
            $state->accepted !== null => $this->isDue() ? $this->trySetToken($now) : [],
            $this->reading->mustDiscard() => $this->delete(),
            default => [],
        };
    }

    /** @param list<string> $lines */
    private function setsCookie(array $lines): bool
    {
        $pattern = '/\Aset-cookie:[ \t]*(?-i:' . preg_quote($this->sessions->cookie->name, '/') . '=)/i';
        return preg_grep($pattern, $lines) !== [];
    }

    /** Whether a session that was only read needs a new token (SPEC 13.5 step 6). */
    private function isDue(): bool
    {
        ['envelope' => $envelope, 'name' => $name, 'isBehindPrimary' => $isBehindPrimary] = get_object_vars($this->reading);
        if ($name !== $this->sessions->cookie->name) {
            // SPEC 13.7
            return !$this->sessions->mustPreserveCurrent($this->fields, $this->now);
        }
        $policy = $this->sessions->policy;
        return $policy->isRenewalDue($envelope, $this->now) || $policy->isResealDue($envelope, $this->now, $isBehindPrimary);
    }

    /** @return list<string> nothing where the token would not fit (SPEC 13.8) */
    private function trySetToken(int $now): array
    {
        try {
            return $this->setToken($now);
        } catch (CookiejarError) {
            return [];
        }
    }

    /** @return list<string> the token, and deletions of previous cookies (SPEC 12.7) */
    private function setToken(int $now): array
    {
        $sessions = $this->sessions;
        $envelope = $this->state->envelope->stamped($now);
        // SPEC 13.8: a session that did not grow can be written again.
        $limit = max($sessions->maxTokenCharacters, $this->state->accepted === null ? 0 : $this->reading->characters);
        $token = Token::sealWithin($limit, $envelope, $sessions->keyring, $sessions->purpose, $now);
        $cookie = $sessions->cookie->render($token, $envelope->persistent, $envelope->expires(), $now);
        return [$cookie, ...$this->deletePrevious($this->state->wasDiscarded)];
    }

    /** @return list<string> deletions of the cookie and of previous cookies (SPEC 12.8) */
    private function delete(): array
    {
        return [$this->sessions->cookie->renderDeletion(), ...$this->deletePrevious(true)];
    }

    /** @return list<string> */
    private function deletePrevious(bool $all): array
    {
        $deletions = [];
        foreach ($this->sessions->previous as $previous) {
            $isWanted = $previous->name === $this->sessions->cookie->name || $previous->name === $this->reading->name
                || ($all && Acceptance::hasOurs(CookieHeader::scan($this->fields, $previous->name)));
            if ($isWanted) {
                $deletions[] = $previous->renderDeletion();
            }
        }
        return $deletions;
    }
}
