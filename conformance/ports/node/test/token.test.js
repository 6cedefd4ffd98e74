import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { format, inspect } from "node:util";
import {
  ConfigError,
  TokenError,
  UnsupportedValueError,
  createCookieSessionStorage,
  generateKeyText,
  open,
  parseKeyring,
  seal,
} from "../index.js";
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
  const { sid, ...others } = open(token, options);
  assert.deepEqual(sid.octets, envelope.sid);
  const { sid: _, ...given } = envelope;
  assert.deepEqual(others, { ...given, data: Object.assign(Object.create(null), envelope.data) });
  assert.deepEqual(open(new TextEncoder().encode(token), options).sid.octets, envelope.sid);
  assert.deepEqual(open(seal(open(token, options), options), options).sid.octets, envelope.sid);
  assert.notEqual(seal(envelope, options), token);
});

test("the public seal takes no nonce, and nothing gives one that does", () => {
  assert.throws(() => seal(envelope, { ...options, nonce: new Uint8Array(24) }), ConfigError);
  assert.notEqual(seal(envelope, options), seal(envelope, options));
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

test("nothing prints a key, a sid or what a token holds", () => {
  const { key } = keyring.findPrimary(now);
  assert.equal(JSON.stringify(key), JSON.stringify({ keyId: key.keyId }));
  const opened = open(seal({ ...envelope, data: { note: "pA5sW0rD" } }, options), options);
  const storage = createCookieSessionStorage({ keyring, clock: () => now });
  const session = storage.getSession("");
  session.set("note", "pA5sW0rD");
  session.flash.set("note", "pA5sW0rD");
  const secrets = [key.octets, envelope.sid].flatMap((octets) => [
    inspect(octets, { maxArrayLength: null }).slice(-60, -5),
    Buffer.from(octets).toString("hex"),
    Buffer.from(octets).toString("base64url"),
    [...octets].join(","),
  ]);
  for (const object of [key, keyring, keyring.findPrimary(now), opened, opened.sid, storage, session, session.flash]) {
    const shown = [{ depth: null }, { depth: null, showHidden: true }, { depth: null, getters: false }]
      .map((way) => inspect(object, { ...way, maxArrayLength: null }))
      .join() + format("%s %o %O %j", object, object, object, object instanceof Object && object !== opened ? object : 0);
    for (const secret of [...secrets, "pA5sW0rD"]) assert.ok(!shown.includes(secret), shown);
  }
  assert.ok(!JSON.stringify(opened).includes(secrets[1]) && !JSON.stringify(opened).includes(secrets[3]));
});

test("what must not be written cannot be", () => {
  const { key } = keyring.findPrimary(now);
  assert.throws(() => (key.keyId = "0"), TypeError);
  assert.throws(() => (keyring.find = () => undefined), TypeError);
  assert.throws(() => (new TokenError("expired").reason = "malformed"), TypeError);
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
