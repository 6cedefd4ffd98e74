<?php

declare(strict_types=1);

namespace CookiejarSession;

/** Why a value was refused, in the order in which the tests are made (SPEC 10.1). */
enum Reason: string
{
    case UnknownVersion = 'unknown-version';
    case Malformed = 'malformed';
    case TooLong = 'too-long';
    case UnknownKey = 'unknown-key';
    case NotAuthentic = 'not-authentic';
    case BadPadding = 'bad-padding';
    case BadEncoding = 'bad-encoding';
    case BadEnvelope = 'bad-envelope';
    case NotYetValid = 'not-yet-valid';
    case Expired = 'expired';
    case Revoked = 'revoked';

    /**
     * Whether another reader may be able to read the cookie, so that it is not to be deleted (SPEC 10.4). A value that
     * does not begin like a token is not deleted either, whatever its reason (SPEC 10.5).
     */
    public function isPreserved(): bool
    {
        return match ($this) {
            self::Malformed, self::TooLong, self::NotAuthentic, self::Revoked => false,
            default => true,
        };
    }
}
