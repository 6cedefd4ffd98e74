"""The benchmarks: cases do their work, statistics are right on made-up figures, limits decide the exit status."""

from __future__ import annotations

import contextlib
import json
import math
import struct
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import cookiejar_session
from cookiejar_session import Envelope, Key, Keyring, open_token, seal_token

# At the end of the path, so that the package is the installed one and not the one of the checkout.
ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from benchmarks import (  # noqa: E402
    asgi_stacks,
    beside,
    codec,
    codec_peers,
    framework_stacks,
    growth,
    instructions,
    memory,
    middleware,
    targets,
    tightest,
    wsgi_stacks,
)
from benchmarks.__main__ import main, render_row  # noqa: E402
from benchmarks.contents import CONTENTS, TYPICAL  # noqa: E402
from benchmarks.estimates import (  # noqa: E402
    Estimate,
    estimate_added_ratio,
    estimate_difference,
    estimate_median,
    estimate_ratio,
)
from benchmarks.floor_envelope import encode_envelope  # noqa: E402
from benchmarks.floors import FLOORS  # noqa: E402
from benchmarks.floors import make_tables as make_floor_tables  # noqa: E402
from benchmarks.instruction_work import BUDGETED, WORK  # noqa: E402
from benchmarks.other_commit import BESIDE, CommitError, export_package, import_commit  # noqa: E402
from benchmarks.stacks import Request, Stack, Touch, make_all, run_to_end  # noqa: E402
from benchmarks.tables import Cell, Table  # noqa: E402
from benchmarks.targets import Row, Target  # noqa: E402
from benchmarks.timing import Effort, time_actions  # noqa: E402

pytestmark = [
    # WebOb 1.8 warns when Pyramid sets a cookie. pyramid_nacl_session warns when it is imported.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:PickleSerializer:DeprecationWarning"),
]

STACKS = {
    **{f"ASGI {name}": make for name, make in asgi_stacks.ASGI_STACKS.items()},
    **{f"WSGI {name}": make for name, make in wsgi_stacks.WSGI_STACKS.items()},
    **{name: make for stacks in framework_stacks.FRAMEWORKS.values() for name, make in stacks.items()},
}
MAKERS_OF_FLOORS = [make for floor in FLOORS.values() for make in (floor.make_asgi_stack, floor.make_wsgi_stack)]
# A process has one Django configuration, and other tests make it.
DJANGO_APART = """
import sys
sys.path.append({root!r})
from benchmarks import codec, codec_peers, django_stacks, middleware
from benchmarks.contents import CONTENTS
for content in CONTENTS.values():
    codec.make_actions(codec_peers.make_django(), content)
for make in django_stacks.DJANGO_STACKS.values():
    stack = make()
    for case in middleware.CASES:
        middleware.prepare_case(stack, case).run()
        middleware.prepare_bare_case(stack, case).run()
"""


