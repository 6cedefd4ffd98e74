<?php

declare(strict_types=1);

namespace CookiejarSession;

/** A value was refused. Holds the reason and nothing else of the value; visitors are not told it (SPEC 10.2). */
final class TokenError extends \RuntimeException implements CookiejarError
{
    public function __construct(public readonly Reason $reason)
    {
        parent::__construct("token refused: {$reason->value}");
    }
}
