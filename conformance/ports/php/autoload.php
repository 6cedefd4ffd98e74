<?php

declare(strict_types=1);

// What composer would write for the "autoload" of composer.json, so that no composer is needed.
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'CookiejarSession\\')) {
        $file = __DIR__ . '/src/' . strtr(substr($class, strlen('CookiejarSession\\')), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
