/** The secret id of a session. Every way of printing it shows its log id instead (SPEC 14.5). */

import { derive } from "./derivation.js";
import { drawOctets, encodeHex } from "./octets.js";

// SPEC 5.1
const SID_OCTETS = 16;

export class Sid {
  #octets;

  constructor(octets) {
    this.#octets = octets;
  }

  static draw() {
    return new Sid(drawOctets(SID_OCTETS));
  }

  /** The octets. They are a secret. */
  get octets() {
    return this.#octets;
  }

  /** 16 hex digits that stand for the session in logs. */
  get logId() {
    return renderLogId(this.#octets);
  }

  toString() {
    return this.logId;
  }

  toJSON() {
    return this.logId;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return `Sid { logId: '${this.logId}' }`;
  }
}

/** The octets of a Sid, or of a sid that is octets already. */
export function readSid(sid) {
  return sid instanceof Sid ? sid.octets : sid;
}

export function isSid(octets) {
  return octets.length === SID_OCTETS;
}

/** SPEC 14.5 */
export function renderLogId(sid) {
  return encodeHex(derive(readSid(sid), "log-id").subarray(0, 8));
}
