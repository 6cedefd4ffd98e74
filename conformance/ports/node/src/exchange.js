/** One request and its response as the session sees them, without I/O (SPEC 13). Knows nothing of frameworks. */

import { mustDiscard, readCookies } from "./acceptance.js";
import { countMaxAge, renderCookie } from "./cookies.js";
import { CookiejarError } from "./errors.js";
import { expiresAt, isRenewalDue, isResealDue } from "./policy.js";
import { editFields, isSharedCacheable, setsCookie } from "./response-headers.js";
import { SessionState } from "./session-state.js";
import { sealWithin, stampIssued } from "./wire.js";

export class Exchange {
  #settings;
  #listCookies;
  #now;
  #reading = null;
  #state = null;

  /** `listCookies` gives the values of the request's cookies of a name; `now` is when the session opens (SPEC 9.7). */
  constructor(settings, listCookies, { now }) {
    this.#settings = settings;
    this.#listCookies = listCookies;
    this.#now = now;
  }

  get wasAccessed() {
    return this.#state !== null;
  }

  /** The session's state; on the first call the cookies are read (SPEC 13.2). */
  get state() {
    this.#open();
    return this.#state;
  }

  /** Why the request's cookie was refused (SPEC 11.6); null if it was accepted, or if there was none. */
  get reason() {
    this.#open();
    return this.#reading.reasons[0] ?? null;
  }

  #open() {
    if (this.#state !== null) return;
    this.#reading = readCookies(this.#listCookies, { settings: this.#settings, now: this.#now });
    this.#state = new SessionState(this.#settings, this.#reading.accepted, { now: this.#now });
  }

  /** Commits: the response's fields, [name, value] pairs, as they go out. The session is closed from here on. */
  finish(fields, { status, now }) {
    if (!this.wasAccessed) return fields;
    const cookies = this.decide(fields, { status, now });
    // Not where decide throws: the application can revert, and commit the response of its error handler.
    this.#state.close();
    return editFields(
      fields,
      cookies.map(({ cookie, value, maxAge }) => renderCookie(cookie, value, { maxAge })),
    );
  }

  /**
   * The cookies to set, [{cookie, value, maxAge}], sealed at `now` (SPEC 13.5). Throws what SPEC 13.8 lets fail.
   * `wasSaved`: a token of this exchange is on its way already, so that its content must be made good.
   */
  decide(fields, { status = 200, now, wasSaved = false }) {
    // SPEC 9.7: the second time is never earlier than the first.
    const sealedAt = Math.max(now, this.#now);
    const { state } = this;
    const { isWritten: isChanged, isWorthKeeping } = state.judgeContent();
    const isWritten = isChanged || wasSaved;
    // SPEC 13.5, steps 2 to 8
    if (state.wasDiscarded && !isChanged) return this.delete();
    if (isWritten && isWorthKeeping) return this.#setToken(sealedAt);
    if (isWritten && (state.accepted !== null || state.wasDiscarded)) return this.delete();
    const isUnfit = status === 304 || isSharedCacheable(fields);
    if (isUnfit || setsCookie(fields, this.#settings.current.cookie.name)) return [];
    if (state.accepted !== null) return this.#isAnythingDue() ? this.#trySetToken(sealedAt) : [];
    return mustDiscard(this.#reading) ? this.delete() : [];
  }

  /** "To delete the cookie" (SPEC 12.8). */
  delete() {
    return [makeDeletion(this.#settings.current.cookie), ...this.#listDeletions(this.#reading.previousNames)];
  }

  /** SPEC 13.5 step 6 */
  #isAnythingDue() {
    const { keyring, policy } = this.#settings;
    const { envelope, entry, cookie } = this.#state.accepted;
    if (cookie.name !== this.#settings.current.cookie.name) return this.#reading.mayMove;
    const now = this.#now;
    const isBehindPrimary = keyring.isBehindPrimary(entry.key.keyId, now);
    return isResealDue(envelope, { now, isBehindPrimary }) || isRenewalDue(envelope, { now, policy });
  }

  /** SPEC 13.8: what is only due fails in silence. */
  #trySetToken(now) {
    try {
      return this.#setToken(now);
    } catch (error) {
      if (error instanceof CookiejarError) return [];
      throw error;
    }
  }

  /** "To set the token" (SPEC 12.7), within the limit of SPEC 13.8. */
  #setToken(now) {
    const { keyring, current, maxTokenCharacters } = this.#settings;
    const { accepted, wasDiscarded } = this.#state;
    const envelope = stampIssued(this.#state.envelope, now);
    // A session that was opened may be as long as it was: a service with a higher limit may have sealed it.
    const limit = Math.max(maxTokenCharacters, accepted?.characters ?? 0);
    const token = sealWithin(envelope, { keyring, purpose: current.purpose, now, limit });
    const maxAge = countMaxAge({ persistent: envelope.persistent, expires: expiresAt(envelope), now });
    const names = new Set(wasDiscarded ? this.#reading.previousNames : []);
    if (this.#reading.accepted !== null) names.add(this.#reading.accepted.cookie.name);
    return [{ cookie: current.cookie, value: token, maxAge }, ...this.#listDeletions(names)];
  }

  /** Deletions of the previous cookies that are like-named or whose name is one of `names`. */
  #listDeletions(names) {
    const ownName = this.#settings.current.cookie.name;
    return this.#settings.previous
      .map(({ cookie }) => cookie)
      .filter(({ name }) => name === ownName || names.has(name))
      .map(makeDeletion);
  }
}

/** SPEC 12.5 */
function makeDeletion(cookie) {
  return { cookie, value: "", maxAge: 0 };
}
