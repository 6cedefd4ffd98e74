<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * A map with text keys (SPEC 6.1). Unlike a PHP array it tells the empty map from the empty list, and gives the key "1"
 * back as text.
 *
 * @implements \ArrayAccess<string, mixed>
 * @implements \IteratorAggregate<string, mixed>
 */
final class Map implements \ArrayAccess, \Countable, \IteratorAggregate, \JsonSerializable
{
    /** @var array<mixed> PHP turns the key "1" of an array into the integer 1; whoever reads a key turns it back. */
    private array $values = [];
    private bool $isClosed = false;

    /** @param array<mixed> $values where the key 1 stands for the text "1", which PHP cannot tell from it */
    public function __construct(array $values = [])
    {
        $this->values = $values;
    }

    /**
     * A map of pairs, which can say what an array cannot, so as to refuse it (SPEC 6.5 item 2).
     *
     * @param iterable<array{mixed, mixed}> $pairs
     */
    public static function fromPairs(iterable $pairs): self
    {
        $map = new self();
        foreach ($pairs as [$key, $value]) {
            if (isset($map[$key])) {
                throw new UnsupportedValueError("a map has the key \"$key\" twice; leave one of the two out");
            }
            $map[$key] = $value;
        }
        return $map;
    }

    /** Whether the key is there, also with the value null: null is a value of its own. */
    public function offsetExists(mixed $key): bool
    {
        return array_key_exists(self::checkKey($key), $this->values);
    }

    /** By reference, so that `$map['cart'][] = 1` changes the map; an absent key raises, so that none is made by it. */
    public function &offsetGet(mixed $key): mixed
    {
        if (!$this->offsetExists($key)) {
            throw new \OutOfBoundsException("there is no key \"$key\" in the map; read it with \$map[\"$key\"] ?? null; "
                . "before you append to it, write \$map[\"$key\"] ??= []");
        }
        return $this->values[$key];
    }

    public function offsetSet(mixed $key, mixed $value): void
    {
        $this->ensureOpen();
        $this->values[self::checkKey($key)] = $value;
    }

    public function offsetUnset(mixed $key): void
    {
        $this->ensureOpen();
        unset($this->values[self::checkKey($key)]);
    }

    public function count(): int
    {
        return count($this->values);
    }

    /** @return \Generator<string, mixed> */
    public function getIterator(): \Generator
    {
        foreach ($this->values as $key => $value) {
            yield (string) $key => $value;
        }
    }

    /** @return array<mixed> */
    public function toArray(): array
    {
        return $this->values;
    }

    /** @internal Takes over the content of another map, in place. */
    public function replace(self $other): void
    {
        $this->values = $other->values;
    }

    /**
     * @internal From now on a write raises SessionCommittedError, to this map and to the maps inside. PHP gives arrays
     * inside by reference, so that a write to one of them is not seen.
     */
    public function close(): void
    {
        $this->isClosed = true;
        self::closeMaps($this->values);
    }

    /** A copy belongs to no session. */
    public function __clone()
    {
        $this->isClosed = false;
    }

    /** A JSON object, also when the map is empty. */
    public function jsonSerialize(): object
    {
        return (object) $this->values;
    }

    /** @param array<mixed> $values */
    private static function closeMaps(array $values): void
    {
        foreach ($values as $value) {
            if ($value instanceof self) {
                $value->close();
            } elseif (is_array($value)) {
                self::closeMaps($value);
            }
        }
    }

    private function ensureOpen(): void
    {
        if ($this->isClosed) {
            throw new SessionCommittedError();
        }
    }

    private static function checkKey(mixed $key): string
    {
        if (!is_string($key)) {
            throw new UnsupportedValueError('a map key must be a string, got ' . get_debug_type($key) . '; write "1"');
        }
        return $key;
    }
}