def make_or_skip(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ImportError as exc:
        pytest.skip(f"needs the dependency group bench: {exc}")


# Each case does its work


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("name", [name for name in codec_peers.CODECS if "Django" not in name])
def test_codec_opens_what_it_seals(name: str, kind: str) -> None:
    peer = make_or_skip(codec_peers.CODECS[name])
    seal, open_ = codec.make_actions(peer, CONTENTS[kind])
    assert isinstance(seal(), str)
    assert open_() == CONTENTS[kind]


@pytest.mark.parametrize("case", middleware.CASES)
@pytest.mark.parametrize("name", [name for name in STACKS if "Django" not in name])
def test_request_does_the_work_of_its_case_again_and_again(name: str, case: str) -> None:
    stack = make_or_skip(STACKS[name])
    request, bare = middleware.prepare_case(stack, case), middleware.prepare_bare_case(stack, case)
    for each in (request, request, bare, bare):
        each.headers.clear()
        each.run()
        assert each.headers


def test_django_does_the_same_work() -> None:
    pytest.importorskip("django", reason="needs the dependency group bench")
    words = [sys.executable, "-c", DJANGO_APART.format(root=str(ROOT))]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("floor", FLOORS.values(), ids=FLOORS)
@pytest.mark.parametrize("kind", CONTENTS)
def test_a_floor_seals_and_opens_a_token_of_the_same_length(kind: str, floor: Any) -> None:
    seal, open_ = codec.make_actions(floor.make_codec(), CONTENTS[kind])
    assert open_() == CONTENTS[kind]
    assert len(seal()) == len(codec_peers.make_ours().seal(CONTENTS[kind]))


@pytest.mark.parametrize("case", middleware.CASES)
@pytest.mark.parametrize("make", MAKERS_OF_FLOORS)
def test_a_floor_does_the_work_of_its_case(make: Callable[[], Stack], case: str) -> None:
    request = middleware.prepare_case(make(), case)
    request.headers.clear()
    request.run()
    assert request.headers


@pytest.mark.parametrize("make", MAKERS_OF_FLOORS)
def test_a_floor_does_its_work_at_a_time_whose_octets_look_like_values(
    make: Callable[[], Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In MessagePack, c4 begins bytes and cb begins a float.
    monkeypatch.setattr(time, "time", lambda: float(0x6BC4CBCB))
    request = middleware.prepare_case(make(), middleware.CHANGED)
    request.headers.clear()
    request.run()
    assert request.headers


def test_tightest_opens_what_the_package_seals_and_the_package_opens_what_tightest_seals() -> None:
    key, now, purpose = Key.generate(), 1767225600, "a"
    keyring, box_keys = Keyring.parse(key.to_text()), tightest.make_box_keys(read_material(key.to_text()), purpose)
    envelope = Envelope(bytes(16), now, now, 1209600, now + 7776000, True, TYPICAL, [])
    token = seal_token(envelope, keyring=keyring, purpose=purpose, now=now)
    opened, encoded = tightest.open_token(token, now, box_keys)
    assert opened.data == TYPICAL
    assert encoded == encode_envelope(opened)
    sealed = tightest.seal_octets(encoded, now, box_keys)
    assert open_token(sealed, keyring=keyring, purpose=purpose, now=now) == envelope


def test_tightest_refuses_what_the_vectors_refuse() -> None:
    cases = load_vectors("open-refuse")
    assert len(cases) > 200
    for case in cases:
        with pytest.raises(tightest.AmissError):
            open_tightly(case["input"])


def test_tightest_opens_a_token_as_the_vectors_say_or_leaves_it_to_the_package() -> None:
    opened = 0
    for case in load_vectors("open-accept"):
        with contextlib.suppress(tightest.AmissError):
            envelope = open_tightly(case["input"])
            opened += 1
            assert show_envelope(envelope) == case["expect"]["accept"]["envelope"]
    assert opened > 20


def load_vectors(op: str) -> list[Any]:
    """Return the vectors of ``op`` with keys in hex and a policy without ceilings and revocation time."""
    cases: list[Any] = json.loads((ROOT / "conformance" / "v1" / f"{op}.json").read_bytes())["cases"]
    names = "longest_idle", "longest_lifetime", "not_before"
    return [
        case
        for case in cases
        if all(entry.startswith("hex:") for entry in case["input"]["keyring"].split())
        and all(case["input"]["policy"][name] is None for name in names)
        # A wrong configuration is refused before any token is read.
        and case["expect"].get("refuse") != "refused"
    ]


def open_tightly(given: Any) -> Any:
    box_keys: dict[bytes, tuple[bytes, int, int]] = {}
    for entry in given["keyring"].split():
        text, *attributes = entry.split("@")
        times = {name: read_time(moment) for name, _, moment in (each.partition("=") for each in attributes)}
        material, from_, until = bytes.fromhex(text.removeprefix("hex:")), times.get("from", 0), times.get("until")
        until = {} if until is None else {"until": until}
        box_keys |= tightest.make_box_keys(material, given["purpose"], from_, **until)
    return tightest.open_token(bytes.fromhex(given["value"]).decode("latin-1"), given["now"], box_keys)[0]


def read_time(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def read_material(text: str) -> bytes:
    # SPEC 4.3: cjk1_ and the base64url of 32 octets of material and a checksum.
    return urlsafe_b64decode(text.removeprefix("cjk1_"))[:32]


def show_envelope(envelope: Any) -> dict[str, Any]:
    """Return the envelope as the vectors write it."""
    names = "sid", "created", "issued", "idle", "until", "persistent"
    shown = {name: getattr(envelope, name) for name in names}
    flash = [[text, show_value(value)] for text, value in envelope.flash]
    return {**shown, "sid": envelope.sid.hex(), "data": show_value(envelope.data), "flash": flash}


def show_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {"map": [[name, show_value(each)] for name, each in value.items()]}
    if isinstance(value, list):
        return {"array": [show_value(each) for each in value]}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    return {"int": str(value)} if type(value) is int else value


def test_bare_pair_works_on_as_many_octets_as_a_token_of_ours() -> None:
    seal, open_ = codec.make_bare_actions(292)
    assert len(seal()) == (292 - 4) * 3 // 4 - 8 - 24
    assert len(open_()) == 168


def test_codec_that_opens_something_else_is_not_measured() -> None:
    with pytest.raises(AssertionError, match="does not return the content"):
        codec.make_actions(codec_peers.Codec(seal=str, open=lambda token: {}), TYPICAL)


def _forget(touch: Touch | None, cookie: str | None) -> Request:
    """Return a request whose library stores no change."""
    headers: list[tuple[str, str]] = []

    def run() -> None:
        if touch is not None:
            touch.act(dict(TYPICAL))
        headers[:] = [("Set-Cookie", "session=same"), ("Content-Type", "text/plain")]

    return Request(run, headers)


def test_stack_that_does_not_store_a_change_is_not_measured() -> None:
    with pytest.raises(AssertionError, match="the change was not stored"):
        middleware.prepare_case(Stack(_forget, _forget), middleware.CHANGED)


def test_growth_series_are_checked_and_measured() -> None:
    effort = Effort(rounds=2, turn=1e-5)
    assert set(growth.measure_refusals(effort)) == {growth.FULL_OPEN, growth.UNKNOWN_KEY, growth.JUNK}
    assert {growth.RING_OF_ONE, growth.LAST_OF_SIXTEEN} <= set(growth.measure_rings(effort, sizes=(1, 16)))
    assert set(growth.measure_other_cookies(effort, counts=(0, 50))) == {0, 50}
    assert set(growth.measure_same_named(effort, counts=(1, 4))) == {"1", "4"}


def test_opened_session_holds_more_memory_than_an_untouched_one() -> None:
    (_, untouched, opened) = (0, *memory.make_table().rows["typical session"])
    assert isinstance(untouched, int)
    assert isinstance(opened, int)
    assert 0 < untouched < opened


def test_peer_that_cannot_be_made_is_returned_with_the_reason() -> None:
    def fail() -> object:
        raise ImportError("no module named peer")

    assert make_all({"peer": fail, "other": lambda: 1}) == ({"other": 1}, {"peer": "ImportError: no module named peer"})


def test_coroutine_that_waits_is_refused() -> None:
    class Waiting:
        def __await__(self) -> Any:
            yield

    async def wait() -> None:
        await Waiting()

    with pytest.raises(RuntimeError, match="waits for something"):
        run_to_end(wait())


# The package beside another commit, and the targets

TINY_EFFORT = Effort(rounds=6, turn=1e-5)
ESTIMATE = Estimate(10.0, 9.0, 11.0)
needs_checkout = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a git checkout")


def make_comparison(*, over_then: float = 1.03, over_asgi: float = 1.15) -> beside.Comparison:
    operation = beside.Operation("read", "ASGI", ESTIMATE, ESTIMATE, Estimate(1, 0.9, over_then))
    return beside.Comparison([operation], {"read": Estimate(1, 0.9, over_asgi)})


def commit_files(folder: Path, files: dict[str, str]) -> Path:
    """Make ``folder`` a git repository with one commit of ``files``."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message=a"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return folder


@needs_checkout
def test_package_is_measured_beside_a_commit_of_itself() -> None:
    comparison = beside.compare_commit("HEAD", TINY_EFFORT)
    found = [(operation.case, operation.stack) for operation in comparison.operations]
    requests = [(case, stack) for case in middleware.CASES for stack in ("ASGI", "WSGI")]
    assert found == [("seal", ""), ("open", ""), *requests]
    assert set(comparison.over_asgi) == set(middleware.CASES)
    text = "\n".join(table.render() for table in beside.make_tables(comparison, "HEAD"))
    for name in ("in HEAD", "seal ", "read, ASGI", "changed, WSGI", "now over then", "WSGI over ASGI"):
        assert name in text


@needs_checkout
def test_other_commit_is_another_package_and_gone_afterwards() -> None:
    with import_commit("HEAD") as then:
        assert then.CookieSessions is not cookiejar_session.CookieSessions
        assert then.CookieSessions.__module__.startswith(f"{BESIDE}.")
        assert then.__file__ != cookiejar_session.__file__
    assert not [name for name in sys.modules if name.startswith(BESIDE)]


def test_absolute_imports_of_the_other_commit_find_the_other_commit(tmp_path: Path) -> None:
    files = {
        "__init__.py": "import cookiejar_session.one\nfrom cookiejar_session.two import three\n",
        "one.py": "import cookiejar_session\nimport cookiejar_session.two as two, json\n",
        "two/__init__.py": "from . import three\n",
        "two/three.py": "from cookiejar_session import one\n",
    }
    root = commit_files(tmp_path, {f"cookiejar_session/{name}": text for name, text in files.items()})
    with import_commit("HEAD", root=root) as then:
        assert then.cookiejar_session is then.one.cookiejar_session is then
        assert then.three is then.one.two.three
        assert then.three.one is then.one
        assert then.one.json is json


def test_other_commit_needs_a_git_checkout(tmp_path: Path) -> None:
    with pytest.raises(CommitError, match="not the top folder of a git checkout"), import_commit("HEAD", root=tmp_path):
        pass


def test_other_commit_must_be_one_of_this_repository(tmp_path: Path) -> None:
    root = commit_files(tmp_path, {"inner/setup.py": ""})
    for commit, folder, message in (
        ("HEAD", root / "inner", "not the top folder of a git checkout"),
        ("no-such-commit", root, "no-such-commit is not a commit of"),
        ("--help", root, "--help is not a commit of"),
        ("HEAD", root, "commit HEAD has no cookiejar_session/__init__.py"),
    ):
        with pytest.raises(CommitError, match=message):
            export_package(commit, tmp_path / "export", root=folder)


def test_other_commit_needs_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommitError, match="install git"):
        export_package("HEAD", tmp_path)


@pytest.mark.parametrize(
    ("comparison", "status"),
    [
        (make_comparison(), 0),
        (make_comparison(over_then=1.031), 1),
        (make_comparison(over_asgi=1.151), 1),
    ],
)
def test_worse_end_decides_the_exit_status_of_beside(
    comparison: beside.Comparison, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(beside, "compare_commit", lambda commit, effort: comparison)
    assert main(["--beside", "abc123", "--quick"]) == status
    printed = capsys.readouterr().out
    assert "in abc123" in printed
    assert (" NO " in printed) is (status == 1)


def test_beside_a_commit_that_cannot_be_exported_has_exit_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(commit: str, effort: Effort) -> beside.Comparison:
        raise CommitError(f"no {commit}")

    monkeypatch.setattr(beside, "compare_commit", fail)
    assert main(["--beside", "abc123"]) == 2
    assert capsys.readouterr().err == "python -m benchmarks: error: no abc123\n"


@pytest.mark.parametrize(("high", "status"), [(1.15, 0), (1.16, 1)])
def test_missed_target_has_exit_status_1(high: float, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row(Target("case", 1.15, at_most=True), Estimate(1, 0.9, high))
    monkeypatch.setattr("benchmarks.__main__.MEASUREMENTS", (lambda effort: iter([row]),))
    assert main(["--check"]) == status


def test_targets_are_every_peer_in_every_case_but_pyramid_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure_case(stacks: dict[str, Stack], case: str, *, effort: Effort) -> dict[str, list[float]]:
        times = {name: [2.0 if name == wsgi_stacks.OURS else 3.0] * 6 for name in stacks}
        return times | {middleware.name_bare(name): [1.0] * 6 for name in stacks}

    monkeypatch.setattr(targets, "measure_case", measure_case)
    monkeypatch.setattr(targets, "make_all", lambda makers: (dict.fromkeys(makers), {}))
    rows = [*targets.measure_asgi(TINY_EFFORT), *targets.measure_wsgi(TINY_EFFORT)]
    assert {row.ratio for row in rows} == {Estimate(2, 2, 2)}
    assert all(row.is_reached for row in rows)
    peers = len(asgi_stacks.ASGI_STACKS) + len(wsgi_stacks.WSGI_STACKS) - 2
    assert len({row.target.case for row in rows}) == len(rows) == 4 * peers - 2
    assert sorted(row.target.case.split("'")[0] for row in rows if "Pyramid" in row.target.case) == [
        "changed: Pyramid",
        "read: Pyramid",
    ]


def test_targets_of_integrations_are_those_of_flask_and_django(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure_case(stacks: dict[str, Stack], case: str, *, effort: Effort) -> dict[str, list[float]]:
        times = {name: [2.0 if name.startswith("cookiejar-session in ") else 3.5] * 6 for name in stacks}
        return times | {middleware.name_bare(name): [1.0] * 6 for name in stacks}

    monkeypatch.setattr(targets, "measure_case", measure_case)
    monkeypatch.setattr(targets, "make_all", lambda makers: (dict.fromkeys(makers), {}))
    rows = {row.target.case.split("'")[0]: row for row in targets.measure_integrations(TINY_EFFORT)}
    assert {name: (row.target.text, row.is_reached) for name, row in rows.items()} == {
        "changed: Flask": ("> 3", False),
        "changed: Django (signed_cookies)": ("> 2", True),
        "changed: Django (db, SQLite in memory)": ("> 2", True),
    }


def test_target_without_its_peer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "make_all", lambda makers: ({}, {"Flask": "ImportError: no flask"}))
    with pytest.raises(RuntimeError, match="a target needs Flask, which is missing here: ImportError"):
        list(targets.measure_wsgi(TINY_EFFORT))


def test_wsgi_is_measured_beside_asgi_in_every_case() -> None:
    rows = list(targets.measure_stacks(TINY_EFFORT))
    assert [row.target.case.split(":")[0] for row in rows] == list(middleware.CASES)
    assert {row.target.limit for row in rows} == {1.15}


def test_floors_are_measured_beside_the_package() -> None:
    tables = make_floor_tables(TINY_EFFORT)
    assert [table.name for table in tables] == ["floors-codec", "floors-asgi", "floors-wsgi"]
    for table in tables:
        assert {codec_peers.OURS, *FLOORS} <= set(table.rows)


# Timing and statistics


def test_each_round_gives_every_competitor_one_turn_and_starts_with_another_and_changes_direction() -> None:
    order: list[str] = []
    effort = Effort(rounds=6, turn=1e-9)
    actions = {name: lambda name=name: order.append(name) for name in "abc"}
    times = time_actions(actions, effort=effort)
    assert {name: len(taken) for name, taken in times.items()} == {"a": 6, "b": 6, "c": 6}
    # The first six calls count how many calls fill a turn: one.
    assert "".join(order[6:]) == "abcbaccabacbbcacba"


def test_slow_competitor_has_as_many_calls_in_a_turn_as_a_quick_one() -> None:
    calls: Counter[str] = Counter()
    actions = {"quick": lambda: calls.update(["quick"]), "slow": lambda: [calls.update(["slow"]), sum(range(5000))]}
    time_actions(actions, effort=Effort(rounds=6, turn=1e-3))
    assert calls["quick"] == calls["slow"] > 0


def test_one_disturbance_does_not_make_turns_short() -> None:
    calls: Counter[str] = Counter()

    def act() -> None:
        calls.update(["act"])
        if calls["act"] == 1:
            sum(range(2_000_000))

    time_actions({"act": act}, effort=Effort(rounds=6, turn=0.002))
    assert calls["act"] > 100


def test_interval_of_the_median_has_the_ranks_of_the_binomial_distribution() -> None:
    # From tables of the sign test: of 6 values the 1st and 6th, of 20 the 6th and 15th, of 100 the 40th and 61st.
    for count, low, high in ((6, 1, 6), (20, 6, 15), (100, 40, 61)):
        estimate = estimate_median([float(value) for value in range(count, 0, -1)])
        assert estimate == Estimate((count + 1) / 2, low, high)


def test_five_values_give_no_interval() -> None:
    with pytest.raises(ValueError, match="5 values give no 95 % interval"):
        estimate_median([1.0] * 5)


def test_ratio_and_difference_are_of_the_same_round() -> None:
    # The machine is ten times slower in every second round. The ratio stays the same.
    below = [1.0, 10.0] * 5
    above = [3.0, 30.0] * 5
    assert estimate_ratio(above, below) == Estimate(3, 3, 3)
    assert estimate_difference([value + 2 for value in below], below) == Estimate(2, 2, 2)


def test_added_ratio_takes_the_bare_applications_off() -> None:
    assert estimate_added_ratio([30.0] * 6, [10.0] * 6, [9.0] * 6, [5.0] * 6) == Estimate(5, 5, 5)


def test_added_ratio_of_nothing_is_infinite_and_not_negative() -> None:
    ratio = estimate_added_ratio([30.0] * 7, [10.0] * 7, [9.0] * 3 + [4.0] * 4, [5.0] * 7)
    assert ratio == Estimate(math.inf, 5, math.inf)


@pytest.mark.parametrize(
    ("at_most", "low", "high", "reached"),
    [(True, 1.0, 2.0, True), (True, 1.0, 2.1, False), (False, 2.1, 9.0, True), (False, 2.0, 9.0, False)],
)
def test_worse_end_of_the_interval_counts(at_most: bool, low: float, high: float, reached: bool) -> None:
    row = Row(Target("case", 2, at_most=at_most), Estimate(2, low, high))
    assert row.is_reached is reached
    assert ("reached" if reached else "MISSED") in render_row(row)


# Tables and the budget


def test_table_shows_estimates_with_their_interval_and_keeps_all_digits_in_json() -> None:
    table = Table(
        "name", "Title", "µs", ("time", "length"), {"peer": (Estimate(1.23456, 1, 99.96), 1234)}, ("A note.",)
    )
    lines = table.render().splitlines()
    assert lines[:2] == ["### Title (µs)", ""]
    assert lines[4] == "| peer | 1.23 [1.00, 100] |  1,234 |"
    assert lines[-1] == "A note."
    rows = json.loads(json.dumps(table.to_json()))["rows"]
    assert rows == {"peer": [{"median": 1.23456, "low": 1, "high": 99.96}, 1234]}


def test_plot_is_a_picture_without_script_that_shows_every_row() -> None:
    pytest.importorskip("pygal", reason="needs the dependency group bench")
    from benchmarks.plots import render_plot

    rows: dict[str, tuple[Cell, ...]] = {"this peer": (Estimate(2.0, 1.0, 3.0),), "that peer": ("",)}
    svg = render_plot(Table("name", "Title", "µs", ("time",), rows), columns=("time",), note="a machine")
    for text in ("this peer", "that peer", "Title (µs)", "a machine", "prefers-color-scheme:dark"):
        assert text in svg
    assert "<script" not in svg


def test_count_more_than_three_per_cent_over_its_budget_is_found() -> None:
    budget = {"seal": 1000, "open": 1000, "read": 1000}
    grown = instructions.compare_with_budget({"seal": 1030, "open": 1031, "read": 10}, budget)
    assert [str(growth) for growth in grown] == ["open: 1,031 instructions, +3.1% over 1,000"]


def test_budget_of_other_versions_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "budget.json"
    file.write_text('{"2.7": {"seal": 5}}')
    monkeypatch.setattr(instructions, "BUDGET_FILE", file)
    counts = dict.fromkeys(WORK, 7)
    instructions.write_budget(counts)
    budget = instructions.read_budget()
    assert budget["2.7"] == {"seal": 5}
    assert budget[instructions.name_version()] == dict.fromkeys(BUDGETED, 7)
