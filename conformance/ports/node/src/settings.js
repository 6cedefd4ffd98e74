/** One configuration: keyring, cookie, purpose, previous cookies, policy. Checked once. Knows nothing of requests. */

import { completeCookie, hasHostPrefix, isSameCookie } from "./cookies.js";
import { ConfigError } from "./errors.js";
import { MAKE_A_KEY } from "./key.js";
import { refuseUnknown } from "./options.js";
import { parseConfiguration } from "./configuration.js";
import { completePolicy } from "./policy.js";
import { MAX_TOKEN_CHARACTERS } from "./wire.js";

// SPEC 13.8, 15.1
const DEFAULT_TOKEN_CHARACTERS = 2660;
const MIN_TOKEN_CHARACTERS = 132;

const OPTIONS = ["cookie", "purpose", "previous", "policy", "maxTokenCharacters"];

/** Throws ConfigError for what SPEC 12.2, 12.6 and 15.1 refuse. `configuration` is a JSON text in place of the others. */
export function makeSettings({ keyring, configuration, ...options }) {
  refuseUnknown(options, OPTIONS, "createCookieSessionStorage");
  if (typeof keyring?.findPrimary !== "function") {
    throw new ConfigError(
      'keyring is missing; write keyring: keyringFromEnvironment(), which "cookiejar-session/node" exports and which reads ' +
        `COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE; ${MAKE_A_KEY}`,
    );
  }
  if (configuration === undefined) return completeSettings(keyring, options);
  if (Object.keys(options).length > 0) {
    throw new ConfigError(`configuration is the whole configuration; leave out ${Object.keys(options).join(", ")}`);
  }
  return completeSettings(keyring, parseConfiguration(configuration));
}

function completeSettings(
  keyring,
  { cookie, purpose, previous = [], policy, maxTokenCharacters = DEFAULT_TOKEN_CHARACTERS },
) {
  if (purpose !== undefined && (typeof purpose !== "string" || !purpose.isWellFormed())) {
    throw new ConfigError("purpose must be text");
  }
  const isLimit = Number.isInteger(maxTokenCharacters);
  if (!isLimit || maxTokenCharacters < MIN_TOKEN_CHARACTERS || maxTokenCharacters > MAX_TOKEN_CHARACTERS) {
    throw new ConfigError("maxTokenCharacters must be 132 to 3972");
  }
  // SPEC 3.5, 12.6: the name is the purpose, unless one is set for all.
  const withPurpose = (attributes) => ({ cookie: attributes, purpose: purpose ?? attributes.name });
  const current = withPurpose(completeCookie(cookie));
  const earlier = previous.map((attributes) => withPurpose(completeCookie(attributes)));
  if (earlier.some((each) => isSameCookie(each.cookie, current.cookie))) {
    throw new ConfigError(
      "a previous cookie is the current one; change its name, path, domain or partitioned, or drop it",
    );
  }
  const isPlantable = earlier.some((each) => hasHostPrefix(current.cookie) && !hasHostPrefix(each.cookie));
  if (purpose !== undefined && isPlantable) {
    throw new ConfigError(
      "a previous cookie without __Host- and an explicit purpose: any subdomain can set that cookie, and a session of " +
        "its own would be moved; leave purpose out, or the previous cookie",
    );
  }
  return { keyring, current, previous: earlier, policy: completePolicy(policy), maxTokenCharacters };
}
