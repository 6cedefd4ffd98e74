<?php

declare(strict_types=1);

// What the vectors cannot say of this port: its own types, what it shows, what it draws. php tests/run.php

use CookiejarSession\Binary;
use CookiejarSession\Caching;
use CookiejarSession\ConfigError;
use CookiejarSession\Configuration;
use CookiejarSession\CookieAttributes;
use CookiejarSession\CookieSessions;
use CookiejarSession\CsrfToken;
use CookiejarSession\Envelope;
use CookiejarSession\Key;
use CookiejarSession\KeyFile;
use CookiejarSession\Map;
use CookiejarSession\MessagePackReader;
use CookiejarSession\MessagePackWriter;
use CookiejarSession\Policy;
use CookiejarSession\Reason;
use CookiejarSession\Ring;
use CookiejarSession\Session;
use CookiejarSession\SessionCommittedError;
use CookiejarSession\SessionTooLargeError;
use CookiejarSession\Sid;
use CookiejarSession\Token;
use CookiejarSession\UnsupportedValueError;

require __DIR__ . '/../autoload.php';

error_reporting(E_ALL);
// Debian leaves the arguments out of traces, so that none could show a secret.
ini_set('zend.exception_ignore_args', '0');
set_error_handler(static fn (int $level, string $message) => (error_reporting() & $level) === 0
    ? false
    : throw new ErrorException($message, 0, $level));
// header() works as long as nothing was printed.
ob_start();

const NOW = 1_767_225_600;

$failures = 0;

function claim(string $claim, callable $test): void
{
    global $failures;
    try {
        $test();
        echo "ok      $claim\n";
    } catch (Throwable $error) {
        $failures++;
        $type = get_debug_type($error);
        echo "FAILED  $claim\n        $type: {$error->getMessage()} (line {$error->getLine()})\n";
    }
}

function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new LogicException('expected ' . json_encode($expected) . ', got ' . json_encode($actual));
    }
}

/** @param class-string<Throwable> $class */
function raises(string $class, callable $test): Throwable
{
    try {
        $test();
    } catch (Throwable $error) {
        if ($error instanceof $class) {
            return $error;
        }
        throw $error;
    }
    throw new LogicException("no $class was raised");
}

function hex(mixed $value): string
{
    return bin2hex(MessagePackWriter::encode($value));
}

function makeSession(mixed ...$changes): Envelope
{
    return Envelope::begin(new Policy(), NOW)->with(...$changes);
}

/** A fresh key as hex digits, so that nothing in these tests is a key that anybody uses. */
function makeKeyHex(): string
{
    do {
        $hex = bin2hex(random_bytes(32));
    } while (strlen(count_chars(sodium_hex2bin($hex), 3)) < 16);
    return $hex;
}

claim('the empty map is not the empty list', static function (): void {
    same('80', hex(new Map()));
    same('90', hex([]));
    same(true, MessagePackReader::decode("\x80") instanceof Map);
    same([], MessagePackReader::decode("\x90"));
});

function listKeys(Map $map): array
{
    $keys = [];
    foreach ($map as $key => $_) {
        $keys[] = $key;
    }
    return $keys;
}

claim('the key "1" stays text', static function (): void {
    $map = MessagePackReader::decode(MessagePackWriter::encode(new Map(['1' => 'a', '0' => 'b'])));
    same(['0', '1'], listKeys($map));
    same('a', $map['1']);
});

claim('keys that look like numbers are sorted as text', static function (): void {
    same('85a001a13002a2313003a13904a16105', hex(new Map(['9' => 4, 'a' => 5, '10' => 3, '' => 1, '0' => 2])));
});

claim('a map takes text keys alone', static function (): void {
    $map = new Map();
    raises(UnsupportedValueError::class, static fn () => $map[1] = 'a');
    raises(UnsupportedValueError::class, static fn () => $map[] = 'a');
    raises(UnsupportedValueError::class, static fn () => Map::fromPairs([[1.5, 'a']]));
    same(0, count($map));
});

claim('a map of pairs refuses a key that is there twice, also with the value null', static function (): void {
    raises(UnsupportedValueError::class, static fn () => Map::fromPairs([['a', null], ['a', 1]]));
    raises(UnsupportedValueError::class, static fn () => Map::fromPairs([['1', 1], ['1', 1]]));
});

claim('a nested write reaches the map, and reading an absent key makes none', static function (): void {
    $session = makeSession(data: new Map(['cart' => [1]]));
    $session->data['cart'][] = 2;
    same([1, 2], $session->data['cart']);
    raises(OutOfBoundsException::class, static fn () => $session->data['wishes'][] = 3);
    same('none', $session->data['wishes'] ?? 'none');
    unset($session->data['cart']);
    same(0, count($session->data));
});

