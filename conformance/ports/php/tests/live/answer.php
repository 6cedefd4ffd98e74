<?php

declare(strict_types=1);

// The application of tests/ports/test_php_live.py. tests/ports/live_app.py says what it answers.

use CookiejarSession\Session;

/** @param array<string, string> $query */
function answer(Session $session, string $path, array $query): array
{
    switch ($path) {
        case '/read':
            return [
                'user' => $session->data['user'] ?? null,
                'count' => $session->data['count'] ?? null,
                'flash' => $session->popFlash('notice'),
                'log_id' => $session->logId(),
            ];
        case '/sign-in':
            $session->regenerate();
            $session->data['user'] = $query['name'];
            break;
        case '/count':
            $session->data['count'] = ($session->data['count'] ?? 0) + 1;
            break;
        case '/flash':
            $session->addFlash('notice', $query['text']);
            break;
        case '/fill':
            $session->data['fill'] = str_repeat('x', (int) $query['characters']);
            break;
        case '/sign-out':
            $session->discard();
            break;
    }
    return [];
}

/** @return array{string, array<string, string>} path and query */
function splitTarget(string $target): array
{
    parse_str(parse_url($target, PHP_URL_QUERY) ?? '', $query);
    return [parse_url($target, PHP_URL_PATH), $query];
}
