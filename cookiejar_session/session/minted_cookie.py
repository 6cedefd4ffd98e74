"""A session that was sealed outside of a request, as a cookie. Knows no clock.

For tests, and for handing a session over.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

from ..errors import ConfigError, SessionTooLargeError, UnsupportedValueError
from ..settings import Settings
from ..typed.data_type import DataType, Migration, read_migrated, to_map
from ..wire.envelope import MAX_FLASHES, SID_OCTETS, Envelope, count_octets_by_key
from ..wire.sealing import seal_token


class MintedCookie(NamedTuple):
    """A sealed session as a cookie: its name, its token, and both as a Cookie field value."""

    name: str
    token: str
    header: str

    def __repr__(self) -> str:
        return f"<MintedCookie {self.name}>"


def mint_cookie(
    settings: Settings,
    data: Any,
    *,
    flash: Iterable[tuple[str, Any]],
    persistent: bool | None,
    created_at: datetime | None,
    now: int,
) -> MintedCookie:
    """The cookie that ``CookieSessions.mint`` promises; raises what it says."""
    _refuse_other_types(persistent, created_at)
    created = now if created_at is None else int(created_at.timestamp())
    rules, data_type, name = settings.rules, settings.data_type, settings.cookie.name
    envelope = Envelope(
        settings.random_octets(SID_OCTETS),
        created,
        created,
        rules.idle,
        created + rules.absolute,
        rules.persistent if persistent is None else persistent,
        {} if data is None else to_map(data) if data_type is None else data_type.write_all(data),
        _list_flashes(flash),
    )
    token = seal_token(envelope, keyring=settings.keyring, purpose=settings.purpose, now=now)
    if len(token) > settings.max_token_characters:
        octets = count_octets_by_key(envelope.data, envelope.flash)
        raise SessionTooLargeError(characters=len(token), limit=settings.max_token_characters, octets_by_key=octets)
    if data_type is not None and not _fits(envelope.data, data_type, settings.migrate):
        raise UnsupportedValueError(f"session: data that does not fit {data_type.name}; mint what it can be read from")
    return MintedCookie(name, token, f"{name}={token}")


def _fits(data: dict[str, Any], data_type: DataType[Any], migrate: Migration | None) -> bool:
    try:
        # A copy, for a migration may change what it is given.
        read_migrated(data_type, deepcopy(data), migrate)
    except Exception:  # a migration raises what it likes, and what it says may show the data
        return False
    return True


def _refuse_other_types(persistent: object, created_at: object) -> None:
    if persistent is not None and type(persistent) is not bool:
        raise ConfigError(f"persistent must be True or False, got {type(persistent).__qualname__}; write bool(...)")
    if created_at is None:
        return
    if not isinstance(created_at, datetime):
        raise ConfigError(
            f"created_at must be a datetime, got {type(created_at).__qualname__}; write datetime(..., tzinfo=UTC)"
        )
    if created_at.tzinfo is None:
        raise ConfigError("created_at has no time zone; write datetime(..., tzinfo=UTC)")


def _list_flashes(flash: Any) -> list[tuple[str, Any]]:
    entries: list[Any] = list(flash) if issubclass(type(flash), Iterable) else [flash]
    for index, entry in enumerate(entries):
        if not issubclass(type(entry), (tuple, list)) or len(entry) != 2:
            raise UnsupportedValueError(
                f"flash[{index}]: {type(entry).__qualname__} that is no pair; write (category, value)"
            )
    if len(entries) > MAX_FLASHES:
        raise UnsupportedValueError(f"flash: {len(entries)} messages, at most {MAX_FLASHES} can be sealed; mint fewer")
    return entries