claim('a plain array is a list or a map, and one with gaps is neither', static function (): void {
    same('920102', hex([1, 2]));
    same('81a16101', hex(['a' => 1]));
    raises(UnsupportedValueError::class, static fn () => hex(array_filter([1, 0, 2])));
    raises(UnsupportedValueError::class, static fn () => hex(['a' => 1, 5 => 2]));
    same('81a13501', hex(new Map([5 => 1])));
});

claim('octets are Binary, text is a string', static function (): void {
    same('c40161', hex(new Binary('a')));
    same('a161', hex('a'));
    same("\xff", MessagePackReader::decode("\xc4\x01\xff")->octets);
    raises(UnsupportedValueError::class, static fn () => hex("\xff"));
});

claim('what PHP makes of an integer past 2^63 - 1 is a float and is written as one', static function (): void {
    same('cb43e0000000000000', hex(PHP_INT_MAX + 1));
});

claim('values without a form are refused, and the message says where, not what', static function (): void {
    $cyclic = [];
    $cyclic[0] = &$cyclic;
    foreach ([new DateTime(), new stdClass(), Reason::Expired, NAN, $cyclic, fopen('php://memory', 'r')] as $value) {
        raises(UnsupportedValueError::class, static fn () => hex($value));
    }
    $error = raises(UnsupportedValueError::class, static fn () => hex(['cart' => [['price' => new stdClass()]]]));
    same(true, str_starts_with($error->getMessage(), 'value["cart"][0]["price"] is of type stdClass'));
});

claim('no way of looking at an object shows key material, a sid or a token', static function (): void {
    $hex = makeKeyHex();
    $ring = Ring::parse("hex:$hex", NOW);
    $session = makeSession(data: new Map(['note' => 'pA5sW0rD']));
    $token = Token::seal($session, $ring, 'purpose', NOW);
    $entry = $ring->primary(NOW);
    $sessions = new CookieSessions($ring, purpose: 'purpose');
    $open = $sessions->open("__Host-session=$token", NOW);
    same('pA5sW0rD', $open->data['note']);
    $objects = [$ring, $entry, $sessions, Token::find($token, $ring, NOW), $session, $session->sid, $open];
    $secrets = [
        sodium_hex2bin($hex),
        $entry->key->boxKey('purpose'),
        $session->sid->octets(),
        sodium_base642bin(strtr(substr($token, 4), '-_', '+/'), SODIUM_BASE64_VARIANT_ORIGINAL),
    ];
    foreach ($objects as $object) {
        ob_start();
        var_dump($object);
        print_r($object);
        echo json_encode($object, JSON_PARTIAL_OUTPUT_ON_ERROR);
        $shown = ob_get_clean();
        same([get_class($object), false], [get_class($object), str_contains($shown, 'pA5sW0rD')]);
        if (!$object instanceof Token) {
            $shown .= var_export($object, true);
            raises(Exception::class, static fn () => serialize($object));
        }
        foreach ($secrets as $secret) {
            $isShown = str_contains($shown, $secret) || str_contains(strtolower($shown), bin2hex($secret));
            same([get_class($object), false], [get_class($object), $isShown]);
        }
    }
    same(true, str_contains(print_r($entry->key, true), bin2hex($entry->key->id)));
});

claim('a refused ring text is not in the error, nor in its trace', static function (): void {
    $hex = makeKeyHex();
    $keyText = (new Key(sodium_hex2bin($hex)))->toText();
    $damaged = substr($keyText, 0, -1) . ($keyText[-1] === 'A' ? 'B' : 'A');
    foreach ([$damaged, "hex:{$hex}0", "b64:$hex", "hex:$hex@until=never", "hex:$hex hex:$hex", "hex:$hex#"] as $text) {
        $error = raises(ConfigError::class, static fn () => Ring::parse($text, NOW));
        // What this library's own calls show. PHP 8.1 does not know SensitiveParameter.
        $calls = array_filter($error->getTrace(), static fn (array $call) => str_contains($call['class'] ?? '', '\\'));
        same(true, $calls !== []);
        $shown = $error->getMessage() . (PHP_VERSION_ID < 80200 ? '' : print_r($calls, true));
        foreach ([substr($damaged, 5, 20), substr($hex, 0, 20)] as $secret) {
            same(false, str_contains($shown, $secret));
        }
        same(1, preg_match('/\Aentry [12]: /', $error->getMessage()));
    }
});

claim('every published key is refused', static function (): void {
    $keys = json_decode(file_get_contents(__DIR__ . '/../../../keys.json'), flags: JSON_THROW_ON_ERROR);
    same(true, count($keys) >= 2);
    foreach ($keys as $key) {
        $error = raises(ConfigError::class, static fn () => Ring::parse($key->text, NOW));
        same(true, str_contains($error->getMessage(), 'published'));
    }
});

