<?php

declare(strict_types=1);

// One process for all requests, as FrankenPHP, RoadRunner or Swoole have it: PORT=… php worker.php

use CookiejarSession\CookieSessions;
use CookiejarSession\SessionTooLargeError;

require __DIR__ . '/../../autoload.php';
require __DIR__ . '/answer.php';

$sessions = CookieSessions::fromEnvironment(getenv('LIVE_CONFIGURATION'));
$server = stream_socket_server('tcp://127.0.0.1:' . getenv('PORT'));
while (true) {
    $connection = @stream_socket_accept($server, 60);
    if ($connection === false) {
        continue;
    }
    $target = explode(' ', (string) fgets($connection))[1] ?? '/';
    $cookies = [];
    while (($line = trim((string) fgets($connection))) !== '') {
        if (str_starts_with(strtolower($line), 'cookie:')) {
            $cookies[] = trim(substr($line, strlen('cookie:')));
        }
    }
    $session = $sessions->open($cookies);
    $body = answer($session, ...splitTarget($target));
    $status = '200 OK';
    try {
        $lines = $session->commit();
    } catch (SessionTooLargeError) {
        [$body, $status] = [[], '507 Insufficient Storage'];
        $session->revert();
        $lines = $session->commit();
    }
    $text = json_encode((object) $body);
    $lines = ["HTTP/1.1 $status", ...$lines, 'Content-Length: ' . strlen($text), 'Connection: close'];
    fwrite($connection, implode("\r\n", $lines) . "\r\n\r\n$text");
    fclose($connection);
}
