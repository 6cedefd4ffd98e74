"""Of the cookies that came, the one that is accepted (SPEC 8 and 11). Knows nothing of the response."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from ..errors import Reason, TokenError
from ..events import log
from ..headers.cookies import CookieAttributes, scan_cookies
from ..keys.derivation import derive
from ..keys.ring import RingEntry
from ..record import Record
from ..settings import Settings
from ..typed.data_type import DataType, Migration, UnfitDataError, read_migrated
from ..wire.envelope import Envelope, decode_envelope, encode_unchecked
from ..wire.profile import check_content
from ..wire.sealing import find_box, open_box
from ..wire.time_rules import judge_times

# SPEC 11.4: opening costs; whoever sends more same-named cookies than this is not a browser in use.
MAX_OPENED = 4

# Somebody else may be able to read these: another node's key, version, clock or code (SPEC 10.4).
PRESERVED = frozenset(
    {
        Reason.UNKNOWN_VERSION,
        Reason.UNKNOWN_KEY,
        Reason.BAD_PADDING,
        Reason.BAD_ENCODING,
        Reason.BAD_ENVELOPE,
        Reason.NOT_YET_VALID,
        Reason.UNFIT_DATA,
    }
)


class Accepted(Record, frozen=True):
    """A token that was opened and found valid; ``value`` is the typed view.

    ``encoded`` is the encoded envelope, under the ceilings, as migrated and with the defaults of the typed view.
    """

    envelope: Envelope
    encoded: bytes
    entry: RingEntry
    characters: int
    cookie: CookieAttributes
    value: Any = None


class Refusal(Record, frozen=True):
    """A token that was refused, with what may be told of it."""

    reason: Reason
    key_id: bytes | None = None
    sid: bytes | None = None


class Reading(Record, frozen=True):
    """What a request's cookies came to: the accepted token, why others were refused, and which previous names came.

    ``may_move``: the session came under a previous name, and nothing under its own name is to be preserved (SPEC 13.7).
    """

    accepted: Accepted | None = None
    refusals: tuple[Refusal, ...] = ()
    previous_names: frozenset[str] = frozenset()
    may_move: bool = False

    @property
    def must_discard(self) -> bool:
        """Whether the browser is to drop the cookie: all that came is dead for everybody (SPEC 13.5 step 7)."""
        return self.accepted is None and bool(self.refusals) and not _any_preserved(self.refusals)


def read_cookies(header: str, settings: Settings, now: int) -> Reading:
    """Scans a Cookie field value, opens what is worth opening and accepts the token issued last. Never raises."""
    own = settings.cookie.name
    reading = accept_token(scan_cookies(header, own), settings.cookie, settings.purpose, settings, now)
    if not settings.previous:
        return reading
    accepted, refusals = reading.accepted, reading.refusals
    may_move = accepted is None and not _any_preserved(refusals)
    came = set[str]()
    for previous in settings.previous:
        # Previous attributes that share a name share their cookies: each name is scanned once (SPEC 11.5).
        name = previous.attributes.name
        tokens = [] if name == own or name in came else scan_cookies(header, name)
        if not tokens:
            continue
        came.add(name)
        if accepted is None:
            reading = accept_token(tokens, previous.attributes, previous.purpose, settings, now)
            accepted = reading.accepted
            refusals += reading.refusals
    return Reading(accepted, refusals, frozenset(came), may_move and accepted is not None)


def accept_token(
    tokens: Iterable[str], cookie: CookieAttributes, purpose: str, settings: Settings, now: int
) -> Reading:
    """The accepted token issued last, the first of equals, and why each other was refused, in order (SPEC 11.4)."""
    best: Accepted | None = None
    refusals: list[Refusal] = []
    opened = 0
    keyring, rules = settings.keyring, settings.rules
    for token in tokens:
        try:
            box = find_box(token, keyring, now)
        except TokenError as exc:
            refusals.append(Refusal(exc.reason, exc.key_id))
            continue
        if opened == MAX_OPENED:
            continue
        opened += 1
        entry = box[1]
        try:
            encoded = open_box(box, purpose)
            envelope = decode_envelope(encoded)
        except TokenError as exc:
            refusals.append(Refusal(exc.reason, entry.key.key_id))
            continue
        if rules.has_ceilings:
            lowered = rules.lower(envelope)
            if lowered is not envelope:
                envelope, encoded = lowered, encode_unchecked(lowered)
        reason = judge_times(envelope, now, rules.not_before)
        accepted = Accepted(envelope, encoded, entry, len(token), cookie)
        if reason is None and settings.data_type is not None:
            accepted, reason = _fit(accepted, settings.data_type, settings.migrate)
        if reason is not None:
            refusals.append(Refusal(reason, entry.key.key_id, envelope.sid))
        elif best is None or envelope.issued > best.envelope.issued:
            best = accepted
    return Reading(best, tuple(refusals))


def render_log_id(sid: bytes) -> str:
    """What logs may show in place of a sid: 16 hex digits (SPEC 14.5)."""
    return derive(sid, "log-id")[:8].hex()


def _any_preserved(refusals: Iterable[Refusal]) -> bool:
    return any(refusal.reason in PRESERVED for refusal in refusals)


def _fit(accepted: Accepted, data_type: DataType[Any], migrate: Migration | None) -> tuple[Accepted, Reason | None]:
    envelope = accepted.envelope
    try:
        data, value = read_migrated(data_type, envelope.data, migrate)
        # A field with a default, or a migration, makes other octets than came; only later changes count (SPEC 13.3).
        whole = replace(envelope, data=data_type.merge(data, value))
        encoded = encode_unchecked(whole)
        if encoded != accepted.encoded:
            check_content(whole.data, whole.flash)
    except UnfitDataError:
        return accepted, Reason.UNFIT_DATA
    except Exception as exc:
        # Only the type: what a migration's error says may hold data.
        log.error("data_type or migrate raised %s; the cookie is left as it is", type(exc).__qualname__)
        return accepted, Reason.UNFIT_DATA
    return replace(accepted, envelope=replace(envelope, data=data), encoded=encoded, value=value), None