claim('the environment gives a ring text or a file, and not both', static function (): void {
    $file = tempnam(sys_get_temp_dir(), 'ring');
    $hex = makeKeyHex();
    try {
        raises(ConfigError::class, static fn () => Ring::fromEnvironment(NOW));
        putenv("COOKIEJAR_SESSION_KEYS=hex:$hex");
        $ring = Ring::fromEnvironment(NOW);
        putenv("COOKIEJAR_SESSION_KEYS_FILE=$file");
        raises(ConfigError::class, static fn () => Ring::fromEnvironment(NOW));
        putenv('COOKIEJAR_SESSION_KEYS');
        file_put_contents($file, "# the key of the shop\nhex:$hex\n");
        same($ring->primary(NOW)->key->id, Ring::fromEnvironment(NOW)->primary(NOW)->key->id);
        unlink($file);
        raises(ConfigError::class, static fn () => Ring::fromEnvironment(NOW));
    } finally {
        putenv('COOKIEJAR_SESSION_KEYS');
        putenv('COOKIEJAR_SESSION_KEYS_FILE');
    }
});

claim('a made key is read back, and no two are alike', static function (): void {
    $key = Key::generate();
    same($key->id, Key::parse($key->toText())->id);
    same(false, $key->id === Key::generate()->id);
});

claim('no public way to seal takes a nonce, and each seal draws one', static function (): void {
    same(4, (new ReflectionMethod(Token::class, 'seal'))->getNumberOfParameters());
    same(true, (new ReflectionMethod(Token::class, 'sealWithNonce'))->isPrivate());
    $ring = Ring::parse(Key::generate()->toText(), NOW);
    $session = makeSession();
    $tokens = array_map(static fn () => Token::seal($session, $ring, 'p', NOW), range(1, 20));
    same(20, count(array_unique(array_map(static fn (string $token) => substr($token, 16, 31), $tokens))));
});

claim('each CSRF token has another mask, and each session another sid', static function (): void {
    $session = makeSession();
    $tokens = array_map(static fn () => CsrfToken::make($session->sid, 'pay'), range(1, 20));
    same(20, count(array_unique(array_map(static fn (string $token) => substr($token, 0, 42), $tokens))));
    foreach ($tokens as $token) {
        same(true, CsrfToken::check($token, $session->sid, 'pay'));
        same(false, CsrfToken::check($token, makeSession()->sid, 'pay'));
    }
});

claim('an octet above 0x7f is not taken for "_", as libsodium 1.0.18 takes it', static function (): void {
    $session = makeSession();
    do {
        $token = CsrfToken::make($session->sid);
    } while (!str_contains($token, '_'));
    same(false, CsrfToken::check(strtr($token, '_', "\x80"), $session->sid));
});

// Sessions. conformance/v1/life-cycle.json has what a response gets.

function makeSessions(mixed ...$options): CookieSessions
{
    static $keyText = null;
    $keyText ??= Key::generate()->toText();
    return new CookieSessions(...(['keyring' => Ring::parse($keyText, NOW)] + $options));
}

/** The Set-Cookie field values among header lines. */
function setCookies(array $lines): array
{
    $found = preg_grep('/\ASet-Cookie: /', $lines);
    return array_values(array_map(static fn (string $line): string => substr($line, strlen('Set-Cookie: ')), $found));
}

/** What a browser sends after the response to a request in which $change was made. */
function write(callable $change, string $cookies = '', ?CookieSessions $sessions = null): string
{
    $session = ($sessions ?? makeSessions())->open($cookies, NOW);
    $change($session);
    $kept = array_filter(setCookies($session->commit([], 200, NOW)), static fn (string $field) => !str_contains($field, '=; '));
    return implode('; ', array_map(static fn (string $field): string => strstr($field, ';', true), $kept));
}

claim('of 33 flash messages the oldest is dropped, and the others are read once', static function (): void {
    $cookies = write(static fn (Session $session) => array_map(static fn (int $n) => $session->addFlash('info', $n), range(1, 33)));
    $session = makeSessions()->open($cookies, NOW);
    same([], $session->popFlash('error'));
    same(range(2, 33), $session->popFlash('info'));
    same([], $session->popFlash('info'));
    same([], $session->popAllFlash());
});

claim('every call changes the session in place, so that no result can be dropped', static function (): void {
    foreach ((new ReflectionClass(Session::class))->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
        same(false, in_array((string) $method->getReturnType(), ['self', 'static', Session::class, Envelope::class], true));
    }
    same(false, method_exists(Envelope::class, 'regenerated'));
});

claim('regenerate keeps content and flash, and gives another sid', static function (): void {
    $cookies = write(static function (Session $session): void {
        $session->data['a'] = 1;
        $session->addFlash('info', 'hi');
    });
    $before = makeSessions()->open($cookies, NOW)->logId();
    $session = makeSessions()->open(write(static fn (Session $session) => $session->regenerate(), $cookies), NOW);
    same([1, ['hi'], false], [$session->data['a'], $session->popFlash('info'), $session->logId() === $before]);
});

