import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { ConfigError, TokenError, UnsupportedValueError, generateKeyText, open, parseKeyring, seal } from "../index.js";
import * as index from "../index.js";

const PUBLISHED = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const now = 1767225600;
const keyring = parseKeyring(generateKeyText(), { now });
const options = { keyring, purpose: "prefs", now };
const envelope = {
  sid: crypto.getRandomValues(new Uint8Array(16)),
  created: now,
  issued: now,
  idle: 60,
  until: now + 600,
  persistent: false,
  data: { name: "é" },
  flash: [["info", "hi"]],
};

function assertRefused(value, reason, more = {}) {
  assert.throws(
    () => open(value, { ...options, ...more }),
    (error) => error instanceof TokenError && error.reason === reason,
  );
}

test("what is sealed opens, and no two tokens are alike", () => {
  const token = seal(envelope, options);
  assert.deepEqual(open(token, options), { ...envelope, data: Object.assign(Object.create(null), envelope.data) });
  assert.deepEqual(open(new TextEncoder().encode(token), options).sid, envelope.sid);
  assert.notEqual(seal(envelope, options), token);
});

test("the public seal takes no nonce, and nothing gives one that does", () => {
  const nonce = new Uint8Array(24);
  assert.notEqual(seal(envelope, { ...options, nonce }), seal(envelope, { ...options, nonce }));
  assert.ok(!Object.keys(index).some((name) => /nonce|mask|test/i.test(name)));
});

test("refusals say why", () => {
  const token = seal(envelope, options);
  assertRefused(token, "not-authentic", { purpose: "other" });
  assertRefused(token, "unknown-key", { keyring: parseKeyring(generateKeyText(), { now }) });
  assertRefused(token, "expired", { now: now + 60 });
  assertRefused(token.slice(0, -1), "malformed");
});

test("a purpose that is not text is refused, not mended in silence", () => {
  assert.throws(() => seal(envelope, { ...options, purpose: "\ud800" }), UnsupportedValueError);
});

test("a published key is refused in every form", () => {
  assert.throws(() => parseKeyring(PUBLISHED, { now }), ConfigError);
  assert.throws(
    () => parseKeyring(`${generateKeyText()} ${PUBLISHED}@until=2027-01-01T00:00:00Z`, { now }),
    ConfigError,
  );
  assert.throws(() => parseKeyring(`skb:${Buffer.from([...Array(64).keys()]).toString("hex")}`, { now }), ConfigError);
});

test("a refusal of a ring text shows nothing of its keys", () => {
  const text = generateKeyText();
  for (const ring of [`${text}@from=x`, text.slice(0, -1), `${text} ${text}`, `${text}=`]) {
    assert.throws(
      () => parseKeyring(ring, { now }),
      (error) => error instanceof ConfigError && !error.stack.includes(text.slice(5, 15)),
    );
  }
});

test("a key does not show its octets", () => {
  const { key } = keyring.findPrimary(now);
  assert.equal(JSON.stringify(key), JSON.stringify({ keyId: key.keyId }));
});

test("the library needs nothing of Node, so that it runs in a browser", () => {
  const folder = new URL("../src/", import.meta.url);
  const files = [new URL("../index.js", import.meta.url), ...readdirSync(folder).map((name) => new URL(name, folder))];
  for (const file of files) {
    assert.doesNotMatch(
      readFileSync(file, "utf8"),
      /from "node:|require\(|\bBuffer\.|\bprocess\.|\bglobal\./,
      file.pathname,
    );
  }
});
