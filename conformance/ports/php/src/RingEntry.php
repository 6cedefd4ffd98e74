<?php

declare(strict_types=1);

namespace CookiejarSession;

/** A key of a ring, its position from 0, and when it may seal and open (SPEC 4.4). */
final class RingEntry
{
    public function __construct(
        public readonly Key $key,
        public readonly int $position,
        public readonly int $from = 0,
        public readonly int $until = PHP_INT_MAX,
    ) {
    }

    public function maySeal(int $now): bool
    {
        return $now >= $this->from && $now < $this->until;
    }

    public function mayOpen(int $now): bool
    {
        return $now < $this->until;
    }
}
