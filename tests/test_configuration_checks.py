"""What the checks of a configuration refuse, through the constructor of CookieSessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import msgspec
import pydantic
import pytest

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]


class User(msgspec.Struct):
    user: str


class Strict(msgspec.Struct):
    n: int = 0

    def __post_init__(self) -> None:
        if self.n == 0:
            raise ValueError("n is zero")


class Endless(msgspec.Struct):
    rate: float = float("inf")


# What the constructor refuses


def no_function(value: Any) -> Any:
    return value


async def run_later(value: Any) -> Any:
    return value


async def generate_later(value: Any) -> Any:
    yield value


def generate(value: Any) -> Any:
    yield value


class Later:
    async def run(self, value: Any) -> Any:
        return value

    async def __call__(self, value: Any) -> Any:
        return value


class AsyncHook(msgspec.Struct):
    n: int = 0

    async def __post_init__(self) -> None: ...


@attrs.define
class AsyncAttrsHook:
    n: int = 0

    async def __attrs_post_init__(self) -> None: ...


class AsyncPydanticHook(pydantic.BaseModel):
    n: int = 0

    async def model_post_init(self, context: Any, /) -> None: ...  # type: ignore[override]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keyring": "cjk1_AAAA"}, "keyring must be a Keyring, got str; write Keyring.parse"),
        ({"cookie": "session"}, "cookie must be CookieAttributes, got str; write CookieAttributes"),
        ({"policy": {"idle_timeout": 5}}, "policy must be a Policy, got dict; write Policy"),
        ({"previous": CookieAttributes()}, "previous must be a list of CookieAttributes; write previous="),
        ({"previous": ["session"]}, "previous must be a list of CookieAttributes; write previous="),
        ({"previous": None}, "previous must be a list of CookieAttributes; write previous="),
        ({"previous": [CookieAttributes()]}, "previous cookie __Host-session is the cookie itself; name"),
        ({"previous": [CookieAttributes(httponly=False)]}, "previous cookie __Host-session is the cookie itself; name"),
        (
            {
                "cookie": CookieAttributes(name="s", domain="example.com"),
                "previous": [CookieAttributes(name="s", domain=".Example.com", secure=False)],
            },
            "previous cookie s is the cookie itself; name",
        ),
        ({"on_event": "print"}, "on_event must be callable with one Event, got str; pass a function"),
        ({"migrate": "m", "data_type": User}, "migrate must be callable with a dict, got str; pass a function"),
        ({"on_event": run_later}, "on_event must not be async or a generator, it would never run; pass a plain"),
        ({"on_event": Later().run}, "on_event must not be async or a generator"),
        ({"on_event": Later()}, "on_event must not be async or a generator"),
        ({"on_event": partial(run_later)}, "on_event must not be async or a generator"),
        ({"on_event": partial(Later())}, "on_event must not be async or a generator"),
        ({"on_event": generate_later}, "on_event must not be async or a generator"),
        ({"on_event": generate}, "on_event must not be async or a generator"),
        ({"migrate": run_later, "data_type": User}, "migrate must not be async or a generator, it would never run"),
        ({"migrate": Later().run, "data_type": User}, "migrate must not be async or a generator"),
        ({"migrate": Later(), "data_type": User}, "migrate must not be async or a generator"),
        ({"migrate": partial(run_later), "data_type": User}, "migrate must not be async or a generator"),
        ({"migrate": generate_later, "data_type": User}, "migrate must not be async or a generator"),
        ({"migrate": generate, "data_type": User}, "migrate must not be async or a generator"),
        ({"data_type": AsyncHook}, "__post_init__ of the data_type must not be async or a generator"),
        ({"data_type": AsyncAttrsHook}, "__attrs_post_init__ of the data_type must not be async or a generator"),
        ({"data_type": AsyncPydanticHook}, "model_post_init of the data_type must not be async or a generator"),
        ({"migrate": no_function}, "migrate needs a data_type to migrate to; add data_type=T"),
        ({"max_token_characters": 131}, "max_token_characters is 131, it must be from 132 to 3972; leave it out"),
        ({"max_token_characters": 3973}, "max_token_characters is 3973, it must be from 132 to 3972; leave it out"),
        ({"max_token_characters": "9"}, "max_token_characters must be an int, got str"),
        ({"purpose": b"login"}, "purpose must be a str, got bytes; decode it first"),
        ({"max_token_characters": True}, "max_token_characters must be an int, got bool"),
        ({"publish": "no"}, "publish must be a bool, got str; write True or False"),
        ({"data_type": "User"}, "data_type must be a class, got an instance of str; write the class itself"),
        ({"data_type": User(1)}, "data_type must be a class, got an instance of User; write the class itself"),
        ({"purpose": "\ud800"}, "purpose has a lone surrogate, it must be text; leave it out"),
        ({"data_type": int}, "data_type must be a msgspec.Struct, dataclass"),
        ({"data_type": Strict}, "data_type Strict refuses its own defaults; leave them out"),
        ({"data_type": Endless}, "data_type Endless has a default that cannot be sealed: rate: float that is not"),
    ],
)
def test_constructor_refuses_what_cannot_work(make_sessions: Make, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_sessions(**options)


@pytest.mark.parametrize("domain", [None, "www.example.com", "example.org"])
def test_a_previous_cookie_may_differ_in_its_domain_alone(make_sessions: Make, domain: str | None) -> None:
    cookie = CookieAttributes(name="s", domain="example.com")
    sessions = make_sessions(cookie=cookie, previous=[CookieAttributes(name="s", domain=domain)])
    assert [each.attributes.domain for each in sessions.settings.previous] == [domain]


@pytest.mark.parametrize("limit", [132, 3972])
def test_constructor_takes_the_limits_of_the_format(make_sessions: Make, limit: int) -> None:
    assert make_sessions(max_token_characters=limit).settings.max_token_characters == limit


@pytest.mark.parametrize("name", ["__Host-session", "__host-s", "__Host-Http-s"])
@pytest.mark.parametrize("previous", ["session", "__Secure-session", "__Http-session"])
@pytest.mark.parametrize("purpose", ["shared", "", "__Host-session"])
def test_a_previous_cookie_that_subdomains_can_set_is_refused_beside_an_explicit_purpose(
    name: str, previous: str, purpose: str, make_sessions: Make
) -> None:
    older = [CookieAttributes(name="__Host-older"), CookieAttributes(name=previous)]
    with pytest.raises(ConfigError) as caught:
        make_sessions(cookie=CookieAttributes(name=name), previous=older, purpose=purpose)
    assert str(caught.value) == (
        f"previous cookie {previous} with an explicit purpose: any subdomain can set {previous}, and a session of its "
        f"own would be moved into {name}; leave purpose out, or this previous cookie"
    )


@pytest.mark.parametrize(
    ("name", "previous", "purpose"),
    [
        ("__Host-session", "__HOST-older", "shared"),
        ("__Host-session", "session", None),
        ("session", "older", "shared"),
        ("__Secure-session", "session", "shared"),
    ],
)
def test_other_previous_cookies_and_purposes_are_accepted(
    name: str, previous: str, purpose: str | None, make_sessions: Make
) -> None:
    older = [CookieAttributes(name=previous)]
    assert make_sessions(cookie=CookieAttributes(name=name), previous=older, purpose=purpose).settings.previous
