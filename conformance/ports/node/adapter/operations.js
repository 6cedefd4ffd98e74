/** The ops of the suite, each a function of its input that gives what it accepts and throws what it refuses. */

import { readCookies } from "../src/acceptance.js";
import { completeCookie, countMaxAge, renderCookie, scanCookies } from "../src/cookies.js";
import { isCsrfToken, makeMaskedCsrfToken } from "../src/csrf.js";
import { deriveBoxKey, deriveFromSecretKeyBase, deriveKeyId } from "../src/derivation.js";
import { decodeEnvelope, encodeEnvelope } from "../src/envelope.js";
import { TokenError } from "../src/errors.js";
import { renderKeyText } from "../src/key.js";
import { decodeBase64url, decodeHex, decodeLatin1, encodeHex } from "../src/octets.js";
import { completePolicy, expiresAt, isRenewalDue, isResealDue, judge, lower } from "../src/policy.js";
import { parseKeyring, parseTestKeyring } from "../src/ring.js";
import { makeSettings } from "../src/settings.js";
import { renderLogId } from "../src/sid.js";
import { createCookieSessionStorage } from "../src/storage.js";
import { open, seal, sealWithNonce } from "../src/wire.js";
import { accumulate } from "./accumulated.js";
import { readCookie, readEnvelope, readPolicy, readValue, showEnvelope } from "./values.js";

const readText = (hex) => decodeLatin1(decodeHex(hex));
const writeText = (text) => encodeHex(Uint8Array.from(text, (character) => character.charCodeAt(0)));

function derive({ key, secret_key_base: base, purpose }) {
  const octets = key === undefined ? deriveFromSecretKeyBase(decodeHex(base)) : decodeHex(key);
  return {
    key_id: encodeHex(deriveKeyId(octets)),
    box_key: encodeHex(deriveBoxKey(octets, readValue(purpose))),
    key_text: renderKeyText(octets),
  };
}

function parseRing({ ring, is_file: isFile, allow_published: allowPublished, now, moments }) {
  const keyring = (allowPublished ? parseTestKeyring : parseKeyring)(decodeHex(ring), { now, isFile });
  return {
    moments: moments.map((moment) => ({
      now: moment,
      primary: keyring.findPrimary(moment)?.key.keyId ?? null,
      opens: keyring.listKeyIds(moment),
    })),
  };
}

function sealEnvelope({ keyring, purpose, now, envelope, nonce }) {
  const options = { keyring: parseTestKeyring(keyring, { now }), purpose: readValue(purpose), now };
  const read = readEnvelope(envelope);
  return { token: nonce === null ? seal(read, options) : sealWithNonce(read, { ...options, nonce: decodeHex(nonce) }) };
}

function openValue({ keyring, purpose, now, policy, value }) {
  const options = { keyring: parseTestKeyring(keyring, { now }), purpose: readValue(purpose), now, policy: readPolicy(policy) };
  return { envelope: showEnvelope(open(decodeHex(value), options)) };
}

function judgeTimes({ created, issued, idle, until, now, policy, behind_primary: isBehindPrimary }) {
  const rules = completePolicy(readPolicy(policy));
  const envelope = lower({ created, issued, idle, until }, rules);
  const reason = judge(envelope, { now, policy: rules });
  if (reason !== null) throw new TokenError(reason);
  return {
    expires: expiresAt(envelope),
    idle: envelope.idle,
    until: envelope.until,
    renewal_due: isRenewalDue(envelope, { now, policy: rules }),
    reseal_due: isResealDue(envelope, { now, isBehindPrimary }),
  };
}

function readOptions({ keyring, cookie, purpose, previous, policy }, now) {
  return {
    keyring: parseTestKeyring(keyring, { now }),
    cookie: readCookie(cookie),
    purpose: readValue(purpose) ?? undefined,
    previous: previous.map(readCookie),
    policy: readPolicy(policy),
  };
}

function read(input) {
  const settings = makeSettings(readOptions(input, input.now));
  const headers = input.cookie_headers.map(readText);
  const { accepted, reasons } = readCookies((name) => scanCookies(headers, name), { settings, now: input.now });
  if (accepted !== null) return { name: accepted.cookie.name, envelope: showEnvelope(accepted.envelope) };
  if (reasons.length > 0) throw new TokenError(reasons[0]);
  return { name: null, envelope: null };
}

