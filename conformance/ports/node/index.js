/** Encrypted cookie sessions, shared with cookiejar-session for Python and every other port of SPEC.md. */

export { createCookieSessionStorage } from "./src/storage.js";
export { generateKeyText } from "./src/key.js";
export { parseKeyring } from "./src/ring.js";
export { open, seal } from "./src/wire.js";
export { Float } from "./src/float.js";
export { isCsrfToken, makeCsrfToken } from "./src/csrf.js";
export { Sid, renderLogId } from "./src/sid.js";
export {
  ConfigError,
  CookiejarError,
  SessionCommittedError,
  SessionTooLargeError,
  TokenError,
  UnsupportedValueError,
} from "./src/errors.js";