claim('logging out deletes the cookies of previous names too', static function (): void {
    $before = new CookieAttributes('before');
    $old = write(static fn (Session $session) => $session->data['uid'] = 7, '', makeSessions(cookie: $before));
    $sessions = makeSessions(previous: [$before]);
    $new = write(static fn (Session $session) => $session->data['uid'] = 7, '', makeSessions());
    foreach ([$old, $new, "$new; $old"] as $cookies) {
        $session = $sessions->open($cookies, NOW);
        same(7, $session->data['uid']);
        $session->discard();
        same([true, null], [$session->isNew(), $session->data['uid'] ?? null]);
        $deleted = implode(' ', setCookies($session->commit([], 200, NOW)));
        same(true, str_contains($deleted, '__Host-session=; '));
        same(str_contains($cookies, 'before'), str_contains($deleted, 'before=; '));
    }
});

claim('a session that is too large fails before anything is sent, and can be reverted', static function (): void {
    $cookies = write(static fn (Session $session) => $session->data['cart'] = new Map(['apples' => 1]));
    $session = makeSessions()->open($cookies, NOW);
    $session->data['cart']['apples'] = 2;
    $session->data['text'] = str_repeat('x', 2000);
    $session->discard();
    $session->data['text'] = str_repeat('x', 2000);
    $error = raises(SessionTooLargeError::class, static fn () => $session->commit([], 200, NOW));
    same(true, str_contains($error->getMessage(), 'the limit is 2660; octets by key: "text" 2008; keep'));
    $session->revert();
    same([1, null, false], [$session->data['cart']['apples'], $session->data['text'] ?? null, $session->isNew()]);
    same([], setCookies($session->commit([], 200, NOW)));
});

claim('a session over the limit can be written again if it does not grow', static function (): void {
    $change = static fn (int $length) => static fn (Session $session) => $session->data['text'] = str_repeat('y', $length);
    $large = write(static fn (Session $session) => $session->data['text'] = str_repeat('x', 2200), '', makeSessions(maxTokenCharacters: 3972));
    same(true, strlen($large) > 2700);
    same(true, strlen(write($change(2200), $large)) > 2700);
    raises(SessionTooLargeError::class, static fn () => write($change(2300), $large));
    raises(ConfigError::class, static fn () => makeSessions(maxTokenCharacters: 131));
});

claim('a session of any size names the configured limit and its largest keys, and no value', static function (): void {
    $makeLong = [
        static fn (int $n): string => str_repeat('x', $n),
        static fn (int $n): Binary => new Binary(str_repeat('x', $n)),
        static fn (int $n): array => array_fill(0, $n, 0),
        static fn (int $n): Map => new Map(array_fill_keys(array_map(static fn (int $i) => "k$i", range(1, $n)), 0)),
    ];
    foreach ($makeLong as $make) {
        foreach ([2800, 3000, 70_000] as $length) {
            $session = makeSessions(maxTokenCharacters: 3000)->open('', NOW);
            $session->data['long'] = ['inner' => $make($length)];
            $session->data["\u{e9}" . str_repeat('k', 50)] = 1;
            $session->addFlash('notice', str_repeat('y', 10));
            $octets = strlen(MessagePackWriter::encode('long')) + strlen(MessagePackWriter::encode($session->data['long']));
            $error = raises(SessionTooLargeError::class, static fn () => $session->commit([], 200, NOW));
            $key = '"\\u00e9' . str_repeat('k', 39) . '"... 55';
            $listed = "the limit is 3000; octets by key: \"long\" $octets, $key, flash 20; keep large values";
            same([$listed, true], [$listed, str_contains($error->getMessage(), $listed)]);
            same(false, preg_match('/xx|yy|2927/', $error->getMessage()) === 1);
            // A token of so many characters has room for so many octets.
            preg_match('/needs a token of (\d+) characters/', $error->getMessage(), $found);
            same(0, ((int) $found[1] - 68) % 32);
            same(true, (int) $found[1] > $octets * 4 / 3 && (int) $found[1] < ($octets + 250) * 4 / 3);
            $session->revert();
            same([], setCookies($session->commit([], 200, NOW)));
        }
    }
    $session = makeSessions()->open('', NOW);
    foreach (range(10, 19) as $number) {
        $session->data["k$number"] = str_repeat('x', 300 - $number);
    }
    $error = raises(SessionTooLargeError::class, static fn () => $session->commit([], 200, NOW));
    same(true, str_contains($error->getMessage(), '"k17" 290 and 2 more; keep'));
});

