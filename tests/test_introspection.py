"""No tool that looks into the package shows a key, a sid, a token or session data.

The tools are pydoc, signatures, Sphinx, Python's development mode, pickle and copy, and the programs that print the
local variables of a traceback: traceback, rich, structlog, loguru, Sentry's SDK, and the debug pages of Django and
Werkzeug. Some of them cut long text before they call repr.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import pprint
import random
import string
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

import pytest
import rich.console
import rich.pretty
import rich.traceback
import sentry_sdk
import structlog
from django.conf import UserSettingsHolder, global_settings
from django.conf import settings as django_settings
from django.views.debug import ExceptionReporter
from loguru import logger as loguru_logger
from werkzeug.debug.tbtools import DebugTraceback

import cookiejar_session
from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Envelope,
    Key,
    Keyring,
    Session,
    SessionCommittedError,
    SessionTooLargeError,
    TokenError,
    UnsupportedValueError,
    open_token,
    seal_token,
)

PACKAGE = Path(cookiejar_session.__file__).parent
# It would also write on standard error, with the variables of the tests, which hold secrets.
loguru_logger.remove()
NOW = 1767225600
LATER = NOW + 3 * 86400


def make_printable(octets: int) -> bytes:
    """Return random octets that look the same in every kind of repr. No two are equal."""
    return "".join(random.sample(string.ascii_letters + string.digits, octets)).encode()


# The secrets are random, so that no source line, which reporters show too, holds one.
MATERIAL, OTHER_MATERIAL = make_printable(32), make_printable(32)
SID = make_printable(16)
DATA = make_printable(40).decode()
KEY, OTHER_KEY = Key(MATERIAL), Key(OTHER_MATERIAL)
RING = f"{KEY.to_text()} {OTHER_KEY.to_text()}"
# One slip in the second key.
BROKEN_RING = RING[:-1]
PURPOSE = "__Host-session"


def make_envelope(**data: object) -> Envelope:
    return Envelope(SID, NOW, NOW, 14 * 86400, NOW + 90 * 86400, True, {"iban": DATA} | data, [("notice", DATA)])


KEYRING = Keyring.parse(RING, now=NOW)
TOKEN = seal_token(make_envelope(), keyring=KEYRING, purpose=PURPOSE, now=NOW)
HEADER = f"{PURPOSE}={TOKEN}"
# Never issued, so not in another text: a token is a secret of the visitor.
REFUSED = seal_token(make_envelope(), keyring=KEYRING, purpose="other", now=NOW)


def list_secrets() -> Iterator[str]:
    for key in (KEY, OTHER_KEY):
        material = key.to_text()[5:48]
        yield material
        yield from show_octets(key.box_key(PURPOSE))
    for printable in (MATERIAL, OTHER_MATERIAL, SID, DATA.encode()):
        yield printable.decode()
        yield printable.hex()
    yield TOKEN[20:]
    yield REFUSED[20:]


def show_octets(octets: bytes) -> Iterator[str]:
    yield octets.hex()
    yield repr(octets)[2:-1]
    yield json.dumps(repr(octets))[3:-2]


SECRETS = [*list_secrets()]
# A reporter may cut a secret, so a part of this length counts.
PART = 10
PARTS = {text[start : start + PART] for text in SECRETS for start in range(len(text) - PART + 1)}


def find_secrets(shown: str) -> set[str]:
    """Return the parts of secrets in ``shown``."""
    return PARTS & {shown[start : start + PART] for start in range(len(shown) - PART + 1)}


def test_a_part_of_a_secret_is_found() -> None:
    assert find_secrets(f"x{DATA[3:14]}x")
    assert find_secrets(repr(MATERIAL))
    assert find_secrets(repr(KEY.box_key(PURPOSE)))
    assert find_secrets(f"{KEY!r} {KEYRING!r}") == set()


# Errors


@dataclass
class Visitor:
    iban: str = ""
    count: int = 0


def make_sessions(**options: Any) -> CookieSessions[Any]:
    return CookieSessions(Keyring.parse(RING, now=NOW), **options)


def open_session(*, now: int = LATER, **options: Any) -> Session[Any]:
    session: Session[Any] = make_sessions(**options).begin(HEADER, now=now).session
    session.mark_accessed()
    return session


def finish_late() -> Session[Any]:
    exchange = make_sessions().begin(HEADER, now=NOW)
    exchange.session.mark_accessed()
    exchange.finish([])
    return exchange.session


def assign_data(session: Session[Any], value: Any) -> None:
    session.data = value


Prepare = Callable[[], Callable[[], object]]


def write_file(path: Path, content: str = BROKEN_RING) -> Path:
    path.write_text(content)
    return path


def list_errors(folder: Path) -> dict[str, tuple[type[Exception], Prepare]]:
    """Every kind of error, by public function: the type, and a function that returns the call that raises it."""
    unsupported = {"iban": DATA, "at": object()}
    mapping: Any = unsupported
    text: Any = RING
    large = "x" * 5000

    def set_large(session: Session[Any]) -> Session[Any]:
        session["large"] = large
        return session

    def finish_large() -> Callable[[], object]:
        exchange = make_sessions().begin(HEADER, now=LATER)
        set_large(exchange.session)
        return lambda: exchange.finish([])

    def finish_unsupported() -> Callable[[], object]:
        exchange = make_sessions().begin(HEADER, now=LATER)
        exchange.session["list"] = []
        exchange.session["list"].append(unsupported)
        return lambda: exchange.finish_encoded([])

    def reload() -> Callable[[], object]:
        answers = [BROKEN_RING, RING]
        return Keyring.from_callable(answers.pop).reload

    def use(make: Callable[[], Session[Any]], call: Callable[[Session[Any]], object]) -> Prepare:
        def prepare() -> Callable[[], object]:
            session = make()
            return lambda: call(session)

        return prepare

    def typed() -> Session[Any]:
        return open_session(data_type=Visitor)

    return {
        "Key": (ConfigError, lambda: lambda: Key(MATERIAL + b"x")),
        "Key of text": (ConfigError, lambda: lambda: Key(text)),
        "Key.parse": (ConfigError, lambda: lambda: Key.parse(RING)),
        "box_key": (ConfigError, lambda: lambda: Key(MATERIAL).box_key("\ud800")),
        "pickle.dumps(Key)": (TypeError, lambda: lambda: pickle.dumps(KEY)),
        "Keyring": (ConfigError, lambda: lambda: Keyring(text)),
        "Keyring.parse": (ConfigError, lambda: lambda: Keyring.parse(BROKEN_RING, now=NOW)),
        "Keyring.parse of octets": (ConfigError, lambda: lambda: Keyring.parse(text.encode())),
        "from_environment": (
            ConfigError,
            lambda: lambda: Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": BROKEN_RING}),
        ),
        "from_environment of a key as file": (
            ConfigError,
            lambda: lambda: Keyring.from_environment({"COOKIEJAR_SESSION_KEYS_FILE": RING}),
        ),
        "from_file": (ConfigError, lambda: lambda: Keyring.from_file(write_file(folder / "ring"))),
        "from_file of text": (ConfigError, lambda: lambda: Keyring.from_file(RING)),
        "from_callable": (ConfigError, lambda: lambda: Keyring.from_callable(lambda: BROKEN_RING)),
        "from_callable of text": (ConfigError, lambda: lambda: Keyring.from_callable(text)),
        "reload": (ConfigError, reload),
        "CookieSessions of text": (ConfigError, lambda: lambda: CookieSessions(text)),
        "seal_token with text": (
            AttributeError,
            lambda: lambda: seal_token(make_envelope(), keyring=text, purpose=PURPOSE, now=NOW),
        ),
        "seal_token": (
            UnsupportedValueError,
            lambda: lambda: seal_token(make_envelope(at=object()), keyring=KEYRING, purpose=PURPOSE, now=NOW),
        ),
        "seal_token too large": (
            SessionTooLargeError,
            lambda: lambda: seal_token(make_envelope(large=large), keyring=KEYRING, purpose=PURPOSE, now=NOW),
        ),
        "open_token": (
            TokenError,
            lambda: lambda: open_token(REFUSED, keyring=KEYRING, purpose=PURPOSE, now=NOW),
        ),
        "open_token with text": (
            TypeError,
            lambda: lambda: open_token(TOKEN, keyring=text, purpose=PURPOSE, now=NOW),
        ),
        "open_token expired": (
            TokenError,
            lambda: lambda: open_token(TOKEN, keyring=KEYRING, purpose=PURPOSE, now=NOW + 91 * 86400),
        ),
        "mint": (UnsupportedValueError, lambda: lambda: make_sessions().mint(unsupported)),
        "mint too large": (SessionTooLargeError, lambda: lambda: make_sessions().mint({"a": DATA, "b": large})),
        "mint of flash": (UnsupportedValueError, lambda: lambda: make_sessions().mint(flash=[(DATA, object())])),
        "mint that does not fit": (
            UnsupportedValueError,
            lambda: lambda: make_sessions(data_type=Visitor).mint({"iban": DATA, "count": DATA}),
        ),
        "read": (ConfigError, lambda: lambda: make_sessions().read(TOKEN, now=mapping)),
        "session[key]": (KeyError, use(open_session, lambda session: session["user"])),
        "session[typed key]": (KeyError, use(typed, lambda session: session["iban"])),
        "session[key] = value": (
            UnsupportedValueError,
            use(open_session, lambda session: session.__setitem__("a", unsupported)),
        ),
        "session[typed key] = value": (
            UnsupportedValueError,
            use(typed, lambda session: session.__setitem__("iban", DATA)),
        ),
        "setdefault": (UnsupportedValueError, use(open_session, lambda session: session.setdefault("a", unsupported))),
        "update": (UnsupportedValueError, use(open_session, lambda session: session.update(unsupported, b=DATA))),
        "update of a list": (
            UnsupportedValueError,
            use(open_session, lambda session: session.update([*unsupported.items()])),
        ),
        "|=": (UnsupportedValueError, use(open_session, lambda session: session.__ior__(unsupported))),
        "late |=": (SessionCommittedError, use(finish_late, lambda session: session.__ior__({"a": DATA}))),
        "late update": (SessionCommittedError, use(finish_late, lambda session: session.update({"a": DATA}))),
        "late assignment": (SessionCommittedError, use(finish_late, lambda session: session.__setitem__("a", DATA))),
        "late pop": (SessionCommittedError, use(finish_late, lambda session: session.pop("a", DATA))),
        "pop": (KeyError, use(open_session, lambda session: session.pop("user"))),
        "adopt": (
            UnsupportedValueError,
            lambda: (lambda exchange: lambda: exchange.adopt(unsupported))(make_sessions().begin(HEADER, now=LATER)),
        ),
        "session.data = value": (
            UnsupportedValueError,
            use(typed, lambda session: assign_data(session, Visitor(DATA, mapping["iban"]))),
        ),
        "session.data = mapping": (
            UnsupportedValueError,
            use(typed, lambda session: assign_data(session, unsupported)),
        ),
        "flash.add": (
            UnsupportedValueError,
            use(open_session, lambda session: session.flash.add("notice", unsupported)),
        ),
        "flash.set": (
            UnsupportedValueError,
            use(open_session, lambda session: session.flash.set("notice", unsupported)),
        ),
        "late flash.get": (SessionCommittedError, use(finish_late, lambda session: session.flash.get("notice"))),
        "late flash.pop_all": (SessionCommittedError, use(finish_late, lambda session: session.flash.pop_all())),
        "check": (SessionTooLargeError, use(lambda: set_large(open_session()), lambda session: session.check())),
        "csrf_token": (UnsupportedValueError, use(open_session, lambda session: session.csrf_token("\ud800"))),
        "late csrf_token": (
            UnsupportedValueError,
            use(open_session, lambda session: session.check_csrf_token("A" * 86, "\ud800")),
        ),
        "finish": (SessionTooLargeError, finish_large),
        "finish_encoded": (UnsupportedValueError, finish_unsupported),
        "pickle.dumps(Session)": (TypeError, use(open_session, pickle.dumps)),
        "pickle.dumps(Envelope)": (TypeError, lambda: lambda: pickle.dumps(make_envelope())),
    }


NAMES = [*list_errors(Path())]


@pytest.fixture(autouse=True)
def fixed_sid(monkeypatch: pytest.MonkeyPatch) -> None:
    """New sessions get a sid that these tests can find."""
    urandom = SimpleNamespace(urandom=lambda octets: (SID * 2)[:octets], PathLike=os.PathLike)
    monkeypatch.setattr("cookiejar_session.cookie_sessions.os", urandom)


@pytest.fixture(params=NAMES)
def error(request: pytest.FixtureRequest, tmp_path: Path) -> BaseException:
    expected, prepare = list_errors(tmp_path)[request.param]
    call = prepare()
    with pytest.raises(expected) as caught:
        call()
    assert type(caught.value) is expected
    return keep_package_frames(caught.value)


def is_ours(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("cookiejar_session")


def keep_package_frames(exc: BaseException) -> BaseException:
    """Remove the frames above the package from a traceback: the caller's own variables are not the package's matter."""
    found: TracebackType | None = exc.__traceback__
    while found is not None and not is_ours(found.tb_frame):
        found = found.tb_next
    return exc.with_traceback(found)


def show_with_traceback(exc: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(exc, capture_locals=True).format())


def show_cut(exc: BaseException) -> str:
    """Show local variables as some reporters do: text is cut to 80 characters before repr sees it."""
    shown: list[str] = []
    found = exc.__traceback__
    while found is not None:
        for value in found.tb_frame.f_locals.values():
            shown.append(repr(value[:80] if isinstance(value, (str, bytes)) else value))
        found = found.tb_next
    return "\n".join(shown)


def show_with_rich(exc: BaseException) -> str:
    out = StringIO()
    found = rich.traceback.Traceback.from_exception(type(exc), exc, exc.__traceback__, show_locals=True)
    rich.console.Console(file=out, width=400).print(found)
    return out.getvalue()


def show_with_structlog(exc: BaseException) -> str:
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=True)
    return json.dumps(transform((type(exc), exc, exc.__traceback__)))


def show_with_structlog_renderer(exc: BaseException) -> str:
    out = StringIO()
    structlog.dev.rich_traceback(out, (type(exc), exc, exc.__traceback__))
    return out.getvalue()


def show_with_loguru(exc: BaseException) -> str:
    out = StringIO()
    handler = loguru_logger.add(out, diagnose=True, backtrace=False)
    try:
        loguru_logger.opt(exception=exc).error("failed")
    finally:
        loguru_logger.remove(handler)
    # loguru also shows the frames around the first frame of the traceback.
    shown = out.getvalue()
    return shown[max(0, shown.find(f'File "{PACKAGE}')) :]


def show_with_sentry(exc: BaseException, **context: object) -> str:
    sent: list[Any] = []
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1",
        before_send=lambda event, hint: sent.append(event),
        default_integrations=False,
        auto_enabling_integrations=False,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        for name, value in context.items():
            scope.set_extra(name, value)
            scope.set_context(name, {name: value})
        if "session" in context:
            scope.add_event_processor(
                lambda event, hint: {**event, "request": {"data": context["session"], "env": context}}
            )
        scope.capture_exception(exc)
    assert len(sent) == 1
    return json.dumps(sent)


def show_with_django(exc: BaseException) -> str:
    holder = UserSettingsHolder(global_settings)
    holder.SECRET_KEY, holder.DEBUG = "unused", True
    # Another test file configures Django for this process.
    lazy_settings: Any = django_settings
    before, lazy_settings._wrapped = lazy_settings._wrapped, holder
    try:
        reporter = ExceptionReporter(None, type(exc), exc, exc.__traceback__)
        # The template of the page needs a configured Django. It shows no more than this.
        data = reporter.get_traceback_data()
        return "\n".join(map(str, (data["exception_type"], data["exception_value"], data["frames"])))
    finally:
        lazy_settings._wrapped = before


def show_with_werkzeug(exc: BaseException) -> str:
    page = DebugTraceback(exc)
    return page.render_debugger_html(evalex=True, secret="", evalex_trusted=True) + page.render_traceback_text()


REPORTERS = [
    show_with_traceback,
    show_cut,
    show_with_rich,
    show_with_structlog,
    show_with_structlog_renderer,
    show_with_loguru,
    show_with_sentry,
    show_with_django,
    show_with_werkzeug,
]


def get_name(function: Callable[..., object]) -> str:
    return function.__name__


def test_no_reporter_shows_a_secret(error: BaseException) -> None:
    shown = {show.__name__: show(error) for show in REPORTERS}
    assert [name for name, text in shown.items() if name != "show_cut" and type(error).__name__ not in text] == []
    assert {name: found for name, text in shown.items() if (found := find_secrets(text))} == {}


@pytest.mark.parametrize("show", [each for each in REPORTERS if each is not show_with_werkzeug], ids=get_name)
def test_each_reporter_would_show_a_variable(show: Callable[[BaseException], str]) -> None:
    """Otherwise the test above would prove nothing. Werkzeug's page shows variables only in its console."""

    def fail(text: str) -> None:
        raise RuntimeError(len(text))

    with pytest.raises(RuntimeError) as caught:
        fail(DATA)
    assert find_secrets(show(caught.value))


