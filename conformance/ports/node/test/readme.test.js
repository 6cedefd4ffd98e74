/** The files that README.md shows, as they stand there. tests/ports/test_node_live.py runs the one that needs Express. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { Float, createCookieSessionStorage, generateKeyText, parseKeyring } from "../index.js";
import { AstroCookies } from "./astro-cookies.js";

const attributes = { name: "__Host-shop", path: "/", domain: null, secure: true, httponly: true, samesite: "Lax", partitioned: false };
const policy = {
  idle_timeout: 60,
  absolute_lifetime: 600,
  persistent: true,
  renew_after: null,
  longest_idle: null,
  longest_lifetime: null,
  not_before: null,
};
const configuration = { cookie: attributes, purpose: attributes.name, policy, max_token_characters: 2660, previous: [] };
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const keyText = generateKeyText();
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "readme-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(folder, "node_modules", "cookiejar-session"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "session.json"), JSON.stringify(configuration));
  const names = [...readme.matchAll(/```js\n(\/\/ (\S+)\n.*?)```/gs)].map(([, text, name]) => {
    writeFileSync(join(folder, name), text);
    return name;
  });
  assert.deepEqual(names, ["sessions.js", "server.js", "express.js", "middleware.js", "csrf.js", "sign-in.js"]);
  assert.equal(readme.split("```js").length - 1, names.length);
});
after(() => rmSync(folder, { recursive: true }));

async function findPort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

// Runs README's server, changed as `replacement` says in the place of the user, and calls `use` with its address.
async function serve(replacement, use) {
  const port = await findPort();
  const env = { ...process.env, COOKIEJAR_SESSION_KEYS: keyText, PORT: String(port) };
  const text = readFileSync(join(folder, "server.js"), "utf8");
  writeFileSync(join(folder, "served.js"), text.replace('"ada"', replacement));
  const server = spawn(process.execPath, ["served.js"], { cwd: folder, env, stdio: "ignore" });
  const address = `http://127.0.0.1:${port}`;
  try {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await fetch(address).then(() => true, () => false)) break;
      await setTimeout(50);
    }
    await use(address);
  } finally {
    server.kill();
  }
}

const importFile = (name) => import(pathToFileURL(join(folder, name)));

// Calls `use` while the environment has the key.
async function withKeys(use) {
  const keys = process.env.COOKIEJAR_SESSION_KEYS;
  process.env.COOKIEJAR_SESSION_KEYS = keyText;
  try {
    return await use();
  } finally {
    if (keys === undefined) delete process.env.COOKIEJAR_SESSION_KEYS;
    else process.env.COOKIEJAR_SESSION_KEYS = keys;
  }
}

test("the server of README signs in, counts and signs out", () => serve('"ada"', async (address) => {
  let cookie = "";
  const ask = async (path, method = "GET") => {
    const response = await fetch(`${address}${path}`, { method, headers: { cookie } });
    for (const field of response.headers.getSetCookie()) cookie = field.split(";")[0];
    return [await response.text(), response];
  };
  const [first, { headers }] = await ask("/");
  assert.equal(first, "Hello stranger, visit 1.");
  assert.deepEqual([headers.get("cache-control"), headers.get("vary")], ["private", "Cookie"]);
  // A link must not sign anybody in or out.
  assert.equal((await ask("/sign-in"))[0], "Hello stranger, visit 2.");
  assert.equal((await ask("/sign-in", "POST"))[0], "Signed in");
  assert.equal((await ask("/"))[0], "Hello ada, visit 3. Welcome!");
  assert.equal((await ask("/sign-out"))[0], "Hello ada, visit 4.");
  assert.equal((await ask("/sign-out", "POST"))[0], "Bye");
  assert.equal(cookie, "__Host-shop=");
}));

for (const [problem, user, message] of [
  ["the session is too large", '"x".repeat(5000)', "Sorry, that was too much."],
  ["a value cannot be kept", "undefined", "Sorry, that failed."],
]) {
  test(`the server of README answers 500 where ${problem}, and lives on`, () => serve(user, async (address) => {
    const response = await fetch(`${address}/sign-in`, { method: "POST" });
    assert.deepEqual([response.status, response.headers.getSetCookie()], [500, []]);
    assert.equal(await response.text(), message);
    assert.equal((await fetch(address)).status, 200);
  }));
}

// The session of `cookie` in another service of the shop.
function open(cookie, { key = keyText, clock } = {}) {
  return createCookieSessionStorage({ keyring: parseKeyring(key), cookie: { name: attributes.name }, clock }).getSession(cookie);
}

// What such a service keeps for the visitor, as the Cookie field.
function write(change, options) {
  const session = open(null, options);
  change(session);
  return session.commit().find(([name]) => name === "set-cookie")[1].split(";")[0];
}

test("the server of README writes nothing where another server may open the cookie, but signs in", () => serve('"ada"', async (address) => {
  const signIn = (session) => session.set("user", "ada");
  const unknownKey = write(signIn, { key: generateKeyText() });
  const notYetValid = write(signIn, { clock: () => Math.floor(Date.now() / 1000) + 1000 });
  for (const cookie of [unknownKey, notYetValid, "__Host-shop=cj2.x"]) {
    const refused = await fetch(address, { headers: { cookie } });
    assert.deepEqual([refused.status, refused.headers.get("retry-after"), refused.headers.getSetCookie()], [503, "10", []]);
    const { status, headers } = await fetch(`${address}/sign-in`, { method: "POST", headers: { cookie } });
    assert.deepEqual([status, headers.getSetCookie().length], [200, 1]);
  }
  assert.equal((await fetch(address, { headers: { cookie: "__Host-shop=cj1.x" } })).status, 200);
}));

test("the server of README shows flash messages of every type", () => serve('"ada"', async (address) => {
  const messages = ["text", { " m": "<b>" }, { a: 1n }, { " m": { " m": 1 } }, 2n ** 60n, new Float(1), null, ["a"], new Uint8Array(1)];
  const cookie = write(({ flash }) => messages.forEach((each) => flash.add("notice", each)));
  const response = await fetch(address, { headers: { cookie } });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^Hello stranger, visit 1\. text <b> /);
}));

test("the sign-in of README signs in to the server of README", () => serve('"ada"', async (address) => {
  const cookie = await withKeys(async () => (await importFile("sign-in.js")).signIn("grace"));
  const response = await fetch(address, { headers: { cookie } });
  assert.equal(await response.text(), "Hello grace, visit 1.");
}));

test("the CSRF token of README holds for its form and session", async () => {
  const { renderToken, isFormOurs } = await importFile("csrf.js");
  let field;
  const cookie = write((session) => (field = renderToken(session)));
  const [, token] = field.match(/^<input type="hidden" name="csrf_token" value="([\w-]{86})">$/);
  assert.ok(isFormOurs(open(cookie), { csrf_token: token }));
  for (const fields of [{}, { csrf_token: "" }, { csrf_token: [token] }, { csrf_token: token.slice(1) }]) {
    assert.ok(!isFormOurs(open(cookie), fields));
  }
  assert.ok(!isFormOurs(open(null), { csrf_token: token }));
});

test("the float of README stays a float", () => {
  const [, expression] = readme.match(/`(new Float\(Number\(price\) .*?)`/);
  const raise = new Function("Float", "price", "amount", `return ${expression}`);
  for (const price of [new Float(9), 9]) assert.deepEqual(raise(Float, price, 1), new Float(10));
});

test("the middleware of README commits what a page writes", () => withKeys(async () => {
  const { onRequest } = await importFile("middleware.js");
  const { getSession } = await importFile("sessions.js");
  const context = { request: new Request("https://shop.example/"), cookies: new AstroCookies(""), locals: {} };
  const response = await onRequest(context, async () => {
    getSession(context.cookies).set("user", "ada");
    return new Response("ok");
  });
  assert.match(response.headers.getSetCookie()[0], /^__Host-shop=cj1\./);
}));
