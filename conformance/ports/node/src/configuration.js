/** The JSON text of one configuration for all applications (conformance/README.md). It holds no key. */

import { ConfigError } from "./errors.js";

const WAY_OUT = "pass the text that sessions.configuration_json() prints in Python, of the same version";

// The fields, and the options that they become.
const FIELDS = {
  cookie: "cookie",
  purpose: "purpose",
  policy: "policy",
  max_token_characters: "maxTokenCharacters",
  previous: "previous",
};
const PREVIOUS = { cookie: "cookie", purpose: "purpose" };
const COOKIE = {
  name: "name",
  path: "path",
  domain: "domain",
  secure: "secure",
  httponly: "httpOnly",
  samesite: "sameSite",
  partitioned: "partitioned",
};
const POLICY = {
  idle_timeout: "idleTimeout",
  absolute_lifetime: "absoluteLifetime",
  persistent: "persistent",
  renew_after: "renewAfter",
  longest_idle: "longestIdle",
  longest_lifetime: "longestLifetime",
  not_before: "notBefore",
};

/** The options of createCookieSessionStorage but the keyring. Throws ConfigError for another text. */
export function parseConfiguration(text) {
  const { purpose, previous, ...fields } = rename(parseJson(text), FIELDS, "configuration");
  if (!Array.isArray(previous)) throw new ConfigError(`configuration previous is no list; ${WAY_OUT}`);
  const cookies = [{ cookie: fields.cookie, purpose }, ...previous.map((each) => rename(each, PREVIOUS, "previous"))];
  const [current, ...earlier] = cookies.map(({ cookie }) => rename(cookie, COOKIE, "cookie"));
  return {
    ...fields,
    cookie: current,
    policy: rename(fields.policy, POLICY, "policy"),
    purpose: findPurpose(cookies),
    previous: earlier,
  };
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`configuration is no JSON text; ${WAY_OUT}`);
  }
}

/** The object under the names of our options. Every field must be there, and no other. */
function rename(fields, names, place) {
  const isMap = fields !== null && typeof fields === "object" && !Array.isArray(fields);
  if (!isMap || Object.keys(fields).sort().join() !== Object.keys(names).sort().join()) {
    throw new ConfigError(`${place} must have exactly the fields ${Object.keys(names).join(", ")}; ${WAY_OUT}`);
  }
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name], value]));
}

/** The explicit purpose; undefined if each cookie's name is its purpose. */
function findPurpose(cookies) {
  if (cookies.every(({ cookie, purpose }) => purpose === cookie.name)) return undefined;
  const [{ purpose }] = cookies;
  if (typeof purpose !== "string" || cookies.some((each) => each.purpose !== purpose)) {
    throw new ConfigError(`configuration has different purposes; ${WAY_OUT}`);
  }
  return purpose;
}
