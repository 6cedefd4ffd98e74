/** The server of tests/ports/test_node_live.py. tests/ports/live_app.py says what it answers. */

import { createServer } from "node:http";
import { SessionTooLargeError, createCookieSessionStorage } from "../index.js";
import { keyringFromEnvironment } from "../node.js";

const { getSession } = createCookieSessionStorage({
  keyring: keyringFromEnvironment(),
  configuration: process.env.LIVE_CONFIGURATION,
});

const ACTIONS = {
  "/read": (session) => ({
    user: session.get("user") ?? null,
    count: session.get("count") ?? null,
    flash: session.flash.getAll("notice"),
    log_id: session.logId,
  }),
  "/sign-in": (session, query) => {
    session.regenerate();
    session.set("user", query.get("name"));
  },
  "/count": (session) => session.set("count", (session.get("count") ?? 0) + 1),
  "/flash": ({ flash }, query) => flash.add("notice", query.get("text")),
  "/fill": (session, query) => session.set("fill", "x".repeat(Number(query.get("characters")))),
  "/sign-out": (session) => session.discard(),
};

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const session = getSession(request.headers.cookie);
  let body = ACTIONS[pathname](session, searchParams) ?? {};
  try {
    session.commitTo(response);
  } catch (error) {
    if (!(error instanceof SessionTooLargeError)) throw error;
    session.revert();
    session.commitTo(response);
    response.statusCode = 507;
    body = {};
  }
  response.end(JSON.stringify(body));
}).listen(process.env.PORT, "127.0.0.1");
