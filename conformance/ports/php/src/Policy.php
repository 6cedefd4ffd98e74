<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The lifetimes and ceilings that the operator sets, in seconds, and the time rules (SPEC 9). Knows no clock. */
final class Policy
{
    // A token from a machine whose clock is ahead is taken this much early (SPEC 9.2).
    private const CLOCK_SKEW = 60;
    // Two nodes with two orders of one ring would reseal each other's tokens for ever without a pause (SPEC 9.6).
    private const RESEAL_PAUSE = 300;

    public function __construct(
        public readonly int $idleTimeout = 1_209_600,
        public readonly int $absoluteLifetime = 7_776_000,
        public readonly bool $persistent = true,
        public readonly ?int $renewAfter = null,
        public readonly ?int $longestIdle = null,
        public readonly ?int $longestLifetime = null,
        public readonly ?int $notBefore = null,
    ) {
        $durations = compact('idleTimeout', 'absoluteLifetime', 'renewAfter', 'longestIdle', 'longestLifetime');
        foreach ($durations as $name => $seconds) {
            if ($seconds !== null && $seconds < 1) {
                throw new ConfigError("$name must be at least 1 second, got $seconds");
            }
        }
        // SPEC 9.8: an envelope has no room for more (5.1).
        if ($idleTimeout > 0xFFFFFFFF) {
            throw new ConfigError("idleTimeout must be at most 4294967295 seconds, got $idleTimeout");
        }
    }

    /** The envelope under the ceilings (SPEC 9.4). */
    public function lower(Envelope $envelope): Envelope
    {
        $lifetime = $envelope->until - $envelope->created;
        return $envelope->with(
            idle: min($envelope->idle, $this->longestIdle ?? $envelope->idle),
            until: $envelope->created + min($lifetime, $this->longestLifetime ?? $lifetime),
        );
    }

    /** Why an envelope, already lowered, is refused at $now; null if it is accepted (SPEC 8.2 steps 13 to 15). */
    public function judge(Envelope $envelope, int $now): ?Reason
    {
        return match (true) {
            $envelope->issued > $now + self::CLOCK_SKEW => Reason::NotYetValid,
            // A ceiling can end a session before a clock that is ahead issued it: nothing could be sealed from it.
            max($now, $envelope->issued) >= $envelope->expires() => Reason::Expired,
            $this->notBefore !== null && $envelope->created < $this->notBefore => Reason::Revoked,
            default => null,
        };
    }

    /** Whether a token of an accepted session is old enough to be followed by a later one (SPEC 9.5). */
    public function isRenewalDue(Envelope $envelope, int $now): bool
    {
        $tenth = intdiv($envelope->idle, 10);
        return $now - $envelope->issued >= max(1, min($this->renewAfter ?? $tenth, $tenth));
    }

    /** Whether a token is to be sealed again under the primary (SPEC 9.6). */
    public function isResealDue(Envelope $envelope, int $now, bool $behindPrimary): bool
    {
        return $behindPrimary && $now - $envelope->issued >= self::RESEAL_PAUSE;
    }
}
