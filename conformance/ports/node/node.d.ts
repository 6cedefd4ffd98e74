/** The keys of a Node process: from its environment, or from a file that may change. */

import { Keyring } from "./index.js";

/** Called with each line about a key file. By default console.error gets a problem, and console.warn its end. */
export type Log = (line: string) => void;

/**
 * The keyring of COOKIEJAR_SESSION_KEYS, or of the file that COOKIEJAR_SESSION_KEYS_FILE names. Throws ConfigError.
 * `environment` is process.env by default.
 */
export declare function keyringFromEnvironment(
  environment?: { [name: string]: string | undefined },
  options?: { log?: Log },
): Keyring;

/** The keyring of a file, read again when it changes. After an invalid change the previous keys stay in use. */
export declare class KeyFile implements Keyring {
  constructor(path: string, options?: { now?: number; log?: Log });
  listKeyIds(now: number): string[];
}
