import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  ConfigError,
  SessionCommittedError,
  SessionTooLargeError,
  UnsupportedValueError,
  createCookieSessionStorage,
  generateKeyText,
  parseKeyring,
} from "../index.js";
import { AstroCookies } from "./astro-cookies.js";

const keyText = generateKeyText();
const START = 1_800_000_000;

function makeStorage({ now = START, ring = keyText, ...options } = {}) {
  return createCookieSessionStorage({ keyring: parseKeyring(ring, { now }), clock: () => now, ...options });
}

const setCookies = (fields) => fields.filter(([name]) => name === "set-cookie").map(([, value]) => value);
// What a browser sends back of Set-Cookie fields.
const cookieOf = (rendered) => rendered.map((value) => value.split(";")[0]).join("; ");

function write(change, storage = makeStorage(), header = "") {
  const session = storage.getSession(header);
  change(session);
  return cookieOf(setCookies(session.commit()));
}

function visitJar(change, header = "", storage = makeStorage()) {
  const jar = new AstroCookies(header);
  change(storage.getSession(jar), jar);
  return [...jar.headers()];
}

// Over Cookie header text

test("what one exchange wrote the next one reads", () => {
  const header = write((session) => session.set("userId", "u1"));
  const session = makeStorage().getSession(`a=b; ${header}`);
  assert.equal(session.get("userId"), "u1");
  assert.ok(session.has("userId"));
  assert.deepEqual(session.keys(), ["userId"]);
  assert.deepEqual(session.commit([["vary", "Accept"]]), [["vary", "Accept, Cookie"]]);
});

test("the reason says why the cookie was refused, and null that none was", () => {
  const header = write((session) => session.set("userId", "u1"));
  const stranger = write((session) => session.set("userId", "u1"), makeStorage({ ring: generateKeyText() }));
  const malformed = "__Host-session=cj1.x";
  for (const [sent, reason, now] of [
    ["", null],
    ["a=b", null],
    [header, null],
    [stranger, "unknown-key"],
    [malformed, "malformed"],
    [header, "expired", START + 1_209_600],
    // Of several, the first; and none where one is accepted.
    [`${stranger}; ${malformed}`, "unknown-key"],
    [`${malformed}; ${stranger}`, "malformed"],
    [`${malformed}; ${header}`, null],
  ]) {
    assert.equal(makeStorage({ now }).getSession(sent).reason, reason, sent);
  }
});

test("the reason of a previous name comes after that of the current one", () => {
  const before = "old=cj1.x";
  const storage = makeStorage({ previous: [{ name: "old" }] });
  assert.equal(storage.getSession(before).reason, "malformed");
  const stranger = write((session) => session.set("userId", "u1"), makeStorage({ ring: generateKeyText() }));
  assert.equal(storage.getSession(`${before}; ${stranger}`).reason, "unknown-key");
});

test("the reason stays the same whatever becomes of the session, and cannot be written", () => {
  const session = makeStorage().getSession("__Host-session=cj1.x");
  session.set("reason", "mine");
  session.regenerate();
  assert.deepEqual([session.reason, session.get("reason")], ["malformed", "mine"]);
  assert.throws(() => (session.reason = "other"), TypeError);
  session.discard();
  session.commit();
  assert.equal(session.reason, "malformed");
});

test("a 304 is not renewed", () => {
  const header = write((session) => session.set("a", 1), makeStorage());
  for (const [status, count] of [[304, 0], [200, 1], [undefined, 1]]) {
    const session = makeStorage({ now: START + 1_000_000 }).getSession(header);
    session.get("a");
    assert.equal(setCookies(session.commit([], { status })).length, count);
  }
});

