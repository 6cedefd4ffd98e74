/** Flash messages: values for a later request, read once. Knows nothing of how they travel. */

/** Pairs of category and value, oldest first, at most 32. What is read is gone from the cookie, not from this request. */
export class Flash {
  #access;

  /** `access` has read(), the session's state, and write(change), which saves what `change` did to it. */
  constructor(access) {
    this.#access = access;
  }

  /** Whether get would find anything. */
  has(category) {
    return this.peek(category).length > 0;
  }

  /** Makes `value` the only message of its category. */
  set(category, value) {
    this.#access.write((state) => {
      const before = [...state.flash];
      state.flash = state.flash.filter(([each]) => each !== category);
      try {
        state.addFlash(category, value);
      } catch (error) {
        state.flash = before;
        throw error;
      }
      state.readFlash.delete(category);
    });
  }

  /** Appends a message, beside others of its category. */
  add(category, value) {
    this.#access.write((state) => state.addFlash(category, value));
  }

  /** The newest message of `category`, or undefined. All of the category are read with it: see getAll. */
  get(category) {
    return this.getAll(category).at(-1);
  }

  /** All messages of `category`, oldest first; they are read for good, and again in the same request. */
  getAll(category) {
    const isWanted = ([each]) => each === category;
    const { readFlash, flash } = this.#access.read();
    if (flash.some(isWanted)) {
      this.#access.write((state) => {
        const taken = state.takeFlash(isWanted).map(([, value]) => value);
        readFlash.set(category, [...(readFlash.get(category) ?? []), ...taken]);
      });
    }
    return [...(readFlash.get(category) ?? [])];
  }

  /** What getAll would give, without reading it for good. */
  peek(category) {
    const { readFlash, flash } = this.#access.read();
    const unread = flash.filter(([each]) => each === category).map(([, value]) => value);
    return [...(readFlash.get(category) ?? []), ...unread];
  }

  /** Drops all messages of `category`, read or not. */
  delete(category) {
    this.#access.write((state) => state.dropFlash(category));
  }

  /** All unread messages as [category, value], oldest first; nothing of them stays readable. */
  popAll() {
    if (this.#access.read().flash.length === 0) return [];
    let taken;
    this.#access.write((state) => {
      taken = state.takeFlash(() => true);
    });
    return taken;
  }
}
