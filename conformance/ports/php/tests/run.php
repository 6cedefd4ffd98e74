<?php

declare(strict_types=1);

// What the vectors cannot say of this port: its own types, what it shows, what it draws. php tests/run.php

use CookiejarSession\Binary;
use CookiejarSession\Caching;
use CookiejarSession\ConfigError;
use CookiejarSession\CookieAttributes;
use CookiejarSession\CookieSessions;
use CookiejarSession\CsrfToken;
use CookiejarSession\Envelope;
use CookiejarSession\Key;
use CookiejarSession\Map;
use CookiejarSession\MessagePackReader;
use CookiejarSession\MessagePackWriter;
use CookiejarSession\Policy;
use CookiejarSession\Reason;
use CookiejarSession\Ring;
use CookiejarSession\Token;
use CookiejarSession\UnsupportedValueError;

require __DIR__ . '/../autoload.php';

error_reporting(E_ALL);
// Debian leaves the arguments out of traces, so that none could show a secret.
ini_set('zend.exception_ignore_args', '0');
set_error_handler(static fn (int $level, string $message) => throw new ErrorException($message, 0, $level));

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
    $session = makeSession();
    $token = Token::seal($session, $ring, 'purpose', NOW);
    $entry = $ring->primary(NOW);
    $objects = [$ring, $entry, new CookieSessions($ring), Token::find($token, $ring, NOW), $session];
    $secrets = [sodium_hex2bin($hex), $entry->key->boxKey('purpose'), $session->sid->octets, sodium_base642bin(
        strtr(substr($token, 4), '-_', '+/'),
        SODIUM_BASE64_VARIANT_ORIGINAL,
    )];
    foreach ($objects as $object) {
        ob_start();
        var_dump($object);
        print_r($object);
        $shown = ob_get_clean();
        if (!$object instanceof Envelope && !$object instanceof Token) {
            $shown .= var_export($object, true) . json_encode($object, JSON_PARTIAL_OUTPUT_ON_ERROR);
            raises(Exception::class, static fn () => serialize($object));
        }
        foreach ($secrets as $secret) {
            same(false, str_contains($shown, $secret) || str_contains(strtolower($shown), bin2hex($secret)));
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

claim('the 33rd flash entry drives out the first', static function (): void {
    $session = makeSession();
    for ($number = 1; $number <= 33; $number++) {
        $session = $session->withFlash('info', $number);
    }
    same(32, count($session->flash));
    same(['info', 2], $session->flash[0]);
    same(['info', 33], $session->flash[31]);
});

claim('regenerating keeps content and lifetime, not sid and beginning', static function (): void {
    $session = makeSession(until: NOW + 100, data: new Map(['a' => 1]))->withFlash('info', 'hi');
    $other = $session->regenerated(NOW + 50);
    same([NOW + 50, NOW + 150, 1], [$other->created, $other->until, $other->data['a']]);
    same([$session->idle, $session->persistent, $session->flash], [$other->idle, $other->persistent, $other->flash]);
    same(false, $other->sid->octets === $session->sid->octets);
});

claim('what is set is read back, under its own name or a previous one', static function (): void {
    $ring = Ring::parse(Key::generate()->toText(), NOW);
    $before = new CookieSessions($ring, new CookieAttributes(name: 'before'));
    $sessions = new CookieSessions($ring, previous: [new CookieAttributes(name: 'before')]);
    $session = $sessions->begin(NOW)->with(data: new Map(['uid' => 42]));
    foreach ([$before, $sessions] as $writer) {
        $field = $writer->setCookie($session, NOW + 5);
        same(true, str_ends_with($field, '; Max-Age=1209600'));
        $reading = $sessions->read(strstr($field, ';', true), NOW + 6);
        same([42, NOW + 5], [$reading->envelope->data['uid'], $reading->envelope->issued]);
        same(strstr($field, '=', true), $reading->name);
        same([null, false], [$reading->reason(), $reading->mustDiscard()]);
    }
    raises(ConfigError::class, static fn () => new CookieSessions($ring, previous: [new CookieAttributes()]));
});

claim('what somebody else may read is not to be discarded', static function (): void {
    $sessions = new CookieSessions(Ring::parse(Key::generate()->toText(), NOW), new CookieAttributes('s'));
    same(true, $sessions->read('s=cj1.x', NOW)->mustDiscard());
    same(false, $sessions->read('s=x', NOW)->mustDiscard());
    same(false, $sessions->read('s=cj1.x; s=cj2.x', NOW)->mustDiscard());
    same(Reason::Malformed, $sessions->read('s=x; s=cj2.x', NOW)->reason());
    same([null, false], [$sessions->read('', NOW)->reason(), $sessions->read('', NOW)->mustDiscard()]);
});

claim('a key after the primary is told, one before it is not', static function (): void {
    [$a, $b] = [Key::generate()->toText(), Key::generate()->toText()];
    $cookie = new CookieAttributes('s');
    $field = (new CookieSessions(Ring::parse($a, NOW), $cookie))->setCookie(makeSession(), NOW);
    foreach ([["$a $b", false], ["$b $a", true], ["$a@from=2027-01-01T00:00:00Z $b", false]] as [$text, $expected]) {
        $reading = (new CookieSessions(Ring::parse($text, NOW), $cookie))->read(strstr($field, ';', true), NOW);
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

exit($failures === 0 ? 0 : 1);
