/** Keys and how they are written (SPEC 4.1, 4.3). Knows nothing of times and order. */

import { deriveFromSecretKeyBase, deriveKeyId, hash } from "./derivation.js";
import { ConfigError } from "./errors.js";
import {
  compareOctets,
  decodeBase64url,
  decodeHex,
  drawOctets,
  encodeBase64url,
  encodeHex,
  joinOctets,
} from "./octets.js";

export const KEY_OCTETS = 32;
export const MAKE_A_KEY = 'make a key with "cookiejar-session keygen" or generateKeyText()';
const CHECKSUM_OCTETS = 4;
// SPEC 4.2 item 9.
const LEAST_DISTINCT_OCTETS = 16;

const KEY_TEXT = /^cjk1_([A-Za-z0-9_-]{48})$/;
const HEX_KEY = /^hex:([0-9A-Fa-f]{64})$/;
const BASE64_KEY = /^b64:([A-Za-z0-9+/_-]{43})=?$/;
const SECRET_KEY_BASE = /^skb:([0-9A-Fa-f]{128})$/;

/** 32 octets and the key id derived from them. What is shown of it is the key id. */
export class Key {
  #octets;

  constructor(octets) {
    this.#octets = octets;
    this.keyId = encodeHex(deriveKeyId(octets));
    Object.freeze(this);
  }

  get octets() {
    return this.#octets;
  }

  toString() {
    return `Key ${this.keyId}`;
  }
}

function countDistinct(octets) {
  return new Set(octets).size;
}

const computeChecksum = (octets) => hash("key-text", octets).subarray(0, CHECKSUM_OCTETS);

/** SPEC 4.3. */
export function renderKeyText(octets) {
  return `cjk1_${encodeBase64url(joinOctets(octets, computeChecksum(octets)))}`;
}

/** A new key, as key text (SPEC 4.3.1). */
export function generateKeyText() {
  return renderKeyText(drawOctets(KEY_OCTETS));
}

function readMaterial(text) {
  const [, keyText] = KEY_TEXT.exec(text) ?? [];
  if (keyText !== undefined) {
    const octets = decodeBase64url(keyText);
    const key = octets.subarray(0, KEY_OCTETS);
    // SPEC 4.3.2
    if (compareOctets(octets.subarray(KEY_OCTETS), computeChecksum(key)) !== 0) {
      throw new ConfigError("the checksum of the key text is wrong; copy the whole key again");
    }
    return key;
  }
  const [, hex] = HEX_KEY.exec(text) ?? SECRET_KEY_BASE.exec(text) ?? [];
  if (hex !== undefined) return decodeHex(hex);
  const [, base64] = BASE64_KEY.exec(text) ?? [];
  if (base64 === undefined) {
    throw new ConfigError(`not a key, which has cjk1_ and 48, hex: and 64, b64: and 43 or skb: and 128 characters; ${MAKE_A_KEY}`);
  }
  const octets = decodeBase64url(base64.replaceAll("+", "-").replaceAll("/", "_"));
  // SPEC 4.2 item 8
  if (octets === null) throw new ConfigError("the last character of the b64: key is not one that encoders write");
  return octets;
}

/** The key that `text` is, one of the four forms of SPEC 4.1. Throws ConfigError, which never shows the text. */
export function parseKey(text) {
  const material = readMaterial(text);
  // SPEC 4.2 item 9: of a SECRET_KEY_BASE it is its 64 octets that are looked at.
  if (countDistinct(material) < LEAST_DISTINCT_OCTETS) {
    throw new ConfigError("the key has fewer than 16 distinct octets, so it is not random; " + MAKE_A_KEY);
  }
  return new Key(material.length === KEY_OCTETS ? material : deriveFromSecretKeyBase(material));
}