def view(
    session: Session[Any], exchange: object, minted: object, envelope: Envelope, key: Key, keyring: Keyring
) -> None:
    """An application that fails while its variables are objects of this package."""
    result = make_sessions().read(TOKEN, now=NOW)
    flash = session.flash
    everything = {"inner": session, "list": [session, minted], "result": result}
    raise RuntimeError(len([exchange, envelope, key, keyring, flash, everything]))


@pytest.mark.parametrize("show", REPORTERS, ids=get_name)
def test_no_object_shows_a_secret_as_a_variable_of_the_application(show: Callable[[BaseException], str]) -> None:
    exchange = make_sessions().begin(HEADER, now=NOW)
    minted = make_sessions().mint({"iban": DATA}, now=NOW)
    exchange.session.mark_accessed()
    with pytest.raises(RuntimeError) as caught:
        view(exchange.session, exchange, minted, make_envelope(), KEY, KEYRING)
    error = caught.value
    # Only the frame of view().
    assert error.__traceback__ is not None
    error = error.with_traceback(error.__traceback__.tb_next)
    shown = show(error)
    assert find_secrets(shown) == set()
    assert minted.token[20:40] not in shown


def test_sentry_shows_no_data_of_a_session_in_an_event() -> None:
    session = open_session()
    minted = make_sessions().mint({"iban": DATA}, now=NOW)
    shown = show_with_sentry(ValueError("failed"), session=session, minted=minted, scope={"session": session})
    assert "<Session opened>" in shown
    assert find_secrets(shown) == set()
    assert minted.token[20:40] not in shown


