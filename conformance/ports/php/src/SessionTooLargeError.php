<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The session needs a longer token than allowed: the application must keep less in it, or call revert(). */
final class SessionTooLargeError extends \LengthException implements CookiejarError
{
    // How many keys the message names, and how many characters of each: a visitor may have chosen them.
    private const NAMED_KEYS = 8;
    private const SHOWN_CHARACTERS = 40;

    /**
     * @internal
     * @param list<array{?string, int}> $octetsByKey null stands for all flash messages
     */
    public static function ofSession(int $characters, int $limit, array $octetsByKey): self
    {
        usort($octetsByKey, static fn (array $one, array $other): int => $other[1] <=> $one[1]);
        $named = array_map(
            static fn (array $each): string => ($each[0] === null ? 'flash' : self::quote($each[0])) . " $each[1]",
            array_slice($octetsByKey, 0, self::NAMED_KEYS),
        );
        $more = count($octetsByKey) > self::NAMED_KEYS ? ' and ' . count($octetsByKey) - self::NAMED_KEYS . ' more' : '';
        return new self(
            "the session needs a token of $characters characters, the limit is $limit; octets by key: "
            . implode(', ', $named) . "$more; keep large values on the server and their ids in the session, or undo the "
            . 'changes of this request with $session->revert()',
        );
    }

    /** A session key in ASCII, quoted, and cut. */
    private static function quote(string $key): string
    {
        preg_match('/\A.{0,' . self::SHOWN_CHARACTERS . '}/su', $key, $found);
        return json_encode($found[0], JSON_THROW_ON_ERROR) . ($found[0] === $key ? '' : '...');
    }
}
