<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Of the values that came, the one that is accepted (SPEC 11.4 to 11.6). Knows nothing of the response. */
final class Acceptance
{
    // SPEC 11.4: opening costs; whoever sends more values of one name is not a browser in use.
    private const MAX_OPENED = 4;

    /** @param array<string, string> $purposes by cookie name, in the order in which the names are tried */
    public function __construct(
        private readonly Ring $ring,
        private readonly Policy $policy,
        private readonly array $purposes,
    ) {
    }

    /** @param list<string> $fields the Cookie field values of the request */
    public function read(array $fields, int $now): Reading
    {
        $reasons = [];
        foreach ($this->purposes as $name => $purpose) {
            $name = (string) $name;
            $reading = $this->choose(CookieHeader::scan($fields, $name), $name, $purpose, $now);
            if ($reading->envelope !== null) {
                return $reading;
            }
            $reasons = [...$reasons, ...$reading->reasons];
        }
        return new Reading(reasons: $reasons);
    }

    /** @param list<string> $values of one name */
    private function choose(array $values, string $name, string $purpose, int $now): Reading
    {
        $best = null;
        $reasons = [];
        $opened = 0;
        foreach ($values as $value) {
            try {
                $token = Token::find($value, $this->ring, $now);
                if (++$opened > self::MAX_OPENED) {
                    continue;
                }
                $envelope = $token->open($purpose, $now, $this->policy);
                if ($best === null || $envelope->issued > $best->envelope->issued) {
                    $best = new Reading($envelope, $name, $this->ring->isBehindPrimary($token->entry, $now));
                }
            } catch (TokenError $error) {
                $reasons[] = $error->reason;
            }
        }
        return $best ?? new Reading(reasons: $reasons);
    }
}
