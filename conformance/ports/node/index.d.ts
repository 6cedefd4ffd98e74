/** Encrypted cookie sessions, shared with cookiejar-session for Python and every other port of SPEC.md. */

// Values

/** A number that is sealed as a float although it is whole: `new Float(1)` is 1.0. Counts as its number in sums. */
export declare class Float {
  constructor(value: number);
  readonly value: number;
  valueOf(): number;
  toString(): string;
  toJSON(): number;
}

/** What a session holds. Safe integers are integers, other numbers floats, a bigint is always an integer. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | Float
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value }
  | ReadonlyMap<string, Value>;

/** The secret id of a session. It is printed as its log id. */
export declare class Sid {
  constructor(octets: Uint8Array);
  /** 16 octets. They are a secret. */
  readonly octets: Uint8Array;
  /** 16 hex digits that stand for the session in logs. */
  readonly logId: string;
}

export interface Envelope {
  /** Or its 16 octets. */
  sid: Sid | Uint8Array;
  created: number;
  issued: number;
  idle: number;
  until: number;
  persistent: boolean;
  data: { [key: string]: Value } | Map<string, Value>;
  flash: [category: string, value: Value][];
}

// Keys

/** 1 to 16 keys in order, from parseKeyring, or from keyringFromEnvironment of "cookiejar-session/node". */
export interface Keyring {
  /** The key ids that open at `now`, in order. */
  listKeyIds(now: number): string[];
}

/** The keyring of a ring text at `now` (Unix seconds, by default the clock's). Comments may stand only in a file. */
export declare function parseKeyring(text: string | Uint8Array, options?: { now?: number; isFile?: boolean }): Keyring;

/** A new key as key text. */
export declare function generateKeyText(): string;

// Time rules and cookies

/** All durations are whole seconds. */
export interface Policy {
  idleTimeout?: number;
  absoluteLifetime?: number;
  persistent?: boolean;
  renewAfter?: number;
  longestIdle?: number;
  longestLifetime?: number;
  /** Unix seconds: sessions created earlier are revoked. */
  notBefore?: number;
}

export interface CookieAttributes {
  name?: string;
  path?: string;
  domain?: string | null;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: "Strict" | "Lax" | "None" | null;
  partitioned?: boolean;
}

// Tokens

/** A token of `envelope`, sealed at `now` with the primary key. */
export declare function seal(envelope: Envelope, options: { keyring: Keyring; purpose: string; now: number }): string;

/** The envelope of a cookie value, text or octets, at `now`. Throws TokenError. */
export declare function open(
  value: string | Uint8Array,
  options: {
    keyring: Keyring;
    purpose: string;
    now: number;
    policy?: Pick<Policy, "longestIdle" | "longestLifetime" | "notBefore">;
  },
): Envelope & { sid: Sid; data: { [key: string]: Value } };

// Sessions

/** AstroCookies, as far as it is needed. */
export interface CookieJar {
  get(name: string, options?: { decode?: (value: string) => string }): { value: string } | undefined;
  set(name: string, value: string, options?: JarOptions): void;
}

export interface JarOptions {
  path?: string;
  domain?: string;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: "strict" | "lax" | "none";
  partitioned?: boolean;
  maxAge?: number;
  encode?: (value: string) => string;
}

export type Fields = [name: string, value: string][];

/** A ServerResponse of node:http, as far as it is needed. */
export interface HttpResponse {
  readonly statusCode: number;
  /** Where it is true, commitTo throws SessionCommittedError. */
  readonly headersSent?: boolean;
  getHeaders(): { [name: string]: number | string | string[] | undefined };
  removeHeader(name: string): void;
  appendHeader(name: string, value: string): unknown;
}

export interface FlashMethods<F> {
  has<K extends keyof F & string>(category: K): boolean;
  /** Makes `value` the only message of its category. */
  set<K extends keyof F & string>(category: K, value: F[K]): void;
  /** Appends a message, beside others of its category. */
  add<K extends keyof F & string>(category: K, value: F[K]): void;
  /** The newest message of the category; read for good, and again in the same request. */
  get<K extends keyof F & string>(category: K): F[K] | undefined;
  /** All messages of the category, oldest first, as get reads them. */
  getAll<K extends keyof F & string>(category: K): F[K][];
  /** What getAll would give, without reading it for good. */
  peek<K extends keyof F & string>(category: K): F[K][];
  delete<K extends keyof F & string>(category: K): void;
  /** All unread messages, oldest first; nothing of them stays readable. */
  popAll(): [category: string, value: unknown][];
}