# A RecursionError, or another error that may arise in every line


def list_works(folder: Path) -> dict[str, Prepare]:
    """Each public function that works with secrets, as a function that returns the call."""

    def use(call: Callable[[Session[Any]], object], **options: Any) -> Prepare:
        def prepare() -> Callable[[], object]:
            session = open_session(**options)
            return lambda: call(session)

        return prepare

    def touch(call: Callable[[Session[Any]], object], header: str = HEADER, **options: Any) -> Prepare:
        def prepare() -> Callable[[], object]:
            session = make_sessions(**options).begin(header, now=LATER).session
            return lambda: call(session)

        return prepare

    def finish(change: Callable[[Session[Any]], object], header: str = HEADER, **options: Any) -> Prepare:
        def prepare() -> Callable[[], object]:
            exchange = make_sessions(**options).begin(header, now=LATER)
            change(exchange.session)
            return lambda: (exchange.finish([]), exchange.finish_encoded([]), exchange.end())

        return prepare

    def change_late() -> Callable[[], object]:
        exchange = make_sessions().begin(HEADER, now=LATER)
        exchange.session["list"] = []
        exchange.finish([])
        exchange.session["list"].append(DATA)
        return exchange.end

    def reload() -> Callable[[], object]:
        keyring = Keyring.from_file(write_file(folder / "ring", KEY.to_text()), now=NOW)
        write_file(folder / "ring", f"# changed\n{RING}\n")
        return lambda: keyring.ring(LATER)

    environ = {"COOKIEJAR_SESSION_KEYS": RING}
    previous = [CookieAttributes(name="old")]
    return {
        "Key": lambda: lambda: Key(MATERIAL),
        "Key.generate": lambda: Key.generate,
        "Key.parse": lambda: lambda: Key.parse(KEY.to_text()),
        "Key.parse hex": lambda: lambda: Key.parse("hex:" + MATERIAL.hex()),
        "Key.parse skb": lambda: lambda: Key.parse("skb:" + (MATERIAL + OTHER_MATERIAL).hex()),
        "Key.parse b64": lambda: lambda: Key.parse("b64:" + KEY.to_text()[5:48]),
        "to_text": lambda: Key(MATERIAL).to_text,
        "box_key": lambda: (lambda key: lambda: key.box_key(PURPOSE))(Key(MATERIAL)),
        "Keyring.parse": lambda: lambda: Keyring.parse(RING, now=NOW),
        "from_environment": lambda: lambda: Keyring.from_environment(environ, now=NOW),
        "from_file": lambda: lambda: Keyring.from_file(write_file(folder / "ring", RING), now=NOW),
        "reload": reload,
        "CookieSessions": lambda: lambda: CookieSessions(Keyring.parse(RING, now=NOW)),
        "seal_token": lambda: lambda: seal_token(make_envelope(), keyring=KEYRING, purpose=PURPOSE, now=NOW),
        "open_token": lambda: lambda: open_token(TOKEN, keyring=KEYRING, purpose=PURPOSE, now=NOW),
        "mint": lambda: lambda: make_sessions().mint({"iban": DATA}, flash=[("notice", DATA)]),
        "mint typed": lambda: lambda: make_sessions(data_type=Visitor).mint(Visitor(DATA)),
        "read": lambda: lambda: make_sessions().read(HEADER, now=NOW),
        "read a token": lambda: lambda: make_sessions().read(TOKEN, now=NOW),
        "open": touch(lambda session: session["iban"]),
        "open typed": touch(lambda session: session.data, data_type=Visitor),
        "open new": touch(lambda session: session.sid, header=""),
        "open previous": touch(lambda session: session.get("iban"), header="old=" + TOKEN, previous=previous),
        "sid": use(lambda session: session.sid),
        "log_id": use(lambda session: session.log_id),
        "check": use(lambda session: session.check()),
        "check typed": use(lambda session: session.check(), data_type=Visitor),
        "size": use(lambda session: session.size),
        "is_modified": use(lambda session: session.is_modified),
        "expires_at": use(lambda session: session.expires_at),
        "csrf_token": use(lambda session: session.csrf_token("form")),
        "check_csrf_token": use(lambda session: session.check_csrf_token("A" * 86, "form")),
        "regenerate": use(lambda session: session.regenerate()),
        "revert": use(lambda session: session.revert()),
        "revert typed": use(lambda session: session.revert(), data_type=Visitor),
        "discard": use(lambda session: session.discard()),
        "clear": use(lambda session: session.clear()),
        "copy": use(lambda session: session.copy()),
        "items": use(lambda session: [*session.items()]),
        "pop": use(lambda session: session.pop("iban")),
        "popitem": use(lambda session: session.popitem()),
        "flash.get": use(lambda session: session.flash.get("notice")),
        "flash.peek": use(lambda session: session.flash.peek("notice")),
        "flash.pop_all": use(lambda session: session.flash.pop_all()),
        "flash.add": use(lambda session: session.flash.add("notice", DATA)),
        "session[key] = value": use(lambda session: session.__setitem__("a", [DATA])),
        "setdefault": use(lambda session: session.setdefault("a", [DATA])),
        "update": use(lambda session: session.update({"a": [DATA]})),
        "|=": use(lambda session: session.__ior__({"a": [DATA]})),
        "|": use(lambda session: session | {"a": 1}),
        "==": use(lambda session: session == {"a": 1}),
        "session.data = value": use(lambda session: assign_data(session, Visitor(DATA)), data_type=Visitor),
        "finish changed": finish(lambda session: session.update(a=[DATA])),
        "finish unchanged": finish(lambda session: session.mark_accessed()),
        "finish new": finish(lambda session: session.update(a=[DATA]), header=""),
        "finish typed": finish(lambda session: session.data, data_type=Visitor),
        "finish discarded": finish(lambda session: session.discard()),
        "finish previous": finish(lambda session: session.mark_accessed(), header="old=" + TOKEN, previous=previous),
        "late change": change_late,
        "adopt": lambda: (lambda exchange: lambda: exchange.adopt({"iban": DATA}))(make_sessions().begin("", now=NOW)),
    }


