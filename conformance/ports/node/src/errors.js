/** What this library throws. No error carries key material, a sid, or a value of a session. */

// How many keys of a session a message names, and how many characters of each: a visitor may have chosen them.
const NAMED_KEYS = 8;
const SHOWN_CHARACTERS = 40;

export class CookiejarError extends Error {
  get name() {
    return this.constructor.name;
  }
}

/** The operator's fault: a ring text, cookie attributes, a policy. */
export class ConfigError extends CookiejarError {}

/** The application's fault: what SPEC 6.5, 5.3 or 7.2 refuses to seal. */
export class UnsupportedValueError extends CookiejarError {}

/**
 * The application's fault: a token longer than the limit (SPEC 7.2 step 5, 13.8). `characters` is what the token would
 * need, `limit` what is allowed. `octetsByKey` is a Map, the largest key first; null stands for all flash messages.
 */
export class SessionTooLargeError extends CookiejarError {
  constructor({ characters, limit, octetsByKey }) {
    const sorted = [...octetsByKey].sort(([, one], [, other]) => other - one);
    const named = sorted.slice(0, NAMED_KEYS).map(([key, octets]) => `${key === null ? "flash" : quote(key)} ${octets}`);
    const more = sorted.length > NAMED_KEYS ? ` and ${sorted.length - NAMED_KEYS} more` : "";
    super(
      `session needs a token of ${characters} characters, the limit is ${limit}; octets by key: ${named.join(", ")}${more}; ` +
        "keep large values on the server and their ids in the session; " +
        "an error handler calls session.revert() before it answers",
    );
    this.characters = characters;
    this.limit = limit;
    // Not enumerable, so that console.log does not print the names of all keys.
    Object.defineProperty(this, "octetsByKey", { value: new Map(sorted) });
  }
}

/** The application's fault: a write after the session was committed, or a commit after the response has started. */
export class SessionCommittedError extends CookiejarError {}

/** The client's doing: a token that was refused. `reason` is a word of SPEC 10.1. */
export class TokenError extends CookiejarError {
  constructor(reason) {
    super(`token refused: ${reason}`);
    Object.defineProperty(this, "reason", { value: reason, enumerable: true });
  }
}

/** A session key for a message: ASCII, quoted, and cut. */
function quote(key) {
  const text = JSON.stringify(key.slice(0, SHOWN_CHARACTERS));
  const escaped = text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return key.length > SHOWN_CHARACTERS ? `${escaped}...` : escaped;
}
