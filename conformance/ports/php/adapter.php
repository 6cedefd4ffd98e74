<?php

declare(strict_types=1);

// The adapter by which conformance/run.py drives the PHP port: JSON lines over stdin and stdout.

namespace CookiejarSession\Adapter;

require __DIR__ . '/autoload.php';
require __DIR__ . '/adapter/Values.php';
require __DIR__ . '/adapter/Seams.php';
require __DIR__ . '/adapter/Operations.php';
require __DIR__ . '/adapter/Accumulation.php';
require __DIR__ . '/adapter/LifeCycle.php';

// What PHP reports goes to stderr, as an exception: a warning on stdout would stand between the answers.
ini_set('display_errors', 'stderr');
set_error_handler(static fn (int $level, string $message, string $file, int $line) => throw new \ErrorException(
    $message,
    0,
    $level,
    $file,
    $line,
));

// A value of 2000 levels has two levels of JSON for each.
const MAX_JSON_DEPTH = 10_000;

function answer(\stdClass $message): array
{
    if ($message->type === 'start') {
        return [
            'type' => 'started',
            'protocol' => 1,
            'name' => 'php',
            'version' => '0.1.0',
            'ops' => Operations::names(),
            'capabilities' => Values::CAPABILITIES,
        ];
    }
    try {
        $result = Operations::run($message->op, $message->input);
        return ['type' => 'result', 'number' => $message->number, 'result' => $result];
    } catch (\Throwable $error) {
        $text = get_debug_type($error) . ": {$error->getMessage()} at {$error->getFile()}:{$error->getLine()}";
        return ['type' => 'error', 'number' => $message->number, 'message' => $text];
    }
}

$flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;
while (($line = fgets(STDIN)) !== false) {
    $message = json_decode($line, false, MAX_JSON_DEPTH, JSON_THROW_ON_ERROR);
    if ($message->type === 'stop') {
        break;
    }
    fwrite(STDOUT, json_encode(answer($message), $flags, MAX_JSON_DEPTH) . "\n");
    fflush(STDOUT);
}