claim('a length above 65,535 is refused wherever it stands, and has a form nowhere', static function (): void {
    $long = str_repeat('x', 65_536);
    foreach ([$long, new Binary($long), array_fill(0, 65_536, 0), ['a' => [['b' => $long]]], [$long => 1]] as $value) {
        raises(SessionTooLargeError::class, static fn () => makeSession(data: new Map(['a' => $value]))->encode());
        raises(SessionTooLargeError::class, static fn () => makeSession(flash: [['a', $value]])->encode());
    }
    $parts = array_fill(0, 3, substr($long, 1));
    same(true, strlen(makeSession(data: new Map(['a' => $parts]))->encode()) > 196_605);
});

claim('a CSRF token of any other type is refused', static function (): void {
    $session = makeSessions()->open('', NOW);
    $token = $session->csrfToken('login');
    same(true, $session->checkCsrfToken($token, 'login'));
    $stringable = new class ($token) {
        public function __construct(private string $token)
        {
        }

        public function __toString(): string
        {
            return $this->token;
        }
    };
    foreach ([[$token], ['csrf' => [$token]], [], null, 1, 1.5, true, new Map(), new Binary($token), $stringable, ''] as $other) {
        same(false, $session->checkCsrfToken($other, 'login'));
        same(false, CsrfToken::check($other, makeSession()->sid));
    }
});

claim('after commit the session cannot be changed or committed again', static function (): void {
    $session = makeSessions()->open('', NOW);
    $session->data['a'] = 1;
    $session->commit([], 200, NOW);
    foreach (['regenerate', 'discard', 'revert', 'clear', 'renew', 'setLifetime', 'commit', 'csrfToken'] as $name) {
        raises(SessionCommittedError::class, static fn () => $session->$name());
    }
    raises(SessionCommittedError::class, static fn () => $session->addFlash('info', 1));
});

claim('after commit a write to data raises, also to a map inside, and what is there can be read', static function (): void {
    $write = static function (Session $session): void {
        $session->data['user'] = 'ada';
        $session->data['cart'] = new Map(['lines' => [new Map(['apples' => 1])], '1' => null]);
        $session->data['list'] = [1];
        $session->addFlash('notice', new Map(['id' => 7]));
    };
    $session = makeSessions()->open(write($write), NOW);
    $flash = $session->popFlash('notice')[0];
    $copy = clone $session->data['cart'];
    $same = $session->data['cart'];
    $session->commit([], 200, NOW);
    $writes = [
        static fn () => $session->data['user'] = 'eve',
        static fn () => $session->data['new'] = 1,
        static function () use ($session): void {
            unset($session->data['user']);
        },
        static fn () => $session->data['cart']['pears'] = 1,
        static fn () => $session->data['cart']['lines'][0]['apples'] = 2,
        static fn () => $same['pears'] = 1,
        static fn () => $session->data['absent'] ??= [],
    ];
    foreach ($writes as $change) {
        $error = raises(SessionCommittedError::class, $change);
        same('the session was sent; change it before send() or commit()', $error->getMessage());
    }
    same(['ada', 1, [1], null], [
        $session->data['user'],
        $session->data['cart']['lines'][0]['apples'],
        $session->data['list'],
        $session->data['new'] ?? null,
    ]);
    // A plain array is given by reference, so that a write to it is not seen. It is lost.
    $session->data['list'][] = 2;
    // What the session does not hold stays free, as does a copy.
    $flash['id'] = 8;
    $copy['pears'] = 1;
    same([8, false], [$flash['id'], isset($session->data['cart']['pears'])]);
});

claim('a session that could not be committed can still be written', static function (): void {
    $session = makeSessions()->open('', NOW);
    $session->data['map'] = new Map(['text' => str_repeat('x', 2000)]);
    raises(SessionTooLargeError::class, static fn () => $session->commit([], 200, NOW));
    $session->data['map']['text'] = 'short';
    same(1, count(setCookies($session->commit([], 200, NOW))));
});

claim('what is appended to an absent key says how', static function (): void {
    $session = makeSessions()->open('', NOW);
    $error = raises(OutOfBoundsException::class, static fn () => $session->data['basket'][] = 'tea');
    same('there is no key "basket" in the map; read it with $map["basket"] ?? null; before you append to it, write '
        . '$map["basket"] ??= []', $error->getMessage());
    $session->data['basket'] ??= [];
    $session->data['basket'][] = 'tea';
    same(['tea'], $session->data['basket']);
});

claim('what must not be written cannot be', static function (): void {
    $sessions = makeSessions();
    $session = $sessions->open('', NOW);
    raises(ConfigError::class, static fn () => $session->user = 'ada');
    raises(Error::class, static fn () => $session->data = new Map());
    raises(Error::class, static fn () => $sessions->purpose = 'other');
    raises(Error::class, static fn () => $sessions->policy->idleTimeout = 5);
    raises(Error::class, static fn () => $sessions->cookie->secure = false);
    raises(Error::class, static fn () => new Policy(idle: 5));
});

