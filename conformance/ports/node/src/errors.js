/** What this library throws. No error carries key material, a sid, or anything of a token's content. */

export class CookiejarError extends Error {
  get name() {
    return this.constructor.name;
  }
}

/** The operator's fault: a ring text, cookie attributes, a policy. */
export class ConfigError extends CookiejarError {}

/** The application's fault: what SPEC 6.5, 5.3 or 7.2 refuses to seal. */
export class UnsupportedValueError extends CookiejarError {}

/** The application's fault: a token longer than the limit (SPEC 7.2 step 5, 13.8). */
export class SessionTooLargeError extends CookiejarError {}

/** The application's fault: a write after the session was committed. */
export class SessionCommittedError extends CookiejarError {}

/** The client's doing: a token that was refused. `reason` is a word of SPEC 10.1. */
export class TokenError extends CookiejarError {
  constructor(reason) {
    super(`token refused: ${reason}`);
    Object.defineProperty(this, "reason", { value: reason, enumerable: true });
  }
}
