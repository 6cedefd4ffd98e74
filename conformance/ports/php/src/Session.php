<?php

declare(strict_types=1);

namespace CookiejarSession;

/**
 * The session of one request. Made by CookieSessions::open().
 *
 * Its content is $session->data, which is used like an array. Every method changes this object. Nothing reaches the
 * browser before send() or commit().
 */
final class Session implements \JsonSerializable
{
    /** What the application keeps in the session. */
    public readonly Map $data;

    /** @internal Use CookieSessions::open(). */
    public function __construct(private readonly Exchange $exchange)
    {
        $this->data = $exchange->state->data;
    }

    /** Adds a message for a later request, such as one behind a redirect. Of more than 32 the oldest is dropped. */
    public function addFlash(string $category, mixed $value): void
    {
        $this->exchange->state->addFlash($category, $value);
    }

    /**
     * Removes the messages of a category and returns them, the oldest first.
     *
     * @return list<mixed>
     */
    public function popFlash(string $category): array
    {
        return array_column($this->exchange->state->popFlash($category), 1);
    }

    /**
     * Removes all messages and returns them as pairs of category and value, the oldest first.
     *
     * @return list<array{string, mixed}>
     */
    public function popAllFlash(): array
    {
        return $this->exchange->state->popFlash(null);
    }

    /** Removes all data and flash messages. */
    public function clear(): void
    {
        $this->exchange->state->clear();
    }

    /** Gives the session a new id and a new absolute lifetime. Call it after every login (SPEC 17.11). */
    public function regenerate(): void
    {
        $this->exchange->state->regenerate();
    }

    /** Restarts the idle timeout. */
    public function renew(): void
    {
        $this->exchange->state->renew();
    }

    /**
     * Sets other limits for this session only, in seconds, such as for "remember me". Null changes nothing.
     *
     * @throws ConfigError for less than 1 second
     */
    public function setLifetime(?int $idleTimeout = null, ?int $absoluteLifetime = null, ?bool $persistent = null): void
    {
        $this->exchange->state->setLifetime($idleTimeout, $absoluteLifetime, $persistent);
    }

    /** Logs out: the browser drops the cookie, also under previous names. From here on the session is new and empty. */
    public function discard(): void
    {
        $this->exchange->state->discard();
    }

    /** Undoes all changes of this request, so that an error page can be sent after SessionTooLargeError. */
    public function revert(): void
    {
        $this->exchange->state->revert();
    }

    /** A CSRF token for the form of this name (SPEC 14). Another text each time. */
    public function csrfToken(string $form = ''): string
    {
        $this->exchange->state->wantCsrf();
        return CsrfToken::make($this->exchange->state->envelope->sid, $form);
    }

    /** Whether a token that came with a form is one of this session and form. Any value may come: "csrf[]=x" is an array. */
    public function checkCsrfToken(#[\SensitiveParameter] mixed $token, string $form = ''): bool
    {
        return CsrfToken::check($token, $this->exchange->state->envelope->sid, $form);
    }

    /** Whether the request had no session that was accepted, or the session was discarded. */
    public function isNew(): bool
    {
        return $this->exchange->state->accepted === null;
    }

    /** Why the request's cookie was not accepted, for logs only; null if it was accepted, or if there was none. */
    public function reason(): ?Reason
    {
        return $this->exchange->reason();
    }

    /** 16 hex digits that stand for the session in logs. */
    public function logId(): string
    {
        return $this->exchange->state->envelope->sid->logId();
    }

    /**
     * Sends the session with the response: call it once, after all other header() calls and before any output.
     *
     * @throws SessionTooLargeError|UnsupportedValueError if the session cannot be kept; then no header was changed
     */
    public function send(): void
    {
        if (headers_sent($file, $line)) {
            throw new SessionCommittedError("the response has begun at $file:$line; call \$session->send() before");
        }
        $lines = $this->commit(headers_list(), http_response_code() ?: 200);
        header_remove();
        foreach ($lines as $line) {
            header($line, false);
        }
    }

    /**
     * The header lines of the response with those of the session, for servers without header(). The session cannot be
     * changed afterwards.
     *
     * @param list<string> $lines the response's own header lines, as headers_list() has them: "Name: value"
     * @param int $status of the response: a 304 gets a cookie only if the session was changed
     * @param ?int $now in Unix seconds, by default the clock's
     * @return list<string>
     * @throws SessionTooLargeError|UnsupportedValueError if the session cannot be kept
     */
    public function commit(array $lines = [], int $status = 200, ?int $now = null): array
    {
        $this->exchange->state->ensureOpen();
        $lines = $this->exchange->finish($lines, $status, $now ?? time());
        $this->exchange->state->close();
        return $lines;
    }

    public function __set(string $name, mixed $value): void
    {
        throw new ConfigError("a session has no property \"$name\"; write \$session->data[\"$name\"]");
    }

    /** @return array<string, mixed> neither sid nor content, which are not to get into a log (SPEC 14.5) */
    public function jsonSerialize(): array
    {
        return ['logId' => $this->logId(), 'isNew' => $this->isNew(), 'data' => '(not shown)'];
    }

    /** @return array<string, mixed> */
    public function __debugInfo(): array
    {
        return $this->jsonSerialize();
    }
}