claim('the data of a session is JSON as it is', static function (): void {
    $session = makeSessions()->open('', NOW);
    same('{}', json_encode($session->data));
    $session->data['user'] = ['name' => 'é', 'roles' => [], 'map' => new Map(), 'octets' => new Binary("\xff")];
    same('{"user":{"name":"é","roles":[],"map":{},"octets":"/w=="}}', json_encode($session->data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES));
    same('{"0":1,"1":2}', json_encode(new Map([1, 2])));
});

claim('the cookie is secure by default', static function (): void {
    same('__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0', (new CookieAttributes())->renderDeletion());
});

claim('a previous cookie that is the current one is refused', static function (): void {
    raises(ConfigError::class, static fn () => makeSessions(previous: [new CookieAttributes()]));
});

// One configuration

function makeConfiguration(): array
{
    $cookie = ['path' => '/', 'domain' => null, 'secure' => true, 'httponly' => true, 'samesite' => 'Strict', 'partitioned' => false];
    return [
        'cookie' => ['name' => '__Host-shop', ...$cookie],
        'purpose' => '__Host-shop',
        'policy' => [
            'idle_timeout' => 60,
            'absolute_lifetime' => 600,
            'persistent' => false,
            'renew_after' => null,
            'longest_idle' => 120,
            'longest_lifetime' => null,
            'not_before' => NOW,
        ],
        'max_token_characters' => 3000,
        'previous' => [['cookie' => ['name' => 'shop', ...$cookie], 'purpose' => 'shop']],
    ];
}

claim('the JSON text of the Python application is the whole configuration', static function (): void {
    $sessions = makeSessions(...Configuration::parse(json_encode(makeConfiguration())));
    same(['__Host-shop', 'Strict', '__Host-shop', 3000], [$sessions->cookie->name, $sessions->cookie->samesite, $sessions->purpose, $sessions->maxTokenCharacters]);
    same(get_object_vars(new Policy(60, 600, false, null, 120, null, NOW)), get_object_vars($sessions->policy));
    same(['shop', 'shop'], [$sessions->previous[0]->name, $sessions->previous[0]->name]);
    same(null, Configuration::parse(json_encode(makeConfiguration()))['purpose']);
    $explicit = ['purpose' => 'app', 'previous' => []] + makeConfiguration();
    same('app', Configuration::parse(json_encode($explicit))['purpose']);
});

claim('another JSON text is refused', static function (): void {
    $whole = makeConfiguration();
    $texts = ['', '[]', 'null', '{}', '"x"'];
    foreach ([
        ['more' => 1] + $whole,
        array_diff_key($whole, ['policy' => 1]),
        ['cookie' => ['name' => 's']] + $whole,
        ['cookie' => ['secret' => 1] + $whole['cookie']] + $whole,
        ['policy' => ['idle_timeout' => '60'] + $whole['policy']] + $whole,
        ['policy' => ['idle_timeout' => 0] + $whole['policy']] + $whole,
        ['purpose' => 'other'] + $whole,
        ['purpose' => 7, 'previous' => []] + $whole,
        ['previous' => [$whole['cookie']]] + $whole,
        ['previous' => 'shop'] + $whole,
        ['max_token_characters' => 2660.5] + $whole,
        ['max_token_characters' => 10] + $whole,
    ] as $fields) {
        $texts[] = json_encode($fields);
    }
    foreach ($texts as $text) {
        raises(ConfigError::class, static fn () => makeSessions(...Configuration::parse($text)));
    }
});

// Key files

/** Writes a file as it would be after a while: PHP's stat has whole seconds, so that a young file is read each time. */
function writeKeyFile(string $path, string $text, int $age): void
{
    file_put_contents($path, $text);
    touch($path, time() - $age);
}

claim('a key file is read again: in general after 10 seconds, for an unknown key after one', static function (): void {
    $path = tempnam(sys_get_temp_dir(), 'keys');
    [$old, $new] = [Key::generate(), Key::generate()];
    try {
        writeKeyFile($path, $old->toText(), 60);
        $keyring = new KeyFile($path, NOW);
        writeKeyFile($path, "# rotated\n{$new->toText()}\n{$old->toText()}", 30);
        same($old->id, $keyring->primary(NOW + 9)->key->id);
        same(null, $keyring->find($new->id, NOW)?->key->id);
        same($new->id, $keyring->find($new->id, NOW + 1)?->key->id);
        same($new->id, $keyring->primary(NOW + 1)->key->id);
        $entry = $keyring->find($old->id, NOW + 1);
        same(true, $keyring->isBehindPrimary($entry, NOW + 1));
        writeKeyFile($path, $new->toText(), 10);
        same($new->id, $keyring->primary(NOW + 11)->key->id);
        same([null, true], [$keyring->find($old->id, NOW + 11), $keyring->isBehindPrimary($entry, NOW + 11)]);
    } finally {
        unlink($path);
    }
});

