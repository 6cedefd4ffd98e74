"""Whatever the Cookie header is, CookieSessions.read returns the session that the reference reader accepts.

The input is a Cookie header. Each octet from 0x80 on is replaced by a whole token, so that the fuzzer combines tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from answers import compare
from generation.keys import A, B, ring
from generation.messagepack import write_envelope
from generation.octets import seal
from generation.values import CREATED, envelope, mapping
from reference import cookies
from reference.attributes import Attributes
from reference.refusal import Refused
from reference.ring import parse_ring
from reference.time_rules import Ceilings
from reference.values import render_value
from seeds import list_inputs

from cookiejar_session import CookieAttributes, CookieSessions, Keyring
from cookiejar_session.headers.cookie_header import scan_cookies

NAME, PREVIOUS = "s", "old"
NOW = CREATED + 600
RING = ring(A, B)
ENTRIES = parse_ring(RING.encode(), is_file=False, now=NOW, published=())
SESSIONS = CookieSessions(
    Keyring.parse(RING, now=NOW, _allow_published=True),
    cookie=CookieAttributes(name=NAME),
    previous=[CookieAttributes(name=PREVIOUS)],
)
COOKIE, PREVIOUS_COOKIE = (
    Attributes(name=name, path="/", domain=None, secure=True, httponly=True, samesite="Lax", partitioned=False)
    for name in (NAME, PREVIOUS)
)
# More would only make it slow.
MAX_EXPANDED = 24
CEILINGS = Ceilings(longest_idle=None, longest_lifetime=None, not_before=None)


def list_tokens() -> list[bytes]:
    """Tokens that are accepted, with different issued times and names, and one token for each reason."""
    issued = (0, 60, 60, 600, 660, 661)
    envelopes = [envelope(issued=CREATED + late, data=mapping(("n", str(n)))) for n, late in enumerate(issued)]
    envelopes += [envelope(idle=1), envelope(sid="00")]
    plaintexts = [write_envelope(each) for each in envelopes] + [b"\xc1" * 48]
    tokens = [seal(plaintext, key=A, purpose=NAME) for plaintext in plaintexts]
    tokens += [seal(plaintext, key=B, purpose=PREVIOUS) for plaintext in plaintexts]
    altered = [tokens[0][:-1] + "~", tokens[0][:-1] + "-", "cj1." + "A" * 160, "cj2." + tokens[0], tokens[0][:-32]]
    return [token.encode() for token in tokens + altered]


TOKENS = list_tokens()


def list_seeds() -> Iterator[bytes]:
    for given in list_inputs("scan", "read"):
        yield b"; ".join(map(bytes.fromhex, given["cookie_headers"]))
    for number in range(len(TOKENS)):
        yield bytes([0x80 + number])
        yield b"s=" + bytes([0x80 + number])
        yield b'a="; s=\x80, s=\x81;s=' + bytes([0x80 + number]) + b"; old=\x8a"
    yield b"; ".join(b"s=" + bytes([0x80 + number]) for number in (6, 7, 8, 5, 0, 1))


def check(octets: bytes) -> None:
    header = expand(octets)
    text = header.decode("latin-1")
    compare([value.encode("latin-1") for value in scan_cookies(text, name=NAME)], cookies.scan([header], NAME.encode()))
    result = SESSIONS.read(text, now=NOW)
    content = None if result.session.is_new else render_value(dict(result.session))
    compare(json.dumps([result.reason, content]), json.dumps(ask_reference(header)))


def expand(octets: bytes) -> bytes:
    """Replace the first octets from 0x80 on by their tokens."""
    parts, left = [], MAX_EXPANDED
    for octet in octets:
        stands_for_token = left > 0 and 0x80 <= octet < 0x80 + len(TOKENS)
        parts.append(TOKENS[octet - 0x80] if stands_for_token else bytes([octet]))
        left -= stands_for_token
    return b"".join(parts)


def ask_reference(header: bytes) -> list[object]:
    try:
        accepted = read_reference(header)
    except Refused as refusal:
        return [refusal.reason, None]
    return [None, accepted]


def read_reference(header: bytes) -> object:
    if b"=" not in header:
        # A token without its name.
        accepted, reasons = cookies.choose([header] if header else [], ENTRIES, NAME, NOW, CEILINGS)
        if accepted is None and reasons:
            raise Refused(reasons[0])
        return None if accepted is None else render_value(accepted.data)
    found = cookies.read(
        [header], ENTRIES, cookie=COOKIE, previous=[PREVIOUS_COOKIE], purpose=None, now=NOW, ceilings=CEILINGS
    )
    return None if found is None else render_value(found[1].data)
