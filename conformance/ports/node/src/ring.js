/** Ring text and the keyring it gives: which key seals, which keys open, and when (SPEC 4). Knows no clock. */

import { ConfigError } from "./errors.js";
import { MAKE_A_KEY, parseKey } from "./key.js";
import { isOctets } from "./messagepack-writer.js";
import { compareOctets, decodeLatin1 } from "./octets.js";
import { refuseUnknown } from "./options.js";
import { PUBLISHED_KEY_IDS } from "./published-keys.js";

const MAX_ENTRIES = 16;
const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;

/** 1 to 16 keys in order. Made by parseKeyring. */
export class Keyring {
  #entries;

  constructor(entries) {
    this.#entries = entries;
    Object.freeze(this);
  }

  /** The entry that seals at `now`, the first that may (SPEC 4.4.3); undefined if there is none. */
  findPrimary(now) {
    return this.#entries.find((entry) => maySeal(entry, now));
  }

  /** The entry that opens tokens with this key id at `now` (SPEC 4.4.4); undefined if there is none. */
  find(keyId, now) {
    return this.#entries.find((entry) => entry.key.keyId === keyId && now < entry.until);
  }

  /** Whether tokens of this key are to be resealed: it stands after the primary, or is gone meanwhile (SPEC 9.6). */
  isBehindPrimary(keyId, now) {
    const primary = this.findPrimary(now);
    const position = this.#entries.findIndex((entry) => entry.key.keyId === keyId);
    return primary !== undefined && (position === -1 || position > primary.position);
  }

  /** The key ids that open at `now`, in the order of the ring. */
  listKeyIds(now) {
    return this.#entries.filter((entry) => now < entry.until).map((entry) => entry.key.keyId);
  }
}

/** SPEC 4.4.1 */
function maySeal(entry, now) {
  return now >= entry.from && now < entry.until;
}

/**
 * The keyring that a ring text gives at `now`, in seconds. `text` is a string, or the octets of a file; comments may
 * stand only in a file. Throws ConfigError, which names the entry by its number and shows nothing of its key.
 */
export function parseKeyring(text, options = {}) {
  refuseUnknown(options, ["now", "isFile"], "parseKeyring");
  if (typeof text !== "string" && !isOctets(text)) {
    throw new ConfigError(
      "the keyring is not text: is COOKIEJAR_SESSION_KEYS set? keyringFromEnvironment() of cookiejar-session/node reads " +
        `it, and COOKIEJAR_SESSION_KEYS_FILE; ${MAKE_A_KEY}`,
    );
  }
  const { now = Math.floor(Date.now() / 1000), isFile = false } = options;
  const keyring = parseTestKeyring(text, { now, isFile });
  for (const keyId of keyring.listKeyIds(-Infinity)) {
    // SPEC 4.2 item 12
    if (PUBLISHED_KEY_IDS.has(keyId)) {
      throw new ConfigError(`key ${keyId} is published, so anybody could seal with it; make a new one`);
    }
  }
  return keyring;
}

/** The same, taking published keys too: the seam for tests of SPEC 4.6.1, not exported from index.js. */
export function parseTestKeyring(text, { now, isFile = false }) {
  const words = splitWords(typeof text === "string" ? text : decodeLatin1(text), isFile);
  if (words.length === 0) throw new ConfigError(`the keyring is empty; ${MAKE_A_KEY}`);
  // SPEC 4.2 item 3
  if (words.length > MAX_ENTRIES) {
    throw new ConfigError(`the keyring has ${words.length} entries, at most 16 may stand; remove retired keys`);
  }
  const entries = words.map((word, position) => {
    try {
      return parseEntry(word, position);
    } catch (error) {
      throw new ConfigError(`keyring entry ${position + 1}: ${error.message}`);
    }
  });
  refuseClashes(entries);
  refuseGaps(entries, now);
  return new Keyring(entries);
}

function splitWords(text, isFile) {
  // SPEC 4.2 item 2: a comment is a whole line, and only LF ends a line.
  const lines = isFile ? text.split("\n").filter((line) => !line.startsWith("#")) : [text];
  const ring = lines.join("\n");
  // SPEC 4.2 item 1
  if (/[^\x00-\x7f]/.test(ring)) throw new ConfigError("the keyring holds a character that is not ASCII");
  return ring.split(/[ \t\r\n,]+/).filter((word) => word !== "");
}

function parseEntry(word, position) {
  const [keyText, ...bounds] = word.split("@");
  const times = {};
  for (const bound of bounds) {
    const [, name, time] = /^(from|until)=(.*)$/s.exec(bound) ?? [];
    if (name === undefined) throw new ConfigError('after "@" only from= and until= may stand');
    // SPEC 4.2 item 4
    if (name in times) throw new ConfigError(`@${name} is given twice; keep one`);
    times[name] = parseTime(time);
  }
  const { from = -Infinity, until = Infinity } = times;
  // SPEC 4.2 item 6
  if (from >= until) throw new ConfigError("@from must be before @until");
  return { key: parseKey(keyText), position, from, until };
}

/** Unix seconds of a time of SPEC 4.1 that is a real one (SPEC 4.2 item 5). */
function parseTime(text) {
  const [, year, month, day, hour, minute, second] = (TIME.exec(text) ?? []).map(Number);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries what is out of range over, and takes years below 100 for those of the 20th century.
  const isReal = year >= 1970 && new Date(milliseconds).toISOString() === text.replace("Z", ".000Z");
  if (!isReal) throw new ConfigError("not a time; write it as 2027-01-31T00:00:00Z");
  return milliseconds / 1000;
}

function refuseClashes(entries) {
  for (const entry of entries) {
    const earlier = entries.find((each) => each.key.keyId === entry.key.keyId);
    if (earlier === entry) continue;
    // SPEC 4.2 items 10 and 11
    const isSame = compareOctets(earlier.key.octets, entry.key.octets) === 0;
    throw new ConfigError(
      `keyring entry ${entry.position + 1}: ${isSame ? "the same key as" : "another key with the key id of"} ` +
        `entry ${earlier.position + 1}; remove one of the two`,
    );
  }
}

function refuseGaps(entries, now) {
  // SPEC 4.2 item 13: sealing can only become impossible when an entry ends.
  const moments = [now, ...entries.map((entry) => entry.until).filter((until) => until > now && until < Infinity)];
  if (!moments.every((moment) => entries.some((entry) => maySeal(entry, moment)))) {
    throw new ConfigError("there is a time at which no key could seal; add a key without @from and @until");
  }
}