claim('a key file that cannot be used keeps the previous keys, and the error log says so once', static function (): void {
    $path = tempnam(sys_get_temp_dir(), 'keys');
    $log = tempnam(sys_get_temp_dir(), 'log');
    $before = ini_set('error_log', $log);
    try {
        $key = Key::generate();
        file_put_contents($path, $key->toText());
        $keyring = new KeyFile($path, NOW);
        file_put_contents($path, substr($key->toText(), 0, -1));
        foreach ([NOW + 10, NOW + 20, NOW + 30] as $now) {
            same($key->id, $keyring->primary($now)->key->id);
        }
        same(1, substr_count(file_get_contents($log), "key file ignored, the previous keys stay in use: key file $path: entry 1: "));
        same(false, str_contains(file_get_contents($log), substr($key->toText(), 5, 20)));
        unlink($path);
        same($key->id, $keyring->primary(NOW + 40)->key->id);
        posix_mkfifo($path, 0600);
        same($key->id, $keyring->primary(NOW + 50)->key->id);
        raises(ConfigError::class, static fn () => new KeyFile($path, NOW));
        unlink($path);
        $other = Key::generate();
        file_put_contents($path, $other->toText());
        same(false, str_contains(file_get_contents($log), 'valid again'));
        same($other->id, $keyring->primary(NOW + 60)->key->id);
        same($other->id, $keyring->primary(NOW + 70)->key->id);
        same(1, substr_count(file_get_contents($log), "cookiejar-session: key file $path is valid again"));
    } finally {
        ini_set('error_log', (string) $before);
        array_map(static fn (string $file) => file_exists($file) && unlink($file), [$path, $log]);
    }
});

claim('a key file that cannot be read is named with the reason', static function (): void {
    $folder = sys_get_temp_dir() . '/keys-' . bin2hex(random_bytes(4));
    mkdir($folder);
    posix_mkfifo("$folder/fifo", 0600);
    file_put_contents("$folder/long", str_repeat('#', (1 << 20) + 1));
    file_put_contents("$folder/locked", Key::generate()->toText());
    chmod("$folder/locked", 0);
    $problems = [
        "$folder/none" => 'there is no such file; name a file that this process can read',
        $folder => 'is a directory; name a file with keys',
        "$folder/fifo" => 'is a FIFO, a socket or a device; name a file with keys',
        '/dev/null' => 'is a FIFO, a socket or a device; name a file with keys',
        "$folder/long" => 'is longer than 1048576 octets; name a file with keys',
        // The superuser may read every file.
        ...(posix_getuid() === 0 ? [] : ["$folder/locked" => 'permission denied; name a file that this process can read']),
    ];
    try {
        foreach ($problems as $path => $problem) {
            same("key file $path: $problem", raises(ConfigError::class, static fn () => new KeyFile($path, NOW))->getMessage());
        }
    } finally {
        array_map('unlink', ["$folder/fifo", "$folder/long", "$folder/locked"]);
        rmdir($folder);
    }
});

claim('a wrong environment is refused with the variables and the way out, and without the key', static function (): void {
    $key = Key::generate()->toText();
    $path = tempnam(sys_get_temp_dir(), 'keys');
    $rows = [
        ['', '', 'COOKIEJAR_SESSION_KEYS is not set, nor is COOKIEJAR_SESSION_KEYS_FILE; make a key with "cookiejar-session keygen"'],
        [" \n", ' ', 'is not set'],
        [$key, $path, 'are both set'],
        ['', $key, 'the path of the key file is a key'],
        ['', substr($key, 5, 43), 'the path of the key file is a key'],
        [$path, '', 'holds a path, not a key'],
        ['', '/no/such/file', 'key file /no/such/file: '],
        ["$key $key", '', 'COOKIEJAR_SESSION_KEYS: entry 2: '],
    ];
    try {
        foreach ($rows as [$text, $file, $message]) {
            putenv("COOKIEJAR_SESSION_KEYS=$text");
            putenv("COOKIEJAR_SESSION_KEYS_FILE=$file");
            $error = raises(ConfigError::class, static fn () => Ring::fromEnvironment(NOW));
            same([true, false], [str_contains($error->getMessage(), $message), str_contains($error->getMessage(), substr($key, 5, 20))]);
        }
    } finally {
        putenv('COOKIEJAR_SESSION_KEYS');
        putenv('COOKIEJAR_SESSION_KEYS_FILE');
        unlink($path);
    }
});

