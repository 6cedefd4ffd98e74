<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The session was changed after it was sent: the application must change it earlier. */
final class SessionCommittedError extends \LogicException implements CookiejarError
{
    public function __construct(string $message = 'the session was sent; change it before send() or commit()')
    {
        parent::__construct($message);
    }
}
