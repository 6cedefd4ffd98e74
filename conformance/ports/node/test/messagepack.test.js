import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { Float, UnsupportedValueError } from "../index.js";
import { decode } from "../src/messagepack-reader.js";
import { encode } from "../src/messagepack-writer.js";
import { encodeHex } from "../src/octets.js";

const hexOf = (value) => encodeHex(encode(value));

test("numbers are integers where they are safe ones, otherwise floats", () => {
  assert.equal(hexOf(1), "01");
  assert.equal(hexOf(2 ** 53 - 1), "cf001fffffffffffff");
  assert.equal(hexOf(2 ** 53), "cb4340000000000000");
  assert.equal(hexOf(-0), "cb8000000000000000");
  assert.equal(hexOf(0.5), "cb3fe0000000000000");
});

test("a BigInt is always an integer, a Float always a float", () => {
  assert.equal(hexOf(1n), "01");
  assert.equal(hexOf(2n ** 53n + 1n), "cf0020000000000001");
  assert.equal(hexOf(new Float(1)), "cb3ff0000000000000");
});

test("what is decoded is encoded to the same octets", () => {
  const value = [
    1,
    2n ** 60n,
    -(2n ** 63n),
    new Float(1),
    0.1,
    -0,
    new Float(2 ** 40),
    2 ** 53,
    "\ufeffx",
    new Uint8Array([0, 255]),
  ];
  const octets = encode(value);
  const decoded = decode(octets);
  assert.deepEqual(encode(decoded), octets);
  assert.equal(decoded[1], 2n ** 60n);
  assert.ok(decoded[3] instanceof Float);
  assert.equal(decoded[3] + 1, 2);
  assert.equal(decoded[8], "\ufeffx");
});

test("map keys are sorted by their UTF-8 octets, whatever order the object has", () => {
  assert.equal(
    hexOf({ "\u{1f600}": 1, "\uffee": 2, 10: 3, 2: 4, é: 5, b: 6 }),
    hexOf(
      new Map([
        ["10", 3],
        ["2", 4],
        ["b", 6],
        ["é", 5],
        ["\uffee", 2],
        ["\u{1f600}", 1],
      ]),
    ),
  );
  assert.equal(hexOf({ "\u{1f600}": 1, "\uffee": 2 }), "82a3efbfae02a4f09f988001");
});

test("decoded maps have no prototype, so that no key means anything of its own", () => {
  assert.equal(Object.getPrototypeOf(decode(encode({ constructor: 1 }))), null);
});

const cycle = [];
cycle.push(cycle, cycle);
let shared = [];
for (let level = 0; level < 15; level += 1) shared = Array(64).fill(shared);
for (const [name, value] of [
  ["undefined", undefined],
  ["undefined in a map", { a: undefined }],
  ["a hole", [1, , 2]],
  ["a function", () => {}],
  ["a symbol", Symbol("a")],
  ["a symbol as key", { [Symbol("a")]: 1 }],
  ["NaN", NaN],
  ["an infinity", -Infinity],
  ["a date", new Date(0)],
  ["a RegExp", /a/],
  ["a Set", new Set()],
  ["an instance", new (class Thing {})()],
  ["a Float32Array", new Float32Array(1)],
  ["an ArrayBuffer", new ArrayBuffer(1)],
  ["a boxed number", new Number(1)],
  ["a lone surrogate", "\ud800"],
  ["a lone surrogate as key", { "\udc00": 1 }],
  ["2^63", 2n ** 63n],
  ["-2^63 - 1", -(2n ** 63n) - 1n],
  ["__proto__ as key", JSON.parse('{"__proto__": 1}')],
  ["a number as key", new Map([[1, 1]])],
  ["a cycle", cycle],
  ["shared parts that come to very much", shared],
]) {
  test(`${name} is refused`, () => assert.throws(() => encode(value), UnsupportedValueError));
}

test("values of another realm are what they are here", () => {
  assert.equal(hexOf(vm.runInNewContext("({ a: [new Uint8Array([1])] })")), hexOf({ a: [new Uint8Array([1])] }));
  assert.equal(hexOf(Buffer.from([1])), hexOf(new Uint8Array([1])));
});
