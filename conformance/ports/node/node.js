/** The keys of a Node process: from its environment, or from a file that may change. */

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { getSystemErrorMap } from "node:util";
import { ConfigError } from "./src/errors.js";
import { MAKE_A_KEY } from "./src/key.js";
import { refuseUnknown } from "./src/options.js";
import { parseKeyring } from "./src/ring.js";

const KEYS = "COOKIEJAR_SESSION_KEYS";
const KEYS_FILE = "COOKIEJAR_SESSION_KEYS_FILE";

// In seconds, between two checks of a key file: in general, and after an unknown key id. Only a call that needs a key checks.
const CHECK_EVERY = 10;
const CHECK_EVERY_ON_UNKNOWN_KEY = 1;
// 16 keys need 4 KiB; the rest is room for comments.
const MAX_FILE_OCTETS = 1 << 20;
// A key without its "b64:". A path may look like it too.
const BARE_KEY = /^[A-Za-z0-9+/_-]{43}=?$/;
const FILE_KINDS = {
  directory: (found) => found.isDirectory(),
  FIFO: (found) => found.isFIFO(),
  socket: (found) => found.isSocket(),
  device: (found) => found.isCharacterDevice() || found.isBlockDevice(),
};
// In milliseconds. Some file systems note times in steps of up to two seconds.
const CLOCK_TICK = 2000;

const readClock = () => Math.floor(Date.now() / 1000);

/**
 * The keyring of COOKIEJAR_SESSION_KEYS, or of the file that COOKIEJAR_SESSION_KEYS_FILE names (SPEC 4.5.2). Throws
 * ConfigError, which shows nothing of a key. `environment` is process.env by default. `log` is that of KeyFile.
 */
export function keyringFromEnvironment(environment = process.env, options = {}) {
  refuseUnknown(options, ["log"], "keyringFromEnvironment");
  const [text, path] = [KEYS, KEYS_FILE].map((name) => (environment[name] ?? "").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ""));
  if (text !== "" && path !== "") throw new ConfigError(`${KEYS} and ${KEYS_FILE} are both set; unset one of the two`);
  if (path !== "") return new KeyFile(path, options);
  if (text === "") throw new ConfigError(`${KEYS} is not set, nor is ${KEYS_FILE}; ${MAKE_A_KEY} and put it there`);
  if (!isLikeKey(text) && (/^[./~]/.test(text) || findFile(text) !== undefined)) {
    throw new ConfigError(`${KEYS} holds a path, not a key; put the path in ${KEYS_FILE}`);
  }
  return parse(text, KEYS);
}

/**
 * The keyring of a file, which is read again when it changes. A valid change takes effect. An invalid one is logged,
 * and the previous keys stay in use. Another line says when the file is valid again.
 */
export class KeyFile {
  #path;
  #keyring;
  #state;
  #checkedAt;
  #complaint = null;
  #log;

  /**
   * Throws ConfigError if the file cannot be read, or has no keyring at `now` (Unix seconds, by default the clock's).
   * `log` is called with each line. By default console.error gets a problem, and console.warn its end.
   */
  constructor(path, options = {}) {
    refuseUnknown(options, ["now", "log"], "KeyFile");
    const { now = readClock(), log } = options;
    if (log !== undefined && typeof log !== "function") {
      throw new ConfigError("log must be a function that takes one line of text");
    }
    if (isLikeKey(path) || (BARE_KEY.test(path) && findFile(path) === undefined)) {
      throw new ConfigError(`the path of the key file is a key; put a key in ${KEYS}, and a path in ${KEYS_FILE}`);
    }
    // A process may change its folder later.
    this.#path = resolve(path);
    this.#log = log;
    this.#checkedAt = now;
    this.#state = readState(this.#path);
    this.#keyring = load(this.#path, now);
  }

  findPrimary(now) {
    return this.#read(now).findPrimary(now);
  }

  find(keyId, now) {
    const entry = this.#read(now).find(keyId, now);
    if (entry !== undefined || !this.#isDue(now, CHECK_EVERY_ON_UNKNOWN_KEY)) return entry;
    this.#check(now);
    return this.#keyring.find(keyId, now);
  }

  isBehindPrimary(keyId, now) {
    return this.#read(now).isBehindPrimary(keyId, now);
  }

  listKeyIds(now) {
    return this.#read(now).listKeyIds(now);
  }

  #read(now) {
    if (this.#isDue(now, CHECK_EVERY)) this.#check(now);
    return this.#keyring;
  }

  #isDue(now, seconds) {
    return now < this.#checkedAt || now - this.#checkedAt >= seconds;
  }

  #check(now) {
    this.#checkedAt = now;
    const state = readState(this.#path);
    try {
      if (state !== this.#state) this.#keyring = load(this.#path, now);
      this.#state = state;
      this.#recover();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      // The state is not kept, so that the next check tries the file again.
      this.#complain(error.message);
    }
  }

  #recover() {
    if (this.#complaint === null) return;
    this.#complaint = null;
    this.#write(`cookiejar-session: key file ${this.#path} is valid again`, "warn");
  }

  #complain(problem) {
    if (problem === this.#complaint) return;
    this.#complaint = problem;
    this.#write(`cookiejar-session: key file ignored, the previous keys stay in use: ${problem}`, "error");
  }

  #write(line, level) {
    if (this.#log === undefined) console[level](line);
    else this.#log(line);
  }
}

/** Whether a text begins like a key, so that it must not be shown in a message. */
function isLikeKey(text) {
  return /^(cjk1_|hex:|b64:|skb:|[0-9A-Fa-f]{64})/.test(text);
}

/** What changes when the file does. A file of the last two seconds differs each time: it may change unnoticed. */
function readState(path) {
  const found = findFile(path);
  if (found === undefined) return "missing";
  const { mtimeNs, ctimeNs, size, ino } = found;
  const changedAt = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
  return Date.now() - changedAt < CLOCK_TICK ? Symbol("young") : [mtimeNs, ctimeNs, size, ino].join();
}

function findFile(path) {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function load(path, now) {
  let octets;
  try {
    // A FIFO would make this process wait.
    refuseOtherFiles(path, statSync(path));
    octets = readFileSync(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`key file ${path}: ${describe(error)}; name a file that this process can read`);
  }
  return parse(octets, `key file ${path}`, { now, isFile: true });
}

function refuseOtherFiles(path, found) {
  const kind = Object.keys(FILE_KINDS).find((each) => FILE_KINDS[each](found));
  if (kind !== undefined) throw new ConfigError(`key file ${path}: is a ${kind}; name a file with keys`);
  if (found.size > MAX_FILE_OCTETS) {
    throw new ConfigError(`key file ${path}: is longer than ${MAX_FILE_OCTETS} bytes; name a file with keys`);
  }
}

/** An error of the operating system in the words of Python, such as "No such file or directory". */
function describe({ code, errno }) {
  const [, text] = getSystemErrorMap().get(errno) ?? [code, code ?? "cannot be read"];
  return text[0].toUpperCase() + text.slice(1);
}

function parse(text, source, options) {
  try {
    return parseKeyring(text, options);
  } catch (error) {
    throw new ConfigError(`${source}: ${error.message}`);
  }
}
