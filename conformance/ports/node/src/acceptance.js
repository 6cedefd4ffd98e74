/** Of the cookies that came, the one that is accepted (SPEC 11.4 to 11.6). Knows nothing of the response. */

import { TokenError } from "./errors.js";
import { findBox, isLikeToken, openBox } from "./wire.js";

// SPEC 11.4 steps 1 and 2
const MAX_JUDGED = 16;
const MAX_OPENED = 4;

// SPEC 10.1: what another reader may be able to read.
const PRESERVED = new Set([
  "unknown-version",
  "unknown-key",
  "bad-padding",
  "bad-encoding",
  "bad-envelope",
  "not-yet-valid",
  "expired",
]);

/**
 * What the cookies of a request came to under `settings`; `listCookies` gives the values of a name (SPEC 11.1):
 * `accepted`, null or {envelope, entry, characters, cookie}, the cookie being the attributes under whose name it came;
 * `reasons` of the unreadable values in the order of SPEC 11.6; `mustPreserve`, whether a value is to be preserved or
 * was left unread (11.4.1); `previousNames`, those whose values in the request count as ours (12.9); `mayMove`, whether it
 * came under a previous name with nothing under the current one to be preserved (13.7).
 */
export function readCookies(listCookies, { settings, now }) {
  const { current, previous } = settings;
  const own = acceptValue(listCookies(current.cookie.name), { ...current, settings, now });
  let { accepted, mustPreserve } = own;
  const reasons = [...own.reasons];
  const previousNames = new Set();
  const tried = new Set([current.cookie.name]);
  for (const each of previous) {
    const { name } = each.cookie;
    // SPEC 11.5: each name once, and not the current one.
    if (tried.has(name)) continue;
    tried.add(name);
    const values = listCookies(name);
    if (values.length > MAX_JUDGED || values.some(isLikeToken)) previousNames.add(name);
    if (accepted !== null) continue;
    const found = acceptValue(values, { ...each, settings, now });
    accepted = found.accepted;
    reasons.push(...found.reasons);
    mustPreserve ||= found.mustPreserve;
  }
  const mayMove = accepted !== null && own.accepted === null && !own.mustPreserve;
  return { accepted, reasons: accepted === null ? reasons : [], mustPreserve, previousNames, mayMove };
}

/** Whether nobody can read any of the unreadable values: then the cookie is deleted (SPEC 13.5 step 7). */
export function mustDiscard({ accepted, reasons, mustPreserve }) {
  return accepted === null && reasons.length > 0 && !mustPreserve;
}

/** SPEC 11.4 */
function acceptValue(values, { cookie, purpose, settings, now }) {
  const { keyring, policy } = settings;
  const reasons = [];
  let accepted = null;
  let opened = 0;
  let mustPreserve = values.length > MAX_JUDGED;
  for (const value of values.slice(0, MAX_JUDGED)) {
    try {
      const box = findBox(value, { keyring, now });
      opened += 1;
      if (opened > MAX_OPENED) {
        mustPreserve = true;
        continue;
      }
      const envelope = openBox(box, { purpose, now, policy });
      if (accepted === null || envelope.issued > accepted.envelope.issued) {
        accepted = { envelope, entry: box.entry, characters: value.length, cookie };
      }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      reasons.push(error.reason);
      mustPreserve ||= PRESERVED.has(error.reason) || !isLikeToken(value);
    }
  }
  return { accepted, reasons, mustPreserve };
}
