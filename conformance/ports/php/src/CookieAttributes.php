<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The name and attributes of one cookie, and its Set-Cookie field (SPEC 12). */
final class CookieAttributes
{
    // 400 days: browsers cap Max-Age so (RFC 6265bis 5.5).
    private const MAX_AGE_LIMIT = 34_560_000;
    // SPEC 12.2 item 5.
    private const MAX_NAME_OCTETS = 124;
    private const MAX_VALUE_OCTETS = 1024;

    /** @throws ConfigError for what SPEC 12.2 refuses */
    public function __construct(
        public readonly string $name = '__Host-session',
        public readonly string $path = '/',
        public readonly ?string $domain = null,
        public readonly bool $secure = true,
        public readonly bool $httponly = true,
        public readonly ?string $samesite = 'Lax',
        public readonly bool $partitioned = false,
    ) {
        $fault = $this->findFaultInText() ?? $this->findFaultInCombination();
        if ($fault !== null) {
            throw new ConfigError("cookie $fault");
        }
    }

    /** The Set-Cookie field that sets a token (SPEC 12.3 and 12.4). */
    public function render(string $token, bool $persistent, int $expires, int $now): string
    {
        $maxAge = max(0, min($expires - $now, self::MAX_AGE_LIMIT));
        return $this->renderValue($token) . ($persistent ? "; Max-Age=$maxAge" : '');
    }

    /** The Set-Cookie field that deletes the cookie (SPEC 12.5). */
    public function renderDeletion(): string
    {
        return $this->renderValue('') . '; Max-Age=0';
    }

    /** Whether browsers know both as one cookie, so that deleting one would delete the other (SPEC 12.6). */
    public function isSameCookie(self $other): bool
    {
        return $this->identify() === $other->identify();
    }

    /** Whether no subdomain can set a cookie of this name. Browsers ignore the case of the prefix. */
    public function hasHostPrefix(): bool
    {
        return str_starts_with(strtolower($this->name), '__host-');
    }

    private function renderValue(string $value): string
    {
        return "$this->name=$value; Path=$this->path"
            . ($this->domain === null ? '' : '; Domain=' . self::removeLeadingDot($this->domain))
            . ($this->secure ? '; Secure' : '')
            . ($this->httponly ? '; HttpOnly' : '')
            . ($this->samesite === null ? '' : "; SameSite=$this->samesite")
            . ($this->partitioned ? '; Partitioned' : '');
    }

    /** @return list<mixed> */
    private function identify(): array
    {
        $domain = $this->domain === null ? null : strtolower($this->domain);
        return [$this->name, $this->path, $domain === null ? null : self::removeLeadingDot($domain), $this->partitioned];
    }

    private static function removeLeadingDot(string $domain): string
    {
        return str_starts_with($domain, '.') ? substr($domain, 1) : $domain;
    }

    private function findFaultInText(): ?string
    {
        $isPath = preg_match('#\A/[\x20-\x3a\x3c-\x7e]*\z#', $this->path) === 1;
        $isDomain = $this->domain === null || preg_match('/\A\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\z/', $this->domain) === 1;
        return match (true) {
            preg_match('/\A[!#$%&\'*+.^_`|~0-9A-Za-z-]+\z/', $this->name) !== 1
                => 'name is not an RFC 9110 token; use letters, digits, - and _',
            strlen($this->name) > self::MAX_NAME_OCTETS => 'name has more than 124 octets; shorten it',
            !$isPath => 'path must begin with "/" and hold printable ASCII without ";"',
            !$isDomain => 'domain is not a host name; write it as example.com',
            strlen($this->path) > self::MAX_VALUE_OCTETS => 'path has more than 1024 octets; shorten it',
            strlen($this->domain ?? '') > self::MAX_VALUE_OCTETS => 'domain has more than 1024 octets; shorten it',
            !in_array($this->samesite, ['Strict', 'Lax', 'None', null], true)
                => 'samesite must be "Strict", "Lax" or "None", or null to leave it out',
            default => null,
        };
    }

    /** SPEC 12.2 items 1 to 4. Browsers compare the prefixes without regard to case. */
    private function findFaultInCombination(): ?string
    {
        $begins = fn (string $prefix): bool => str_starts_with(strtolower($this->name), $prefix);
        $isHttp = $begins('__http-') || $begins('__host-http-');
        $needsSecure = match (true) {
            $begins('__host-'), $begins('__secure-'), $isHttp => "name $this->name",
            $this->samesite === 'None' => 'with SameSite=None',
            $this->partitioned => 'with Partitioned',
            default => null,
        };
        return match (true) {
            $needsSecure !== null && !$this->secure => "$needsSecure needs secure",
            $isHttp && !$this->httponly => "name $this->name needs httponly",
            $begins('__host-') && $this->domain !== null => "name $this->name cannot have a domain",
            $begins('__host-') && $this->path !== '/' => "name $this->name needs the path \"/\"",
            default => null,
        };
    }
}