WORKS = [*list_works(Path())]


def fall(depth: int, call: Callable[[], object]) -> object:
    return call() if depth == 0 else fall(depth - 1, call)


def list_recursion_errors(prepare: Prepare) -> Iterator[BaseException]:
    """Yield the errors of a call that has only so many frames left, from none to 60."""
    frame: Any = sys._getframe()
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    for left in range(60):
        call = prepare()
        try:
            fall(sys.getrecursionlimit() - depth - left, call)
        except Exception as exc:
            yield exc


@pytest.mark.parametrize("name", WORKS)
def test_no_traceback_of_a_recursion_error_shows_a_secret(name: str, tmp_path: Path) -> None:
    logging.disable()
    try:
        errors = [*list_recursion_errors(list_works(tmp_path)[name])]
    finally:
        logging.disable(logging.NOTSET)
    assert any(isinstance(exc, RecursionError) for exc in errors)
    for exc in errors:
        ours = keep_package_frames(exc)
        assert find_secrets(show_with_traceback(ours) + show_cut(ours)) == set()


# Objects


def application(environ: Any, start_response: Any) -> list[bytes]:
    return []


async def asgi_application(scope: Any, receive: Any, send: Any) -> None:
    pass


def list_objects() -> dict[str, object]:
    exchange = make_sessions().begin(HEADER, now=LATER)
    exchange.session["list"] = []
    opened = exchange.session
    with pytest.raises(TokenError) as token_error:
        open_token(REFUSED, keyring=KEYRING, purpose=PURPOSE, now=NOW)
    with pytest.raises(SessionTooLargeError) as too_large:
        make_sessions().mint({"iban": DATA * 200})
    events: list[object] = []
    sessions = make_sessions(on_event=events.append)
    seen = sessions.begin(HEADER, now=LATER)
    seen.session["iban"] = DATA * 2
    seen.finish([])
    assert len(events) == 2
    return {
        "Key": KEY,
        "Keyring": KEYRING,
        "Ring": KEYRING.ring(NOW),
        "RingEntry": KEYRING.ring(NOW).entries[0],
        "CookieSessions": sessions,
        "Settings": sessions.settings,
        "Exchange": exchange,
        "Session": opened,
        "Session not opened": make_sessions().begin(HEADER, now=NOW).session,
        "Session new": make_sessions().begin("", now=NOW).session,
        "Session read": make_sessions().read(TOKEN, now=NOW),
        "Session typed": open_session(data_type=Visitor),
        "Reading": opened._state and opened._state.reading,
        "Accepted": opened._state and opened._state.accepted,
        "Flash": opened.flash,
        "SessionSize": opened.size,
        "Envelope": make_envelope(),
        "MintedCookie": make_sessions().mint({"iban": DATA}, now=NOW),
        "TokenError": token_error.value,
        "SessionTooLargeError": too_large.value,
        "Event": events[0],
        "Event of a commit": events[1],
        "wsgi": sessions.wsgi(application),
        "asgi": sessions.asgi(asgi_application),
    }


