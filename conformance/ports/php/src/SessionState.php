<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * The session of one exchange: its content, its times, and what the application did to it (SPEC 13.1 to 13.4).
 *
 * @internal Applications use a Session.
 */
final class SessionState
{
    public readonly Map $data;
    public Envelope $envelope;
    /** What was opened; null for a new session. */
    public ?Envelope $accepted;
    public bool $wasDiscarded = false;
    private bool $isClosed = false;
    private string $baseline;
    private int $lifetime;
    private bool $hadData;
    private bool $mustSeal;
    private bool $wantsCsrf;
    private bool $wasCleared;

    /**
     * Gives the opened session anew: values inside its data can be changed in place. A closure, since var_export would
     * show octets with the sid.
     */
    private readonly ?\Closure $reopen;

    public function __construct(?Envelope $opened, private readonly Policy $policy, private readonly int $now)
    {
        $this->data = new Map();
        $octets = $opened?->encode();
        $this->reopen = $octets === null ? null : static fn (): Envelope => Envelope::decode($octets);
        $this->begin($opened);
    }

    private function begin(?Envelope $accepted): void
    {
        $this->accepted = $accepted;
        $envelope = $accepted ?? Envelope::begin($this->policy, $this->now);
        $this->data->replace($envelope->data);
        $this->envelope = $envelope->with(data: $this->data);
        $this->baseline = $this->envelope->encodeContent();
        $this->lifetime = $envelope->until - $envelope->created;
        $this->hadData = count($this->data) > 0;
        $this->mustSeal = $this->wantsCsrf = $this->wasCleared = false;
    }

    public function ensureOpen(): void
    {
        if ($this->isClosed) {
            throw new SessionCommittedError();
        }
    }

    /** From now on every write raises. */
    public function close(): void
    {
        $this->isClosed = true;
        $this->data->close();
    }

    public function addFlash(string $category, mixed $value): void
    {
        $this->ensureOpen();
        // SPEC 5.6
        $flash = array_slice([...$this->envelope->flash, [$category, $value]], -Envelope::MAX_FLASH);
        $this->envelope = $this->envelope->with(flash: $flash);
    }

    /**
     * Removes the messages of a category, or all messages, and returns them.
     *
     * @return list<array{string, mixed}>
     */
    public function popFlash(?string $category): array
    {
        $isWanted = static fn (array $entry): bool => $category === null || $entry[0] === $category;
        $popped = array_values(array_filter($this->envelope->flash, $isWanted));
        if ($popped !== []) {
            $this->ensureOpen();
            $isLeft = static fn (array $entry): bool => !$isWanted($entry);
            $this->envelope = $this->envelope->with(flash: array_values(array_filter($this->envelope->flash, $isLeft)));
        }
        return $popped;
    }

    public function clear(): void
    {
        $this->ensureOpen();
        $this->data->replace(new Map());
        $this->envelope = $this->envelope->with(flash: []);
        $this->wasCleared = true;
    }

    public function regenerate(): void
    {
        $this->ensureOpen();
        $until = min($this->now + $this->lifetime, Envelope::MAX_TIME);
        $this->envelope = $this->envelope->with(sid: Sid::draw(), created: $this->now, until: $until);
        $this->mustSeal = true;
        // SPEC 13.4: a CSRF token of the old sid no longer counts.
        $this->wantsCsrf = false;
    }

    public function renew(): void
    {
        $this->ensureOpen();
        $this->mustSeal = true;
    }

    public function setLifetime(?int $idleTimeout, ?int $absoluteLifetime, ?bool $persistent): void
    {
        $this->ensureOpen();
        // Policy checks the range.
        $limits = new Policy($idleTimeout ?? 1, $absoluteLifetime ?? 1);
        $changes = array_filter([
            'idle' => $idleTimeout,
            'until' => $absoluteLifetime === null ? null : $this->now + $limits->absoluteLifetime,
            'persistent' => $persistent,
        ], static fn (mixed $value): bool => $value !== null);
        $this->envelope = $this->envelope->with(...$changes);
        $this->lifetime = $absoluteLifetime ?? $this->lifetime;
        $this->mustSeal = true;
    }

    public function discard(): void
    {
        $this->ensureOpen();
        $this->begin(null);
        $this->wasDiscarded = true;
    }

    public function revert(): void
    {
        $this->ensureOpen();
        $this->wasDiscarded = false;
        $this->begin($this->reopen === null ? null : ($this->reopen)());
    }

    public function wantCsrf(): void
    {
        // For an opened session a CSRF token changes nothing (SPEC 13.3 item 3).
        if ($this->accepted === null && !$this->wantsCsrf) {
            $this->ensureOpen();
        }
        $this->wantsCsrf = true;
    }

    /** SPEC 13.3 */
    public function isWritten(): bool
    {
        return $this->mustSeal || ($this->wantsCsrf && $this->accepted === null)
            || $this->envelope->encodeContent() !== $this->baseline;
    }

    /** Whether something is left to keep (SPEC 13.5 step 3). */
    public function isWorthKeeping(): bool
    {
        return count($this->data) > 0 || $this->envelope->flash !== [] || $this->wantsCsrf
            || ($this->accepted !== null && !$this->hadData && !$this->wasCleared);
    }
}
