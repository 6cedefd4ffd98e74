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
        private readonly Keyring $ring,
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

    /**
     * Whether a value of the current name is to be preserved (SPEC 13.7).
     *
     * @param list<string> $fields
     */
    public function mustPreserveCurrent(array $fields, int $now): bool
    {
        $name = (string) array_key_first($this->purposes);
        $reasons = $this->choose(CookieHeader::scan($fields, $name), $name, $this->purposes[$name], $now)->reasons;
        return array_filter($reasons, static fn (Reason $reason): bool => $reason->isPreserved()) !== [];
    }

    /**
     * Whether the values of a previous name are deleted at logout (SPEC 12.8).
     *
     * @param list<string> $values
     */
    public static function hasOurs(array $values): bool
    {
        return $values !== [];
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
                    $isBehindPrimary = $this->ring->isBehindPrimary($token->entry, $now);
                    $best = new Reading($envelope, $name, $isBehindPrimary, characters: strlen($value));
                }
            } catch (TokenError $error) {
                $reasons[] = $error->reason;
            }
        }
        return $best ?? new Reading(reasons: $reasons);
    }
}
