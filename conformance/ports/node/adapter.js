/** The adapter of the conformance suite: JSON lines over stdin and stdout (conformance/README.md). */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { OPERATIONS } from "./adapter/operations.js";
import { CookiejarError, TokenError } from "./src/errors.js";

const CAPABILITIES = [
  "wide-integers",
  "whole-floats",
  "big-integers",
  "lone-surrogates",
  "other-keys",
  "dates",
  "untyped",
];
const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

function run({ number, op, input }) {
  try {
    return { type: "result", number, result: { accept: OPERATIONS[op](input) } };
  } catch (error) {
    if (error instanceof TokenError) return { type: "result", number, result: { refuse: error.reason } };
    if (error instanceof CookiejarError) return { type: "result", number, result: { refuse: "refused" } };
    return { type: "error", number, message: String(error?.stack ?? error) };
  }
}

function answer(message) {
  if (message.type === "run") return run(message);
  return {
    type: "started",
    protocol: 1,
    name: "node",
    version,
    ops: Object.keys(OPERATIONS),
    capabilities: CAPABILITIES,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === "stop") break;
  process.stdout.write(`${JSON.stringify(answer(message))}\n`);
}
// Else an open pipe would keep the process alive after stop.
process.stdin.destroy();
