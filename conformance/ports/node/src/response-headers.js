/** Set-Cookie, Vary, Cache-Control and the fields for CDNs (SPEC 13.5 step 5, 13.9 to 13.12). Knows no sessions. */

import { trim } from "./cookies.js";

// A piece between commas; a quoted string may hold commas, and runs to the end if it is not closed (RFC 9110 5.6.4).
const PIECE = /(?:[^,"]|"(?:[^"\\]|\\[^])*(?:"|\\?$))+/g;

// The ends of the names of fields that some shared caches obey in place of Cache-Control (SPEC 13.9.2).
const TARGETED = ["-cache-control", "surrogate-control", "edge-control", "x-accel-expires"];
const UNSTORED = ["no-store", "0"];
const UNSHARED = [...UNSTORED, "private", "no-cache", "max-age=0"];

/** `fields` are [name, value] pairs in order, names in any case. */
export function listValues(fields, name) {
  return fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/** Whether the response sets a cookie of this name already (SPEC 13.5 step 5). */
export function setsCookie(fields, name) {
  return listValues(fields, "set-cookie").some((value) => value.startsWith(`${name}=`));
}

/** The directives of all fields of this name (SPEC 13.9.1). */
function listDirectives(fields, name) {
  const pieces = listValues(fields, name).join(",").match(PIECE) ?? [];
  return pieces.map(trim).filter((piece) => piece !== "");
}

function isShared(directive) {
  return ["public", "s-maxage"].includes(directive.split("=", 1)[0].toLowerCase());
}

function includesAny(directives, words) {
  return directives.some((directive) => words.includes(directive.toLowerCase()));
}

function listTargeted(fields) {
  const names = fields.map(([name]) => name.toLowerCase());
  return [...new Set(names)].filter((name) => TARGETED.some((end) => name.endsWith(end)));
}

/** SPEC 13.9 */
export function isSharedCacheable(fields) {
  if (listDirectives(fields, "cache-control").some(isShared)) return true;
  return listTargeted(fields)
    .map((name) => listDirectives(fields, name))
    .some((directives) => directives.length > 0 && !includesAny(directives, UNSHARED));
}

/** The fields of a response whose session was accessed, with our Set-Cookie values, if any (SPEC 13.10 to 13.12). */
export function editFields(fields, setCookies) {
  const isSet = setCookies.length > 0;
  const vary = mergeVary(listValues(fields, "vary"));
  const cacheControl = isSet ? makePrivate(listDirectives(fields, "cache-control")) : null;
  // SPEC 13.10 item 4
  const removed = isSet
    ? listTargeted(fields).filter((name) => !includesAny(listDirectives(fields, name), UNSTORED))
    : [];
  const replaced = [
    ["vary", vary],
    ["cache-control", cacheControl],
  ].filter(([, value]) => value !== null);
  const names = [...removed, ...replaced.map(([name]) => name)];
  return [
    ...fields.filter(([name]) => !names.includes(name.toLowerCase())),
    ...replaced,
    ...setCookies.map((value) => ["set-cookie", value]),
  ];
}

/** SPEC 13.11: null where the fields stay as they are. */
function mergeVary(values) {
  const members = values
    .join(",")
    .split(",")
    .map(trim)
    .filter((member) => member !== "");
  if (members.some((member) => ["*", "cookie"].includes(member.toLowerCase()))) return null;
  return [...members, "Cookie"].join(", ");
}

/** SPEC 13.10: null where the fields stay as they are. */
function makePrivate(directives) {
  if (includesAny(directives, ["private", "no-store"]) && !directives.some(isShared)) return null;
  const kept = directives.filter((directive) => !isShared(directive) && directive.toLowerCase() !== "private");
  return ["private", ...kept].join(", ");
}
