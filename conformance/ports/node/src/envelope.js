/** The envelope: eight values, their ranges, and the plaintext they encode to (SPEC 5). Knows nothing of keys. */

import { TokenError, UnsupportedValueError } from "./errors.js";
import { isInteger } from "./float.js";
import { decode } from "./messagepack-reader.js";
import { encode, encodeAnyLength, isMap, isOctets } from "./messagepack-writer.js";
import { Sid, isSid, readSid } from "./sid.js";

// SPEC 1.8, 5.1
export const MAX_TIME = 2 ** 48 - 1;
export const MAX_IDLE = 2 ** 32 - 1;
export const MAX_FLASHES = 32;

/** Whether `value` is a time: a whole number of Unix seconds below 2^48. */
export function isTime(value) {
  return isInteger(value) && value >= 0 && value <= MAX_TIME;
}

/** Whether `value` is a duration that an envelope can hold as its idle. */
export function isIdle(value) {
  return isInteger(value) && value >= 1 && value <= MAX_IDLE;
}

function isFlash(value) {
  return (
    Array.isArray(value) &&
    value.length <= MAX_FLASHES &&
    value.every((entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string")
  );
}

/** Whether `envelope` keeps SPEC 5.1; what is inside its data and flash is for section 6 to say. */
function isInRange({ sid: id, created, issued, idle, until, persistent, data, flash }) {
  const sid = readSid(id);
  return (
    isOctets(sid) &&
    isSid(sid) &&
    [created, issued, until].every(isTime) &&
    isIdle(idle) &&
    created <= issued &&
    issued < until &&
    typeof persistent === "boolean" &&
    isMap(data) &&
    isFlash(flash)
  );
}

/** The plaintext of `envelope`. Throws UnsupportedValueError where SPEC 5.3 refuses. */
export function encodeEnvelope(envelope) {
  return encode(listFields(envelope));
}

/** The same, but a value that is too long for any token is encoded too, so that the length can be counted. */
export function encodeEnvelopeOfAnyLength(envelope) {
  return encodeAnyLength(listFields(envelope));
}

function listFields(envelope) {
  if (!isInRange(envelope)) {
    throw new UnsupportedValueError(
      "the envelope breaks SPEC 5.1: a field is missing, of another type or out of range",
    );
  }
  const { sid, created, issued, idle, until, persistent, data, flash } = envelope;
  return [readSid(sid), created, issued, idle, until, persistent, data, flash];
}

/** The encoded octets of each key of the data with its value, as a Map. The key null stands for all flash messages. */
export function countOctetsByKey({ data, flash }) {
  const entries = data instanceof Map ? [...data] : Object.entries(data);
  const count = (value) => encodeAnyLength(value).length;
  const octets = new Map(entries.map(([key, value]) => [key, count(key) + count(value)]));
  return flash.length > 0 ? octets.set(null, count(flash)) : octets;
}

/** The envelope of a plaintext. Throws TokenError bad-encoding or bad-envelope (SPEC 6.3, 5.2). */
export function decodeEnvelope(plaintext) {
  const fields = decode(plaintext);
  if (!Array.isArray(fields) || fields.length !== 8) throw new TokenError("bad-envelope");
  const [sid, created, issued, idle, until, persistent, data, flash] = fields;
  const envelope = { sid, created, issued, idle, until, persistent, data, flash };
  if (!isInRange(envelope)) throw new TokenError("bad-envelope");
  return { ...envelope, sid: new Sid(sid) };
}

/** An envelope for callers: printed without sid and content, which must not get into a log (SPEC 14.5). */
export class Envelope {
  constructor(fields) {
    Object.assign(this, fields);
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return `Envelope { logId: '${this.sid.logId}', issued: ${this.issued} }`;
  }
}

/** Data and flash of the octets of encodeContent. */
export function decodeContent(octets) {
  const [data, flash] = decode(octets);
  return { data, flash };
}

/** The octets of the content, by which a write is known (SPEC 13.3 item 1). They lie where the envelope has them. */
export function encodeContent({ data, flash }) {
  return encodeAnyLength([data, flash]);
}
