"""Measures every server of server_list.py and prints the table of docs/reference/servers.md; --write puts it there.

Each figure comes from this run: the scenario from test_servers.py, the rest from servers started here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# With PYTHONSAFEPATH Python leaves this folder out.
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import httpx  # noqa: E402
from server_list import SERVERS  # noqa: E402
from server_process import start_servers  # noqa: E402
from visitor import COOKIE, Browser, Way, find_ways, give_fields, open_client  # noqa: E402

from cookiejar_session import CookieSessions, Key, Keyring, Policy, SessionTooLargeError  # noqa: E402

ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "reference" / "servers.md"
BEGIN, END = "<!-- servers: made by tests/servers/measure.py --write -->", "<!-- end of servers -->"
DEFAULT_LIMIT, LONGEST_TOKEN = 2660, 3972
PASSES = "passes"


class Row(NamedTuple):
    server: str
    version: str
    interface: str
    http: str
    scenario: str
    default_limit: str
    longest: str
    line: str
    fields: str


HEADER = Row(
    "server",
    "version",
    "interface",
    "HTTP",
    "scenario",
    f"{DEFAULT_LIMIT:,} characters",
    f"{LONGEST_TOKEN:,}, as it is",
    f"needs, for {LONGEST_TOKEN:,}",
    "two `Cookie` fields",
)


class Outcome(NamedTuple):
    """How the tests of one server ended, and what is said of those that are known to fail."""

    counts: Counter[str]
    remarks: set[str]


def run_scenario(folder: Path) -> dict[str, Outcome]:
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", str(HERE.parent / "test_servers.py"), "-k", "not table"]
    subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False)
    outcomes = {name: Outcome(Counter(), set()) for name in SERVERS}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        # A test's id names one server; none of the names is part of another.
        for name in [name for name in SERVERS if name in case.get("name", "").partition("[")[2]]:
            skipped = case.find("skipped")
            outcome = "failed" if len(case) else "passed"
            if skipped is not None:
                outcome = "known"
                outcomes[name].remarks.add(str(skipped.get("message")))
            outcomes[name].counts[outcome] += 1
    return outcomes


@contextmanager
def mend_transport(description: str) -> Iterator[None]:
    """A connection that the server closes, as an error that says so."""
    try:
        yield
    except httpx.TransportError:
        raise PassageError(f"{description}: connection closed") from None


class PassageError(Exception):
    """What went wrong with a token."""


def demand(status: int, what: str) -> None:
    if status != 200:
        raise PassageError(f"{what}: {status}")


def set_longest(browser: Browser, way: Way, limit: int) -> None:
    """The server sets a token of ``limit`` characters."""
    with mend_transport("set"):
        demand(browser.post(way, "/fill").status_code, "set")
    length = len(browser.cookies.get(COOKIE, ""))
    if length != limit:
        raise PassageError(f"set: {length} characters arrive")


def send_longest(browser: Browser, way: Way, keys: str, limit: int) -> None:
    """The server opens a token of ``limit`` characters, which it did not make."""
    token, filled = mint_longest(keys, limit)
    browser.give_cookie(COOKIE, token)
    with mend_transport("sent"):
        answer = browser.send(way, "GET", "/me")
    demand(answer.status_code, "sent")
    if answer.json()["filled"] != filled:
        raise PassageError("sent: not read")


def mint_longest(keys: str, limit: int) -> tuple[str, int]:
    """A token of ``limit`` characters, full to the last octet, and the length of the text in it."""
    sessions = CookieSessions(Keyring.parse(keys), policy=Policy(persistent=False), max_token_characters=limit)
    for length in range(limit, 0, -1):
        try:
            token = sessions.mint({"fill": "x" * length}).token
        except SessionTooLargeError:
            continue
        assert len(token) == limit
        return token, length
    raise AssertionError("no text fits")


def judge_token(way: Way, urls: dict[str, str], *, keys: str, limit: int) -> str:
    """What becomes of the longest token under ``limit``: set by the server, and sent to it."""
    steps: list[Callable[[Browser], None]] = [
        lambda browser: set_longest(browser, way, limit),
        lambda browser: send_longest(browser, way, keys, limit),
    ]
    faults = []
    for step in steps:
        with closing(Browser()) as browser:
            browser.visit(urls)
            try:
                step(browser)
            except PassageError as fault:
                faults.append(str(fault))
    return "; ".join(faults) or PASSES


def judge_tokens(name: str, urls: dict[str, str], *, keys: str, limit: int) -> str:
    """The same over each version of HTTP that the server is tested with; one text if they agree."""
    verdicts = {str(way): judge_token(way, urls, keys=keys, limit=limit) for way in find_ways([name])}
    if len(set(verdicts.values())) == 1:
        return verdicts[name]
    return "; ".join(f"{way}: {verdict}" for way, verdict in verdicts.items())


def find_versions(url: str) -> str:
    """The versions of HTTP in which the server answers over plain TCP, as it is started here."""
    found = []
    for http2 in (False, True):
        with open_client(http2=http2) as client:
            try:
                answer = client.get(f"{url}/ready", timeout=5)
            except httpx.TransportError:
                continue
        if answer.status_code == 200:
            found.append(answer.http_version.removeprefix("HTTP/"))
    return ", ".join(found)


def judge_fields(way: Way, urls: dict[str, str], *, keys: str) -> str:
    """What the application sees of two Cookie fields of one HTTP/1.1 request, and whether the second is read."""
    token = CookieSessions(Keyring.parse(keys)).mint({"user": "Ada"}).token
    ours = f"{COOKIE}={token}".encode()

    def ask(path: str, fields: list[bytes]) -> Any:
        with open_client(http2=False) as client:
            client.event_hooks = {"request": [lambda request: give_fields(request, fields)]}
            return client.get(urls[way.server] + path, headers=way.headers).json()

    seen = ask("/cookies", [b"a=1", b"b=2"])
    text = "apart" if seen == ["a=1", "b=2"] else f"joined by `{seen[0].removeprefix('a=1').removesuffix('b=2')}`"
    read = {
        "first": ask("/me", [ours, b"theme=dark"])["user"],
        "second": ask("/me", [b"theme=dark", ours])["user"],
    }
    blind = [where for where, user in read.items() if user != "Ada"]
    return f"{text}; not read in the {' and '.join(blind)}" if blind else f"{text}; read in both"


def measure(folder: Path) -> tuple[list[Row], list[str]]:
    outcomes = run_scenario(folder)
    keys = Key.generate().to_text()
    measured: dict[str, dict[str, str]] = defaultdict(dict)
    with start_servers(SERVERS, keys=keys, folder=folder) as urls:
        for name, found in ((name, measured[name]) for name in SERVERS):
            found["http"] = find_versions(urls[name])
            found["fields"] = judge_fields(Way(name), urls, keys=keys)
            found["default_limit"] = judge_tokens(name, urls, keys=keys, limit=DEFAULT_LIMIT)
    for column, with_line in (("longest", False), ("line", True)):
        with start_servers(SERVERS, keys=keys, folder=folder, limit=LONGEST_TOKEN, with_line=with_line) as urls:
            for name in SERVERS:
                measured[name][column] = judge_tokens(name, urls, keys=keys, limit=LONGEST_TOKEN)
    rows, remarks = [], []
    for name, server in SERVERS.items():
        counts = outcomes[name].counts
        found = measured[name]
        found["line"] = describe_line(server.line, found["longest"], found["line"])
        scenario = f"{counts['passed']} of {counts.total()}"
        remarks += [f"Why tests fail under {name}: it {remark}." for remark in sorted(outcomes[name].remarks)]
        rows.append(Row(name, server.version, server.interface, scenario=scenario, **found))
    return rows, remarks


def describe_line(line: str | None, without: str, with_line: str) -> str:
    if without == PASSES:
        return "no setting"
    return f"`{line}`" if line is not None and with_line == PASSES else f"not even `{line}`: {with_line}"


def render(rows: list[Row], remarks: list[str]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in [HEADER, ("---",) * len(HEADER), *rows]]
    return "\n".join([*lines, "", *remarks] if remarks else lines)


def write(table: str) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{PAGE.name} lacks {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reference/servers.md")
    arguments = parser.parse_args()
    if missing := [name for name, server in SERVERS.items() if not server.is_installed]:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        table = render(*measure(Path(folder)))
    print(table)
    if arguments.write:
        write(table)


if __name__ == "__main__":
    main()
