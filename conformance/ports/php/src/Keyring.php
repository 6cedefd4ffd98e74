<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The keys that seal and open: a Ring, or a KeyFile that follows changes of its file. */
interface Keyring
{
    /** The entry that seals at $now, if there is one (SPEC 4.4.3). */
    public function primary(int $now): ?RingEntry;

    /** The entry that opens tokens with this key id at $now, if there is one (SPEC 4.4.4). */
    public function find(string $keyId, int $now): ?RingEntry;

    /** Whether tokens of this entry are to be sealed again under the primary key (SPEC 9.6). */
    public function isBehindPrimary(RingEntry $entry, int $now): bool;
}
