"""Every example, number and start-up error of README.md, as a reader would meet it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware
from starlette.testclient import TestClient

import cookiejar_session
from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Key, Keyring, Policy
from cookiejar_session.keys.keyring import CHECK_EVERY
from cookiejar_session.wire.sealing import count_encoded_octets
from cookiejar_session.wire.time_rules import RESEAL_PAUSE

README = Path(__file__).parent.parent.joinpath("README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PUBLISHED = "hex:" + bytes(range(32)).hex()
KEYS = "COOKIEJAR_SESSION_KEYS"


def find_example(marker: str) -> str:
    """The one Python example that holds ``marker``."""
    found = [example for example in PYTHON if marker in example]
    assert len(found) == 1, marker
    return found[0]


def run_example(marker: str, **names: Any) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "readme", **names}
    exec(compile(find_example(marker), marker, "exec", dont_inherit=True), namespace)  # noqa: S102
    return namespace


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, Key.generate().to_text())


@pytest.mark.usefixtures("keys")
def test_signing_in_to_the_flask_app_shows_in_the_fastapi_app() -> None:
    flask, fastapi = run_example("from flask import")["app"], run_example("add_middleware")["app"]
    response = flask.test_client().post("/login", data={"user": "ada"}, base_url="https://localhost")
    assert response.text == "welcome"
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    client = TestClient(fastapi, base_url="https://localhost")
    assert client.get("/whoami").json() == {"user": None}
    assert client.get("/whoami", headers={"Cookie": cookie}).json() == {"user": "ada"}


@pytest.mark.usefixtures("keys")
def test_mapping_flash_and_lifetime_examples_run_on_one_session() -> None:
    namespace = run_example("def sign_in")
    sessions: CookieSessions[None] = namespace["sessions"]
    found: list[Any] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        session = sessions.get(environ)
        namespace["sign_in"](session, "ada", True)
        found.append(session.expires_at - session.created_at)
        namespace["sign_in"](session, "ada", False)
        run_example('session["cart"]', session=session)
        found.append(session["cart"])
        run_example("session.flash.add", session=session)
        found.append(run_example("session.flash.add", session=session)["messages"])
        start_response("200 OK", [])
        return []

    headers: list[tuple[str, str]] = []
    sessions.wsgi(app)({"REQUEST_METHOD": "GET"}, lambda status, fields: headers.extend(fields))  # type: ignore[arg-type, return-value, misc]
    assert found == [timedelta(days=30), [{"id": 7, "count": 2}], ["saved", "saved"]]
    assert "Max-Age" not in dict(headers)["set-cookie"]


@pytest.mark.usefixtures("keys")
def test_typed_example_runs() -> None:
    namespace = run_example("class Visitor")
    sessions, visitor = namespace["sessions"], namespace["Visitor"]
    session = sessions.read(sessions.mint(visitor(7)).header).session
    assert session.data == visitor(7)
    assert sessions.read("").session.data is None


@pytest.mark.usefixtures("keys")
def test_event_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    sessions = run_example("def count(event")["sessions"]
    app = sessions.wsgi(lambda environ, start_response: [str(len(sessions.get(environ))).encode()])
    app({"REQUEST_METHOD": "GET", "HTTP_COOKIE": "__Host-session=junk"}, lambda *_: None)
    assert capsys.readouterr().out == "refused malformed None\n"


def test_testing_example_passes_under_pytest(tmp_path: Path) -> None:
    tmp_path.joinpath("test_readme.py").write_text(find_example("import pytest"))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    folder = str(Path(cookiejar_session.__file__).parent.parent)
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": folder})
    assert "1 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.usefixtures("keys")
def test_what_a_response_has_set_is_read_from_the_client() -> None:
    namespace = run_example("from flask import")
    client = TestClient(WSGIMiddleware(namespace["app"]), base_url="https://localhost")
    client.post("/login", data={"user": "ada"})
    (expression,) = re.findall(r"`(sessions\.read\(.+?)`", README)
    assert eval(expression, {"client": client, **namespace})["user"] == "ada"  # noqa: S307


def test_every_python_example_is_run_by_a_test() -> None:
    source = Path(__file__).read_text()
    markers = re.findall(r"(?:run|find)_example\(['\"](.+?)['\"](?:,|\))", source)
    covered = {example for example in PYTHON for marker in markers if marker in example}
    assert covered == set(PYTHON)


def test_rotation_steps_keep_every_token_readable() -> None:
    names = {"OLD": Key.generate().to_text(), "NEW": Key.generate().to_text()}
    steps = re.findall(rf'{KEYS}="(.*?)"', README)
    rings = [Keyring.parse(re.sub(r"\$(\w+)", lambda found: names[found[1]], step)) for step in steps]
    assert len(rings) == 4
    deployed = [Keyring.parse(names["OLD"]), *rings[:3]]
    for before, after in pairwise(deployed):
        # During a deployment processes with either ring run side by side.
        for sealer, opener in ((before, after), (after, before)):
            token = CookieSessions(sealer).mint({"user": "ada"}).token
            assert CookieSessions(opener).read(token).reason is None
    assert rings[0].ring(0).primary(0).key == deployed[0].ring(0).primary(0).key
    assert rings[1].ring(0).primary(0).key == rings[2].ring(0).primary(0).key


def test_numbers_are_the_package_s_own() -> None:
    policy = Policy()
    assert f"ends {policy.idle_timeout.days} days after its last renewal" in README
    assert f"{policy.absolute_lifetime.days} days after it began" in README
    assert "used five minutes after it was sealed" in README
    assert RESEAL_PAUSE == 5 * 60
    assert "looked at every ten seconds" in README.replace("\n", " ")
    assert CHECK_EVERY == 10
    sessions = CookieSessions(Keyring.generate())
    assert 1900 <= count_encoded_octets(sessions.settings.max_token_characters) < 2000
    assert "`__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax`" in README
    assert CookieAttributes().render("", max_age=None) == "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax"


def parse(text: str) -> Callable[[], object]:
    return lambda: Keyring.parse(text, now=0)


def read(**environ: str) -> Callable[[], object]:
    return lambda: Keyring.from_environment(environ, now=0)


KEY = Key.generate().to_text()
FAULTS: list[Callable[[], object]] = [
    read(),
    read(**{KEYS: " "}),
    read(**{KEYS: KEY, f"{KEYS}_FILE": "keys"}),
    read(**{f"{KEYS}_FILE": KEY}),
    read(**{f"{KEYS}_FILE": "/nowhere/keys"}),
    parse(f'"{KEY}"'),
    parse("ab" * 32),
    parse(KEY[:-1]),
    parse(KEY[:-1] + "!"),
    parse(KEY[:5] + ("B" if KEY[5] == "A" else "A") + KEY[6:]),
    parse("hex:" + "ab" * 31),
    parse("skb:" + "ab" * 63),
    parse("hex:" + "xy" * 32),
    parse("b64:" + "!" * 43),
    parse("b64:" + "A" * 42 + "B"),
    parse("hex:" + "00" * 32),
    parse(PUBLISHED),
    parse(f"{KEY} {KEY}"),
    parse(" ".join(Key.generate().to_text() for _ in range(17))),
    parse(f"{KEY}@to=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@from=2027-01-31"),
    parse(f"{KEY}@from=2027-01-31T00:00:00Z@from=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@from=2027-01-31T00:00:00Z@until=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@until=2027-01-31T00:00:00Z"),
    parse(f"{KEY}\N{NO-BREAK SPACE}"),
    lambda: CookieAttributes(domain="example.com"),
    lambda: CookieAttributes(secure=False),
    lambda: CookieAttributes(path="/app"),
    lambda: CookieAttributes(name="s", secure=False, samesite="None"),
    lambda: CookieAttributes(name="s", secure=False, partitioned=True),
    lambda: CookieAttributes(name="s s"),
    lambda: CookieSessions(Keyring.generate(), max_token_characters=5000),
    lambda: Policy(idle_timeout=timedelta(milliseconds=1)),
]
ROWS = re.findall(
    r"^\| (.+?) \| .+ \|$", README.partition("## Start-up errors")[2].partition("\n## ")[0], re.MULTILINE
)[2:]


@pytest.mark.parametrize(("row", "fault"), list(zip(ROWS, FAULTS, strict=True)), ids=ROWS)
def test_start_up_error_says_what_the_table_says(row: str, fault: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        fault()
    message = str(caught.value)
    assert all(part in message for part in re.findall(r"`(.+?)`", row)), message
    assert "\n" not in message
    # What was found, then what mends it.
    assert ";" in message or ", " in message or ": write" in message
