/** Set-Cookie, Vary and Cache-Control of a response (SPEC 13.5 step 5, 13.9 to 13.12). Knows nothing of sessions. */

import { trim } from "./cookies.js";

// A piece between commas; a quoted string may hold commas, and runs to the end if it is not closed (RFC 9110 5.6.4).
const PIECE = /(?:[^,"]|"(?:[^"\\]|\\[^])*(?:"|\\?$))+/g;

/** `fields` are [name, value] pairs in order, names in any case. */
export function listValues(fields, name) {
  return fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/** Whether the response sets a cookie of this name already (SPEC 13.5 step 5). */
export function setsCookie(fields, name) {
  return listValues(fields, "set-cookie").some((value) => value.startsWith(`${name}=`));
}

function listDirectives(fields) {
  const pieces = listValues(fields, "cache-control").join(",").match(PIECE) ?? [];
  return pieces.map(trim).filter((piece) => piece !== "");
}

function isShared(directive) {
  return ["public", "s-maxage"].includes(directive.split("=", 1)[0].toLowerCase());
}

/** SPEC 13.9 */
export function isSharedCacheable(fields) {
  return listDirectives(fields).some(isShared);
}

/** The fields of a response whose session was accessed, with our Set-Cookie values, if any (SPEC 13.10 to 13.12). */
export function editFields(fields, setCookies) {
  const vary = mergeVary(listValues(fields, "vary"));
  const cacheControl = setCookies.length > 0 ? makePrivate(listDirectives(fields)) : null;
  const replaced = [
    ["vary", vary],
    ["cache-control", cacheControl],
  ].filter(([, value]) => value !== null);
  const names = replaced.map(([name]) => name);
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
  if (directives.length === 0) return "private";
  if (!directives.some(isShared)) return null;
  const kept = directives.filter((directive) => !isShared(directive) && directive.toLowerCase() !== "private");
  return ["private", ...kept].join(", ");
}
