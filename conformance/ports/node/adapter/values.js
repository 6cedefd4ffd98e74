/** Values, envelopes and configurations as the vectors write them. */

import { Float, toFloat } from "../src/float.js";
import { compareOctets, decodeHex, encodeHex, encodeText } from "../src/octets.js";
import { isOctets } from "../src/messagepack-writer.js";

/** What JavaScript has for a VALUE of conformance/README.md. */
export function readValue(value) {
  if (value === null || typeof value !== "object") return value;
  const [[kind, content]] = Object.entries(value);
  switch (kind) {
    case "int": {
      const number = Number(content);
      return Number.isSafeInteger(number) ? number : BigInt(content);
    }
    case "float": {
      const number = new DataView(decodeHex(content).buffer).getFloat64(0);
      return Number.isFinite(number) ? toFloat(number) : number;
    }
    case "bin":
      return decodeHex(content);
    case "array":
      return content.map(readValue);
    case "map":
      return readMap(content);
    case "utf16":
      return String.fromCharCode(...content.match(/.{4}/g).map((unit) => parseInt(unit, 16)));
    case "date":
      return new Date(content);
    default:
      throw new Error(`no value of kind ${kind}`);
  }
}

function readMap(pairs) {
  const read = pairs.map(([key, value]) => [readValue(key), readValue(value)]);
  if (new Set(read.map(([key]) => key)).size < read.length) throw new Error("a map cannot hold a key twice");
  if (read.some(([key]) => typeof key !== "string")) return new Map(read);
  const map = Object.create(null);
  for (const [key, value] of read) map[key] = value;
  return map;
}

export function showValue(value) {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { int: String(value) };
  if (value instanceof Float) return showFloat(value.value);
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : showFloat(value);
  }
  if (isOctets(value)) return { bin: encodeHex(value) };
  if (Array.isArray(value)) return { array: value.map(showValue) };
  // An object has keys like "10" and "2" in an order of its own.
  const keys = Object.keys(value).sort((one, other) => compareOctets(encodeText(one), encodeText(other)));
  return { map: keys.map((key) => [key, showValue(value[key])]) };
}

function showFloat(number) {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setFloat64(0, number);
  return { float: encodeHex(octets) };
}

const TIMES = ["created", "issued", "idle", "until"];

export function readEnvelope(envelope) {
  const read = {
    ...envelope,
    sid: typeof envelope.sid === "string" ? decodeHex(envelope.sid) : readValue(envelope.sid),
  };
  // JSON integers; a field of a wrong type is a VALUE.
  for (const name of [...TIMES, "persistent", "data"]) read[name] = readValue(envelope[name]);
  read.flash = Array.isArray(envelope.flash)
    ? envelope.flash.map((entry) => (Array.isArray(entry) ? entry.map(readValue) : readValue(entry)))
    : readValue(envelope.flash);
  return read;
}

export function showEnvelope({ sid, created, issued, idle, until, persistent, data, flash }) {
  return {
    sid: encodeHex(sid.octets),
    created,
    issued,
    idle,
    until,
    persistent,
    data: showValue(data),
    flash: flash.map(([category, value]) => [category, showValue(value)]),
  };
}

/** ATTRIBUTES */
export function readCookie({ httponly, samesite, ...rest }) {
  return { ...rest, httpOnly: httponly, sameSite: samesite };
}

/** POLICY */
export function readPolicy(policy) {
  return {
    idleTimeout: policy.idle_timeout,
    absoluteLifetime: policy.absolute_lifetime,
    persistent: policy.persistent,
    renewAfter: policy.renew_after ?? undefined,
    longestIdle: policy.longest_idle ?? undefined,
    longestLifetime: policy.longest_lifetime ?? undefined,
    notBefore: policy.not_before ?? undefined,
  };
}
