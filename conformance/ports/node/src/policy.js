/** The time rules: when a session expires, is renewed, is resealed (SPEC 9). Pure; knows no clock. */

import { isIdle, isTime } from "./envelope.js";
import { ConfigError } from "./errors.js";
import { isInteger } from "./float.js";
import { refuseUnknown } from "./options.js";

// SPEC 9.2, 9.6
const CLOCK_DIFFERENCE = 60;
const RESEAL_WAIT = 300;

// SPEC 9.8; all in seconds. undefined is none.
const DEFAULTS = {
  idleTimeout: 1_209_600,
  absoluteLifetime: 7_776_000,
  persistent: true,
  renewAfter: undefined,
  longestIdle: undefined,
  longestLifetime: undefined,
  notBefore: undefined,
};

/** `policy` with the defaults of SPEC 9.8. Throws ConfigError for what is no whole number of seconds, at least 1. */
export function completePolicy(policy = {}) {
  refuseUnknown(policy, Object.keys(DEFAULTS), "policy");
  const given = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined && value !== null));
  const complete = { ...DEFAULTS, ...given };
  if (!isIdle(complete.idleTimeout)) throw new ConfigError("policy idleTimeout must be 1 to 4294967295 seconds");
  if (typeof complete.persistent !== "boolean") throw new ConfigError("policy persistent must be true or false");
  for (const name of ["absoluteLifetime", "renewAfter", "longestIdle", "longestLifetime"]) {
    if (complete[name] !== undefined) checkSeconds(complete[name], `policy ${name}`);
  }
  if (complete.notBefore !== undefined && !isTime(complete.notBefore)) {
    throw new ConfigError("policy notBefore must be a time in Unix seconds");
  }
  return complete;
}

/** Throws ConfigError, with `name`, unless `value` is a whole number of seconds, at least 1. */
export function checkSeconds(value, name) {
  if (!isInteger(value) || value < 1) throw new ConfigError(`${name} must be a whole number of seconds, at least 1`);
}

/** `envelope` under the ceilings (SPEC 9.4). */
export function lower(envelope, { longestIdle = Infinity, longestLifetime = Infinity }) {
  return {
    ...envelope,
    idle: Math.min(envelope.idle, longestIdle),
    until: Math.min(envelope.until, envelope.created + longestLifetime),
  };
}

/** Why a lowered `envelope` is refused at `now`: a reason, or null (SPEC 8.2 steps 13 to 15). */
export function judge(envelope, { now, policy: { notBefore = 0 } }) {
  const { issued } = envelope;
  if (issued > now + CLOCK_DIFFERENCE) return "not-yet-valid";
  // SPEC 9.1: a ceiling may have ended it before a clock that is ahead issued it.
  if (Math.max(now, issued) >= expiresAt(envelope)) return "expired";
  return envelope.created < notBefore ? "revoked" : null;
}

/** The first second at which it is expired (SPEC 9.1). */
export function expiresAt({ issued, idle, until }) {
  return Math.min(issued + idle, until);
}

/** SPEC 9.5 */
export function isRenewalDue({ issued, idle }, { now, policy: { renewAfter = Infinity } }) {
  return now - issued >= Math.max(1, Math.min(renewAfter, Math.floor(idle / 10)));
}

/** SPEC 9.6; there is no older version yet. */
export function isResealDue({ issued }, { now, isBehindPrimary }) {
  return isBehindPrimary && now - issued >= RESEAL_WAIT;
}
