/** A number that stays a float although JavaScript cannot tell it from an integer (SPEC 6.2, 6.6). */

import { UnsupportedValueError } from "./errors.js";

/** Whether `number` is written as an integer: 1 is, as JavaScript has no other 1; -0 and 2^53 are floats. */
export function isInteger(number) {
  return Number.isSafeInteger(number) && !Object.is(number, -0);
}

/** `new Float(1)` is sealed as the float 1.0. In sums and comparisons it counts as its number. */
export class Float {
  constructor(value) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new UnsupportedValueError("a Float holds a finite number");
    }
    this.value = value;
    Object.freeze(this);
  }

  valueOf() {
    return this.value;
  }

  toString() {
    return String(this.value);
  }

  toJSON() {
    return this.value;
  }
}

/** A decoded float: a number where that is enough, otherwise a Float. */
export function toFloat(value) {
  return isInteger(value) ? new Float(value) : value;
}
