"""Minting: a session cookie made outside of a request, for tests and scripts."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

from ..argument_checks import check_types
from ..errors import UnsupportedValueError
from ..settings import Settings
from ..typed.data_type import DataType, Migration, read_migrated, to_map
from ..wire.envelope import SID_OCTETS, Envelope, check_data, check_flash
from ..wire.sealing import seal_token
from ..wire.size import check_size
from ..wire.time_rules import check_time_zone


class MintedCookie(NamedTuple):
    """A sealed session as a cookie: its name, its token, and both as a Cookie field value.

    ``repr`` shows only the name.
    """

    name: str
    token: str
    header: str

    def __repr__(self) -> str:
        return f"<MintedCookie {self.name}>"

    def __sentry_repr__(self) -> str:
        # Without this, Sentry's SDK would show the content, as it does for all tuples.
        return repr(self)


def mint_cookie(
    settings: Settings,
    data: Any,
    *,
    flash: Any,
    persistent: bool | None,
    created_at: datetime | None,
    now: int,
) -> MintedCookie:
    """Make a cookie as ``CookieSessions.mint`` describes. ``now`` is Unix seconds."""
    check_types(persistent=(persistent, bool | None), created_at=(created_at, datetime | None))
    if created_at is not None:
        check_time_zone(created_at, "created_at")
    created = now if created_at is None else int(created_at.timestamp())
    rules, data_type, name = settings.rules, settings.data_type, settings.cookie.name
    whole = {} if data is None else to_map(data) if data_type is None else data_type.write_all(data)
    envelope = Envelope(
        sid=settings.random_octets(SID_OCTETS),
        created=created,
        issued=created,
        idle=rules.idle,
        until=created + rules.absolute,
        persistent=rules.persistent if persistent is None else persistent,
        data=check_data(whole),
        flash=check_flash(_list_pairs(flash)),
    )
    token = seal_token(envelope, keyring=settings.keyring, purpose=settings.purpose, now=now)
    check_size(len(token), envelope.data, envelope.flash, limit=settings.max_token_characters)
    if data_type is not None and not _fits(whole, data_type, settings.migrate):
        raise UnsupportedValueError(
            f"session: data that does not fit {data_type.name}; give mint() data that the class can hold"
        )
    return MintedCookie(name, token, f"{name}={token}")


def _list_pairs(flash: Any) -> Any:
    # Anything that is not iterable is refused by check_flash().
    return [*flash] if hasattr(flash, "__iter__") else flash


def _fits(data: dict[str, Any], data_type: DataType[Any], migrate: Migration | None) -> bool:
    try:
        # Pass a copy, since a migration may change its argument.
        read_migrated(data_type, deepcopy(data), migrate)
    except Exception:  # a migration may raise any exception, whose message may show data
        return False
    return True
