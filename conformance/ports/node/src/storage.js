/** Sessions for applications: over Cookie header text, Astro's cookies, or as Astro's middleware. */

import { removeLeadingDot, scanCookies } from "./cookies.js";
import { ConfigError } from "./errors.js";
import { Exchange } from "./exchange.js";
import { Session } from "./session.js";
import { makeSettings } from "./settings.js";

const readClock = () => Math.floor(Date.now() / 1000);
// A token has only characters that mean the same encoded and decoded, so Astro is to leave it alone (SPEC 11.2).
const unchanged = (text) => text;

/**
 * getSession and onRequest for one configuration, checked now: throws ConfigError. `clock` gives Unix seconds.
 *
 * getSession takes the text of the Cookie field (or a list of them): finish with session.commit(fields). Or it takes
 * AstroCookies: every write goes into them at once. With onRequest as Astro's middleware, pages and endpoints call
 * getSession(Astro.cookies) just the same and the response is seen to once, wholly as SPEC 13 has it.
 */
export function createCookieSessionStorage({ clock = readClock, ...options } = {}) {
  const settings = makeSettings(options);
  // One session a request, however often it is asked for.
  const known = new WeakMap();

  function getSession(source) {
    if (!isJar(source)) return openFromHeader(listHeaders(source));
    if (!known.has(source)) known.set(source, openFromJar(source));
    return known.get(source);
  }

  function openFromHeader(headers) {
    const exchange = new Exchange(settings, (name) => scanCookies(headers, name), { now: clock() });
    return addProperties(
      new Session({
        readState: () => exchange.state,
        readReason: () => exchange.reason,
        save: () => {
          exchange.state.ensureOpen();
          exchange.decide([], { now: clock() });
        },
        commit: (fields, status) => exchange.finish(fields, { status, now: clock() }),
      }),
    );
  }

  function openFromJar(jar) {
    const exchange = new Exchange(settings, (name) => listFromJar(jar, name), { now: clock() });
    let wasSaved = false;
    const save = (fields = [], status = 200) => {
      exchange.state.ensureOpen();
      let cookies = exchange.decide(fields, { status, now: clock(), wasSaved });
      // What was put into the jar cannot be taken out again.
      if (cookies.length === 0 && wasSaved) cookies = exchange.delete();
      // The jar holds one cookie of a name: a deletion of a like-named one cannot be told to it.
      const [current] = cookies;
      const others = cookies.filter(({ cookie }) => cookie.name !== current.cookie.name);
      for (const each of cookies.length === 0 ? [] : [current, ...others]) putIntoJar(jar, each);
      wasSaved ||= cookies.length > 0;
    };
    const commit = (fields, status) => {
      if (!exchange.wasAccessed) return fields;
      save(fields, status);
      exchange.state.close();
      return fields;
    };
    const [readState, readReason] = [() => exchange.state, () => exchange.reason];
    return addProperties(new Session({ readState, readReason, onWrite: save, save, commit }));
  }

  /** Astro's middleware; the session is also context.locals.session. */
  async function onRequest(context, next) {
    // A page that is built ahead has no visitor; a request whose session was asked for already has it.
    if (context.isPrerendered || known.has(context.cookies)) return next();
    const session = openFromHeader(listHeaders(context.request.headers.get("cookie")));
    known.set(context.cookies, session);
    context.locals.session = session;
    const response = await next();
    const before = [...response.headers];
    const fields = session.commit(before, { status: response.status });
    // A new response, since headers may be immutable, as those of Response.redirect are.
    return isUnchanged(fields, before) ? response : withFields(response, fields);
  }

  return { getSession, onRequest };
}

/** The Cookie fields' values. What is no text is ignored in a list, so that no request makes this throw. */
function listHeaders(source) {
  if (typeof source === "string") return [source];
  if (source === null || source === undefined) return [];
  if (Array.isArray(source)) return source.filter((each) => typeof each === "string");
  throw new ConfigError(
    "getSession takes the value of the Cookie field, or a list of values, or Astro.cookies; write getSession(request.headers.cookie)",
  );
}

function isJar(source) {
  return typeof source?.get === "function" && typeof source?.set === "function";
}

function listFromJar(jar, name) {
  const value = jar.get(name, { decode: unchanged })?.value;
  return value === undefined ? [] : [value];
}

function putIntoJar(jar, { cookie, value, maxAge }) {
  const options = { path: cookie.path, secure: cookie.secure, httpOnly: cookie.httpOnly, encode: unchanged };
  if (cookie.domain !== null) options.domain = removeLeadingDot(cookie.domain);
  if (cookie.sameSite !== null) options.sameSite = cookie.sameSite.toLowerCase();
  if (cookie.partitioned) options.partitioned = true;
  if (maxAge !== null) options.maxAge = maxAge;
  // A deletion too: jar.delete would write an Expires (SPEC 12.3), and drop nothing that needs a Max-Age.
  jar.set(cookie.name, value, options);
}

function isUnchanged(fields, before) {
  return JSON.stringify(fields) === JSON.stringify(before);
}

function withFields({ body, status, statusText }, fields) {
  return new Response(body, { status, statusText, headers: fields });
}

/** session.userId as well as session.get("userId"), and the same for flash; methods go before keys of their name. */
function addProperties(session) {
  const flash = addKeys(session.flash);
  return addKeys(session, { flash });
}

function addKeys(target, members = {}) {
  const isMember = (key) => typeof key === "symbol" || key in target;
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(members, key)) return members[key];
      if (!isMember(key)) return target.get(key);
      // Bound, since private fields are the target's and not the proxy's.
      const member = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
    set(_, key, value) {
      if (isMember(key)) throw new TypeError(`${String(key)} is part of the session; as a key it is written by set()`);
      target.set(key, value);
      return true;
    },
    has: (_, key) => isMember(key) || target.has(key),
    deleteProperty(_, key) {
      if (!isMember(key)) target.delete(key);
      return !isMember(key);
    },
  });
}
