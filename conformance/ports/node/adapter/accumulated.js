/** The op accumulated: many seals and opens from one seed, one hash over all that came of them. */

import { blake2b } from "@noble/hashes/blake2.js";
import { encodeEnvelope } from "../src/envelope.js";
import { TokenError } from "../src/errors.js";
import { Float } from "../src/float.js";
import { decodeHex, encodeHex, encodeText, joinOctets } from "../src/octets.js";
import { parseTestKeyring } from "../src/ring.js";
import { open, sealWithNonce } from "../src/wire.js";

const hash256 = (...pieces) => blake2b(joinOctets(...pieces), { dkLen: 32 });

export function accumulate({ keyring: ring, purpose, seed, steps }) {
  const keyring = parseTestKeyring(ring, { now: 1_700_000_000 });
  let hash = decodeHex(seed);
  for (let step = 0; step < steps; step += 1) {
    const { envelope, nonce, now, place } = makeStep(hash, step);
    const options = { keyring, purpose, now };
    const token = sealWithNonce(envelope, { ...options, nonce });
    const outcome = judgeOutcome(tamper(token, place % token.length), options);
    hash = hash256(encodeText(token), encodeText(outcome), encodeEnvelope(open(token, options)));
  }
  return { hash: encodeHex(hash) };
}

function makeStep(hash, step) {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, BigInt(step), true);
  const r = hash256(hash, count);
  const s = hash256(r);
  const [rView, sView] = [r, s].map((octets) => new DataView(octets.buffer, octets.byteOffset));
  const now = 1_700_000_000 + (rView.getUint32(16, true) % 2 ** 26);
  const created = now - r[20];
  const envelope = {
    sid: r.slice(0, 16),
    created,
    issued: created,
    idle: Math.max(1, rView.getUint32(21, true)),
    until: now + 1 + rView.getUint32(25, true),
    persistent: r[29] % 2 === 1,
    data: {
      n: sView.getBigInt64(0, true) >> BigInt(s[8] % 64),
      f: new Float(sView.getUint32(9, true) / 256),
      b: s.slice(0, s[13] % 33),
      é: encodeHex(s.slice(0, s[14] % 17)),
      l: Array.from({ length: s[15] % 20 }, (_, index) => [null, true, false][s[index] % 3]),
    },
    flash: Array.from({ length: r[30] % 3 }, () => ["k", step]),
  };
  return { envelope, nonce: s.slice(0, 24), now, place: r[31] * 256 + s[31] };
}

function tamper(token, place) {
  return `${token.slice(0, place)}${token[place] === "A" ? "B" : "A"}${token.slice(place + 1)}`;
}

function judgeOutcome(token, options) {
  try {
    open(token, options);
    return "accepted";
  } catch (error) {
    if (error instanceof TokenError) return error.reason;
    throw error;
  }
}
