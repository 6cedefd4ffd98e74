"""Flask's own tests, but for those of its command line."""

from __future__ import annotations

from peer import Peer

BASIC = "tests/test_basic.py"
MAX_AGE = "expects the attribute Expires; we write Max-Age, which every browser prefers (RFC 6265 4.1.2.2)"
THROTTLED = "expects a cookie with every response; we renew when a tenth of the idle timeout has passed"
UNTOUCHED = "expects a cookie though the request does not touch the session; we then neither read nor renew it"
EQUAL = "expects a cookie after the same value was written again; a session that is equal is not sealed again"
HOST = "fails with Flask's own session too: Werkzeug 3.1.9 answers 404 where this test expects 400"

PEER = Peer(
    name="flask",
    versions={"3.0.0": 405, "3.1.3": 409},
    tests=tuple(
        f"tests/test_{name}.py"
        for name in (
            *("appctx", "async", "basic", "blueprints", "config", "converters", "helpers", "json", "json_tag"),
            *("regression", "reqctx", "session_interface", "signals", "subclassing", "templating", "testing"),
            *("user_error_handler", "views"),
        )
    ),
    deselected={
        f"{BASIC}::test_session_expiration": MAX_AGE,
        f"{BASIC}::test_session_using_samesite_attribute": EQUAL,
        f"{BASIC}::test_session_cookie_setting": THROTTLED,
        f"{BASIC}::test_session_refresh_vary": UNTOUCHED,
    },
    deselected_in={
        version: {"tests/test_reqctx.py::test_bad_environ_raises_bad_request": HOST} for version in ("3.0.0", "3.1.3")
    },
)


def put_in_place() -> None:
    import _pytest.monkeypatch
    from flask import Flask
    from flask_apps import TranslatedSessions

    # The conftest of Flask 3.1.3 uses the name that this object had before pytest 9.2.
    _pytest.monkeypatch.notset = _pytest.monkeypatch.NOTSET  # type: ignore[attr-defined]
    Flask.session_interface = TranslatedSessions()
