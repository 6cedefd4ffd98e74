<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The secret id of a session: 16 octets (SPEC 5.1). Every way of printing it shows its log id instead (SPEC 14.5). */
final class Sid implements \JsonSerializable
{
    private const OCTETS = 16;

    // In a closure, since var_export shows private properties and does not call __debugInfo.
    private readonly \Closure $octets;

    public function __construct(#[\SensitiveParameter] string $octets)
    {
        $this->octets = static fn (): string => $octets;
    }

    public static function draw(): self
    {
        return new self(random_bytes(self::OCTETS));
    }

    /** The 16 octets. They are a secret. */
    public function octets(): string
    {
        return ($this->octets)();
    }

    public function isWellFormed(): bool
    {
        return strlen($this->octets()) === self::OCTETS;
    }

    /** 16 hex digits that stand for the session in logs. */
    public function logId(): string
    {
        return bin2hex(Derivation::logId($this->octets()));
    }

    public function jsonSerialize(): string
    {
        return $this->logId();
    }

    /** @return array{logId: string} */
    public function __debugInfo(): array
    {
        return ['logId' => $this->logId()];
    }
}
