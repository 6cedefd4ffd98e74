<?php

declare(strict_types=1);

// The files that README.md shows, as they stand there, behind PHP's own server.

use CookiejarSession\Configuration;
use CookiejarSession\CookieAttributes;
use CookiejarSession\CookieSessions;
use CookiejarSession\Key;
use CookiejarSession\KeyFile;
use CookiejarSession\Policy;
use CookiejarSession\Ring;
use CookiejarSession\Session;
use CookiejarSession\SessionTooLargeError;

/** Writes each block of README.md that names its file into a folder, beside a vendor/autoload.php. */
function writeReadme(string $folder): void
{
    preg_match_all('~```php\n(<\?php\n// (\S+)\n.*?)```~s', file_get_contents(__DIR__ . '/../README.md'), $blocks, PREG_SET_ORDER);
    // Another block would not be run.
    same(substr_count(file_get_contents(__DIR__ . '/../README.md'), '```php'), count($blocks));
    same(['session.php', 'index.php', 'login.php', 'logout.php', 'test.php', 'SessionMiddleware.php'], array_column($blocks, 2));
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

/** Runs $test with README's pages behind PHP's own server: its address, and the files of its keys and of its log. */
function serveReadme(callable $test): void
{
    $folder = sys_get_temp_dir() . '/readme-' . bin2hex(random_bytes(4));
    mkdir($folder);
    writeReadme($folder);
    file_put_contents("$folder/keys.txt", Key::generate()->toText());
    $probe = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($probe, false);
    fclose($probe);
    putenv("COOKIEJAR_SESSION_KEYS_FILE=$folder/keys.txt");
    $log = ['file', "$folder/log.txt", 'a'];
    // With display_errors, as on a developer's machine: nothing of a trace is to be in a page.
    $server = proc_open([PHP_BINARY, '-d', 'display_errors=1', '-S', $address, '-t', $folder], [1 => $log, 2 => $log], $pipes);
    try {
        for ($tries = 0; $tries < 200 && !@fsockopen('127.0.0.1', (int) explode(':', $address)[1]); $tries++) {
            usleep(50_000);
        }
        $test($address, "$folder/keys.txt", "$folder/log.txt", $folder);
    } finally {
        proc_terminate($server);
        proc_close($server);
        putenv('COOKIEJAR_SESSION_KEYS_FILE');
        array_map('unlink', [...glob("$folder/*.*"), "$folder/vendor/autoload.php"]);
        rmdir("$folder/vendor");
        rmdir($folder);
    }
}

/** The cookie of a session under another key. */
function strangerCookie(): string
{
    $options = Configuration::parse(json_encode(makeConfiguration()));
    $session = (new CookieSessions(Ring::parse(Key::generate()->toText(), time()), ...$options))->open('');
    $session->data['user'] = 'eve';
    return cookieOf($session->commit());
}

claim('the pages of README sign in, count, flash and sign out', static function (): void {
    serveReadme(static function (string $address): void {
        [$body, $lines] = fetch($address, 'index.php', '');
        same('Hello stranger, visit 1. ', $body);
        same(true, in_array('Cache-Control: private', $lines, true) && in_array('Vary: Cookie', $lines, true));
        $first = cookieOf($lines);
        [$body, $lines] = fetch($address, 'login.php', $first);
        preg_match('/name=csrf value="([^"]+)"/', $body, $found);
        // Whatever a visitor posts, the answer is the form.
        foreach ([
            ['user' => 'ada', 'csrf' => 'x'],
            ['user' => 'ada', 'csrf' => ['x']],
            ['user' => 'ada', 'csrf' => ['a' => ['b' => $found[1]]]],
            ['user' => ['ada'], 'csrf' => $found[1]],
            ['csrf' => $found[1]],
            ['user' => 'ada'],
            [],
        ] as $form) {
            [$body, $lines] = fetch($address, 'login.php', $first, $form);
            same(['200 OK', true, false], [substr($lines[0], 9), str_starts_with($body, '<form'), str_contains($body, 'on line')]);
        }
        [, $lines] = fetch($address, 'login.php', $first, ['user' => '<ada>', 'csrf' => $found[1]]);
        same(['303 See Other', true], [substr($lines[0], 9), in_array('Location: /index.php', $lines, true)]);
        [$body, $lines] = fetch($address, 'index.php', cookieOf($lines));
        same('Hello &lt;ada&gt;, visit 2. Welcome!', $body);
        $signedIn = cookieOf($lines);
        same([], setCookies(fetch($address, 'logout.php', $signedIn)[1]));
        [$body, $lines] = fetch($address, 'logout.php', $signedIn, []);
        same(['__Host-shop=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0'], setCookies($lines));
        same('303 See Other', substr($lines[0], 9));
    });
});

claim('a session that cannot be saved gets a 500 of README, and the log says why', static function (): void {
    serveReadme(static function (string $address, string $keys, string $log): void {
        $options = Configuration::parse(json_encode(makeConfiguration()));
        foreach (["\xff" => 'not well-formed UTF-8', str_repeat('x', 3000) => 'the limit is 3000'] as $user => $problem) {
            // What the login of the page writes.
            [$body, $lines] = fetch($address, 'login.php', '');
            preg_match('/name=csrf value="([^"]+)"/', $body, $found);
            $before = file_get_contents($log);
            $posted = fetch($address, 'login.php', cookieOf($lines), ['user' => $user, 'csrf' => $found[1]]);
            same([], setCookies($posted[1]));
            same(true, str_contains(substr(file_get_contents($log), strlen($before)), $problem));
        }
        // A session that has no room for a count.
        for ($length = 2200; true; $length--) {
            $session = (new CookieSessions(new KeyFile($keys), ...$options))->open('');
            $session->data['user'] = str_repeat('x', $length);
            try {
                $full = cookieOf($session->commit());
                break;
            } catch (SessionTooLargeError) {
            }
        }
        [$body, $lines] = fetch($address, 'index.php', $full);
        same(['Sorry, your session cannot be saved.', '500 Internal Server Error', []], [$body, substr($lines[0], 9), setCookies($lines)]);
        same(true, str_contains(file_get_contents($log), 'the limit is 3000; octets by key: "user"'));
    });
});

claim('a page of README that writes answers 503 for a cookie that may be accepted later', static function (): void {
    serveReadme(static function (string $address, string $keys, string $log): void {
        $stranger = strangerCookie();
        $newer = '__Host-shop=cj2.x';
        foreach ([[$stranger, 'unknown-key'], [$newer, 'unknown-version']] as [$cookie, $reason]) {
            [$body, $lines] = fetch($address, 'index.php', $cookie);
            same(['503 Service Unavailable', []], [substr($lines[0], 9), setCookies($lines)]);
            same([true, 'Please try again in a moment.'], [in_array('Retry-After: 10', $lines, true), $body]);
            same(true, str_contains(file_get_contents($log), "session cookie not read: $reason\n"));
        }
        // Signing in is not refused, or a visitor whose key is gone could never sign in again.
        [$body, $lines] = fetch($address, 'login.php', $stranger);
        same(['200 OK', 1], [substr($lines[0], 9), count(setCookies($lines))]);
        [$body, $lines] = fetch($address, 'index.php', '__Host-shop=cj1.x');
        same(['Hello stranger, visit 1. ', '200 OK'], [$body, substr($lines[0], 9)]);
        same(true, str_contains(file_get_contents($log), "session cookie not read: malformed\n"));
    });
});

claim('a key file that is not valid gets a 503 of README, without a cookie, and the log says why', static function (): void {
    serveReadme(static function (string $address, string $keys, string $log, string $folder): void {
        $cookie = cookieOf(fetch($address, 'index.php', '')[1]);
        $text = file_get_contents($keys);
        file_put_contents($keys, "nothing\n");
        foreach (['index.php', 'login.php', 'logout.php'] as $page) {
            [$body, $lines] = fetch($address, $page, $cookie);
            same(['503 Service Unavailable', []], [substr($lines[0], 9), setCookies($lines)]);
            same([true, 'Please try again in a moment.'], [in_array('Retry-After: 10', $lines, true), $body]);
        }
        same(3, substr_count(file_get_contents($log), "session cookie not read: key file $keys: entry 1: "));
        file_put_contents($keys, $text);
        same('Hello stranger, visit 2. ', fetch($address, 'index.php', $cookie)[0]);
    });
});

claim('the test of README passes beside its pages', static function (): void {
    serveReadme(static function (string $address, string $keys, string $log, string $folder): void {
        foreach ([["$folder/index.php", 0], ['/dev/null', 1]] as [$page, $expected]) {
            copy($page, "$folder/index.php.new");
            rename("$folder/index.php.new", "$folder/index.php");
            $output = ['file', '/dev/null', 'w'];
            $test = proc_open([PHP_BINARY, "$folder/test.php", $address], [1 => $output, 2 => $output], $pipes);
            same($expected, proc_close($test));
        }
    });
});

claim('README names each method of a session with its arguments, and each argument of the constructors', static function (): void {
    $readme = file_get_contents(__DIR__ . '/../README.md');
    foreach ((new ReflectionClass(Session::class))->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
        if (str_starts_with($method->name, '__') || in_array($method->name, ['jsonSerialize', 'send'], true)) {
            continue;
        }
        $arguments = array_map(static function (ReflectionParameter $each): string {
            $default = $each->isOptional() ? ' = ' . str_replace(['NULL', "array (\n)"], ['null', '[]'], var_export($each->getDefaultValue(), true)) : '';
            return "{$each->getType()} \${$each->name}$default";
        }, $method->getParameters());
        $signature = "`$method->name(" . implode(', ', $arguments) . "): {$method->getReturnType()}`";
        $signature = str_replace('CookiejarSession\\', '', $signature);
        same([$signature, true], [$signature, str_contains($readme, $signature)]);
    }
    foreach ([CookieSessions::class, CookieAttributes::class, Policy::class] as $class) {
        preg_match('/^\| `new ' . substr($class, 17) . '` \|.*$/m', $readme, $row);
        foreach ((new ReflectionMethod($class, '__construct'))->getParameters() as $each) {
            $shown = "$each->name:";
            if ($each->isOptional()) {
                $default = $each->getDefaultValue();
                $shown .= ' ' . match (true) {
                    is_object($default) => 'new ' . substr($default::class, 17) . '()',
                    $default === null => 'null',
                    $default === [] => '[]',
                    default => var_export($default, true),
                };
            }
            same([$shown, true], [$shown, str_contains($row[0], "`$shown`")]);
        }
    }
    $errors = array_map(static fn (string $path): string => basename($path, '.php'), glob(__DIR__ . '/../src/*Error.php'));
    foreach (array_diff($errors, ['CookiejarError', 'TokenError']) as $name) {
        same([$name, true], [$name, str_contains($readme, "\n| `$name` | ")]);
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