test("commitTo replaces the fields of a node:http response", () => {
  const request = new IncomingMessage(null);
  const response = new ServerResponse(request);
  response.setHeader("Cache-Control", "public, max-age=60");
  response.setHeader("Vary", ["Accept", "Origin"]);
  response.setHeader("Set-Cookie", ["a=1", "b=2"]);
  response.setHeader("Content-Length", 2);
  response.setHeader("CDN-Cache-Control", "max-age=60");
  const session = makeStorage().getSession("");
  session.set("a", 1);
  session.commitTo(response);
  const { "set-cookie": cookies, ...others } = response.getHeaders();
  assert.deepEqual({ ...others }, { "cache-control": "private, max-age=60", vary: "Accept, Origin, Cookie", "content-length": "2" });
  assert.deepEqual(cookies.slice(0, 2), ["a=1", "b=2"]);
  assert.equal(makeStorage().getSession(cookieOf(cookies)).get("a"), 1);
});

test("commitTo of a 304 does not renew", () => {
  const header = write((session) => session.set("a", 1), makeStorage());
  const response = new ServerResponse(new IncomingMessage(null));
  response.statusCode = 304;
  const session = makeStorage({ now: START + 1_000_000 }).getSession(header);
  session.get("a");
  session.commitTo(response);
  assert.deepEqual({ ...response.getHeaders() }, { vary: "Cookie" });
});

test("a session that nobody touched sends nothing", () => {
  const fields = [["content-type", "text/html"]];
  assert.deepEqual(makeStorage().getSession("").commit(fields), fields);
});

test("a change inside a value is found at commit", () => {
  const header = write((session) => session.set("cart", ["apple"]));
  const after = write((session) => session.get("cart").push("pear"), makeStorage(), header);
  assert.deepEqual(makeStorage().getSession(after).get("cart"), ["apple", "pear"]);
});

test("keys that objects have by nature are none of the session's", () => {
  const session = makeStorage().getSession("");
  assert.equal(session.get("constructor"), undefined);
  assert.ok(!session.has("toString"));
});

test("what cannot be sealed is refused where it is written, and the session stays as it was", () => {
  const session = makeStorage().getSession("");
  for (const value of [undefined, new Date(), NaN]) {
    assert.throws(() => session.set("a", value), UnsupportedValueError);
    assert.throws(() => session.flash.set("a", value), UnsupportedValueError);
  }
  assert.throws(() => session.set("__proto__", 1), UnsupportedValueError);
  assert.deepEqual(session.keys(), []);
});

test("a session that is too large fails before anything is sent, and can be reverted", () => {
  const header = write((session) => session.set("cart", { apples: 1 }));
  const session = makeStorage().getSession(header);
  session.get("cart").apples = 2;
  session.flash.add("notice", "hi");
  session.regenerate();
  session.discard();
  session.set("text", "x".repeat(2000));
  const response = new ServerResponse(new IncomingMessage(null));
  response.setHeader("Content-Type", "text/html");
  assert.throws(() => session.save(), SessionTooLargeError);
  assert.throws(() => session.commitTo(response), /limit is 2660.*session\.revert\(\)/);
  assert.deepEqual(response.getHeaderNames(), ["content-type"]);
  session.revert();
  assert.deepEqual([session.get("cart").apples, session.has("text"), session.isNew], [1, false, false]);
  assert.deepEqual(session.flash.popAll(), []);
  assert.deepEqual(session.commit(), [["vary", "Cookie"]]);
  assert.throws(() => session.revert(), SessionCommittedError);
});

test("the error for a session that is too large has the limit and the largest keys, whatever its size", () => {
  for (const characters of [2000, 5000]) {
    const session = makeStorage().getSession("");
    session.set("user", "ada");
    session.set("text", "x".repeat(characters));
    session.flash.add("notice", "hi");
    assert.throws(
      () => session.commit(),
      (error) => {
        assert.equal(error.limit, 2660);
        assert.ok(error.characters > characters);
        // A key of n octets, and a value, with their MessagePack heads.
        assert.deepEqual([...error.octetsByKey], [["text", 5 + 3 + characters], [null, 12], ["user", 5 + 4]]);
        const size = `session needs a token of ${error.characters} characters, the limit is 2660`;
        const keys = `octets by key: "text" ${8 + characters}, flash 12, "user" 9;`;
        assert.ok(error.message.startsWith(`${size}; ${keys}`), error.message);
        return true;
      },
    );
  }
});

