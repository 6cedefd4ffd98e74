<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The configuration cannot work: the operator must fix it. Never holds key text. */
final class ConfigError extends \InvalidArgumentException implements CookiejarError
{
}
