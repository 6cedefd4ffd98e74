"""The command ``inspect``: prints what can be read of a token without a key, and with the ring also its contents."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

from ..demo.moments import describe_distance, describe_duration
from ..errors import Reason, quote
from ..headers.set_cookie import CookieAttributes
from ..keys.keyring import FILE_VARIABLE, KEYS_VARIABLE
from ..keys.rotation import render_time
from ..wire.envelope import Envelope
from ..wire.opening import render_log_id
from ..wire.size import count_octets_by_key
from ..wire.time_rules import expires_at
from .examination import Examination, examine_token
from .json_values import to_json
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .output import paint, print_json, render_table
from .token_input import FoundToken, add_token_argument, read_tokens

DESCRIPTION = f"""\
Say what is in a session cookie. TOKEN is a token, or any text that holds
tokens: a Cookie or Set-Cookie header, a cookie jar of curl, a bug report. Each
token in it is inspected, expired ones too. Give it on standard input: an
argument can be read by every user.

Without a key: the version, the key id and the size. With the ring: the state
of its key, whether a server accepts it, its times, and the name, type and size
of each value. The size is the octets of the name and the value as the token
holds them. The sid and the values are shown only with --show-data.

The status is 1 if a token is refused, or if there is none.

{KEYS_HELP}"""

_HINTS = {
    Reason.UNKNOWN_KEY: "the ring does not have its key, or the key has expired",
    Reason.NOT_AUTHENTIC: "it was changed, or its cookie has another name: give --cookie NAME or --purpose TEXT",
    Reason.MALFORMED: "it is not whole: copy it again",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_token_argument(parser)
    add_keys_option(parser)
    parser.add_argument("--cookie", metavar="NAME", help="the name of the cookie; only its tokens are inspected")
    parser.add_argument("--purpose", metavar="TEXT", help="what it is sealed for, if not for the cookie's name")
    parser.add_argument("--show-data", action="store_true", help="show the sid and the values")


def run(options: argparse.Namespace) -> int:
    """Print what each token holds."""
    now = int(time.time())
    has_keys = options.keys_file is not None or any(os.environ.get(each) for each in (KEYS_VARIABLE, FILE_VARIABLE))
    keyring = read_keys(options.keys_file, now=now).keyring if has_keys else None
    documents: list[dict[str, Any]] = []
    for found in read_tokens(options.token, options.cookie):
        name = found.name or options.cookie or CookieAttributes().name
        purpose = name if options.purpose is None else options.purpose
        examined = examine_token(found.token, keyring=keyring, purpose=purpose, now=now)
        documents.append(_describe(found, examined, is_open=options.show_data))
        if not options.json:
            _print_text(documents[-1], examined, now)
    if options.json:
        print_json(documents)
    return 1 if any(each["reason"] for each in documents) else 0


def _describe(found: FoundToken, examined: Examination, *, is_open: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "cookie": found.name,
        "version": found.token.partition(".")[0].removeprefix("cj"),
        "key_id": examined.key_id,
        "key_state": examined.key_state,
        "characters": examined.characters,
        "reason": examined.reason,
    }
    envelope = examined.envelope
    if envelope is None:
        return described
    octets = count_octets_by_key(envelope.data, envelope.flash)
    session: dict[str, Any] = {
        "log_id": render_log_id(envelope.sid),
        "created_at": render_time(envelope.created),
        "issued_at": render_time(envelope.issued),
        "idle_timeout": envelope.idle,
        "expires_at": render_time(expires_at(envelope)),
        "ends_at": render_time(envelope.until),
        "is_persistent": envelope.persistent,
        "values": [
            {"name": name, "type": type(value).__name__, "octets": octets[name]}
            for name, value in envelope.data.items()
        ],
        "flash_count": len(envelope.flash),
    }
    if is_open:
        session |= {"sid": envelope.sid.hex(), "data": to_json(envelope.data), "flash": to_json(envelope.flash)}
    return {**described, "session": session}


def _print_text(described: dict[str, Any], examined: Examination, now: int) -> None:
    reason = examined.reason
    rows = [
        ["cookie", quote(described["cookie"]).strip("'") if described["cookie"] else "not named"],
        ["version", described["version"]],
        ["key id", f"{examined.key_id or 'none'}{_explain_state(examined)}"],
        ["size", f"{examined.characters} characters"],
    ]
    verdict = "not known without the ring" if examined.key_state is None and reason is None else "accepted"
    if reason is not None:
        hint = _HINTS.get(reason, "")
        if reason is Reason.EXPIRED and examined.envelope is not None:
            hint = _explain_end(examined.envelope)
        verdict = f"refused: {reason}" + (f" ({hint})" if hint else "")
    rows.append(["verdict", paint(verdict, "red" if reason else "green", sys.stdout)])
    if examined.envelope is not None:
        rows += _list_session_rows(described["session"], examined.envelope, now, is_over=reason is Reason.EXPIRED)
    print("\n".join(render_table(rows)), end="\n\n")


def _explain_state(examined: Examination) -> str:
    if examined.key_state is None:
        return ""
    return " (not in the ring)" if examined.key_state == "unknown" else f" ({examined.key_state})"


def _ends_unused(envelope: Envelope) -> bool:
    """Whether the idle timeout ends the session, if it is not used. Otherwise its absolute lifetime ends it."""
    return envelope.issued + envelope.idle < envelope.until


def _explain_end(envelope: Envelope) -> str:
    if _ends_unused(envelope):
        return f"it was not used for its idle timeout, {describe_duration(envelope.idle)}"
    return f"it reached its end, {describe_duration(envelope.until - envelope.created)} after it began"


def _describe_expiry(envelope: Envelope) -> str:
    if _ends_unused(envelope):
        return f", unless it is used: {describe_duration(envelope.idle)} idle"
    return ", also if it is used, since it ends then"


def _list_session_rows(session: dict[str, Any], envelope: Envelope, now: int, *, is_over: bool) -> list[list[str]]:
    def render(moment: int) -> str:
        return f"{render_time(moment)} ({describe_distance(moment, now=now)})"

    rows = [
        ["created", render(envelope.created)],
        ["sealed", render(envelope.issued)],
        ["expires", render(expires_at(envelope)) + ("" if is_over else _describe_expiry(envelope))],
        ["ends", f"{render(envelope.until)}, however often it is used"],
        ["cookie kind", "kept when the browser closes" if envelope.persistent else "dropped when the browser closes"],
        ["log id", session["log_id"]],
        ["sid", session.get("sid", "masked (--show-data shows it)")],
    ]
    for value in session["values"]:
        # A visitor may have chosen the name, so it is escaped.
        shown = f"{quote(value['name'])}: {value['type']}, {value['octets']} octets with its name"
        if "sid" in session:
            shown += f": {json.dumps(to_json(envelope.data[value['name']]))}"
        rows.append(["value", shown])
    rows.append(["flash", json.dumps(session["flash"]) if "flash" in session else f"{session['flash_count']} messages"])
    return rows
