"""The operations of the suite over the package: its public names, and where a vector needs one, its private seams.

Each takes the input of a case and gives what stands under "accept"; a refusal is an error of the package's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from accumulation import accumulate
from life_cycle import run_life_cycle
from values import (
    read_attributes,
    read_envelope,
    read_octets,
    read_policy,
    read_text,
    write_envelope,
    write_octets,
)

from cookiejar_session import CookieSessions, Envelope, Key, Keyring, TokenError, open_token, seal_token
from cookiejar_session.errors import CookiejarError
from cookiejar_session.headers.cookie_header import scan_cookies
from cookiejar_session.keys import rotation
from cookiejar_session.session.cookie_choice import accept_token, read_cookies
from cookiejar_session.session.csrf import is_csrf_token, make_csrf_token
from cookiejar_session.wire import sealing
from cookiejar_session.wire.envelope import decode_envelope, encode_envelope
from cookiejar_session.wire.opening import render_log_id
from cookiejar_session.wire.time_rules import TimeRules, expires_at, may_reseal

Given = dict[str, Any]


class NotThisCsrfTokenError(CookiejarError):
    """A CSRF token was refused; the package answers with False."""


def parse_keyring(text: str, now: int) -> Keyring:
    """A keyring of published keys, which no configuration can make (SPEC 4.6)."""
    return Keyring.parse(text, now=now, _allow_published=True)


def seal_with_nonce(envelope: Envelope, nonce: bytes, **options: Any) -> str:
    """The public seal with one step replaced: where the nonce comes from (SPEC 7.4)."""
    with patch.object(sealing, "urandom", lambda _count: nonce):
        return seal_token(envelope, **options)


def derive_keys(given: Given) -> Given:
    key = Key(bytes.fromhex(given["key"])) if "key" in given else Key.parse(f"skb:{given['secret_key_base']}")
    return {
        "key_id": key.key_id.hex(),
        "box_key": key.box_key(read_text(given["purpose"])).hex(),
        "key_text": key.to_text(),
    }


def show_log_id(given: Given) -> Given:
    return {"log_id": render_log_id(bytes.fromhex(given["sid"]))}


def parse_ring(given: Given) -> Given:
    text, now, allow_published = read_octets(given["ring"]), given["now"], given["allow_published"]
    if given["is_file"]:
        keyring = _read_ring_file(bytes.fromhex(given["ring"]), now=now, allow_published=allow_published)
    else:
        keyring = Keyring.parse(text, now=now, _allow_published=allow_published)
    return {"moments": [_describe_moment(keyring.ring(now), moment) for moment in given["moments"]]}


def _read_ring_file(octets: bytes, *, now: int, allow_published: bool) -> Keyring:
    with TemporaryDirectory() as folder:
        path = Path(folder, "keys")
        path.write_bytes(octets)
        if not allow_published:
            return Keyring.from_file(path, now=now)
        with patch.object(rotation, "PUBLISHED_KEY_IDS", frozenset()):
            return Keyring.from_file(path, now=now)


def _describe_moment(state: rotation.Ring, moment: int) -> Given:
    opens = [entry.key.key_id for entry in state.entries if state.find(entry.key.key_id, moment) is not None]
    return {
        "now": moment,
        "primary": state.primary(moment).key.key_id.hex(),
        "opens": [key_id.hex() for key_id in opens],
    }


def encode(given: Given) -> Given:
    return {"plaintext": encode_envelope(read_envelope(given["envelope"])).hex()}


def decode(given: Given) -> Given:
    return {"envelope": write_envelope(decode_envelope(bytes.fromhex(given["plaintext"])))}


def seal(given: Given) -> Given:
    now, nonce = given["now"], given["nonce"]
    seal_it = seal_token if nonce is None else partial(seal_with_nonce, nonce=bytes.fromhex(nonce))
    keyring = parse_keyring(given["keyring"], now)
    envelope = read_envelope(given["envelope"])
    return {"token": seal_it(envelope, keyring=keyring, purpose=read_text(given["purpose"]), now=now)}


def open_value(given: Given) -> Given:
    value, purpose, now = read_octets(given["value"]), read_text(given["purpose"]), given["now"]
    keyring = parse_keyring(given["keyring"], now)
    if all(given["policy"][name] is None for name in ("longest_idle", "longest_lifetime", "not_before")):
        return {"envelope": write_envelope(open_token(value, keyring=keyring, purpose=purpose, now=now))}
    # open_token knows no policy; this is what the middlewares open with.
    settings = CookieSessions(keyring, policy=read_policy(given["policy"])).settings
    reading = accept_token([value], cookie=settings.cookie, purpose=purpose, settings=settings, now=now)
    if reading.accepted is None:
        raise TokenError(reading.refusals[0].reason)
    return {"envelope": write_envelope(reading.accepted.envelope)}


def judge(given: Given) -> Given:
    rules, now = TimeRules(read_policy(given["policy"])), given["now"]
    times = {name: given[name] for name in ("created", "issued", "idle", "until")}
    envelope = rules.ceilings.judge(Envelope(sid=bytes(16), **times, persistent=True, data={}, flash=[]), now=now)
    return {
        "expires": expires_at(envelope),
        "idle": envelope.idle,
        "until": envelope.until,
        "renewal_due": rules.is_renewal_due(envelope, now=now),
        "reseal_due": given["behind_primary"] and may_reseal(envelope, now=now),
    }


def scan(given: Given) -> Given:
    header = "; ".join(map(read_octets, given["cookie_headers"]))
    return {"values": [write_octets(value) for value in scan_cookies(header, name=given["name"])]}


def read(given: Given) -> Given:
    now = given["now"]
    sessions = CookieSessions(
        parse_keyring(given["keyring"], now),
        cookie=read_attributes(given["cookie"]),
        policy=read_policy(given["policy"]),
        purpose=None if given["purpose"] is None else read_text(given["purpose"]),
        previous=[read_attributes(attributes) for attributes in given["previous"]],
    )
    header = "; ".join(map(read_octets, given["cookie_headers"]))
    reading = read_cookies(header, settings=sessions.settings, now=now)
    if reading.accepted is not None:
        return {"name": reading.accepted.cookie.name, "envelope": write_envelope(reading.accepted.envelope)}
    # SPEC 11.6
    if reading.refusals:
        raise TokenError(reading.refusals[0].reason)
    return {"name": None, "envelope": None}


def set_cookie(given: Given) -> Given:
    attributes = read_attributes(given["cookie"])
    if given["token"] is None:
        return {"set_cookie": attributes.render_deletion()}
    max_age = given["expires"] - given["now"] if given["persistent"] else None
    return {"set_cookie": attributes.render(given["token"], max_age=max_age)}


def make_csrf(given: Given) -> Given:
    sid, mask = bytes.fromhex(given["sid"]), bytes.fromhex(given["mask"])
    return {"token": make_csrf_token(sid, form=read_text(given["form"]), mask=mask)}


def check_csrf(given: Given) -> Given:
    token, sid = read_octets(given["token"]), bytes.fromhex(given["sid"])
    if not is_csrf_token(token, sid=sid, form=read_text(given["form"])):
        raise NotThisCsrfTokenError
    return {}


def run_accumulation(given: Given) -> Given:
    return accumulate(given, seal=seal_with_nonce, parse_keyring=parse_keyring)


def run_exchange(given: Given) -> Given:
    return run_life_cycle(given, parse_keyring=parse_keyring)


OPERATIONS: dict[str, Callable[[Given], Given]] = {
    "derive": derive_keys,
    "log-id": show_log_id,
    "parse-ring": parse_ring,
    "encode": encode,
    "decode": decode,
    "seal": seal,
    "open": open_value,
    "judge": judge,
    "scan": scan,
    "read": read,
    "set-cookie": set_cookie,
    "life-cycle": run_exchange,
    "make-csrf": make_csrf,
    "check-csrf": check_csrf,
    "accumulated": run_accumulation,
}
