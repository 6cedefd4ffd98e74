/** Options that callers give as an object. */

import { ConfigError } from "./errors.js";

/** Throws ConfigError for an option that is not one of `names`, so that no misspelled one is ignored. */
export function refuseUnknown(options, names, place) {
  if (options === null || typeof options !== "object") throw new ConfigError(`${place} must be an object`);
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new ConfigError(`${place} has no ${name}; write one of ${names.join(", ")}`);
  }
}