function setCookie({ cookie, token, persistent, expires, now }) {
  const maxAge = token === null ? 0 : countMaxAge({ persistent, expires, now });
  return { set_cookie: renderCookie(completeCookie(readCookie(cookie)), token ?? "", { maxAge }) };
}

const ACTIONS = {
  read: (session) => session.isNew,
  set: (session, { key, value }) => session.set(key, readValue(value)),
  delete: (session, { key }) => session.delete(key),
  flash: (session, { category, value }) => session.flash.add(category, readValue(value)),
  "pop-flash": (session) => session.flash.popAll(),
  regenerate: (session) => session.regenerate(),
  renew: (session) => session.renew(),
  "set-lifetime": (session, { idle, absolute, persistent }) =>
    session.setLifetime({
      idleTimeout: idle ?? undefined,
      absoluteLifetime: absolute ?? undefined,
      persistent: persistent ?? undefined,
    }),
  clear: (session) => session.clear(),
  discard: (session) => session.discard(),
  "csrf-token": (session) => session.csrfToken(),
};

function runLifeCycle(input) {
  const { opened_at: openedAt, sealed_at: sealedAt, status, response, actions } = input;
  const options = readOptions(input, openedAt);
  let now = openedAt;
  const { getSession } = createCookieSessionStorage({
    ...options,
    maxTokenCharacters: input.max_token_characters,
    clock: () => now,
  });
  const session = getSession(input.cookie_headers.map(readText));
  for (const action of actions) ACTIONS[action.do](session, action);
  now = sealedAt;
  const fields = session.commit(response, { status }).map(([name, value]) => [name.toLowerCase(), value]);
  const values = (wanted) => fields.filter(([name]) => name === wanted).map(([, value]) => value);

  // Ours stand behind the application's own.
  const applications = response.filter(([name]) => name.toLowerCase() === "set-cookie").length;
  const ours = values("set-cookie").slice(applications);
  const token = /=(cj1\.[^;]*)/.exec(ours[0])?.[1];
  const others = fields.filter(([name, value]) => !["vary", "cache-control"].includes(name) && !ours.includes(value));
  return {
    set_cookies: ours.map((cookie) => (token === undefined ? cookie : cookie.replace(token, "{token}"))),
    vary: values("vary"),
    cache_control: values("cache-control"),
    others,
    token: token === undefined ? null : showToken(token, { ...options, now: Math.max(openedAt, sealedAt) }),
  };
}

/** What the token itself says: no ceilings. */
function showToken(token, { keyring, cookie, purpose = cookie.name, now }) {
  const raw = decodeBase64url(token.slice(4));
  return {
    key_id: encodeHex(raw.subarray(0, 8)),
    envelope: showEnvelope(open(token, { keyring, purpose, now })),
  };
}

function checkCsrf({ sid, form, token }) {
  if (!isCsrfToken(readText(token), decodeHex(sid), readValue(form))) throw new TokenError("refused");
  return {};
}

export const OPERATIONS = {
  derive,
  "log-id": ({ sid }) => ({ log_id: renderLogId(decodeHex(sid)) }),
  "parse-ring": parseRing,
  encode: ({ envelope }) => ({ plaintext: encodeHex(encodeEnvelope(readEnvelope(envelope))) }),
  decode: ({ plaintext }) => ({ envelope: showEnvelope(decodeEnvelope(decodeHex(plaintext))) }),
  seal: sealEnvelope,
  open: openValue,
  judge: judgeTimes,
  scan: ({ cookie_headers: headers, name }) => ({ values: scanCookies(headers.map(readText), name).map(writeText) }),
  read,
  "set-cookie": setCookie,
  "life-cycle": runLifeCycle,
  "make-csrf": ({ sid, form, mask }) => ({ token: makeMaskedCsrfToken(decodeHex(sid), readValue(form), decodeHex(mask)) }),
  "check-csrf": checkCsrf,
  accumulated: accumulate,
};
