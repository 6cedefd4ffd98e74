/** The strict reader of the MessagePack profile (SPEC 6.3). Knows nothing of envelopes. */

import { TokenError } from "./errors.js";
import { toFloat } from "./float.js";
import { FORBIDDEN_KEY, MAX_LEVEL } from "./messagepack-writer.js";
import { compareOctets, encodeText } from "./octets.js";

/**
 * The one value that `octets` encode, maps as objects without a prototype. Throws TokenError bad-encoding for whatever
 * breaks SPEC 6.3.
 */
export function decode(octets) {
  const reader = new Reader(octets);
  const value = reader.read(0);
  // SPEC 6.3 item 1
  if (!reader.isAtEnd) refuse();
  return value;
}

function refuse() {
  throw new TokenError("bad-encoding");
}

class Reader {
  #octets;
  #view;
  #offset = 0;
  // Without ignoreBOM a leading U+FEFF would be lost (SPEC 6.3 item 6).
  #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(octets) {
    this.#octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get isAtEnd() {
    return this.#offset === this.#octets.length;
  }

  read(level) {
    const first = this.#octets[this.#take(1)];
    if (first < 0x80) return first;
    if (first < 0x90) return this.#readMap(first & 0x0f, level);
    if (first < 0xa0) return this.#readArray(first & 0x0f, level);
    if (first < 0xc0) return this.#readText(first & 0x1f);
    if (first >= 0xe0) return first - 0x100;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#readBinary(this.#readUnsigned(1, 0));
      case 0xc5:
        return this.#readBinary(this.#readUnsigned(2, 0x100));
      case 0xcb:
        return this.#readFloat();
      case 0xcc:
        return this.#readUnsigned(1, 0x80);
      case 0xcd:
        return this.#readUnsigned(2, 0x100);
      case 0xce:
        return this.#readUnsigned(4, 0x1_0000);
      case 0xcf:
        return this.#readUnsigned64();
      case 0xd0:
        return this.#readNegative(this.#view.getInt8(this.#take(1)), -0x20);
      case 0xd1:
        return this.#readNegative(this.#view.getInt16(this.#take(2)), -0x80);
      case 0xd2:
        return this.#readNegative(this.#view.getInt32(this.#take(4)), -0x8000);
      case 0xd3:
        return this.#readNegative64();
      case 0xd9:
        return this.#readText(this.#readUnsigned(1, 32));
      case 0xda:
        return this.#readText(this.#readUnsigned(2, 0x100));
      case 0xdc:
        return this.#readArray(this.#readUnsigned(2, 16), level);
      case 0xde:
        return this.#readMap(this.#readUnsigned(2, 16), level);
      default:
        // SPEC 6.3 item 2
        return refuse();
    }
  }

  /** The offset of the next `count` octets, which there must be (SPEC 6.3 item 1). */
  #take(count) {
    const start = this.#offset;
    if (count > this.#octets.length - start) refuse();
    this.#offset += count;
    return start;
  }

  /** A number of `size` octets, at least `least`: less has a shorter form (SPEC 6.3 item 3). */
  #readUnsigned(size, least) {
    const start = this.#take(size);
    let number;
    if (size === 1) number = this.#view.getUint8(start);
    else if (size === 2) number = this.#view.getUint16(start);
    else number = this.#view.getUint32(start);
    return number < least ? refuse() : number;
  }

  #readUnsigned64() {
    const number = this.#view.getBigUint64(this.#take(8));
    // SPEC 6.3 items 3 and 4
    if (number < 0x1_0000_0000n || number >= 1n << 63n) refuse();
    return narrow(number);
  }

  /** A negative number below `limit`: what is not has a shorter form, or is not negative (SPEC 6.3 item 3). */
  #readNegative(number, limit) {
    return number < limit ? number : refuse();
  }

  #readNegative64() {
    const number = this.#view.getBigInt64(this.#take(8));
    return number < -0x8000_0000n ? narrow(number) : refuse();
  }

  #readFloat() {
    const number = this.#view.getFloat64(this.#take(8));
    // SPEC 6.3 item 5
    return Number.isFinite(number) ? toFloat(number) : refuse();
  }

  #readText(length) {
    try {
      return this.#text.decode(this.#readOctets(length));
    } catch {
      // SPEC 6.3 item 6
      return refuse();
    }
  }

  #readBinary(length) {
    // A copy: the application is not to hold, or change, what else the token held.
    return this.#readOctets(length).slice();
  }

  #readOctets(length) {
    const start = this.#take(length);
    return this.#octets.subarray(start, start + length);
  }

  #readArray(length, level) {
    // SPEC 6.3 item 10: this bounds the recursion. SPEC 6.7: nothing is reserved by the length.
    if (level > MAX_LEVEL) refuse();
    const items = [];
    for (let index = 0; index < length; index += 1) items.push(this.read(level + 1));
    return items;
  }

  #readMap(length, level) {
    if (level > MAX_LEVEL) refuse();
    const map = Object.create(null);
    let previous = null;
    for (let index = 0; index < length; index += 1) {
      const key = this.read(level + 1);
      // SPEC 6.3 items 7 and 9
      if (typeof key !== "string" || key === FORBIDDEN_KEY) refuse();
      const octets = encodeText(key);
      // SPEC 6.3 item 8
      if (previous !== null && compareOctets(previous, octets) >= 0) refuse();
      previous = octets;
      map[key] = this.read(level + 1);
    }
    return map;
  }
}

/** A number where that is exact, otherwise a BigInt (SPEC 6.6). */
function narrow(number) {
  const narrowed = Number(number);
  return Number.isSafeInteger(narrowed) ? narrowed : number;
}
