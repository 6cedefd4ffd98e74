/** CSRF tokens (SPEC 14). Knows nothing of forms and requests. */

import { derive } from "./derivation.js";
import {
  decodeBase64url,
  drawOctets,
  encodeBase64url,
  encodeText,
  equalsInConstantTime,
  joinOctets,
  xorOctets,
} from "./octets.js";
import { readSid } from "./sid.js";

const MASK_OCTETS = 32;
const TOKEN = /^[A-Za-z0-9_-]{86}$/;

const deriveCsrf = (sid, form) => derive(readSid(sid), "csrf", encodeText(form));

/** A CSRF token for the form of this name, another text each time. */
export function makeCsrfToken(sid, form = "") {
  return makeMaskedCsrfToken(sid, form, drawOctets(MASK_OCTETS));
}

/** The same with a mask of the caller's: a seam for tests, not exported from index.js. */
export function makeMaskedCsrfToken(sid, form, mask) {
  return encodeBase64url(joinOctets(mask, xorOctets(mask, deriveCsrf(sid, form))));
}

/** Whether `token`, whatever came with the request, is one of this sid and form (SPEC 14.3). */
export function isCsrfToken(token, sid, form = "") {
  if (typeof token !== "string" || !TOKEN.test(token)) return false;
  const octets = decodeBase64url(token);
  if (octets === null) return false;
  const mask = octets.subarray(0, MASK_OCTETS);
  return equalsInConstantTime(xorOctets(mask, octets.subarray(MASK_OCTETS)), deriveCsrf(sid, form));
}
