"""Answers the vectors of the ops that read: ``answer(op, input)`` is what a vector's ``expect`` must be.

Of what writes there is only Set-Cookie, for the configurations that SPEC 12.2 refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from . import cookies, csrf, message_pack, ring, time_rules, wire
from .attributes import Attributes, check_attributes, check_previous
from .envelope import Envelope, check_envelope
from .refusal import Refused
from .set_cookie import render
from .time_rules import Ceilings
from .values import read_text, render_envelope

Json = dict[str, Any]

KEYS = Path(__file__).resolve().parent.parent / "keys.json"


def answer(op: str, given: Json) -> Json:
    try:
        return {"accept": OPS[op](given)}
    except Refused as refusal:
        return {"refuse": refusal.reason}  # SPEC 10.1


def read_published() -> frozenset[bytes]:
    """The key ids of SPEC 4.6.1."""
    return frozenset(bytes.fromhex(key["key_id"]) for key in json.loads(KEYS.read_text(encoding="utf-8")))


PUBLISHED = read_published()


def parse_ring(given: Json) -> Json:
    published: Collection[bytes] = () if given["allow_published"] else PUBLISHED
    entries = ring.parse_ring(
        bytes.fromhex(given["ring"]), is_file=given["is_file"], now=given["now"], published=published
    )
    moments = []
    for moment in given["moments"]:
        primary = ring.find_primary(entries, moment)
        opens = [entry.key_id.hex() for entry in entries if ring.may_open(entry, moment)]
        moments.append({"now": moment, "primary": primary and primary.key_id.hex(), "opens": opens})
    return {"moments": moments}


def decode(given: Json) -> Json:
    return {"envelope": render_envelope(check_envelope(message_pack.decode(bytes.fromhex(given["plaintext"]))))}


def open_value(given: Json) -> Json:
    envelope = wire.open_value(
        bytes.fromhex(given["value"]),
        take_entries(given),
        read_text(given["purpose"]),
        given["now"],
        take_ceilings(given),
    )
    return {"envelope": render_envelope(envelope)}


def judge(given: Json) -> Json:
    ceilings, now = take_ceilings(given), given["now"]
    times = {name: given[name] for name in ("created", "issued", "idle", "until")}
    envelope = time_rules.lower(Envelope(sid=bytes(16), persistent=True, data={}, flash=[], **times), ceilings)
    time_rules.judge(envelope, now, ceilings)
    return {
        "expires": time_rules.compute_expires(envelope),
        "idle": envelope.idle,
        "until": envelope.until,
        "renewal_due": time_rules.is_renewal_due(envelope, now, given["policy"]["renew_after"]),
        "reseal_due": time_rules.is_reseal_due(envelope, now, behind_primary=given["behind_primary"]),
    }


def scan(given: Json) -> Json:
    values = cookies.scan(take_headers(given), given["name"].encode())
    return {"values": [value.hex() for value in values]}


def read(given: Json) -> Json:
    cookie = Attributes(**given["cookie"])
    previous = [Attributes(**each) for each in given["previous"]]
    check_attributes(cookie)
    for each in previous:
        check_attributes(each)
        check_previous(each, cookie, has_purpose=given["purpose"] is not None)
    found = cookies.read(
        take_headers(given),
        take_entries(given),
        cookie=cookie,
        previous=previous,
        purpose=None if given["purpose"] is None else read_text(given["purpose"]),
        now=given["now"],
        ceilings=take_ceilings(given),
    )
    if found is None:
        return {"name": None, "envelope": None}
    name, envelope = found
    return {"name": name, "envelope": render_envelope(envelope)}


def set_cookie(given: Json) -> Json:
    cookie = Attributes(**given["cookie"])
    check_attributes(cookie)
    if given["token"] is None:
        return {"set_cookie": render(cookie, "", 0)}  # SPEC 12.5
    max_age = given["expires"] - given["now"] if given["persistent"] else None  # SPEC 12.4
    return {"set_cookie": render(cookie, given["token"], max_age)}


def check_csrf(given: Json) -> Json:
    csrf.check_csrf_token(bytes.fromhex(given["token"]), bytes.fromhex(given["sid"]), read_text(given["form"]))
    return {}


def take_entries(given: Json) -> list[ring.Entry]:
    octets = given["keyring"].encode()
    return ring.parse_ring(octets, is_file=False, now=given["now"], published=())  # SPEC 4.2.1


def take_ceilings(given: Json) -> Ceilings:
    policy = given["policy"]
    names = ("idle_timeout", "absolute_lifetime", "renew_after", "longest_idle", "longest_lifetime")
    for duration in [policy[name] for name in names if policy[name] is not None]:
        if duration < 1:
            raise Refused("refused")  # SPEC 9.8
    if policy["idle_timeout"] > 2**32 - 1:
        raise Refused("refused")  # SPEC 9.8
    return Ceilings(policy["longest_idle"], policy["longest_lifetime"], policy["not_before"])


def take_headers(given: Json) -> list[bytes]:
    return [bytes.fromhex(header) for header in given["cookie_headers"]]


OPS: dict[str, Callable[[Json], Json]] = {
    "parse-ring": parse_ring,
    "decode": decode,
    "open": open_value,
    "judge": judge,
    "scan": scan,
    "read": read,
    "set-cookie": set_cookie,
    "check-csrf": check_csrf,
}