test("the error for a session that is too large cuts and escapes keys, and names eight of them", () => {
  const session = makeStorage().getSession("");
  session.set("\n\u00e9".repeat(30), "x".repeat(5000));
  for (let index = 0; index < 9; index += 1) session.set(`key${index}`, index);
  assert.throws(
    () => session.commit(),
    (error) => {
      assert.ok(error.message.includes(`"${"\\n\\u00e9".repeat(20)}"... 50`), error.message);
      assert.ok(error.message.includes('"key6" 6 and 2 more; '), error.message);
      assert.ok(!inspect(error).includes("key8"));
      return true;
    },
  );
});

test("commitTo of a response that has started says what to do, and saves nothing", () => {
  const session = makeStorage().getSession("");
  session.set("user", "ada");
  const response = new ServerResponse(new IncomingMessage(null));
  response.setHeader("Content-Type", "text/html");
  response.flushHeaders();
  assert.throws(
    () => session.commitTo(response),
    (error) => error instanceof SessionCommittedError && /call commitTo before response\.end/.test(error.message),
  );
  // It was not closed.
  session.revert();
});

test("revert() gives back flash messages that were read, twice too", () => {
  const header = write(({ flash }) => flash.set("notice", ["hi"]));
  const session = makeStorage().getSession(header);
  for (let time = 0; time < 2; time += 1) {
    assert.deepEqual(session.flash.get("notice"), ["hi"]);
    session.flash.get("notice").push("changed");
    session.revert();
  }
  assert.deepEqual(session.flash.peek("notice"), [["hi"]]);
  assert.deepEqual(setCookies(session.commit()), []);
});

test("revert() of a new session leaves nothing", () => {
  const session = makeStorage().getSession("");
  session.set("a", 1);
  session.csrfToken();
  session.revert();
  assert.deepEqual(session.commit(), [["vary", "Cookie"]]);
});

test("revert() takes back what was put into Astro's cookies", () => {
  const header = write((session) => session.set("a", 1));
  const [restored] = visitJar((session) => {
    session.set("a", 2);
    session.revert();
  }, header);
  assert.equal(makeStorage().getSession(cookieOf([restored])).get("a"), 1);
});

test("a session over the limit can be written again if it does not grow", () => {
  const wide = makeStorage({ maxTokenCharacters: 3972 });
  const header = write((session) => session.set("text", "x".repeat(2200)), wide);
  assert.ok(write((session) => session.set("text", "y".repeat(2200)), makeStorage(), header).length > 2700);
  assert.throws(() => write((session) => session.set("text", "y".repeat(2300)), makeStorage(), header), SessionTooLargeError);
});

test("a write after commit is an error, a read is not", () => {
  const session = makeStorage().getSession("");
  session.set("a", 1);
  session.commit();
  assert.equal(session.get("a"), 1);
  for (const late of [() => session.set("a", 2), () => session.clear(), () => session.flash.add("notice", 1)]) {
    assert.throws(late, SessionCommittedError);
  }
});

test("a CSRF token of one exchange holds in the next, and only for its form", () => {
  let token;
  const header = write((session) => (token = session.csrfToken("pay")));
  const session = makeStorage().getSession(header);
  assert.ok(session.checkCsrfToken(token, "pay"));
  assert.ok(!session.checkCsrfToken(token));
  assert.ok(!session.checkCsrfToken(undefined, "pay"));
});

test("after commit a session that was opened still gives CSRF tokens, also where writes are saved at once", () => {
  const header = write((session) => session.set("a", 1));
  for (const source of [header, new AstroCookies(header)]) {
    const session = makeStorage().getSession(source);
    session.isNew;
    session.commit();
    assert.ok(session.checkCsrfToken(session.csrfToken()));
    assert.throws(() => session.save(), SessionCommittedError);
  }
});

