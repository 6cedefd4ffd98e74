/** Key derivation (SPEC 3). Knows nothing of rings and tokens. */

import { blake2b } from "@noble/hashes/blake2.js";
import { encodeText, joinOctets } from "./octets.js";

/** SPEC 3.1. No length here reaches 2^32, so the upper four octets stay zero. */
function encodeLength(number) {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setUint32(0, number, true);
  return octets;
}

function joinPieces(pieces) {
  return joinOctets(encodeLength(pieces.length), ...pieces.flatMap((piece) => [encodeLength(piece.length), piece]));
}

/** The 32 octets that `label` and `pieces` give under `key`, which has up to 64 octets (SPEC 3.2). */
export function derive(key, label, ...pieces) {
  const message = joinPieces([encodeText(`cookiejar-session/v1/${label}`), ...pieces]);
  return blake2b(message, { key, dkLen: 32 });
}

/** The same without a key: the checksum of key text (SPEC 3.3). */
export function hash(label, ...pieces) {
  return blake2b(joinPieces([encodeText(`cookiejar-session/v1/${label}`), ...pieces]), { dkLen: 32 });
}

export const deriveBoxKey = (key, purpose) => derive(key, "box", encodeText(purpose));

export const deriveKeyId = (key) => derive(key, "key-id").slice(0, 8);

/** The K of a SECRET_KEY_BASE of 64 octets. */
export const deriveFromSecretKeyBase = (base) => derive(base, "skb");
