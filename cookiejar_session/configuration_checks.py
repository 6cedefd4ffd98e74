"""Checks of the arguments of CookieSessions. Each raises ConfigError for a value that cannot work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from .deferred_calls import is_deferred
from .errors import ConfigError
from .headers.set_cookie import CookieAttributes
from .settings import DEFAULT_TOKEN_CHARACTERS, normalize_attribute
from .wire.layout import MAX_TOKEN_CHARACTERS, MIN_TOKEN_CHARACTERS

# The methods that msgspec, dataclasses, attrs and pydantic call when they make a value.
_DATA_TYPE_HOOKS = ("__post_init__", "__attrs_pre_init__", "__attrs_post_init__", "model_post_init")


def check_previous(previous: object, cookie: CookieAttributes, purpose: str | None) -> None:
    """Check that the previous cookies differ from the current one, and do not weaken its protection (SPEC 12.6).

    With an explicit purpose, a previous cookie without the prefix ``__Host-`` would let a subdomain plant a session in
    a cookie with this prefix. ``purpose`` is None if the purpose is the cookie's name.
    """
    cookies = cast("Sequence[object]", previous)
    if not isinstance(previous, Sequence) or not all(isinstance(each, CookieAttributes) for each in cookies):
        raise ConfigError("previous must be a list of CookieAttributes; write previous=[CookieAttributes(name=...)]")
    for each in cast("Sequence[CookieAttributes]", previous):
        if _identify(each) == _identify(cookie):
            raise ConfigError(f"previous cookie {each.name} is the cookie itself; name the attributes it had before")
    _refuse_unprefixed(cast("Sequence[CookieAttributes]", previous), cookie, purpose)


def _refuse_unprefixed(previous: Sequence[CookieAttributes], cookie: CookieAttributes, purpose: str | None) -> None:
    # SPEC 12.6 and 17.10. Browsers ignore the case of the prefix.
    if purpose is None or not cookie.name.lower().startswith("__host-"):
        return
    for each in previous:
        if not each.name.lower().startswith("__host-"):
            raise ConfigError(
                f"previous cookie {each.name} with an explicit purpose: any subdomain can set {each.name}, and a "
                f"session of its own would be moved into {cookie.name}; leave purpose out, or this previous cookie"
            )


def _identify(cookie: CookieAttributes) -> tuple[object, ...]:
    return cookie.name, cookie.path, normalize_attribute("domain", cookie.domain), cookie.partitioned


def check_purpose(purpose: str | None) -> None:
    """Check that a purpose can be encoded (SPEC 3.5)."""
    try:
        (purpose or "").encode()
    except UnicodeEncodeError:
        raise ConfigError(
            "purpose has a lone surrogate, it must be text; leave it out to use the cookie's name"
        ) from None


def check_limit(max_token_characters: int) -> None:
    """Check that the limit is between the lengths of the shortest and the longest token (SPEC 2.2)."""
    if not MIN_TOKEN_CHARACTERS <= max_token_characters <= MAX_TOKEN_CHARACTERS:
        raise ConfigError(
            f"max_token_characters is {max_token_characters}, it must be from {MIN_TOKEN_CHARACTERS} to "
            f"{MAX_TOKEN_CHARACTERS}; leave it out for {DEFAULT_TOKEN_CHARACTERS}"
        )


def check_functions(*, on_event: object, migrate: object, data_type: object) -> None:
    """Check the application's functions and the hooks of the data type, which must not be async."""
    for name, function, parameter in (("on_event", on_event, "one Event"), ("migrate", migrate, "a dict")):
        if function is None:
            continue
        if not callable(function):
            raise ConfigError(
                f"{name} must be callable with {parameter}, got {type(function).__name__}; pass a function"
            )
        if is_deferred(function):
            raise ConfigError(
                f"{name} must not be async or a generator, it would never run; pass a plain function with {parameter}"
            )
    for hook in _DATA_TYPE_HOOKS:
        if is_deferred(getattr(data_type, hook, None)):
            raise ConfigError(f"{hook} of the data_type must not be async or a generator, it would never run")
    if migrate is not None and data_type is None:
        raise ConfigError("migrate needs a data_type to migrate to; add data_type=T, or leave migrate out")