test("a key rotated away opens until it is removed, and its sessions are sealed anew", () => {
  const header = write((session) => session.set("a", 1));
  const rotated = makeStorage({ ring: `${generateKeyText()} ${keyText}`, now: START + 300 });
  const session = rotated.getSession(header);
  assert.equal(session.get("a"), 1);
  assert.equal(setCookies(session.commit()).length, 1);
  assert.ok(makeStorage({ ring: generateKeyText() }).getSession(header).isNew);
});

test("configuration is checked at once", () => {
  for (const options of [
    { cookie: { name: "__Host-a", domain: "example.com" } },
    { cookie: { nam: "a" } },
    { cookie: { name: "a" }, previous: [{ name: "a" }] },
    { policy: { idleTimeout: 1.5 } },
    { policy: { idle: 1 } },
    { maxTokenCharacters: 100 },
    { cookies: { name: "a" } },
    { cookie: { toString: "a" } },
    { cookie: null },
    { policy: { constructor: 1 } },
    { configuration: "{" },
  ]) {
    assert.throws(() => makeStorage(options), ConfigError, JSON.stringify(options));
  }
  const names = /COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE; make a key with "cookiejar-session keygen"/;
  for (const options of [undefined, {}, { keyring: keyText }]) {
    assert.throws(() => createCookieSessionStorage(options), names);
  }
  assert.throws(() => parseKeyring(undefined), /is COOKIEJAR_SESSION_KEYS set/);
  assert.throws(() => parseKeyring(keyText, { isfile: true }), ConfigError);
});

test("options of a session's calls are checked too", () => {
  const session = makeStorage().getSession("");
  assert.throws(() => session.setLifetime({ idle: 60 }), ConfigError);
  assert.throws(() => session.commit([], { statusCode: 304 }), ConfigError);
  assert.throws(() => session.set("note", new Date()), /session key "note": a value of type Date/);
});

const COOKIE = { path: "/", domain: null, secure: true, httponly: true, samesite: "Strict", partitioned: false };
const CONFIGURATION = {
  cookie: { name: "__Host-shop", ...COOKIE },
  purpose: "__Host-shop",
  policy: {
    idle_timeout: 60,
    absolute_lifetime: 600,
    persistent: false,
    renew_after: null,
    longest_idle: 120,
    longest_lifetime: null,
    not_before: START,
  },
  max_token_characters: 3972,
  previous: [{ cookie: { name: "shop", ...COOKIE }, purpose: "shop" }],
};

