/** A stand-in for AstroCookies of Astro 4 to 6: what its get and set do, without Astro. */

export class AstroCookies {
  #header;
  #outgoing = new Map();

  constructor(header) {
    this.#header = header;
  }

  get(name, { decode = decodeURIComponent } = {}) {
    if (this.#outgoing.has(name)) return { value: this.#outgoing.get(name).value };
    for (const piece of this.#header.split(";")) {
      const [key, ...rest] = piece.split("=");
      // The first of a name counts, and quotation marks are taken off.
      if (key.trim() === name)
        return {
          value: decode(
            rest
              .join("=")
              .trim()
              .replace(/^"(.*)"$/, "$1"),
          ),
        };
    }
    return undefined;
  }

  set(name, value, { encode = encodeURIComponent, ...options } = {}) {
    this.#outgoing.set(name, { value, rendered: render(name, encode(value), options) });
  }

  /** The Set-Cookie values that go out. */
  *headers() {
    for (const { rendered } of this.#outgoing.values()) yield rendered;
  }
}

/** The order of attributes that the package "cookie" has, which Astro uses. */
function render(name, value, { maxAge, domain, path, httpOnly, secure, partitioned, sameSite }) {
  const parts = [`${name}=${value}`];
  if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`);
  if (domain) parts.push(`Domain=${domain}`);
  if (path) parts.push(`Path=${path}`);
  if (httpOnly) parts.push("HttpOnly");
  if (secure) parts.push("Secure");
  if (partitioned) parts.push("Partitioned");
  if (sameSite) parts.push(`SameSite=${sameSite[0].toUpperCase()}${sameSite.slice(1)}`);
  return parts.join("; ");
}
