<?php

declare(strict_types=1);

namespace CookiejarSession;

/** A value that no token can hold: the application must store something else. Names where it stands and its type, not the value. */
final class UnsupportedValueError extends \InvalidArgumentException implements CookiejarError
{
}