test("the JSON text of the Python application is the whole configuration", () => {
  const shop = makeStorage({ configuration: JSON.stringify(CONFIGURATION) });
  const before = write((session) => session.set("text", "x".repeat(2200)), makeStorage({ cookie: { name: "shop" }, maxTokenCharacters: 3972 }));
  const session = shop.getSession(before);
  session.set("b", 1);
  const [moved, dropped] = setCookies(session.commit());
  assert.match(moved, /^__Host-shop=cj1\.[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  assert.equal(dropped, "shop=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
  const anew = shop.getSession("");
  anew.set("a", 1);
  assert.match(setCookies(anew.commit())[0], /; SameSite=Strict$/);
  const later = makeStorage({ configuration: JSON.stringify(CONFIGURATION), now: START + 60 });
  assert.ok(later.getSession(write((each) => each.set("a", 1), shop)).isNew);
});

test("an explicit purpose is taken from the JSON text", () => {
  const text = JSON.stringify({ ...CONFIGURATION, purpose: "app", previous: [] });
  const header = write((session) => session.set("a", 1), makeStorage({ configuration: text }));
  assert.equal(makeStorage({ cookie: { name: "__Host-shop" }, purpose: "app" }).getSession(header).get("a"), 1);
});

test("another JSON text is refused, and options beside it", () => {
  const { policy, ...withoutPolicy } = CONFIGURATION;
  for (const configuration of [
    null,
    [],
    "x",
    {},
    withoutPolicy,
    { ...CONFIGURATION, more: 1 },
    { ...CONFIGURATION, cookie: { name: "s" } },
    { ...CONFIGURATION, cookie: { ...CONFIGURATION.cookie, httponly: "yes" } },
    { ...CONFIGURATION, policy: { ...policy, idle_timeout: "60" } },
    { ...CONFIGURATION, policy: { ...policy, idle: 1 } },
    { ...CONFIGURATION, purpose: "other" },
    { ...CONFIGURATION, purpose: 7, previous: [] },
    { ...CONFIGURATION, previous: "shop" },
    { ...CONFIGURATION, previous: [CONFIGURATION.cookie] },
    { ...CONFIGURATION, max_token_characters: "2660" },
  ]) {
    assert.throws(() => makeStorage({ configuration: JSON.stringify(configuration) }), ConfigError, JSON.stringify(configuration));
  }
  assert.throws(() => makeStorage({ configuration: JSON.stringify(CONFIGURATION), policy: {} }), /leave out policy/);
});

// Flash

test("a flash message is read once, and again in the same request", () => {
  const header = write(({ flash }) => flash.set("notice", "hi"));
  const session = makeStorage().getSession(header);
  assert.ok(session.flash.has("notice"));
  assert.equal(session.flash.get("notice"), "hi");
  assert.equal(session.flash.get("notice"), "hi");
  const after = cookieOf(setCookies(session.commit()));
  assert.equal(makeStorage().getSession(after).flash.get("notice"), undefined);
});

test("several messages of a category are kept in order; get gives the newest", () => {
  const header = write(({ flash }) => ["a", "b"].forEach((text) => flash.add("notice", text)));
  const { flash } = makeStorage().getSession(header);
  assert.deepEqual(flash.peek("notice"), ["a", "b"]);
  assert.equal(flash.get("notice"), "b");
  assert.deepEqual(flash.getAll("notice"), ["a", "b"]);
  assert.deepEqual(flash.popAll(), []);
});

test("set and delete drop what was read", () => {
  const { flash } = makeStorage().getSession(write(({ flash }) => flash.set("notice", "old")));
  flash.get("notice");
  flash.set("notice", "new");
  assert.equal(flash.get("notice"), "new");
  flash.delete("notice");
  assert.equal(flash.get("notice"), undefined);
});

test("of more than 32 messages the oldest goes", () => {
  const header = write(({ flash }) => Array.from({ length: 33 }, (_, index) => flash.add("n", index)));
  assert.deepEqual(makeStorage().getSession(header).flash.popAll()[0], ["n", 1]);
});

// Properties

test("properties are keys, but for methods", () => {
  const header = write((session) => {
    session.userId = "u1";
    session.flash.notice = "hi";
    assert.ok("userId" in session);
  });
  const session = makeStorage().getSession(header);
  assert.equal(session.userId, "u1");
  assert.equal(session.flash.notice, "hi");
  assert.equal(session.unknown, undefined);
  delete session.userId;
  assert.ok(!session.has("userId"));
  assert.throws(() => (session.get = 1), TypeError);
  session.set("get", 1);
  assert.equal(session.get("get"), 1);
});

// Over Astro's cookies

test("a write goes into Astro's cookies at once, and unchanged by their encoding", () => {
  const [rendered] = visitJar((session, jar) => {
    session.set("userId", "u1");
    assert.match(jar.get("__Host-session").value, /^cj1\.[\w-]+$/);
  });
  assert.match(rendered, /^__Host-session=cj1\.[\w-]+; Max-Age=1209600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  assert.equal(
    makeStorage()
      .getSession(cookieOf([rendered]))
      .get("userId"),
    "u1",
  );
});

test("a percent-encoded token is none, in Astro's cookies too", () => {
  const header = write((session) => session.set("a", 1));
  visitJar((session) => assert.ok(session.isNew), header.replace("cj1.", "cj1%2E"));
});

test("the reason is known over Astro's cookies too", () => {
  const stranger = write((session) => session.set("a", 1), makeStorage({ ring: generateKeyText() }));
  visitJar((session) => assert.equal(session.reason, "unknown-key"), stranger);
  visitJar((session) => assert.equal(session.reason, null));
});

test("a request has one session, however often it is asked for", () => {
  const storage = makeStorage();
  const jar = new AstroCookies("");
  storage.getSession(jar).set("a", 1);
  assert.equal(storage.getSession(jar).get("a"), 1);
});

test("what was saved and taken back is made good", () => {
  const [deletion] = visitJar((session) => {
    session.set("a", 1);
    session.delete("a");
  });
  assert.match(deletion, /^__Host-session=; Max-Age=0/);

  const header = write((session) => session.set("a", 1));
  const [restored] = visitJar((session) => {
    session.set("a", 2);
    session.set("a", 1);
  }, header);
  assert.equal(
    makeStorage()
      .getSession(cookieOf([restored]))
      .get("a"),
    1,
  );
});

test("reading sends nothing; save() seals a change inside a value", () => {
  const header = write((session) => session.set("cart", []));
  assert.deepEqual(
    visitJar((session) => session.get("cart"), header),
    [],
  );
  const saved = visitJar((session) => {
    session.get("cart").push("apple");
    session.save();
  }, header);
  assert.deepEqual(makeStorage().getSession(cookieOf(saved)).get("cart"), ["apple"]);
});

test("commit renews what is due, and closes the session", () => {
  const header = write((session) => session.set("a", 1));
  const later = makeStorage({ now: START + 120_960 });
  const renewed = visitJar(
    (session) => {
      session.get("a");
      session.commit();
      assert.throws(() => session.set("a", 2), SessionCommittedError);
    },
    header,
    later,
  );
  assert.equal(renewed.length, 1);
});

test("logging out deletes the cookie with all its attributes", () => {
  const header = write((session) => session.set("a", 1));
  const [deletion] = visitJar((session) => session.discard(), header);
  assert.equal(deletion, "__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax");
});

// As Astro's middleware

async function visitPage(page, header = "", response = () => new Response("ok")) {
  const storage = makeStorage();
  const request = new Request("https://example.com/", { headers: { cookie: header } });
  const context = { request, cookies: new AstroCookies(header), locals: {} };
  const sent = await storage.onRequest(context, async () => {
    page(storage.getSession(context.cookies), context);
    return response();
  });
  assert.deepEqual([...context.cookies.headers()], []);
  return sent;
}

test("the middleware commits what pages wrote, once, with Vary and Cache-Control", async () => {
  const sent = await visitPage((session, { locals }) => {
    session.set("a", 1);
    locals.session.set("b", 2);
  });
  assert.equal(await sent.text(), "ok");
  assert.equal(sent.headers.get("vary"), "Cookie");
  assert.equal(sent.headers.get("cache-control"), "private");
  const session = makeStorage().getSession(cookieOf(sent.headers.getSetCookie()));
  assert.deepEqual(session.keys(), ["a", "b"]);
});

test("the middleware keeps a redirect and what else the response sets", async () => {
  const sent = await visitPage(
    (session) => session.set("a", 1),
    "",
    () => Response.redirect("https://example.com/next", 303),
  );
  assert.equal(sent.status, 303);
  assert.equal(sent.headers.get("location"), "https://example.com/next");
  const other = await visitPage(
    (session) => session.set("a", 1),
    "",
    () =>
      new Response(null, {
        headers: [
          ["set-cookie", "x=1"],
          ["set-cookie", "y=2"],
        ],
      }),
  );
  assert.deepEqual(other.headers.getSetCookie().slice(0, 2), ["x=1", "y=2"]);
  assert.equal(other.headers.getSetCookie().length, 3);
});

test("a request that has its session is not given a second by the middleware", async () => {
  const storage = makeStorage();
  const context = { request: new Request("https://example.com/"), cookies: new AstroCookies(""), locals: {} };
  const page = async () => {
    storage.getSession(context.cookies).set("a", 1);
    return new Response("ok");
  };
  const sent = await storage.onRequest(context, () => storage.onRequest(context, page));
  assert.equal(sent.headers.getSetCookie().length, 1);
});

test("the middleware hands on a response as it is where no session was touched", async () => {
  const response = new Response("ok");
  assert.equal(
    await visitPage(
      () => {},
      "",
      () => response,
    ),
    response,
  );
});
