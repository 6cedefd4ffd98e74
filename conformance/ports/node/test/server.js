/**
 * A server with the session of COOKIEJAR_SESSION_KEYS, for tests/ports/test_node_port.py. GET /header, /jar or /middleware
 * with do, key and value (JSON): the session over header text, over Astro's cookies, or by Astro's middleware. Says its
 * port on stdout and ends with its stdin.
 */

import { createServer } from "node:http";
import { createCookieSessionStorage, parseKeyring } from "../index.js";
import { AstroCookies } from "./astro-cookies.js";

const storage = createCookieSessionStorage({ keyring: parseKeyring(process.env.COOKIEJAR_SESSION_KEYS) });

const ACTIONS = {
  get: (session, key) => session.get(key) ?? null,
  set: (session, key, value) => session.set(key, value),
  delete: (session, key) => session.delete(key),
  flash: ({ flash }, key, value) => flash.add(key, value),
  "read-flash": ({ flash }, key) => flash.getAll(key),
  login: (session) => session.regenerate(),
  logout: (session) => session.discard(),
  "csrf-token": (session) => session.csrfToken(),
  "check-csrf": (session, key, value) => session.checkCsrfToken(value),
  "log-id": (session) => session.logId,
};

function act(session, query) {
  const value = JSON.parse(query.get("value") ?? "null");
  return JSON.stringify(ACTIONS[query.get("do")](session, query.get("key"), value) ?? null);
}

const WAYS = {
  "/header": (header, query) => {
    const session = storage.getSession(header);
    const body = act(session, query);
    return [session.commit(), body];
  },
  "/jar": (header, query) => {
    const jar = new AstroCookies(header);
    const body = act(storage.getSession(jar), query);
    return [[...jar.headers()].map((value) => ["set-cookie", value]), body];
  },
  "/middleware": async (header, query) => {
    const request = new Request("https://localhost/", { headers: { cookie: header } });
    const context = { request, cookies: new AstroCookies(header), locals: {} };
    const page = async () => new Response(act(storage.getSession(context.cookies), query));
    const response = await storage.onRequest(context, page);
    return [[...response.headers], await response.text()];
  },
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const [fields, body] = await WAYS[pathname](request.headers.cookie ?? "", searchParams);
  for (const [name, value] of fields) response.appendHeader(name, value);
  response.end(body);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
