/** Tokens: seal and open (SPEC 2, 7 and 8). Knows nothing of sessions or HTTP. */

import { secretbox } from "@noble/ciphers/salsa.js";
import { deriveBoxKey } from "./derivation.js";
import { Envelope, countOctetsByKey, decodeEnvelope, encodeEnvelopeOfAnyLength, isTime } from "./envelope.js";
import { ConfigError, SessionTooLargeError, TokenError, UnsupportedValueError } from "./errors.js";
import {
  decodeBase64url,
  decodeHex,
  decodeLatin1,
  drawOctets,
  encodeBase64url,
  encodeHex,
  joinOctets,
} from "./octets.js";
import { refuseUnknown } from "./options.js";
import { judge, lower } from "./policy.js";

const PREFIX = "cj1.";
const KEY_ID_OCTETS = 8;
const NONCE_OCTETS = 24;
const BLOCK = 24;
// SPEC 2.2
const MIN_CHARACTERS = 132;
export const MAX_TOKEN_CHARACTERS = 3972;
const CHARACTERS_A_BLOCK = 32;

const VERSION = /^cj[0-9]{1,9}[a-z]?\./;
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** How long the token of a plaintext of so many octets is (SPEC 2.2, 2.3). */
function countTokenCharacters(octets) {
  return 68 + CHARACTERS_A_BLOCK * (Math.floor(octets / BLOCK) + 1);
}

/**
 * A token of `envelope`, sealed at `now` with the primary and a fresh nonce (SPEC 7). Throws ConfigError where no key
 * may seal, UnsupportedValueError or SessionTooLargeError for what cannot be sealed.
 */
export function seal(envelope, options) {
  refuseUnknown(options, ["keyring", "purpose", "now"], "seal");
  const { keyring, purpose, now } = options;
  return sealWithin(envelope, { keyring, purpose, now, limit: MAX_TOKEN_CHARACTERS });
}

/** The same with a limit of the caller's, in characters, of at most MAX_TOKEN_CHARACTERS (SPEC 13.8). */
export function sealWithin(envelope, { keyring, purpose, now, limit }) {
  return sealWithNonce(envelope, { keyring, purpose, now, limit, nonce: drawOctets(NONCE_OCTETS) });
}

/** The same with a nonce of the caller's: the seam for tests of SPEC 7.4, not exported from index.js. */
export function sealWithNonce(envelope, { keyring, purpose, now, nonce, limit = MAX_TOKEN_CHARACTERS }) {
  // SPEC 7.2, in its order
  const primary = keyring.findPrimary(now);
  if (primary === undefined) throw new ConfigError("no key may seal now; add a key without @from and @until");
  const plaintext = encodeEnvelopeOfAnyLength(stampIssued(envelope, now));
  const characters = countTokenCharacters(plaintext.length);
  if (characters > limit) {
    throw new SessionTooLargeError({ characters, limit, octetsByKey: countOctetsByKey(envelope) });
  }
  const box = secretbox(deriveBoxKey(primary.key.octets, purpose), nonce).seal(pad(plaintext));
  return PREFIX + encodeBase64url(joinOctets(decodeHex(primary.key.keyId), nonce, box));
}

/** `envelope` as issued at `now`, never before it was created or issued last (SPEC 7.2 step 2). */
export function stampIssued(envelope, now) {
  const { created, issued } = envelope;
  if (![now, created, issued].every(isTime)) throw new UnsupportedValueError("now, created or issued is not a time");
  return { ...envelope, issued: Math.max(now, created, issued) };
}

/** SPEC 2.3 */
function pad(plaintext) {
  const padded = new Uint8Array(BLOCK * (Math.floor(plaintext.length / BLOCK) + 1));
  padded.set(plaintext);
  padded[plaintext.length] = 0x80;
  return padded;
}

/** SPEC 2.4 */
function unpad(padded) {
  let length = padded.length;
  while (length > 0 && padded[length - 1] === 0x00) length -= 1;
  if (padded.length - length > BLOCK - 1 || length === 0 || padded[length - 1] !== 0x80) {
    throw new TokenError("bad-padding");
  }
  return padded.subarray(0, length - 1);
}

/**
 * The envelope of a cookie value at `now`, with idle and until as the policy lowers them (SPEC 8). `value` is octets,
 * or text of which each character is one. Throws TokenError, whose reason is one of SPEC 10.1.
 */
export function open(value, options) {
  refuseUnknown(options, ["keyring", "purpose", "now", "policy"], "open");
  const { keyring, purpose, now, policy = {} } = options;
  return new Envelope(openBox(findBox(value, { keyring, now }), { purpose, now, policy }));
}

/** Whether a value begins like a token of any version. Another value belongs to other software (SPEC 10.5). */
export function isLikeToken(value) {
  return VERSION.test(value);
}

/** SPEC 8.2 steps 1 to 7: what costs little. The entry that opens the value, and what it is to open. */
export function findBox(value, { keyring, now }) {
  const text = typeof value === "string" ? value : decodeLatin1(value);
  if (!text.startsWith(PREFIX)) throw new TokenError(isLikeToken(text) ? "unknown-version" : "malformed");
  if (text.length > MAX_TOKEN_CHARACTERS) throw new TokenError("too-long");
  const isOnGrid = text.length >= MIN_CHARACTERS && (text.length - MIN_CHARACTERS) % CHARACTERS_A_BLOCK === 0;
  const encoded = text.slice(PREFIX.length);
  if (!isOnGrid || !BASE64URL.test(encoded)) throw new TokenError("malformed");
  const raw = decodeBase64url(encoded);
  const boxStart = KEY_ID_OCTETS + NONCE_OCTETS;
  const entry = keyring.find(encodeHex(raw.subarray(0, KEY_ID_OCTETS)), now);
  if (entry === undefined) throw new TokenError("unknown-key");
  return { entry, nonce: raw.subarray(KEY_ID_OCTETS, boxStart), box: raw.subarray(boxStart) };
}

/** SPEC 8.2 steps 8 to 16. */
export function openBox({ entry, nonce, box }, { purpose, now, policy }) {
  const envelope = lower(
    decodeEnvelope(unpad(authenticate(box, deriveBoxKey(entry.key.octets, purpose), nonce))),
    policy,
  );
  const reason = judge(envelope, { now, policy });
  if (reason !== null) throw new TokenError(reason);
  return envelope;
}

function authenticate(box, boxKey, nonce) {
  try {
    return secretbox(boxKey, nonce).open(box);
  } catch {
    throw new TokenError("not-authentic");
  }
}
