/** Cookie and Set-Cookie field text (SPEC 11.1 and 12). Knows nothing of what a value means. */

import { ConfigError } from "./errors.js";
import { refuseUnknown } from "./options.js";

// SPEC 12.2 item 5, 12.4
const MAX_NAME_OCTETS = 124;
const MAX_ATTRIBUTE_OCTETS = 1024;
const MAX_AGE_LIMIT = 34_560_000;
// SPEC 11.1 steps 3 and 5
const MAX_BLANKS = 16;

// SPEC 12.1
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

const DEFAULTS = {
  name: "__Host-session",
  path: "/",
  domain: null,
  secure: true,
  httpOnly: true,
  sameSite: "Lax",
  partitioned: false,
};

/** `cookie` with the defaults of SPEC 12.1. Throws ConfigError for what browsers refuse (SPEC 12.2). */
export function completeCookie(cookie = {}) {
  refuseUnknown(cookie, Object.keys(DEFAULTS), "cookie");
  const given = Object.fromEntries(Object.entries(cookie).filter(([, value]) => value !== undefined));
  const complete = { ...DEFAULTS, ...given };
  refuseBadText(complete);
  refuseBadCombinations(complete);
  return Object.freeze(complete);
}

function refuseBadText({ name, path, domain, secure, httpOnly, sameSite, partitioned }) {
  if (typeof name !== "string" || !NAME.test(name) || name.length > MAX_NAME_OCTETS) {
    throw new ConfigError(`cookie name must be 1 to ${MAX_NAME_OCTETS} letters, digits or marks of RFC 9110`);
  }
  if (typeof path !== "string" || !PATH.test(path) || path.length > MAX_ATTRIBUTE_OCTETS) {
    throw new ConfigError('cookie path must begin with "/" and hold printable ASCII without ";"');
  }
  const isDomain = typeof domain === "string" && DOMAIN.test(domain) && domain.length <= MAX_ATTRIBUTE_OCTETS;
  if (domain !== null && !isDomain) throw new ConfigError("cookie domain must be a host name, as in example.com");
  if (!["Strict", "Lax", "None", null].includes(sameSite)) {
    throw new ConfigError('cookie sameSite must be "Strict", "Lax", "None", or null to leave it out');
  }
  if (![secure, httpOnly, partitioned].every((flag) => typeof flag === "boolean")) {
    throw new ConfigError("cookie secure, httpOnly and partitioned must be true or false");
  }
}

function refuseBadCombinations({ name, path, domain, secure, httpOnly, sameSite, partitioned }) {
  const begins = (prefix) => name.toLowerCase().startsWith(prefix);
  // SPEC 12.2 items 1 to 4
  if (begins("__host-") && (domain !== null || !secure || path !== "/")) {
    throw new ConfigError(`cookie ${name} needs Secure and path "/", and cannot have a domain`);
  }
  if (begins("__secure-") && !secure) throw new ConfigError(`cookie ${name} needs Secure`);
  if ((sameSite === "None" || partitioned) && !secure) {
    throw new ConfigError("cookie with SameSite=None or Partitioned needs Secure");
  }
  if ((begins("__http-") || begins("__host-http-")) && !(secure && httpOnly)) {
    throw new ConfigError(`cookie ${name} needs Secure and HttpOnly`);
  }
}

/** Whether a browser would hold one cookie by both, so that a deletion of one deletes the other (SPEC 12.6). */
export function isSameCookie(one, other) {
  return (
    one.name === other.name &&
    one.path === other.path &&
    one.partitioned === other.partitioned &&
    foldDomain(one.domain) === foldDomain(other.domain)
  );
}

function foldDomain(domain) {
  return domain === null ? null : removeLeadingDot(domain).toLowerCase();
}

/** A Domain as it is rendered (SPEC 12.3). */
export function removeLeadingDot(domain) {
  return domain.replace(/^\./, "");
}

/** Whether no subdomain can set a cookie of this name. Browsers ignore the case of the prefix. */
export function hasHostPrefix({ name }) {
  return name.toLowerCase().startsWith("__host-");
}

/** The Set-Cookie field value (SPEC 12.3). `maxAge` in seconds; null ends the cookie with the browser. */
export function renderCookie(cookie, value, { maxAge }) {
  const parts = [`${cookie.name}=${value}`, `Path=${cookie.path}`];
  if (cookie.domain !== null) parts.push(`Domain=${removeLeadingDot(cookie.domain)}`);
  if (cookie.secure) parts.push("Secure");
  if (cookie.httpOnly) parts.push("HttpOnly");
  if (cookie.sameSite !== null) parts.push(`SameSite=${cookie.sameSite}`);
  if (cookie.partitioned) parts.push("Partitioned");
  if (maxAge !== null) parts.push(`Max-Age=${maxAge}`);
  return parts.join("; ");
}

/** The Max-Age of a token that is sealed at `now`, or null for none (SPEC 12.4). */
export function countMaxAge({ persistent, expires, now }) {
  return persistent ? Math.max(0, Math.min(expires - now, MAX_AGE_LIMIT)) : null;
}

/** The values of the cookies called `name`, in order (SPEC 11.1). Each of `headers` is one Cookie field's value. */
export function scanCookies(headers, name) {
  const values = [];
  for (const piece of headers.join("; ").split(";")) {
    const trimmed = trimStart(piece, MAX_BLANKS);
    if (!trimmed.startsWith(`${name}=`)) continue;
    const [value] = trimmed.slice(name.length + 1).split(",", 1);
    values.push(trimEnd(trimStart(value, MAX_BLANKS), MAX_BLANKS));
  }
  return values;
}

/** Without at most `limit` SP and TAB at the start, and nothing else: String.trim takes more. */
function trimStart(text, limit) {
  let start = 0;
  while (start < limit && isBlank(text[start])) start += 1;
  return text.slice(start);
}

function trimEnd(text, limit) {
  let end = text.length;
  while (text.length - end < limit && isBlank(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

/** Without SP and TAB at both ends, and nothing else: String.trim takes more. */
export function trim(text) {
  return trimEnd(trimStart(text, text.length), text.length);
}

function isBlank(character) {
  return character === " " || character === "\t";
}
