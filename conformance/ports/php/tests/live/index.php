<?php

declare(strict_types=1);

// For PHP's own server, which begins anew with each request, as php-fpm does: php -S 127.0.0.1:$PORT index.php

use CookiejarSession\CookieSessions;
use CookiejarSession\SessionTooLargeError;

require __DIR__ . '/../../autoload.php';
require __DIR__ . '/answer.php';

$session = CookieSessions::fromEnvironment(getenv('LIVE_CONFIGURATION'))->open();
$body = answer($session, ...splitTarget($_SERVER['REQUEST_URI']));
try {
    $session->send();
} catch (SessionTooLargeError) {
    $body = [];
    $session->revert();
    http_response_code(507);
    $session->send();
}
echo json_encode((object) $body);
