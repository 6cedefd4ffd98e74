"""cli/demo.py: the arguments with which the demonstration is served."""

import sys
from typing import Any

import pytest

import cookiejar_session
import cookiejar_session.demo
from cookiejar_session.cli import main


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments with which the demonstration would have been served."""
    calls: list[dict[str, Any]] = []

    def serve(**options: Any) -> int:
        calls.append(options)
        return 7

    monkeypatch.setattr("cookiejar_session.demo.serve.serve", serve)
    return calls


def fail_to_import_demo(monkeypatch: pytest.MonkeyPatch, *, without: str) -> None:
    """Make imports behave as if the module ``without`` were not installed."""
    # The import that fails leaves a new module object in the package, so the one of before is put back afterwards.
    monkeypatch.setattr(cookiejar_session, "demo", cookiejar_session.demo)
    for name in [name for name in sys.modules if name.startswith("cookiejar_session.demo")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, without, None)


def test_demo_is_served_on_localhost_8000(served: list[dict[str, Any]]) -> None:
    main(["demo"])
    assert served == [{"host": "localhost", "port": 8000, "keys_from_environment": False}]


def test_demo_is_served_where_the_options_say(served: list[dict[str, Any]]) -> None:
    main(["demo", "--host", "::1", "--port", "8765"])
    assert served == [{"host": "::1", "port": 8765, "keys_from_environment": False}]


def test_demo_uses_keys_of_the_environment_on_request(served: list[dict[str, Any]]) -> None:
    main(["demo", "--keys-from-environment"])
    assert served == [{"host": "localhost", "port": 8000, "keys_from_environment": True}]


def test_demo_ends_with_the_status_of_its_server(served: list[dict[str, Any]]) -> None:
    assert main(["demo"]) == 7


@pytest.mark.parametrize(
    "port",
    ["65536", "-1", "", "8k", "٣٠٠٠", "9" * 5000],
    ids=["too-large", "negative", "empty", "letter", "arabic", "long"],
)
def test_demo_refuses_a_port_that_does_not_exist(
    port: str, served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["demo", f"--port={port}"])
    assert "port must be a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["uvicorn", "webob"])
def test_demo_without_its_extra_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_to_import_demo(monkeypatch, without=missing)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == (
        f'{missing} is missing; install it with: python -m pip install "cookiejar-session[demo]"\n'
    )


def test_demo_does_not_blame_the_extra_for_another_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_to_import_demo(monkeypatch, without="asgiref.wsgi")
    with pytest.raises(ModuleNotFoundError, match=r"asgiref\.wsgi"):
        main(["demo"])
