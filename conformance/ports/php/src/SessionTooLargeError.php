<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The session needs a longer token than allowed: the application must keep less in it, or call revert(). */
final class SessionTooLargeError extends \LengthException implements CookiejarError
{
}
