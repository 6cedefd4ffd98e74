/** The writer of the MessagePack profile (SPEC 6.1, 6.5). Knows nothing of envelopes. */

import { UnsupportedValueError } from "./errors.js";
import { Float, isInteger } from "./float.js";
import { compareOctets, encodeText } from "./octets.js";

// SPEC 6.3 item 10
export const MAX_LEVEL = 16;
const MAX_LENGTH = 0xffff;
// No token holds a plaintext of more than 2,927 octets (SPEC 2.5). Far above it the writer gives up, so that values
// which share parts, and so come to many more octets than they have parts, do not take for ever.
const MAX_WRITTEN = 1 << 20;

// SPEC 6.3 item 9
export const FORBIDDEN_KEY = "__proto__";

/** The octets of `value`. Throws UnsupportedValueError where SPEC 6.5 refuses. */
export function encode(value) {
  return write(new Writer(), value);
}

/**
 * The same for values of any length, which is enough to compare and to count them. A text, list or map of more than
 * 65,535 parts gets octets that no reader accepts. No token has room for one (SPEC 6.1).
 */
export function encodeAnyLength(value) {
  return write(new Writer({ maxLength: Infinity }), value);
}

function write(writer, value) {
  writer.write(value, 0);
  return writer.finish();
}

class Writer {
  #maxLength;
  #octets = new Uint8Array(256);
  #view = new DataView(this.#octets.buffer);
  #length = 0;

  constructor({ maxLength = MAX_LENGTH } = {}) {
    this.#maxLength = maxLength;
  }

  finish() {
    return this.#octets.slice(0, this.#length);
  }

  write(value, level) {
    if (value === null) return this.#writeOctet(0xc0);
    switch (typeof value) {
      case "boolean":
        return this.#writeOctet(value ? 0xc3 : 0xc2);
      case "string":
        return this.#writeText(encodeText(value));
      case "bigint":
        return this.#writeInteger(value);
      case "number":
        return isInteger(value) ? this.#writeInteger(BigInt(value)) : this.#writeFloat(value);
      case "object":
        return this.#writeObject(value, level);
      default:
        throw new UnsupportedValueError(`a value of type ${typeof value} cannot be sealed`);
    }
  }

