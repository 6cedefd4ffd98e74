import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ConfigError, createCookieSessionStorage, generateKeyText, parseKeyring } from "../index.js";
import { KeyFile, keyringFromEnvironment } from "../node.js";

const NOW = 1_800_000_000;
const [oldText, newText] = [generateKeyText(), generateKeyText()];
const [oldId, newId] = [oldText, newText].map((text) => parseKeyring(text).listKeyIds(NOW)[0]);
let folder;
let path;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
  path = join(folder, "keys");
});
afterEach(() => {
  mock.restoreAll();
  rmSync(folder, { recursive: true });
});

/** Replaces the file by one that is so many seconds old. */
function replace(text, age = 60) {
  writeFileSync(`${path}.new`, text);
  const time = Date.now() / 1000 - age;
  utimesSync(`${path}.new`, time, time);
  renameSync(`${path}.new`, path);
}

test("a key file is read again: in general after 10 seconds, for an unknown key after one", () => {
  replace(oldText);
  const keyring = new KeyFile(path, { now: NOW });
  replace(`# rotated\n${newText}\n${oldText}\n`);
  assert.equal(keyring.findPrimary(NOW + 9).key.keyId, oldId);
  assert.equal(keyring.find(newId, NOW), undefined);
  assert.equal(keyring.find(newId, NOW + 1).key.keyId, newId);
  assert.deepEqual(keyring.listKeyIds(NOW + 1), [newId, oldId]);
  assert.ok(keyring.isBehindPrimary(oldId, NOW + 1));
  assert.ok(!keyring.isBehindPrimary(newId, NOW + 1));
  replace(newText);
  assert.equal(keyring.find(oldId, NOW + 11), undefined);
  assert.ok(keyring.isBehindPrimary(oldId, NOW + 11));
});

test("a file that is written in place within a moment is noticed", () => {
  writeFileSync(path, oldText);
  const keyring = new KeyFile(path, { now: NOW });
  writeFileSync(path, newText);
  assert.equal(keyring.findPrimary(NOW + 10).key.keyId, newId);
});

test("a key file that cannot be used keeps the previous keys, and the log says so once", () => {
  const log = mock.method(console, "error", () => {});
  const warnings = mock.method(console, "warn", () => {});
  replace(oldText);
  const keyring = new KeyFile(path, { now: NOW });
  replace(oldText.slice(0, -1));
  for (const now of [NOW + 10, NOW + 20, NOW + 30]) assert.equal(keyring.findPrimary(now).key.keyId, oldId);
  assert.equal(log.mock.callCount(), 1);
  const [message] = log.mock.calls[0].arguments;
  assert.ok(message.includes(`the previous keys stay in use: key file ${path}: `));
  assert.ok(!message.includes(oldText.slice(5, 25)));
  rmSync(path);
  assert.equal(keyring.findPrimary(NOW + 40).key.keyId, oldId);
  execFileSync("mkfifo", [path]);
  assert.equal(keyring.findPrimary(NOW + 50).key.keyId, oldId);
  assert.throws(() => new KeyFile(path), ConfigError);
  rmSync(path);
  replace(newText);
  assert.equal(warnings.mock.callCount(), 0);
  for (const now of [NOW + 60, NOW + 70]) assert.equal(keyring.findPrimary(now).key.keyId, newId);
  assert.deepEqual(
    warnings.mock.calls.map((call) => call.arguments),
    [[`cookiejar-session: key file ${path} is valid again`]],
  );
});

test("a key file that cannot be read is named with the reason", () => {
  const [missing, file, locked, fifo, long] = ["none", "file", "locked", "fifo", "long"].map((name) => join(folder, name));
  for (const each of [file, locked]) writeFileSync(each, oldText);
  writeFileSync(long, "#".repeat((1 << 20) + 1));
  execFileSync("mkfifo", [fifo]);
  const unreadable = "; name a file that this process can read";
  const rows = [
    [missing, `No such file or directory${unreadable}`],
    [join(file, "keys"), `Not a directory${unreadable}`],
    [folder, "is a directory; name a file with keys"],
    [fifo, "is a FIFO; name a file with keys"],
    ["/dev/null", "is a device; name a file with keys"],
    [long, "is longer than 1048576 bytes; name a file with keys"],
  ];
  chmodSync(locked, 0);
  // The superuser may read every file.
  if (process.getuid() !== 0) rows.push([locked, `Permission denied${unreadable}`]);
  for (const [named, problem] of rows) {
    assert.throws(() => new KeyFile(named), { name: "ConfigError", message: `key file ${named}: ${problem}` });
  }
});