def show_rich(value: object) -> str:
    return rich.pretty.pretty_repr(value)


def show_variables(value: object) -> str:
    return repr(vars(value))


def show_pickled(value: object) -> str:
    return pickle.dumps(value).decode("latin-1")


def show_copied(value: object) -> str:
    return repr(copy.copy(value))


def show_copied_deep(value: object) -> str:
    return repr(copy.deepcopy(value))


@pytest.mark.parametrize("show", [repr, str, format, ascii, pprint.pformat, show_rich], ids=get_name)
def test_no_text_of_an_object_shows_a_secret(show: Callable[[object], str]) -> None:
    assert [name for name, value in list_objects().items() if find_secrets(show(value))] == []


# What is pickled or copied without a refusal.
WITHOUT_SECRETS = {"SessionSize", "MintedCookie", "TokenError", "SessionTooLargeError", "Event", "Event of a commit"}


@pytest.mark.parametrize("show", [show_variables, show_pickled, show_copied, show_copied_deep], ids=get_name)
def test_no_variable_and_no_copy_of_an_object_shows_a_secret(show: Callable[[object], str]) -> None:
    for name, value in list_objects().items():
        try:
            shown = show(value)
        except TypeError:
            # A refusal: vars() of an object with slots; pickle and copy of an object with secrets.
            assert show is show_variables or name not in WITHOUT_SECRETS
        else:
            assert show is not show_pickled or name in WITHOUT_SECRETS
            assert find_secrets(shown) == set(), name