export interface SessionMethods<T, F> {
  readonly flash: Flash<F>;
  has<K extends keyof T & string>(key: K): boolean;
  get<K extends keyof T & string>(key: K): T[K] | undefined;
  set<K extends keyof T & string>(key: K, value: T[K]): void;
  /** Removes one key; without a key it is clear(). */
  delete(key?: keyof T & string): void;
  keys(): string[];
  /** Empties data and flash. */
  clear(): void;
  /** A new sid and a new absolute lifetime, the content kept. Call it after every login. */
  regenerate(): void;
  /** Seals a later token: the idle timeout starts again. */
  renew(): void;
  /** Logs out. */
  discard(): void;
  /** Other limits for this session only, in seconds. */
  setLifetime(limits: { idleTimeout?: number; absoluteLifetime?: number; persistent?: boolean }): void;
  /** Undoes all changes of this request, so that an error page can be sent after SessionTooLargeError. */
  revert(): void;
  /** Seals what was changed inside values too, or throws now what commit would throw. */
  save(): void;
  /** The response's header fields with ours: Set-Cookie, Vary, Cache-Control. The session is closed after it. */
  commit(fields?: Iterable<readonly [string, string]>, options?: { status?: number }): Fields;
  /** commit() for a response of node:http or Express, whose fields it replaces. */
  commitTo(response: HttpResponse): void;
  /** A CSRF token for the form of this name. */
  csrfToken(form?: string): string;
  checkCsrfToken(token: unknown, form?: string): boolean;
  /** Whether no token was accepted, or the session was discarded. */
  readonly isNew: boolean;
  /**
   * Why the request's cookie was refused; null if it was accepted, or if there was none. Of several refused cookies it
   * is the reason of the first. It is for logs, never for the visitor.
   */
  readonly reason: Reason | null;
  /** What logs may show of the session. */
  readonly logId: string;
}

type Properties<T, M> = { [K in Exclude<keyof T, keyof M>]: T[K] | undefined };

export type Flash<F> = FlashMethods<F> & Properties<F, FlashMethods<F>>;
export type Session<T, F = DefaultFlash> = SessionMethods<T, F> & Properties<T, SessionMethods<T, F>>;

/** "message" is the default category of Flask, whose values need not be text: see README.md. */
export type DefaultFlash = { message: string; success: string; notice: string; alert: string; error: string };

/** What a session can hold of a type: its members are values, and a Date, a function or a Set in it is refused. */
export type Storable<T> = unknown extends T
  ? T
  : T extends Value
    ? T
    : T extends ReadonlyMap<string, infer V>
      ? ReadonlyMap<string, Storable<V>>
      : T extends (...arguments_: any) => unknown
        ? never
        : T extends object
          ? { [K in keyof T]: Storable<T[K]> }
          : never;

/** The keyring, and the configuration as one text or as options. An unknown option is refused. */
export interface StorageOptions {
  keyring: Keyring;
  /**
   * The JSON text that sessions.configuration_json() prints in Python. It replaces cookie, purpose, previous, policy and
   * maxTokenCharacters; none of them may be given beside it.
   */
  configuration?: string;
  cookie?: CookieAttributes;
  /** What the tokens are for; by default the cookie's name. */
  purpose?: string;
  /** Attributes that the cookie had before. */
  previous?: CookieAttributes[];
  policy?: Policy;
  /** 132 to 3972, by default 2660. */
  maxTokenCharacters?: number;
  /** Gives Unix seconds, for tests. May stand beside configuration. */
  clock?: () => number;
}

/** What the middleware needs of Astro's APIContext. */
export interface MiddlewareContext {
  request: Request;
  cookies: CookieJar;
  locals: object;
  isPrerendered?: boolean;
}

export interface CookieSessionStorage<T, F> {
  /** The session of a Cookie field's text, or of several fields, or of Astro.cookies. */
  getSession(source: CookieJar | string | readonly string[] | null | undefined): Session<T, F>;
  /** Astro's middleware: commits the session into the response. */
  onRequest(context: MiddlewareContext, next: () => Promise<Response>): Promise<Response>;
}

/** Throws ConfigError for what is no configuration. */
export declare function createCookieSessionStorage<
  T extends { [K in keyof T]: Storable<T[K]> } = Record<string, any>,
  F extends { [K in keyof F]: Storable<F[K]> } = DefaultFlash,
>(options: StorageOptions): CookieSessionStorage<T, F>;

// CSRF and logs, for those who do without a session storage

export declare function makeCsrfToken(sid: Sid | Uint8Array, form?: string): string;
export declare function isCsrfToken(token: unknown, sid: Sid | Uint8Array, form?: string): boolean;
/** 16 hex digits that stand for a sid in logs. */
export declare function renderLogId(sid: Sid | Uint8Array): string;

// Errors

export declare class CookiejarError extends Error {}
/** The operator's fault. */
export declare class ConfigError extends CookiejarError {}
/** The application's fault: what cannot be sealed. */
export declare class UnsupportedValueError extends CookiejarError {}
/** The application's fault: a token longer than the limit. */
export declare class SessionTooLargeError extends CookiejarError {
  constructor(size: { characters: number; limit: number; octetsByKey: ReadonlyMap<string | null, number> });
  /** What the token would need. */
  readonly characters: number;
  readonly limit: number;
  /** The encoded octets of each key with its value, the largest first. null stands for all flash messages. */
  readonly octetsByKey: ReadonlyMap<string | null, number>;
}
/** The application's fault: a write after commit, or commitTo after the response has started. */
export declare class SessionCommittedError extends CookiejarError {}

export type Reason =
  | "unknown-version"
  | "malformed"
  | "too-long"
  | "unknown-key"
  | "not-authentic"
  | "bad-padding"
  | "bad-encoding"
  | "bad-envelope"
  | "not-yet-valid"
  | "expired"
  | "revoked";

/** The client's doing: a token that was refused. */
export declare class TokenError extends CookiejarError {
  constructor(reason: Reason);
  readonly reason: Reason;
}
