<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The configuration cannot work: the operator's to mend. Never holds key text. */
final class ConfigError extends \InvalidArgumentException implements CookiejarError
{
}
