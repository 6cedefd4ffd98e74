<?php

declare(strict_types=1);

namespace CookiejarSession;

/** What the Cookie fields of a request came to: a session, or why there is none. */
final class Reading
{
    /**
     * @param ?string $name under which the session was accepted
     * @param bool $isBehindPrimary whether its key stands after the primary (SPEC 9.6)
     * @param int $characters the length of the accepted token
     * @param list<Reason> $reasons those of the unreadable values, in the order of SPEC 11.6; none if one was accepted
     * @param bool $mustPreserve whether an unreadable value is to be preserved, or one was left unread (SPEC 11.4.1)
     */
    public function __construct(
        public readonly ?Envelope $envelope = null,
        public readonly ?string $name = null,
        public readonly bool $isBehindPrimary = false,
        public readonly int $characters = 0,
        public readonly array $reasons = [],
        public readonly bool $mustPreserve = false,
    ) {
    }

    /** Why there is no session; null if there is one, and if no value came (SPEC 11.6). For logs alone. */
    public function reason(): ?Reason
    {
        return $this->reasons[0] ?? null;
    }

    /** Whether the cookie is to be deleted: all that came is dead for everybody (SPEC 13.5 step 7). */
    public function mustDiscard(): bool
    {
        return $this->reasons !== [] && !$this->mustPreserve;
    }
}
