/** One session in one exchange: its content, its times, what was asked of it (SPEC 13.1, 13.3, 13.4). No HTTP. */

import { MAX_FLASHES, MAX_TIME, decodeContent, encodeContent } from "./envelope.js";
import { ConfigError, SessionCommittedError, UnsupportedValueError } from "./errors.js";
import { refuseUnknown } from "./options.js";
import { checkSeconds } from "./policy.js";
import { Sid } from "./sid.js";

const EMPTY = encodeContent({ data: {}, flash: [] });

export class SessionState {
  wasDiscarded = false;
  isClosed = false;
  #settings;
  #now;
  #opened;
  #openedContent;

  /** Opened from `accepted`, or new where that is null, at `now`. */
  constructor(settings, accepted, { now }) {
    this.#settings = settings;
    this.#now = now;
    this.#opened = accepted;
    this.#begin(accepted);
    this.#openedContent = this.baseline;
  }

  #begin(accepted) {
    this.accepted = accepted;
    const { data, flash, ...head } = accepted?.envelope ?? this.#makeEnvelope();
    this.head = head;
    this.data = data;
    this.flash = flash;
    /** What flash messages were read in this exchange, by category. */
    this.readFlash = new Map();
    this.baseline = encodeContent({ data, flash });
    this.hadData = Object.keys(data).length > 0;
    this.lifetime = head.until - head.created;
    this.mustSeal = this.wantsCsrf = this.wasCleared = false;
  }

  /** SPEC 13.1 */
  #makeEnvelope() {
    const { idleTimeout, absoluteLifetime, persistent } = this.#settings.policy;
    const now = this.#now;
    const head = { sid: Sid.draw(), created: now, issued: now, idle: idleTimeout };
    return { ...head, until: now + absoluteLifetime, persistent, data: Object.create(null), flash: [] };
  }

  get envelope() {
    return { ...this.head, data: this.data, flash: this.flash };
  }

  /** From now on every write throws. */
  close() {
    this.isClosed = true;
  }

  ensureOpen() {
    if (this.isClosed) {
      throw new SessionCommittedError("the session was committed; write before the response's header fields go out");
    }
  }

  put(key, value) {
    this.ensureOpen();
    // Throws for what cannot be sealed where it is written, not at commit.
    checkValue({ data: new Map([[key, value]]), flash: [] }, `session key ${JSON.stringify(key)}`);
    this.data[key] = value;
  }

  remove(key) {
    this.ensureOpen();
    if (typeof key === "string") delete this.data[key];
  }

  clear() {
    this.ensureOpen();
    this.data = Object.create(null);
    this.flash = [];
    this.readFlash.clear();
    this.wasCleared = true;
  }

  addFlash(category, value) {
    this.ensureOpen();
    if (typeof category !== "string") throw new ConfigError("a flash category must be text");
    checkValue({ data: {}, flash: [[category, value]] }, "flash message");
    // SPEC 5.6
    if (this.flash.length >= MAX_FLASHES) this.flash.shift();
    this.flash.push([category, value]);
  }

  dropFlash(category) {
    this.ensureOpen();
    this.flash = this.flash.filter(([each]) => each !== category);
    this.readFlash.delete(category);
  }

  /** Takes the unread messages for which `isWanted` holds, oldest first. Finding none writes nothing. */
  takeFlash(isWanted) {
    const taken = this.flash.filter(isWanted);
    if (taken.length > 0) {
      this.ensureOpen();
      this.flash = this.flash.filter((entry) => !isWanted(entry));
    }
    return taken;
  }

  regenerate() {
    this.ensureOpen();
    const until = Math.min(this.#now + this.lifetime, MAX_TIME);
    this.head = { ...this.head, sid: Sid.draw(), created: this.#now, until };
    this.mustSeal = true;
    // SPEC 13.4: a CSRF token of the old sid counts no more.
    this.wantsCsrf = false;
  }

  renew() {
    this.ensureOpen();
    this.mustSeal = true;
  }

  setLifetime(limits) {
    this.ensureOpen();
    refuseUnknown(limits, ["idleTimeout", "absoluteLifetime", "persistent"], "setLifetime");
    const { idleTimeout, absoluteLifetime, persistent } = limits;
    const head = { ...this.head };
    if (idleTimeout !== undefined) {
      checkSeconds(idleTimeout, "idleTimeout");
      head.idle = idleTimeout;
    }
    if (absoluteLifetime !== undefined) {
      checkSeconds(absoluteLifetime, "absoluteLifetime");
      head.until = this.#now + absoluteLifetime;
      this.lifetime = absoluteLifetime;
    }
    if (persistent !== undefined) {
      if (typeof persistent !== "boolean") throw new ConfigError("persistent must be true or false");
      head.persistent = persistent;
    }
    this.head = head;
    this.mustSeal = true;
  }

  discard() {
    this.ensureOpen();
    this.#begin(null);
    this.wasDiscarded = true;
  }

  /** Undoes every change and call of this exchange (SPEC 13.4.1). */
  revert() {
    this.ensureOpen();
    // Values inside the opened data may have been changed in place, so the data is decoded anew.
    if (this.#opened !== null) Object.assign(this.#opened.envelope, decodeContent(this.#openedContent));
    this.#begin(this.#opened);
    this.wasDiscarded = false;
  }

  wantCsrf() {
    // Of an opened session it changes nothing (SPEC 13.3 item 3).
    if (this.accepted === null && !this.wantsCsrf) this.ensureOpen();
    this.wantsCsrf = true;
  }

  /** SPEC 13.3, and what step 3 of SPEC 13.5 asks. */
  judgeContent() {
    const content = encodeContent(this);
    const isEmpty = equals(content, EMPTY);
    const isChanged = !equals(content, this.baseline);
    return {
      isWritten: isChanged || this.mustSeal || (this.wantsCsrf && this.accepted === null),
      // A session that was sealed without data stands for a form in another tab, whose CSRF token it carries.
      isWorthKeeping: !isEmpty || this.wantsCsrf || (this.accepted !== null && !this.hadData && !this.wasCleared),
    };
  }
}

function checkValue(content, place) {
  try {
    encodeContent(content);
  } catch (error) {
    throw error instanceof UnsupportedValueError ? new UnsupportedValueError(`${place}: ${error.message}`) : error;
  }
}

function equals(one, other) {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}
