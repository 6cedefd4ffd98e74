<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Of the values that came, the one that is accepted (SPEC 11.4 to 11.6). Knows nothing of the response. */
final class Acceptance
{
    // SPEC 11.4: judging and opening cost; whoever sends more values of one name is not a browser in use.
    private const MAX_JUDGED = 16;
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
        $mustPreserve = false;
        foreach ($this->purposes as $name => $purpose) {
            $name = (string) $name;
            $reading = $this->choose(CookieHeader::scan($fields, $name), $name, $purpose, $now);
            if ($reading->envelope !== null) {
                return $reading;
            }
            $reasons = [...$reasons, ...$reading->reasons];
            $mustPreserve = $mustPreserve || $reading->mustPreserve;
        }
        return new Reading(reasons: $reasons, mustPreserve: $mustPreserve);
    }

    /**
     * Whether a value of the current name is to be preserved, or was left unread (SPEC 13.7).
     *
     * @param list<string> $fields
     */
    public function mustPreserveCurrent(array $fields, int $now): bool
    {
        $name = (string) array_key_first($this->purposes);
        return $this->choose(CookieHeader::scan($fields, $name), $name, $this->purposes[$name], $now)->mustPreserve;
    }

    /**
     * Whether the values of a previous name count as ours (SPEC 12.9).
     *
     * @param list<string> $values
     */
    public static function hasOurs(array $values): bool
    {
        return count($values) > self::MAX_JUDGED || array_filter($values, Token::isLike(...)) !== [];
    }

    /** @param list<string> $values of one name */
    private function choose(array $values, string $name, string $purpose, int $now): Reading
    {
        $best = null;
        $reasons = [];
        $opened = 0;
        $mustPreserve = count($values) > self::MAX_JUDGED;
        foreach (array_slice($values, 0, self::MAX_JUDGED) as $value) {
            try {
                $token = Token::find($value, $this->ring, $now);
                if (++$opened > self::MAX_OPENED) {
                    $mustPreserve = true;
                    continue;
                }
                $envelope = $token->open($purpose, $now, $this->policy);
                if ($best === null || $envelope->issued > $best->envelope->issued) {
                    $isBehindPrimary = $this->ring->isBehindPrimary($token->entry, $now);
                    $best = new Reading($envelope, $name, $isBehindPrimary, characters: strlen($value));
                }
            } catch (TokenError $error) {
                $reasons[] = $error->reason;
                $mustPreserve = $mustPreserve || $error->reason->isPreserved() || !Token::isLike($value);
            }
        }
        return $best ?? new Reading(reasons: $reasons, mustPreserve: $mustPreserve);
    }
}