claim('what somebody else may read is not to be discarded', static function (): void {
    $sessions = new CookieSessions(Ring::parse(Key::generate()->toText(), NOW), new CookieAttributes('s'));
    same(true, $sessions->read('s=cj1.x', NOW)->mustDiscard());
    same(false, $sessions->read('s=x', NOW)->mustDiscard());
    same(false, $sessions->read('s=cj1.x; s=cj2.x', NOW)->mustDiscard());
    same(Reason::Malformed, $sessions->read('s=x; s=cj2.x', NOW)->reason());
    same([null, false], [$sessions->read('', NOW)->reason(), $sessions->read('', NOW)->mustDiscard()]);
});

claim('the reason says why the cookie was refused, and null that none was', static function (): void {
    $make = static fn (Key $key): CookieSessions => new CookieSessions(
        Ring::parse($key->toText(), NOW),
        new CookieAttributes('s'),
        previous: [new CookieAttributes('old')],
    );
    $sessions = $make(Key::generate());
    $sign = static fn (Session $session) => $session->data['user'] = 'ada';
    [$good, $stranger] = [write($sign, '', $sessions), write($sign, '', $make(Key::generate()))];
    foreach ([
        ['', null],
        ['a=b', null],
        [$good, null],
        [$stranger, Reason::UnknownKey],
        ['s=cj1.x', Reason::Malformed],
        [$good, Reason::Expired, NOW + 1_209_600],
        // Of several, the first; and none where one is accepted.
        ["$stranger; s=cj1.x", Reason::UnknownKey],
        ["s=cj1.x; $stranger", Reason::Malformed],
        ["s=cj1.x; $good", null],
        ['old=cj1.x', Reason::Malformed],
        ["old=cj1.x; $stranger", Reason::UnknownKey],
    ] as $row) {
        $session = $sessions->open($row[0], $row[2] ?? NOW);
        same($row[1], $session->reason());
        $session->discard();
        same($row[1], $session->reason());
    }
    same('malformed', $sessions->open('s=cj1.x', NOW)->reason()?->value);
});

claim('a key after the primary is told, one before it is not', static function (): void {
    [$a, $b] = [Key::generate()->toText(), Key::generate()->toText()];
    $cookie = new CookieAttributes('s');
    $cookies = write(static fn (Session $s) => $s->data['a'] = 1, '', new CookieSessions(Ring::parse($a, NOW), $cookie));
    foreach ([["$a $b", false], ["$b $a", true], ["$a@from=2027-01-01T00:00:00Z $b", false]] as [$text, $expected]) {
        $reading = (new CookieSessions(Ring::parse($text, NOW), $cookie))->read($cookies, NOW);
        same($expected, $reading->isBehindPrimary);
    }
});

claim('a policy of no seconds is refused', static function (): void {
    raises(ConfigError::class, static fn () => new Policy(idleTimeout: 0));
    raises(ConfigError::class, static fn () => new Policy(renewAfter: 0));
    raises(ConfigError::class, static fn () => new Policy(longestLifetime: -1));
});

// The answers of conformance/v1/life-cycle.json, life-cache-control-… and life-vary-….
claim('a response with the cookie is private', static function (): void {
    same(['Cache-Control: private', 'Vary: Cookie'], Caching::keepPrivate([]));
    $rows = [
        [[' ,'], ['private']],
        [['no-store'], ['no-store']],
        [['Private, max-age=60'], ['Private, max-age=60']],
        [['max-age=60', 'no-cache'], ['private, max-age=60, no-cache']],
        [['public, max-age=60, S-Maxage=5'], ['private, max-age=60']],
        [['no-store, public'], ['private, no-store']],
        [['no-cache="a, public"'], ['private, no-cache="a, public"']],
        [['x="a\\", public'], ['private, x="a\\", public']],
        [['private="x-a"'], ['private, private="x-a"']],
    ];
    $render = static fn (array $values): array => array_map(static fn (string $v): string => "Cache-Control: $v", $values);
    foreach ($rows as [$before, $after]) {
        same(['Vary: cookie', ...$render($after)], Caching::keepPrivate(['Vary: cookie', ...$render($before)]));
    }
});

claim('fields that overrule Cache-Control are removed', static function (): void {
    $kept = ['Edge-Control: max-age=60, No-Store', 'X-Accel-Expires: 0', 'Cache-Tag: a', 'Set-Cookie: a=1', 'Set-Cookie: b=2'];
    $lines = ['CDN-Cache-Control: max-age=60', ...$kept, 'surrogate-control: max-age=60'];
    same([...$kept, 'Cache-Control: private', 'Vary: Cookie'], Caching::keepPrivate($lines));
});

claim('Cookie is added to Vary', static function (): void {
    same(['Vary: Accept, Origin, Cookie'], Caching::varyByCookie(['Vary: Accept ,', 'vary: Origin']));
    foreach (['*', 'accept, cookie'] as $value) {
        same(["Vary: $value"], Caching::varyByCookie(["Vary: $value"]));
    }
});

require __DIR__ . '/readme.php';

exit($failures === 0 ? 0 : 1);
