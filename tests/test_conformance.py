"""Every vector of the conformance suite, by each way into the package; and the suite's own promises.

The adapter of conformance/ports/python answers the cases in this process. Beside it, what opens is opened once more by
`CookieSessions.read` and behind both middlewares, and each life cycle is lived once more by a wrapped application.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cookiejar_session_harness import Answer

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Event,
    TokenError,
    UnsupportedValueError,
    open_token,
)
from cookiejar_session.keys.rotation import PUBLISHED_KEY_IDS

CONFORMANCE = Path(__file__).parent.parent / "conformance"
sys.path[:0] = [str(CONFORMANCE), str(CONFORMANCE / "ports" / "python")]

import adapter  # noqa: E402
from life_cycle import act  # noqa: E402
from operations import parse_keyring  # noqa: E402
from values import CAPABILITIES, read_attributes, read_policy, write_envelope, write_value  # noqa: E402

Case = dict[str, Any]
MANIFEST = json.loads((CONFORMANCE / "manifest.json").read_bytes())
FIELDS = {"id", "clauses", "comment", "flags", "needs", "input", "expect"}


def load_cases(name: str) -> list[Case]:
    vectors = json.loads((CONFORMANCE / name).read_bytes())
    assert set(vectors) == {"suite", "version", "op", "comment", "cases"}
    assert vectors["cases"], f"{name} is empty"
    for case in vectors["cases"]:
        assert FIELDS <= set(case) <= FIELDS | {"seconds"}, f"{name}: {case.get('id')} has unknown fields"
    return [{**case, "op": vectors["op"]} for case in vectors["cases"]]


CASES = [case for file in MANIFEST["files"] for case in load_cases(file["name"])]
SAYABLE = [case for case in CASES if set(case["needs"]) <= set(CAPABILITIES)]


def of_op(*ops: str) -> list[Case]:
    return [case for case in SAYABLE if case["op"] in ops]


def by_id(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


# The suite


def test_the_suite_is_as_large_as_it_says() -> None:
    assert len(CASES) == MANIFEST["cases"] >= 460


def test_the_readme_shows_the_suite_as_it_is() -> None:
    readme = (CONFORMANCE / "README.md").read_text()
    left_out = len(CASES) - len(SAYABLE)
    assert f"{len(CASES)} cases: {len(SAYABLE)} passed, 0 failed, 0 errors, {left_out} skipped (" in readme
    rows = re.findall(r"^\| (\w+) \| \w+ \| [^|]+ \| (\d+) \| 0 \| (\d+) \|", readme, re.MULTILINE)
    assert [name for name, _, _ in rows] == ["python", "node", "go", "php", "ruby"]
    assert {int(passed) + int(skipped) for _, passed, skipped in rows} == {len(CASES)}


def test_only_what_python_cannot_say_is_left_out() -> None:
    assert {word for case in CASES for word in case["needs"]} - set(CAPABILITIES) == {
        "ill-formed-text",
        "duplicate-keys",
    }


def test_every_reason_has_two_cases_at_least() -> None:
    reasons = [case["expect"].get("refuse") for case in of_op("open", "decode", "judge", "read")]
    assert [reason for reason in MANIFEST["reasons"] if reasons.count(reason) < 2] == []


def test_the_published_keys_are_those_that_the_package_refuses() -> None:
    keys = json.loads((CONFORMANCE / "keys.json").read_bytes())
    assert {bytes.fromhex(key["key_id"]) for key in keys} == PUBLISHED_KEY_IDS


def copy_suite(tmp_path: Path) -> Path:
    folder = tmp_path / "conformance"
    shutil.copytree(CONFORMANCE, folder, ignore=shutil.ignore_patterns("ports", "__pycache__", "runner"))
    shutil.copy(CONFORMANCE.parent / "SPEC.md", tmp_path)
    return folder


def run_generator(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "generate.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_vectors_are_what_the_generator_writes() -> None:
    done = run_generator(CONFORMANCE)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_generator_finds_one_octet_changed_in_any_file(tmp_path: Path) -> None:
    folder = copy_suite(tmp_path)
    names = [file["name"] for file in MANIFEST["files"]] + ["clauses.json", "keys.json", "manifest.json"]
    for place, name in enumerate(names):
        octets = bytearray((folder / name).read_bytes())
        octets[place * 997 % len(octets)] ^= 1
        (folder / name).write_bytes(octets)
    done = run_generator(folder)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == names


def test_the_generator_finds_a_row_of_the_clause_table_changed(tmp_path: Path) -> None:
    folder = copy_suite(tmp_path)
    readme = (folder / "README.md").read_text()
    (folder / "README.md").write_text(readme.replace("| 6.3 item 9 |", "| 6.3 item 9 of ten |"))
    assert run_generator(folder).stderr.splitlines() == [
        "README.md: not what generate.py writes; run python conformance/generate.py"
    ]


def test_a_clause_without_a_case_stops_the_generator(tmp_path: Path) -> None:
    folder = copy_suite(tmp_path)
    spec = (tmp_path / "SPEC.md").read_text()
    (tmp_path / "SPEC.md").write_text(spec.replace("\n## 17.", "\n**16.5** A port MUST sing.\n\n## 17."))
    done = run_generator(folder)
    assert (done.returncode, done.stderr) == (1, "SPEC.md: no case shows 16.5\n")


def test_the_clause_table_has_no_empty_row() -> None:
    rows = re.findall(r"^\| (\d[^|]*) \| [^|]+ \| (\d+) \| `", (CONFORMANCE / "README.md").read_text(), re.MULTILINE)
    assert len(rows) > 100
    assert [clause for clause, count in rows if int(count) == 0] == []


def test_the_generator_finds_a_file_that_it_did_not_write(tmp_path: Path) -> None:
    folder = copy_suite(tmp_path)
    (folder / "v1" / "more.json").write_text("{}")
    done = run_generator(folder)
    assert (done.returncode, done.stderr.split(":")[0]) == (1, "v1/more.json")


@pytest.mark.parametrize("file", MANIFEST["files"], ids=[file["name"] for file in MANIFEST["files"]])
def test_the_manifest_tells_what_a_file_holds(file: dict[str, Any]) -> None:
    octets = (CONFORMANCE / file["name"]).read_bytes()
    vectors = json.loads(octets)
    assert (file["sha256"], file["op"], file["cases"]) == (
        sha256(octets).hexdigest(),
        vectors["op"],
        len(vectors["cases"]),
    )


def test_the_generator_does_not_know_the_package() -> None:
    sources = [CONFORMANCE / "generate.py", *(CONFORMANCE / "generation").glob("*.py")]
    imported = re.compile(r"^\s*(?:from|import) cookiejar_session", re.MULTILINE)
    assert [path.name for path in sources if imported.search(path.read_text())] == []


def test_the_transcript_in_the_readme_is_what_the_adapter_says() -> None:
    lines = re.findall(r"^([→←]) (\{.*\})$", (CONFORMANCE / "README.md").read_text(), re.MULTILINE)
    messages = [json.loads(text) for _, text in lines]
    assert [arrow for arrow, _ in lines] == ["→", "←"] * 4 + ["→"]
    start, started, *runs, stop = messages
    assert {**adapter.answer(start), **{name: started[name] for name in ("version", "ops", "capabilities")}} == started
    assert set(started["ops"]) <= set(MANIFEST["ops"])
    assert [adapter.answer(message) for message in runs[::2]] == runs[1::2]
    assert stop == {"type": "stop"}


def test_the_skeleton_passes_what_it_declares() -> None:
    command = [sys.executable, str(CONFORMANCE / "run.py"), "--op", "log-id", "--"]
    adapter_command = [sys.executable, str(CONFORMANCE / "adapter_skeleton.py")]
    done = subprocess.run([*command, *adapter_command], capture_output=True, text=True, check=False)
    assert re.search(r"^(\d+) cases: \1 passed, 0 failed, 0 errors, 0 skipped; ", done.stdout, re.MULTILINE), (
        done.stdout
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_clauses_of_a_reader_cover_its_cases() -> None:
    readme = (CONFORMANCE / "README.md").read_text()
    command = re.search(r"^    python conformance/run\.py (--op .*) -- COMMAND$", readme, re.MULTILINE)
    assert command is not None
    ops = set(command[1].replace("--op ", "").split())
    assert ops <= set(MANIFEST["ops"])
    rows = re.findall(r"^\| (\d+) [A-Z][^|]* \| (all|\d[^|]*) \|$", readme, re.MULTILINE)
    needed = {section for section, clauses in rows if clauses == "all"}
    for _, clauses in rows:
        needed |= set(re.findall(r"\d+(?:\.\d+)+", clauses))
        for first, last in re.findall(r"(\d[\d.]*) to (\d[\d.]*)", clauses):
            stem, _, begin = first.rpartition(".")
            needed |= {f"{stem}.{number}" for number in range(int(begin), int(last.rpartition(".")[2]) + 1)}
    cited = {clause.split(" ")[0] for case in CASES if case["op"] in ops for clause in case["clauses"]}
    # Section 1 defines words; 17 and 18 explain.
    cited = {clause for clause in cited if clause.split(".")[0] not in ("1", "17", "18")}
    assert {clause for clause in cited if clause not in needed and clause.split(".")[0] not in needed} == set()


def test_the_table_of_operations_says_how_each_refuses() -> None:
    readme = (CONFORMANCE / "README.md").read_text()
    table = readme[readme.index("| operation | input |") :]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .* \| ([^|]+) \|$", table[: table.index("\n\n")], re.MULTILINE))
    assert set(rows) == set(MANIFEST["ops"])
    reasons = set(MANIFEST["reasons"])
    said = {
        op: set(re.findall(r"`([a-z-]+)`", text)) | (reasons if "REASON" in text else set())
        for op, text in rows.items()
    }
    asked = {op: {case["expect"].get("refuse") for case in CASES if case["op"] == op} - {None} for op in rows}
    assert said == asked
    assert {op for op, words in said.items() if not words} == {op for op, text in rows.items() if text == "never"}


def test_the_table_of_capabilities_is_that_of_the_manifest() -> None:
    readme = (CONFORMANCE / "README.md").read_text()
    table = readme[readme.index("| capability | meaning |") :]
    names = re.findall(r"^\| `([a-z-]+)` \|", table[: table.index("\n\n")], re.MULTILINE)
    assert names == list(MANIFEST["capabilities"])


# Every vector


def match_sid(expect: Any, found: Any) -> Any:
    """The two, with the word "new" for a sid also in ``found`` where a new one is wanted and it is one."""
    token, its = (one.get("accept", {}).get("token") for one in (expect, found))
    if not isinstance(token, dict) or token["envelope"]["sid"] != "new" or not isinstance(its, dict):
        return expect, found
    old_sids = token["old_sids"]
    expect = {"accept": {**expect["accept"], "token": {name: token[name] for name in ("key_id", "envelope")}}}
    found = json.loads(json.dumps(found))
    sid = found["accept"]["token"]["envelope"]["sid"]
    assert len(sid) == 32
    assert sid not in old_sids
    found["accept"]["token"]["envelope"]["sid"] = "new"
    return expect, found


def exact(value: Any) -> str:
    """JSON text, in which 1, 1.0 and true are three things."""
    return json.dumps(value, sort_keys=True)


@by_id(SAYABLE)
def test_vector(case: Case) -> None:
    expect, found = match_sid(case["expect"], adapter.run(case["op"], case["input"]))
    assert exact(found) == exact(expect)


# What opens, by other ways in

POLICY_OF_OPEN = ("longest_idle", "longest_lifetime", "not_before")


def goes_into_a_header(case: Case) -> bool:
    """Whether a server hands the value on as it is: no control characters, nothing that ends or trims it."""
    value = bytes.fromhex(case["input"]["value"])
    return value == value.strip(b" \t") and not any(octet in b";," or octet < 0x20 or octet == 0x7F for octet in value)


# A refused ring text or purpose is no answer about a value: nothing is opened with it.
OPENED = [case for case in of_op("open") if case["expect"] != {"refuse": "refused"}]
CARRIED = [case for case in OPENED if goes_into_a_header(case)]
TAKEN = [case for case in OPENED if not any(case["input"]["policy"][name] is not None for name in POLICY_OF_OPEN)]


def make_sessions(given: dict[str, Any], **options: Any) -> CookieSessions[Any]:
    return CookieSessions(
        parse_keyring(given["keyring"], given["now"]),
        purpose=given["purpose"],
        policy=read_policy(given["policy"]),
        max_token_characters=3972,
        **options,
    )


def test_nearly_all_values_go_through_a_header() -> None:
    assert len(CARRIED) > len(OPENED) * 0.8


@by_id(TAKEN)
def test_open_token(case: Case) -> None:
    given = case["input"]
    keyring = parse_keyring(given["keyring"], given["now"])
    value = bytes.fromhex(given["value"]).decode("latin-1")
    try:
        envelope = open_token(value, keyring=keyring, purpose=given["purpose"], now=given["now"])
    except TokenError as exc:
        found = {"refuse": str(exc.reason)}
    else:
        found = {"accept": {"envelope": write_envelope(envelope)}}
    assert exact(found) == exact(case["expect"])


def describe_session(session: Any) -> dict[str, Any]:
    flash = [[category, write_value(value)] for category, value in session.flash.pop_all()]
    return {
        "sid": session.sid.hex(),
        "created": int(session.created_at.timestamp()),
        "data": write_value(dict(session)),
        "flash": flash,
    }


def describe_expected(case: Case) -> dict[str, Any]:
    envelope = case["expect"]["accept"]["envelope"]
    return {name: envelope[name] for name in ("sid", "created", "data", "flash")}


def is_in_python_s_calendar(case: Case) -> bool:
    """A datetime ends with the year 9999, a session with 2^48 - 1 seconds."""
    return "refuse" in case["expect"] or case["expect"]["accept"]["envelope"]["until"] < 253_402_300_800


@by_id(CARRIED)
def test_read(case: Case) -> None:
    given = case["input"]
    value = bytes.fromhex(given["value"]).decode("latin-1")
    session, reason = make_sessions(given).read(f"__Host-session={value}", now=given["now"])
    if reason is not None:
        assert {"refuse": str(reason)} == case["expect"]
        assert (session.is_new, len(session)) == (True, 0)
    else:
        assert (session.sid.hex(), write_value(dict(session))) == (
            describe_expected(case)["sid"],
            describe_expected(case)["data"],
        )


@by_id([case for case in CARRIED if is_in_python_s_calendar(case)])
def test_middleware(case: Case, harness: Any, clock: Any) -> None:
    given, events = case["input"], list[Event]()
    sessions = make_sessions(given, on_event=events.append)
    clock.now = given["now"]
    found: list[dict[str, Any]] = []

    def script(session: Any) -> None:
        found.append({} if session.is_new else describe_session(session))

    serve(harness, sessions, script, [bytes.fromhex(given["value"])], [])
    if "refuse" in case["expect"]:
        assert (found, [str(event.reason) for event in events][:1]) == ([{}], [case["expect"]["refuse"]])
    else:
        assert exact(found) == exact([describe_expected(case)])


def serve(harness: Any, sessions: CookieSessions[Any], script: Any, values: list[bytes], headers: Any) -> Any:
    cookies = tuple(f"__Host-session={value.decode('latin-1')}" for value in values)
    return serve_cookies(harness, sessions, script, cookies, headers)


def serve_cookies(
    harness: Any, sessions: Any, script: Any, cookies: tuple[str, ...], headers: Any, status: int = 200
) -> Any:
    stack = harness.stack
    fields = [(name, value) for name, value in headers]
    if not any(name.lower() == "content-type" for name, _ in fields):
        # wsgiref's validator wants one.
        fields.append(("Content-Type", "text/plain"))
    answer = Answer(status=status, headers=fields)
    app = stack.wrap(sessions, stack.make_app(sessions, script, answer, None))
    # Legal (RFC 9110 5.5 and 15.4.5), but not to wsgiref's validator: a tab in a field value, a Content-Type in a 304.
    is_valid = status not in (204, 304) and not any("\t" in value for _, value in fields)
    options = {"validates": is_valid} if stack.name == "wsgi" else {}
    return stack.serve(app, stack.make_request(cookies), **options)


# Life cycles, lived behind both middlewares


def live(case: Case, harness: Any, clock: Any) -> dict[str, Any]:
    given = case["input"]
    clock.now = given["opened_at"]
    try:
        keyring = parse_keyring(given["keyring"], given["opened_at"])
    except ConfigError:
        return {"refuse": "refused"}
    sessions = CookieSessions(
        keyring,
        cookie=read_attributes(given["cookie"]),
        policy=read_policy(given["policy"]),
        purpose=given["purpose"],
        previous=[read_attributes(attributes) for attributes in given["previous"]],
        max_token_characters=given["max_token_characters"],
    )

    def script(session: Any) -> None:
        for action in given["actions"]:
            act(session, action)
        clock.now = given["sealed_at"]

    cookies = tuple(bytes.fromhex(octets).decode("latin-1") for octets in given["cookie_headers"])
    try:
        outcome = serve_cookies(harness, sessions, script, cookies, given["response"], given["status"])
    except UnsupportedValueError:
        # Raised at the application's own line, where nothing of its response has gone out.
        return {"refuse": "refused"}
    if outcome.status == 500:
        assert outcome.set_cookies == []
        return {"refuse": "refused"}
    return {"accept": describe_outcome(outcome, sessions, case)}


def describe_outcome(outcome: Any, sessions: CookieSessions[Any], case: Case) -> dict[str, Any]:
    given = case["input"]
    fields = [(name.lower(), value) for name, value in outcome.headers]
    if not any(name.lower() == "content-type" for name, _ in given["response"]):
        fields.remove(("content-type", "text/plain"))
    own = [value for name, value in given["response"] if name.lower() == "set-cookie"]
    set_cookies = [value for name, value in fields if name == "set-cookie"][len(own) :]
    token = set_cookies[0].partition(";")[0].partition("=")[2] if set_cookies else ""
    found: dict[str, Any] = {
        "set_cookies": [text.replace(token, "{token}", 1) if token else text for text in set_cookies],
        "vary": [value for name, value in fields if name == "vary"],
        "cache_control": [value for name, value in fields if name == "cache-control"],
        "others": [
            [name, value]
            for name, value in fields
            if name not in ("vary", "cache-control") and not (name == "set-cookie" and value in set_cookies)
        ],
        "token": None,
    }
    if token:
        settings, now = sessions.settings, max(given["opened_at"], given["sealed_at"])
        envelope = open_token(token, keyring=settings.keyring, purpose=settings.purpose, now=now)
        key_id = settings.keyring.ring(now).primary(now).key.key_id.hex()
        found["token"] = {"key_id": key_id, "envelope": write_envelope(envelope)}
    return found


@by_id(of_op("life-cycle"))
def test_life_cycle(case: Case, harness: Any, clock: Any) -> None:
    expect, found = match_sid(case["expect"], live(case, harness, clock))
    assert exact(found) == exact(expect)


def test_default_attributes_are_those_of_the_suite() -> None:
    given = of_op("life-cycle")[0]["input"]["cookie"]
    assert read_attributes(given) == CookieAttributes()
