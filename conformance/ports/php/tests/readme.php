<?php

declare(strict_types=1);

// The files that README.md shows, as they stand there, behind PHP's own server.

use CookiejarSession\CookieSessions;
use CookiejarSession\Key;

/** Writes each block of README.md that names its file into a folder, beside a vendor/autoload.php. */
function writeReadme(string $folder): void
{
    preg_match_all('~```php\n(<\?php\n// (\S+)\n.*?)```~s', file_get_contents(__DIR__ . '/../README.md'), $blocks, PREG_SET_ORDER);
    // Another block would not be run.
    same(substr_count(file_get_contents(__DIR__ . '/../README.md'), '```php'), count($blocks));
    same(['index.php', 'login.php', 'logout.php', 'SessionMiddleware.php'], array_column($blocks, 2));
    foreach ($blocks as [, $text, $name]) {
        file_put_contents("$folder/$name", $text);
    }
    mkdir("$folder/vendor");
    file_put_contents("$folder/vendor/autoload.php", '<?php require ' . var_export(realpath(__DIR__ . '/../autoload.php'), true) . ';');
    file_put_contents("$folder/session.json", json_encode(makeConfiguration()));
}

/** @return array{string, list<string>} the body, and the header lines with the status line first */
function fetch(string $address, string $path, string $cookies, ?array $form = null): array
{
    $header = "Cookie: $cookies\r\nContent-Type: application/x-www-form-urlencoded";
    $http = ['header' => $header, 'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 10];
    if ($form !== null) {
        $http += ['method' => 'POST', 'content' => http_build_query($form)];
    }
    $body = file_get_contents("http://$address/$path", context: stream_context_create(['http' => $http]));
    return [$body, $http_response_header];
}

function cookieOf(array $lines): string
{
    return strstr(setCookies($lines)[0], ';', true);
}

claim('the pages of README sign in, count, flash and sign out', static function (): void {
    $folder = sys_get_temp_dir() . '/readme-' . bin2hex(random_bytes(4));
    mkdir($folder);
    writeReadme($folder);
    $probe = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($probe, false);
    fclose($probe);
    $environment = ['COOKIEJAR_SESSION_KEYS' => Key::generate()->toText()] + getenv();
    $silence = ['file', '/dev/null', 'w'];
    $server = proc_open([PHP_BINARY, '-S', $address, '-t', $folder], [1 => $silence, 2 => $silence], $pipes, null, $environment);
    try {
        for ($tries = 0; $tries < 200 && !@fsockopen('127.0.0.1', (int) explode(':', $address)[1]); $tries++) {
            usleep(50_000);
        }
        [$body, $lines] = fetch($address, 'index.php', '');
        same('Hello stranger, visit 1. ', $body);
        same(true, in_array('Cache-Control: private', $lines, true) && in_array('Vary: Cookie', $lines, true));
        $first = cookieOf($lines);
        [$body, $lines] = fetch($address, 'login.php', $first);
        preg_match('/name=csrf value="([^"]+)"/', $body, $found);
        same('200 OK', substr(fetch($address, 'login.php', $first, ['user' => 'ada', 'csrf' => 'x'])[1][0], 9));
        [, $lines] = fetch($address, 'login.php', $first, ['user' => '<ada>', 'csrf' => $found[1]]);
        same(['303 See Other', true], [substr($lines[0], 9), in_array('Location: /index.php', $lines, true)]);
        [$body, $lines] = fetch($address, 'index.php', cookieOf($lines));
        same('Hello &lt;ada&gt;, visit 2. Welcome!', $body);
        $signedIn = cookieOf($lines);
        same([], setCookies(fetch($address, 'logout.php', $signedIn)[1]));
        [$body, $lines] = fetch($address, 'logout.php', $signedIn, []);
        same(['__Host-shop=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0'], setCookies($lines));
        same('303 See Other', substr($lines[0], 9));
    } finally {
        proc_terminate($server);
        proc_close($server);
        array_map('unlink', [...glob("$folder/*.*"), "$folder/vendor/autoload.php"]);
        rmdir("$folder/vendor");
        rmdir($folder);
    }
});

const SYMFONY = '/usr/share/php/Symfony/Component/HttpFoundation/autoload.php';

if (!is_file(SYMFONY) && getenv('CI') !== 'true') {
    echo "skipped README's middleware: needs Debian's php-symfony-http-foundation\n";
} else {
    claim('the middleware of README keeps the response private and its other fields', static function (): void {
        require_once SYMFONY;
        preg_match('~<\?php(\n// SessionMiddleware.php\n.*?)```~s', file_get_contents(__DIR__ . '/../README.md'), $found);
        eval($found[1]);
        $request = Symfony\Component\HttpFoundation\Request::create('https://shop.example/');
        $response = (new SessionMiddleware(makeSessions()))->handle($request, static function ($request) {
            $request->attributes->get('cookiejar')->data['user'] = 'ada';
            $headers = ['Cache-Control' => 'public, max-age=60', 'Vary' => 'Accept', 'X-Other' => 'kept', 'CDN-Cache-Control' => 'max-age=60'];
            return new Symfony\Component\HttpFoundation\Response('', 201, $headers);
        });
        same(1, count($response->headers->all('date')));
        same(['Accept, Cookie', 'kept', null], array_map($response->headers->get(...), ['Vary', 'X-Other', 'CDN-Cache-Control']));
        same([false, true, '60'], [
            $response->headers->hasCacheControlDirective('public'),
            $response->headers->hasCacheControlDirective('private'),
            $response->headers->getCacheControlDirective('max-age'),
        ]);
    });
}
