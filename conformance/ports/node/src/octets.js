/** Octets: joining, comparing, as text, at random. Knows nothing of what they mean. */

import { UnsupportedValueError } from "./errors.js";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEXTETS = new Map([...BASE64URL].map((character, sextet) => [character, sextet]));

const utf8 = new TextEncoder();

/** UTF-8 of well-formed text. TextEncoder would put U+FFFD for a lone surrogate, in silence. */
export function encodeText(text) {
  if (!text.isWellFormed()) throw new UnsupportedValueError("text with a lone surrogate cannot be sealed");
  return utf8.encode(text);
}

export function joinOctets(...pieces) {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

/** Less than, equal to or greater than 0, by unsigned octets; a prefix stands before what it begins (SPEC 6.3 item 8). */
export function compareOctets(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let index = 0; index < shared; index += 1) {
    if (one[index] !== other[index]) return one[index] - other[index];
  }
  return one.length - other.length;
}

/** For what is secret: takes a time that does not depend on where the octets differ (SPEC 14.4). */
export function equalsInConstantTime(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index += 1) difference |= one[index] ^ other[index];
  return difference === 0;
}

export function xorOctets(one, other) {
  return one.map((octet, index) => octet ^ other[index]);
}

/** From the operating system's secure random source (SPEC 2.6, 4.3.1, 5.4, 14.2), in Node as in a browser. */
export function drawOctets(length) {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

export function encodeHex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Of text that is known to be hex digits, an even number of them. */
export function decodeHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

export function encodeBase64url(octets) {
  let text = "";
  for (let index = 0; index < octets.length; index += 3) {
    const [first, second = 0, third = 0] = octets.subarray(index, index + 3);
    const characters =
      BASE64URL[first >> 2] +
      BASE64URL[((first & 3) << 4) | (second >> 4)] +
      BASE64URL[((second & 15) << 2) | (third >> 6)] +
      BASE64URL[third & 63];
    text += characters.slice(0, octets.length - index + 1);
  }
  return text;
}

/** Of text that is known to be in the alphabet; null if the spare bits of its last character are not zero. */
export function decodeBase64url(text) {
  const octets = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let count = 0;
  let offset = 0;
  for (const character of text) {
    bits = ((bits << 6) | SEXTETS.get(character)) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      octets[offset] = bits >> count;
      offset += 1;
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? octets : null;
}

/** Header fields and ring texts are octets; as text each octet is one character. */
export function decodeLatin1(octets) {
  let text = "";
  // In pieces, since a call takes only so many arguments.
  for (let index = 0; index < octets.length; index += 4096) {
    text += String.fromCharCode(...octets.subarray(index, index + 4096));
  }
  return text;
}