# Documentation and warnings. In processes of their own: a default argument is evaluated at import.

LOOK = """
import importlib, inspect, pkgutil, pydoc, sys
import cookiejar_session
from cookiejar_session import CookieSessions, Keyring
from django.conf import settings

# pydoc looks at each name of a module, also at Django's settings.
settings.configure()
sessions = CookieSessions()
names = [each.name for each in pkgutil.walk_packages(cookiejar_session.__path__, "cookiejar_session.")]
for name in ["cookiejar_session", *names]:
    if name.endswith("__main__"):
        continue
    module = importlib.import_module(name)
    print(pydoc.render_doc(module, renderer=pydoc.plaintext))
    for value in vars(module).values():
        if not str(getattr(value, "__module__", "")).startswith("cookiejar_session"):
            continue
        for member in [value, *(vars(value).values() if inspect.isclass(value) else ())]:
            member = getattr(member, "__func__", getattr(member, "fget", member))
            if callable(member):
                try:
                    print(inspect.signature(member), inspect.getdoc(member))
                except ValueError:
                    pass
for value in (sessions, sessions.settings, sessions.settings.keyring):
    pydoc.render_doc(value, renderer=pydoc.plaintext)
    print(value, vars(value) if hasattr(value, "__dict__") else "")
cookie = sessions.mint({"iban": "value"})
exchange = sessions.begin(cookie.header)
exchange.session["iban"]
exchange.finish([])
exchange.end()
Keyring.from_environment()
print("done")
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "COOKIEJAR_SESSION_KEYS": RING, "HOME": str(tmp_path)}


@pytest.mark.parametrize("variable", ["COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE"])
def test_neither_documentation_nor_signatures_nor_warnings_show_a_key(
    variable: str, environment: dict[str, str], tmp_path: Path
) -> None:
    environment.pop("COOKIEJAR_SESSION_KEYS")
    is_file = variable.endswith("FILE")
    environment[variable] = str(write_file(tmp_path / "ring", RING)) if is_file else RING
    command = [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:'cgi' is deprecated:DeprecationWarning", "-c"]
    done = subprocess.run([*command, LOOK], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.endswith("done\n"), done.stderr
    assert done.stderr == ""
    assert "from_environment" in done.stdout
    assert find_secrets(done.stdout) == set()


def test_sphinx_shows_no_key(environment: dict[str, str], tmp_path: Path) -> None:
    modules = ["cookiejar_session", "cookiejar_session.keys.keyring", "cookiejar_session.cookie_sessions"]
    options = "".join(f"   :{name}-members:\n" for name in ("imported", "undoc", "private", "special"))
    source, built = tmp_path / "source", tmp_path / "built"
    source.mkdir()
    (source / "index.rst").write_text(
        "API\n===\n\n" + "\n".join(f".. automodule:: {name}\n   :members:\n{options}" for name in modules)
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "text", "-C", "-D", "extensions=sphinx.ext.autodoc"]
    done = subprocess.run(
        [*command, str(source), str(built)], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    shown = (built / "index.txt").read_text()
    assert "from_environment(" in shown
    assert find_secrets(shown + done.stdout + done.stderr) == set()