test("the lines about a key file go to the function that is given", () => {
  const consoles = ["error", "warn"].map((level) => mock.method(console, level, () => {}));
  const lines = [];
  replace(oldText);
  const environment = { COOKIEJAR_SESSION_KEYS_FILE: path };
  const keyring = keyringFromEnvironment(environment, { log: (line) => lines.push(line) });
  const later = Math.floor(Date.now() / 1000);
  rmSync(path);
  keyring.findPrimary(later + 10);
  replace(newText);
  keyring.findPrimary(later + 20);
  assert.deepEqual(lines, [
    "cookiejar-session: key file ignored, the previous keys stay in use: " +
      `key file ${path}: No such file or directory; name a file that this process can read`,
    `cookiejar-session: key file ${path} is valid again`,
  ]);
  assert.deepEqual(consoles.map((each) => each.mock.callCount()), [0, 0]);
});

test("a log that is no function, and an unknown option, are refused", () => {
  replace(oldText);
  const environment = { COOKIEJAR_SESSION_KEYS_FILE: path };
  assert.throws(() => keyringFromEnvironment(environment, { log: console }), /log must be a function/);
  assert.throws(() => keyringFromEnvironment(environment, { logger: console.log }), /has no logger; write one of log/);
  assert.throws(() => new KeyFile(path, { lag: console.log }), /has no lag; write one of now, log/);
});

test("a key file that was away and is the same again is valid again", () => {
  mock.method(console, "error", () => {});
  const warnings = mock.method(console, "warn", () => {});
  replace(oldText);
  // A file of the last two seconds never counts as the same.
  const later = Date.now() + 60_000;
  mock.method(Date, "now", () => later);
  // A link, since a file that was renamed has another ctime.
  const link = join(folder, "link");
  symlinkSync(path, link);
  const keyring = new KeyFile(link, { now: NOW });
  rmSync(link);
  keyring.findPrimary(NOW + 10);
  symlinkSync(path, link);
  keyring.findPrimary(NOW + 20);
  assert.equal(warnings.mock.callCount(), 1);
});

test("sessions follow the key file, and are sealed with its new key", () => {
  replace(oldText);
  let now = NOW;
  const storage = createCookieSessionStorage({ keyring: new KeyFile(path, { now }), clock: () => now });
  const first = storage.getSession("");
  first.set("user", "ada");
  const cookie = first.commit().find(([name]) => name === "set-cookie")[1].split(";")[0];
  replace(`${newText} ${oldText}`);
  now += 300;
  const session = storage.getSession(cookie);
  assert.equal(session.get("user"), "ada");
  const resealed = session.commit().find(([name]) => name === "set-cookie")[1].split(";")[0];
  const reader = createCookieSessionStorage({ keyring: parseKeyring(newText), clock: () => now });
  assert.equal(reader.getSession(resealed).get("user"), "ada");
});

test("the environment gives a keyring, blanks aside", () => {
  replace(newText);
  assert.deepEqual(keyringFromEnvironment({ COOKIEJAR_SESSION_KEYS: ` ${oldText}\n` }).listKeyIds(NOW), [oldId]);
  const variables = { COOKIEJAR_SESSION_KEYS: " ", COOKIEJAR_SESSION_KEYS_FILE: ` ${path}\n` };
  assert.deepEqual(keyringFromEnvironment(variables).listKeyIds(NOW), [newId]);
});

test("a wrong environment is refused with the variables and the way out, and without the key", () => {
  replace(newText);
  for (const [keys, file, message] of [
    [undefined, undefined, 'COOKIEJAR_SESSION_KEYS is not set, nor is COOKIEJAR_SESSION_KEYS_FILE; make a key with "cookiejar-session keygen"'],
    ["", " \n", "is not set"],
    [oldText, path, "are both set"],
    [undefined, oldText, "the path of the key file is a key"],
    [undefined, oldText.slice(5, 48), "the path of the key file is a key"],
    [path, undefined, "holds a path, not a key"],
    ["./keys", undefined, "holds a path, not a key"],
    [undefined, join(folder, "none"), `key file ${join(folder, "none")}: `],
    [undefined, folder, `key file ${folder}: `],
    [`${oldText} ${oldText}`, undefined, "COOKIEJAR_SESSION_KEYS: keyring entry 2: "],
  ]) {
    assert.throws(
      () => keyringFromEnvironment({ COOKIEJAR_SESSION_KEYS: keys, COOKIEJAR_SESSION_KEYS_FILE: file }),
      (error) => error instanceof ConfigError && error.message.includes(message) && !error.stack.includes(oldText.slice(5, 25)),
    );
  }
});
