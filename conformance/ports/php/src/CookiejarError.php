<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Every error that this library raises on purpose. */
interface CookiejarError extends \Throwable
{
}
