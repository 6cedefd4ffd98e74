/** The session as the application holds it. Knows nothing of tokens, cookies or HTTP. */

import { isCsrfToken, makeCsrfToken } from "./csrf.js";
import { SessionCommittedError } from "./errors.js";
import { Flash } from "./flash.js";
import { refuseUnknown } from "./options.js";

/** One visitor's session, opened when first touched. Changes inside its values are found at commit, or by save(). */
export class Session {
  #access;
  #readReason;
  #save;
  #commit;

  /**
   * `readState` gives the state, `readReason` why the cookie was refused; `onWrite` runs after each write; `save` and
   * `commit` are what the methods do.
   */
  constructor({ readState, readReason, onWrite = () => {}, save, commit }) {
    this.#access = {
      read: readState,
      write(change) {
        change(readState());
        onWrite();
      },
    };
    this.#readReason = readReason;
    this.#save = save;
    this.#commit = commit;
    this.flash = new Flash(this.#access);
  }

  // The content

  has(key) {
    const { data } = this.#access.read();
    // Another key may come from a request's JSON: an object there can make hasOwn throw.
    return typeof key === "string" && Object.hasOwn(data, key);
  }

  get(key) {
    return this.has(key) ? this.#access.read().data[key] : undefined;
  }

  /** Throws UnsupportedValueError for what cannot be sealed. */
  set(key, value) {
    this.#access.write((state) => state.put(key, value));
  }

  /** Removes one key; without a key it is clear(). */
  delete(key) {
    this.#access.write((state) => (key === undefined ? state.clear() : state.remove(key)));
  }

  keys() {
    return Object.keys(this.#access.read().data);
  }

  /** Empties data and flash; if nothing is written after it, the browser is told to drop the cookie. */
  clear() {
    this.#access.write((state) => state.clear());
  }

  // Life (SPEC 13.4)

  /** A new sid and a new absolute lifetime, the content kept. Call it after every login. */
  regenerate() {
    this.#access.write((state) => state.regenerate());
  }

  /** Seals a later token: the idle timeout starts again. */
  renew() {
    this.#access.write((state) => state.renew());
  }

  /** Logs out: the browser is told to drop the cookie; the session is new and empty from here on. */
  discard() {
    this.#access.write((state) => state.discard());
  }

  /** Other limits for this session only, in seconds, such as "remember me". */
  setLifetime(limits) {
    this.#access.write((state) => state.setLifetime(limits));
  }

  /** Undoes all changes of this request, so that an error page can be sent after SessionTooLargeError. */
  revert() {
    this.#access.write((state) => state.revert());
  }

  /** Seals what was changed inside values too, or throws now what would be thrown at commit. */
  save() {
    this.#save();
  }

  /**
   * Ends the exchange: the response's header fields, given as [name, value] pairs or Headers, with ours added and Vary
   * and Cache-Control seen to (SPEC 13.5, 13.10, 13.11). `status` is the response's: a 304 gets a cookie only if
   * something was written. Throws if what was written cannot be sealed; then revert() and commit() still work.
   */
  commit(fields = [], options = {}) {
    refuseUnknown(options, ["status"], "commit");
    const { status = 200 } = options;
    return this.#commit([...fields], status);
  }

  /** commit() for a response of node:http or Express, whose fields it replaces. Call it before the response starts. */
  commitTo(response) {
    if (response.headersSent) {
      throw new SessionCommittedError(
        "the response has started, so the session cannot be saved; call commitTo before response.end, json, send or redirect",
      );
    }
    const before = Object.entries(response.getHeaders()).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, String(value)]),
    );
    const after = this.commit(before, { status: response.statusCode });
    for (const [name] of before) response.removeHeader(name);
    for (const [name, value] of after) response.appendHeader(name, value);
  }

  // CSRF (SPEC 14)

  /** A token for the form of this name, another text each time. */
  csrfToken(form = "") {
    const state = this.#access.read();
    // Of a committed session that was opened one may still be asked for: there is nothing to save.
    if (state.isClosed) state.wantCsrf();
    else this.#access.write(() => state.wantCsrf());
    return makeCsrfToken(state.head.sid, form);
  }

  checkCsrfToken(token, form = "") {
    return isCsrfToken(token, this.#access.read().head.sid, form);
  }

  // What it is

  /** Whether no token was accepted, or the session was discarded. */
  get isNew() {
    return this.#access.read().accepted === null;
  }

  /** Why the request's cookie was refused, for logs only; null if it was accepted, or if there was none. */
  get reason() {
    return this.#readReason();
  }

  /** What logs may show of it. */
  get logId() {
    return this.#access.read().head.sid.logId;
  }
}
