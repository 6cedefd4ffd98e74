"""A case as text for whoever fails it: its comment and clauses, its fields, its octets part by part."""

from __future__ import annotations

import json
import re
from typing import Any

from .case import Case
from .token_parts import show_plaintext, show_token

Json = Any

MAX_SHOWN = 400
# What may be a token in a Cookie header, ours or another version's.
_find_tokens = re.compile(rb"(?:(?<=[=;, \t])|^)cj[0-9]+[a-z]?\.[A-Za-z0-9_-]*").findall


def explain_case(case: Case) -> str:
    """Many lines; nothing in them is other than printable ASCII."""
    lines = [
        f"{case.id}: {ascii(case.comment)[1:-1]}",
        f"op       {case.op}, in {case.file}",
        f"clauses  {', '.join(f'SPEC {clause}' for clause in case.clauses)}",
    ]
    if case.flags:
        lines.append(f"flags    {', '.join(case.flags)}")
    if case.needs:
        lines.append(f"needs    {', '.join(case.needs)}")
    lines += ["", "input", *_show_fields(case.input), "", "expected"]
    if "refuse" in case.expect:
        lines.append(f"  refuse  {case.expect['refuse']}")
    else:
        lines += _show_fields(case.expect["accept"])
    for title, part in _list_parts(case):
        lines += ["", title, *(f"  {line}" for line in part)]
    return "\n".join(lines)


def _show_fields(fields: dict[str, Json]) -> list[str]:
    if not fields:
        return ["  accept"]
    width = max(map(len, fields))
    return [f"  {name.ljust(width)}  {_shorten(value)}" for name, value in fields.items()]


def _shorten(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


def _list_parts(case: Case) -> list[tuple[str, list[str]]]:
    """What of the case is octets, each taken to pieces."""
    given, accepted = case.input, case.expect.get("accept", {})
    ring = given.get("keyring")
    purposes = _list_purposes(given)
    parts: list[tuple[str, list[str]]] = []
    if isinstance(ring, str):
        parts.append(("keyring", _show_ring(ring.encode())))
    if case.op == "parse-ring":
        parts.append(("ring", _show_ring(bytes.fromhex(given["ring"]))))
    if case.op == "open":
        parts.append(("value", show_token(bytes.fromhex(given["value"]), ring=ring, purposes=purposes)))
    if case.op == "seal" and accepted:
        parts.append(("token", show_token(accepted["token"].encode(), ring=ring, purposes=purposes)))
    if case.op == "decode":
        parts.append(("plaintext", show_plaintext(bytes.fromhex(given["plaintext"]))))
    if case.op == "encode" and accepted:
        parts.append(("plaintext", show_plaintext(bytes.fromhex(accepted["plaintext"]))))
    if case.op == "check-csrf":
        parts.append(("token", _show_text(bytes.fromhex(given["token"]))))
    for number, octets in enumerate(given.get("cookie_headers", ()), start=1):
        header = bytes.fromhex(octets)
        parts.append((f"Cookie header {number}", _show_header(header)))
        for token in _find_tokens(header):
            title = f"in Cookie header {number}, at {header.index(token)}"
            parts.append((title, show_token(token, ring=ring, purposes=purposes)))
    if case.op == "scan":
        for number, octets in enumerate(accepted["values"], start=1):
            parts.append((f"value {number}", _show_text(bytes.fromhex(octets))))
    return parts


def _list_purposes(given: dict[str, Json]) -> list[str]:
    """The purpose, or where none is set the names of the cookies (SPEC 3.5 and 12.6)."""
    purpose = given.get("purpose")
    if purpose is not None:
        # A purpose with a lone surrogate has no box key (SPEC 3.5).
        return [purpose] if isinstance(purpose, str) else []
    cookies = [given["cookie"], *given.get("previous", ())] if "cookie" in given else []
    return list(dict.fromkeys(cookie["name"] for cookie in cookies))


def _show_ring(octets: bytes) -> list[str]:
    """One line for each entry or line; what is not printable is made visible."""
    pieces = re.findall(rb"[^\n ]*[\n ]?", octets)
    return [ascii(piece)[1:] for piece in pieces if piece] or ["''"]


def _show_header(header: bytes) -> list[str]:
    """One line for each piece between the semicolons (SPEC 11.1 step 2)."""
    offset, lines = 0, []
    for piece in header.split(b";"):
        lines += [f"{offset:5}  {line}" for line in _show_text(piece)]
        offset += len(piece) + 1
    return lines


def _show_text(octets: bytes) -> list[str]:
    shown = ascii(octets)[1:]
    return [shown if len(shown) <= 200 else f"{shown[:200]}... ({len(octets)} octets)"]
