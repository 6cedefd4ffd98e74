<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The session is longer than any token: the application's to mend. */
final class SessionTooLargeError extends \LengthException implements CookiejarError
{
}
