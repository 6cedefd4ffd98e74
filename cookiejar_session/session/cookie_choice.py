"""Choosing the session cookie of a request: which cookie is accepted, and why others are refused.

SPEC 11.4 to 11.6.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ..errors import Reason, TokenError
from ..headers.cookie_header import scan_cookies
from ..headers.set_cookie import CookieAttributes
from ..hidden_repr import Record
from ..keys.rotation import RingEntry
from ..settings import Settings
from ..telemetry import Carrier, log_request
from ..typed.data_type import DataType, Migration, UnfitDataError, read_migrated
from ..wire.envelope import Envelope, check_data, encode_envelope
from ..wire.opening import Refusal, find_candidate, is_like_token, open_candidate, render_log_id

# SPEC 11.4: at most MAX_JUDGED values of one cookie name are judged, and at most MAX_OPENED of these are opened. Both
# cost time, and browsers usually have one cookie with our name, or two.
MAX_JUDGED = 16
MAX_OPENED = 4
# One more than can be judged, to detect that there are more.
SCANNED = MAX_JUDGED + 1

# A token that was refused for one of these reasons may be valid for a different reader: a node with a different key,
# version, clock or code (SPEC 10.4).
PRESERVED = frozenset(
    {
        Reason.UNKNOWN_VERSION,
        Reason.UNKNOWN_KEY,
        Reason.BAD_PADDING,
        Reason.BAD_ENCODING,
        Reason.BAD_ENVELOPE,
        Reason.NOT_YET_VALID,
        Reason.EXPIRED,
        Reason.UNFIT_DATA,
    }
)


class Accepted(Record, frozen=True):
    """An accepted token: its envelope after the policy's ceilings and ``migrate`` were applied, and where it came from.

    ``value`` is the typed value. ``encoded`` is the encoding of that envelope, with the defaults of the typed value
    filled in.
    """

    envelope: Envelope
    encoded: bytes
    entry: RingEntry
    characters: int
    cookie: CookieAttributes
    value: Any = None


class Reading(Record, frozen=True):
    """The result of reading a request's cookies.

    ``refusals`` are in the order of SPEC 11.6. ``must_preserve`` says that the response must not delete the cookies
    only because they are invalid. A different reader or other software may be able to read one of them, or one of them
    was not read at all (SPEC 10.4). ``previous_names`` are the previous names for which the request has a cookie of
    this software. ``may_move`` says that the session came under a previous name, and that the request has no cookie of
    the current name that must be preserved (SPEC 13.7). ``failures`` are the types of the errors that ``migrate`` or a
    data type raised, except UnfitDataError. ``valid_count`` is the number of valid cookies with the name of the
    accepted one.
    """

    accepted: Accepted | None = None
    refusals: tuple[Refusal, ...] = ()
    must_preserve: bool = False
    previous_names: frozenset[str] = frozenset()
    may_move: bool = False
    failures: tuple[str, ...] = ()
    valid_count: int = 0

    def report_failures(self, carrier: Carrier = None) -> None:
        """Log ``failures`` of the request with this environ or scope."""
        for failure in self.failures:
            log_request(carrier, logging.ERROR, "data_type or migrate raised %s; the cookie is left as it is", failure)

    @property
    def must_delete(self) -> bool:
        """Whether the response must delete the cookie, since nobody can read any of its values (SPEC 13.5 step 7)."""
        return self.accepted is None and bool(self.refusals) and not self.must_preserve


def read_cookies(header: str, *, settings: Settings, now: int) -> Reading:
    """Return the result of reading a Cookie field value at ``now`` (Unix seconds). Never raises."""
    own = settings.cookie
    tokens = scan_cookies(header, own.name, limit=SCANNED)
    reading = accept_token(tokens, own, purpose=settings.purpose, settings=settings, now=now)
    if not settings.previous:
        return reading
    accepted, refusals, failures = reading.accepted, reading.refusals, reading.failures
    must_preserve = reading.must_preserve
    may_move = accepted is None and not must_preserve
    scanned, came = {own.name}, set[str]()
    for previous in settings.previous:
        # Several previous cookies may have the same name. Each name is scanned only once (SPEC 11.5).
        name = previous.attributes.name
        if name in scanned:
            continue
        scanned.add(name)
        tokens = scan_cookies(header, name, limit=SCANNED)
        # SPEC 12.8: a name whose values all belong to other software, since none begins like a token, is not deleted.
        # If there are more values than are judged, one of the others may be a token.
        if len(tokens) > MAX_JUDGED or any(map(is_like_token, tokens)):
            came.add(name)
        if accepted is None:
            reading = accept_token(tokens, previous.attributes, purpose=previous.purpose, settings=settings, now=now)
            accepted = reading.accepted
            refusals += reading.refusals
            failures += reading.failures
            must_preserve = must_preserve or reading.must_preserve
    may_move = may_move and accepted is not None
    valid_count = reading.valid_count
    return Reading(accepted, refusals, must_preserve, frozenset(came), may_move, failures, valid_count)


def accept_token(
    tokens: Sequence[str], cookie: CookieAttributes, *, purpose: str, settings: Settings, now: int
) -> Reading:
    """Choose the valid token that was issued last among the values of one cookie (SPEC 11.4).

    If several valid tokens have the same latest issue time, choose the first of them.
    """
    best: Accepted | None = None
    refusals: list[Refusal] = []
    failures: list[str] = []
    opened = valid = 0
    must_preserve = len(tokens) > MAX_JUDGED
    for token in tokens[:MAX_JUDGED]:
        try:
            candidate = find_candidate(token, keyring=settings.keyring, now=now)
            if opened == MAX_OPENED:
                must_preserve = True
                continue
            opened += 1
            envelope, encoded = open_candidate(candidate, purpose=purpose, now=now, ceilings=settings.rules.ceilings)
            accepted = Accepted(envelope, encoded, candidate.entry, candidate.characters, cookie)
        except TokenError as exc:
            refusals.append(Refusal(exc.reason, exc.key_id, exc.log_id))
            must_preserve = must_preserve or exc.reason in PRESERVED or not is_like_token(token)
            continue
        if settings.data_type is not None:
            try:
                accepted = _fit(accepted, settings.data_type, settings.migrate)
            except Exception as exc:  # a migration may raise any exception
                if not isinstance(exc, UnfitDataError):
                    # Keep only the type, since the message may show data.
                    failures.append(type(exc).__qualname__)
                key_id, log_id = candidate.entry.key.key_id, render_log_id(envelope.sid)
                refusals.append(Refusal(Reason.UNFIT_DATA, key_id, log_id))
                must_preserve = True
                continue
        valid += 1
        if best is None or envelope.issued > best.envelope.issued:
            best = accepted
    return Reading(best, tuple(refusals), must_preserve, failures=tuple(failures), valid_count=valid)


def _fit(accepted: Accepted, data_type: DataType[Any], migrate: Migration | None) -> Accepted:
    """Return ``accepted`` with its typed value. Raises UnfitDataError (SPEC 10.3), or any error of ``migrate``."""
    envelope = accepted.envelope
    data, value = read_migrated(data_type, envelope.data, migrate)
    # Defaults of new fields and a migration change the encoding. Only later changes count as writes (SPEC 13.3).
    whole = replace(envelope, data=data_type.merge(check_data(data), value))
    return replace(accepted, envelope=replace(envelope, data=data), encoded=encode_envelope(whole), value=value)