  #writeObject(value, level) {
    if (value instanceof Float) return this.#writeFloat(value.value);
    if (isOctets(value)) return this.#writeBinary(value);
    // SPEC 6.5 item 3; it also ends every cycle.
    if (level > MAX_LEVEL) throw new UnsupportedValueError("an array or map lies deeper than level 16, or in itself");
    if (Array.isArray(value)) return this.#writeArray(value, level);
    if (value instanceof Map) return this.#writeMap([...value], level);
    if (isPlainObject(value)) {
      // Object.entries would pass them over in silence.
      if (Object.getOwnPropertySymbols(value).length > 0) throw new UnsupportedValueError("a symbol is no map key");
      return this.#writeMap(Object.entries(value), level);
    }
    throw new UnsupportedValueError(
      `a value of type ${value.constructor?.name ?? "object"} cannot be sealed; write it as text, numbers or a plain object`,
    );
  }

  #writeInteger(number) {
    if (number >= 0n) {
      if (number < 0x80n) return this.#writeOctet(Number(number));
      if (number < 0x1_00n) return this.#writeUnsigned(0xcc, 1, Number(number));
      if (number < 0x1_0000n) return this.#writeUnsigned(0xcd, 2, Number(number));
      if (number < 0x1_0000_0000n) return this.#writeUnsigned(0xce, 4, Number(number));
      if (number < 1n << 63n) return this.#write64(0xcf, (offset) => this.#view.setBigUint64(offset, number));
    } else {
      if (number >= -0x20n) return this.#writeOctet(Number(number) & 0xff);
      if (number >= -0x80n) return this.#writeUnsigned(0xd0, 1, Number(number) & 0xff);
      if (number >= -0x8000n) return this.#writeUnsigned(0xd1, 2, Number(number) & 0xffff);
      if (number >= -0x8000_0000n) return this.#writeUnsigned(0xd2, 4, Number(number) >>> 0);
      if (number >= -(1n << 63n)) return this.#write64(0xd3, (offset) => this.#view.setBigInt64(offset, number));
    }
    throw new UnsupportedValueError("an integer outside -2^63 to 2^63-1 cannot be sealed");
  }

  #writeFloat(number) {
    // SPEC 6.5 item 1
    if (!Number.isFinite(number)) throw new UnsupportedValueError("NaN and infinities cannot be sealed");
    this.#write64(0xcb, (offset) => this.#view.setFloat64(offset, number));
  }

  #writeText(octets) {
    const { length } = octets;
    if (length < 32) this.#writeOctet(0xa0 | length);
    else if (length < 0x100) this.#writeUnsigned(0xd9, 1, length);
    else this.#writeLength(0xda, length);
    this.#writeOctets(octets);
  }

  #writeBinary(octets) {
    if (octets.length < 0x100) this.#writeUnsigned(0xc4, 1, octets.length);
    else this.#writeLength(0xc5, octets.length);
    this.#writeOctets(octets);
  }

  #writeArray(items, level) {
    if (items.length < 16) this.#writeOctet(0x90 | items.length);
    else this.#writeLength(0xdc, items.length);
    for (const item of items) this.write(item, level + 1);
  }

  #writeMap(pairs, level) {
    const encoded = pairs.map(([key, value]) => [encodeKey(key), value]);
    // SPEC 6.4
    encoded.sort(([one], [other]) => compareOctets(one, other));
    if (encoded.length < 16) this.#writeOctet(0x80 | encoded.length);
    else this.#writeLength(0xde, encoded.length);
    for (const [key, value] of encoded) {
      this.#writeText(key);
      this.write(value, level + 1);
    }
  }

  #writeOctet(octet) {
    this.#reserve(1);
    this.#octets[this.#length] = octet;
    this.#length += 1;
  }

  #writeUnsigned(first, size, number) {
    this.#writeOctet(first);
    this.#reserve(size);
    if (size === 1) this.#view.setUint8(this.#length, number);
    else if (size === 2) this.#view.setUint16(this.#length, number);
    else this.#view.setUint32(this.#length, number);
    this.#length += size;
  }

  #write64(first, set) {
    this.#writeOctet(first);
    this.#reserve(8);
    set(this.#length);
    this.#length += 8;
  }

  #writeLength(first, length) {
    if (length <= MAX_LENGTH) return this.#writeUnsigned(first, 2, length);
    // SPEC 6.1 has no form for more. MessagePack's own has the next first octet.
    if (length > this.#maxLength) throw new UnsupportedValueError("a value of more than 65,535 parts cannot be sealed");
    this.#writeUnsigned(first + 1, 4, length);
  }

  #writeOctets(octets) {
    this.#reserve(octets.length);
    this.#octets.set(octets, this.#length);
    this.#length += octets.length;
  }

  #reserve(more) {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    if (needed > MAX_WRITTEN) throw new UnsupportedValueError("a value of more than 1 MiB cannot be sealed");
    const larger = new Uint8Array(Math.max(needed, 2 * this.#octets.length));
    larger.set(this.#octets);
    this.#octets = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function encodeKey(key) {
  // SPEC 6.5 item 2
  if (typeof key !== "string") throw new UnsupportedValueError("a map key that is not text cannot be sealed");
  if (key === FORBIDDEN_KEY) throw new UnsupportedValueError("the map key __proto__ cannot be sealed");
  return encodeText(key);
}

/** Whether `value` is a Uint8Array, or a Buffer, of whatever realm. */
export function isOctets(value) {
  return ArrayBuffer.isView(value) && value[Symbol.toStringTag] === "Uint8Array";
}

function isPlainObject(value) {
  const prototype = Object.getPrototypeOf(value);
  // Of another realm (a test runner's, say) Object.prototype is another object, but it too has no prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether `value` is what a map is here: a Map or a plain object. */
export function isMap(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return value instanceof Map || isPlainObject(value);
}
