"""Minted cookies: what is sealed, at what times, and what is refused."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypedDict

import msgspec
import pydantic
import pytest
from markupsafe import Markup
from shared_values import NOW

from cookiejar_session import (
    ConfigError,
    CookieSessions,
    Envelope,
    MintedCookie,
    SessionTooLargeError,
    UnsupportedValueError,
    open_token,
)
from cookiejar_session.session.minted_cookie import mint_cookie

Make = Callable[..., CookieSessions[Any]]
Mint = Callable[..., MintedCookie]

NAME = "__Host-session"
EARLIER = datetime.fromtimestamp(NOW - 100, UTC)


class User(msgspec.Struct):
    user: str
    seen: datetime | None = None
    counts: dict[int, str] = {}


class Visitor(TypedDict, total=False):
    seen: datetime


class Model(pydantic.BaseModel):
    n: int = 1


@pytest.fixture
def mint(make_sessions: Make) -> Mint:
    """Mints at NOW; options as CookieSessions takes them, under ``options``."""

    def run(data: Any = None, *, options: dict[str, Any] | None = None, **more: Any) -> MintedCookie:
        arguments = {"flash": (), "persistent": None, "created_at": None, "now": NOW, **more}
        return mint_cookie(make_sessions(**options or {}).settings, data, **arguments)

    return run


@pytest.fixture
def opened(mint: Mint, make_sessions: Make) -> Callable[..., Envelope]:
    """The envelope of what is minted."""

    def run(data: Any = None, **more: Any) -> Envelope:
        keyring = make_sessions().settings.keyring
        return open_token(mint(data, **more).token, keyring=keyring, purpose=NAME, now=NOW)

    return run


# What is sealed


def test_repr_of_a_minted_cookie_shows_its_name_and_no_token(mint: Mint) -> None:
    cookie = mint()
    assert (cookie.name, cookie.header, repr(cookie)) == (NAME, f"{NAME}={cookie.token}", f"<MintedCookie {NAME}>")
    assert cookie.__sentry_repr__() == f"<MintedCookie {NAME}>"


def test_times_are_those_of_the_policy(opened: Callable[..., Envelope]) -> None:
    envelope = opened()
    times = envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    assert times == (NOW, NOW, 14 * 86400, NOW + 90 * 86400, True)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5))])
def test_session_may_have_begun_earlier(opened: Callable[..., Envelope], zone: timezone) -> None:
    envelope = opened(created_at=EARLIER.astimezone(zone), persistent=False)
    assert (envelope.created, envelope.issued, envelope.persistent) == (NOW - 100, NOW, False)


def test_flash_messages_may_be_tuples_or_lists_of_any_iterable(opened: Callable[..., Envelope]) -> None:
    assert opened(flash=iter([("info", "hi"), ["cart", 2]])).flash == [("info", "hi"), ("cart", 2)]


@pytest.mark.parametrize(
    ("data_type", "data", "sealed"),
    [
        (None, None, {}),
        (User, None, {}),
        (None, {"a": 1}, {"a": 1}),
        (None, User("ada", counts={1: "one"}), {"user": "ada", "seen": None, "counts": {"1": "one"}}),
        (User, User("ada", counts={1: "one"}), {"user": "ada", "seen": None, "counts": {"1": "one"}}),
        (User, {"user": "ada", "foreign": 1}, {"user": "ada", "foreign": 1}),
        (User, {"foreign": 1}, {"foreign": 1}),
        (Visitor, {"seen": EARLIER, "foreign": 1}, {"seen": "2025-12-31T23:58:20Z", "foreign": 1}),
        (Model, Model(n=2), {"n": 2}),
    ],
)
def test_data_is_sealed_as_a_session_would_write_it(
    opened: Callable[..., Envelope], data_type: Any, data: Any, sealed: dict[str, Any]
) -> None:
    assert opened(data, options={"data_type": data_type}).data == sealed


def test_data_that_a_migration_makes_fit_is_sealed_as_it_is(opened: Callable[..., Envelope]) -> None:
    def migrate(data: dict[str, Any]) -> dict[str, Any]:
        data["user"] = data.pop("name")
        return data

    assert opened({"name": "ada"}, options={"data_type": User, "migrate": migrate}).data == {"name": "ada"}


# What is refused


def refuse(data: dict[str, Any]) -> dict[str, Any]:
    raise LookupError(data)


@pytest.mark.parametrize(
    ("data", "options", "problem"),
    [
        ({"user": 5}, {}, "session: data that does not fit User; give mint() data that the class can hold"),
        (
            {"seen": "secret"},
            {},
            "session: data that does not fit User; give mint() data that the class can hold",
        ),
        (
            {"user": 5},
            {"migrate": refuse},
            "session: data that does not fit User; give mint() data that the class can hold",
        ),
        (Model(), {}, "session.data: Model; assign a User whose values can be encoded"),
        (5, {}, "session.data: int; assign a User whose values can be encoded"),
        ({"user": EARLIER}, {}, "user: datetime; a session holds None, bool, int, float, str, bytes, list and dict "),
    ],
)
def test_data_that_does_not_fit_the_data_type_is_refused(
    mint: Mint, data: Any, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        mint(data, options={"data_type": User, **options})
    assert str(caught.value).startswith(problem)


def test_what_a_migration_raises_is_not_shown(mint: Mint) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        mint({"user": ["secret"]}, options={"data_type": User, "migrate": refuse})
    assert "secret" not in "".join(traceback.format_exception(caught.value)).replace('["secret"]', "")


@pytest.mark.parametrize(
    ("flash", "problem"),
    [
        (["hi"], "flash[0]: str; use a pair (category, value)"),
        ("ab", "flash[0]: str; use a pair (category, value)"),
        ([("info", "hi"), ("info",)], "flash[1]: tuple; use a pair (category, value)"),
        ([("info", "hi", 3)], "flash[0]: tuple; use a pair (category, value)"),
        ({"info": "hi"}, "flash[0]: str; use a pair (category, value)"),
        (5, "flash: must be a list of at most 32 pairs"),
        ([("info", "hi")] * 33, "flash: must be a list of at most 32 pairs"),
        ([(5, "hi")], "flash[0]: category of type int; use a str"),
    ],
)
def test_flash_entries_that_are_no_pairs_or_too_many_are_refused(mint: Mint, flash: Any, problem: str) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        mint(flash=flash)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"persistent": 1}, "persistent must be a bool, got int; write True or False"),
        ({"persistent": "no"}, "persistent must be a bool, got str; write True or False"),
        ({"created_at": NOW}, "created_at must be a datetime, got int; write datetime(..., tzinfo=UTC)"),
        ({"created_at": EARLIER.replace(tzinfo=None)}, "created_at has no time zone; write datetime(..., tzinfo=UTC)"),
    ],
)
def test_lifetime_arguments_of_other_types_are_refused(mint: Mint, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mint(**options)
    assert str(caught.value) == problem


def test_session_that_is_too_large_is_refused_with_its_sizes(mint: Mint) -> None:
    with pytest.raises(SessionTooLargeError) as caught:
        mint({"blob": "x" * 2000}, flash=[("info", "hi")])
    assert (caught.value.limit, set(caught.value.octets_by_key)) == (2660, {"blob", None})


def test_instances_of_subclasses_are_listed_by_their_base_values_in_a_session_that_is_too_large(mint: Mint) -> None:
    with pytest.raises(SessionTooLargeError) as caught:
        mint({"blob": Markup("{}").format("x" * 2000)}, flash=[("info", Markup("hi"))])
    assert caught.value.octets_by_key == {"blob": 2008, None: 10}


def test_instances_of_subclasses_are_sealed_as_their_base_values(opened: Callable[..., Envelope]) -> None:
    envelope = opened({"text": Markup("a"), "list": (Markup("b"),)}, flash=[("info", Markup("c"))])
    assert (envelope.data, envelope.flash) == ({"text": "a", "list": ["b"]}, [("info", "c")])
