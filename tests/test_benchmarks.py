"""The benchmarks: each case does its work, the statistics are right on made-up figures, the budget is held to."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cookiejar_session import Envelope, Key, Keyring, open_token, seal_token
from cookiejar_session.keys.ring import NEVER, Ring, RingEntry
from cookiejar_session.wire.envelope import encode_envelope
from cookiejar_session.wire.sealing import seal_octets

# At the end: the package itself is the installed one, not the checkout's.
ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from benchmarks import (  # noqa: E402
    asgi_stacks,
    codec,
    codec_peers,
    growth,
    instructions,
    memory,
    middleware,
    tightest,
    wsgi_stacks,
)
from benchmarks.__main__ import render_row  # noqa: E402
from benchmarks.contents import CONTENTS, TYPICAL  # noqa: E402
from benchmarks.estimates import (  # noqa: E402
    Estimate,
    estimate_added_ratio,
    estimate_difference,
    estimate_median,
    estimate_ratio,
)
from benchmarks.instruction_work import BUDGETED, FLOORS, WORK  # noqa: E402
from benchmarks.stacks import Request, Stack, Touch, make_all, run_to_end  # noqa: E402
from benchmarks.tables import Cell, Table  # noqa: E402
from benchmarks.targets import Row, Target  # noqa: E402
from benchmarks.timing import Effort, time_actions  # noqa: E402

pytestmark = [
    # WebOb 1.8, when Pyramid sets a cookie; pyramid_nacl_session, when it is imported.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:PickleSerializer:DeprecationWarning"),
]

STACKS = {
    **{f"ASGI {name}": make for name, make in asgi_stacks.ASGI_STACKS.items()},
    **{f"WSGI {name}": make for name, make in wsgi_stacks.WSGI_STACKS.items()},
}
MAKERS_OF_FLOORS = [make for floor in FLOORS.values() for make in (floor.make_asgi_stack, floor.make_wsgi_stack)]
# Django has one configuration in a process, and other tests make it.
DJANGO_APART = """
import sys
sys.path.append({root!r})
from benchmarks import codec, codec_peers, middleware, wsgi_stacks
from benchmarks.contents import CONTENTS
for content in CONTENTS.values():
    codec.make_actions(codec_peers.make_django(), content)
stack = wsgi_stacks.make_django()
for case in middleware.CASES:
    middleware.prepare_case(stack, case).run()
    middleware.prepare_bare_case(stack, case).run()
"""


def make_or_skip(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ImportError as exc:
        pytest.skip(f"needs the dependency group bench: {exc}")


# Each case does its work.


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
def test_a_floor_does_its_work_at_times_that_look_like_values(
    make: Callable[[], Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    # c4 begins bytes, cb a float.
    monkeypatch.setattr(time, "time", lambda: float(0x6BC4CBCB))
    request = middleware.prepare_case(make(), middleware.CHANGED)
    request.headers.clear()
    request.run()
    assert request.headers


def test_the_tightest_opens_what_the_package_seals_and_the_other_way_round() -> None:
    key, now = Key.generate(), 1767225600
    keyring, box_keys = Keyring(Ring([RingEntry(key, 0)], now=0)), {key.key_id: (key.box_key("a"), 0, NEVER)}
    envelope = Envelope(bytes(16), now, now, 1209600, now + 7776000, True, TYPICAL, [])
    opened, encoded = tightest.open_token(seal_token(envelope, keyring=keyring, purpose="a", now=now), now, box_keys)
    assert (opened, encoded) == (envelope, encode_envelope(envelope))
    assert open_token(seal_octets(encoded, key, "a"), keyring=keyring, purpose="a", now=now) == envelope


def test_the_tightest_makes_every_test_on_opening() -> None:
    # Ceilings and times of revocation are no tests of a configuration that has none.
    names = "longest_idle", "longest_lifetime", "not_before"
    cases = load_vectors("open-refuse")
    refusals = [case for case in cases if all(case["input"]["policy"][name] is None for name in names)]
    assert len(refusals) > 200
    for case in refusals:
        with pytest.raises(tightest.AmissError):
            open_tightly(case["input"])


def test_the_tightest_opens_a_token_as_the_vectors_say_or_leaves_it_to_the_package() -> None:
    opened = 0
    for case in load_vectors("open-accept"):
        with contextlib.suppress(tightest.AmissError):
            envelope = open_tightly(case["input"])
            opened += 1
            assert envelope == open_token(**read_opening(case["input"]))
    assert opened > 20


def load_vectors(name: str) -> list[Any]:
    cases: list[Any] = json.loads((ROOT / "conformance" / "v1" / f"{name}.json").read_bytes())["cases"]
    return cases


def read_opening(given: Any) -> dict[str, Any]:
    ring = Ring.parse(given["keyring"], now=given["now"], allow_published=True)
    token = bytes.fromhex(given["value"]).decode("latin-1")
    return {"token": token, "keyring": Keyring(ring), "purpose": given["purpose"], "now": given["now"]}


def open_tightly(given: Any) -> Envelope:
    opening = read_opening(given)
    entries = opening["keyring"].ring(given["now"]).entries
    box_keys = {each.key.key_id: (each.key.box_key(given["purpose"]), each.seals_from, each.until) for each in entries}
    return tightest.open_token(opening["token"], given["now"], box_keys)[0]


def test_row_tells_what_the_floors_come_to() -> None:
    row = Row(Target("case", 2, True), Estimate(3, 2.9, 3.1), (Estimate(1.5, 1.4, 1.6), Estimate(2, 1.9, 2.1)))
    assert render_row(row).split()[-4:] == ["2", "MISSED", "1.50", "2.00"]


@pytest.mark.parametrize(("limit", "at_most", "beyond"), [(2, True, True), (2.95, True, False), (4, False, True)])
def test_row_is_beyond_reach_where_a_floor_misses_with_its_better_end(
    limit: float, at_most: bool, beyond: bool
) -> None:
    row = Row(Target("case", limit, at_most), Estimate(9, 9, 9), (Estimate(3, 2.9, 3.1),))
    assert row.is_beyond_reach is beyond


def test_bare_pair_works_on_as_many_octets_as_a_token_of_ours() -> None:
    seal, open_ = codec.make_bare_actions(292)
    assert len(seal()) == (292 - 4) * 3 // 4 - 8 - 24
    assert len(open_()) == 168


def test_codec_that_opens_something_else_is_not_measured() -> None:
    with pytest.raises(AssertionError, match="not what is opened"):
        codec.make_actions(codec_peers.Codec(seal=str, open=lambda token: {}), TYPICAL)


def _forget(touch: Touch | None, cookie: str | None) -> Request:
    """A request whose library stores what came first and no change of it."""
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


def test_peer_that_cannot_be_made_is_told_with_the_reason() -> None:
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


# Timing and statistics.


def test_each_round_gives_every_competitor_one_turn_and_begins_with_another() -> None:
    order: list[str] = []
    effort = Effort(rounds=6, turn=1e-9)
    actions = {name: lambda name=name: order.append(name) for name in "abc"}
    times = time_actions(actions, effort=effort)
    assert {name: len(taken) for name, taken in times.items()} == {"a": 6, "b": 6, "c": 6}
    # Two calls each find out that one call fills so short a turn.
    assert "".join(order[6:]) == "abcbcacab" * 2


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
    # Tables of the sign test: for 6 values the 1st and the 6th, for 20 the 6th and the 15th, for 100 the 40th and 61st.
    for count, low, high in ((6, 1, 6), (20, 6, 15), (100, 40, 61)):
        estimate = estimate_median([float(value) for value in range(count, 0, -1)])
        assert estimate == Estimate((count + 1) / 2, low, high)


def test_five_values_give_no_interval() -> None:
    with pytest.raises(ValueError, match="5 values give no 95 % interval"):
        estimate_median([1.0] * 5)


def test_ratio_and_difference_are_of_the_same_round() -> None:
    # The machine is ten times slower in every other round: the ratio does not notice.
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
    [(True, 1.0, 2.0, True), (True, 1.0, 2.1, False), (False, 2.0, 9.0, True), (False, 1.9, 9.0, False)],
)
def test_worse_end_of_the_interval_counts(at_most: bool, low: float, high: float, reached: bool) -> None:
    row = Row(Target("case", 2, at_most=at_most), Estimate(2, low, high))
    assert row.is_reached is reached
    assert ("reached" if reached else "MISSED") in render_row(row)


# Tables and the budget.


def test_table_shows_estimates_with_their_interval_and_keeps_all_digits_in_json() -> None:
    table = Table("name", "Title", "µs", ("time", "length"), {"peer": (Estimate(1.23456, 1, 2.5), 1234)}, ("A note.",))
    lines = table.render().splitlines()
    assert lines[:2] == ["### Title (µs)", ""]
    assert lines[4] == "| peer | 1.23 [1, 2.5] |  1,234 |"
    assert lines[-1] == "A note."
    rows = json.loads(json.dumps(table.to_json()))["rows"]
    assert rows == {"peer": [{"median": 1.23456, "low": 1, "high": 2.5}, 1234]}


def test_plot_is_a_picture_without_script_that_shows_every_row() -> None:
    pytest.importorskip("pygal", reason="needs the dependency group bench")
    from benchmarks.plots import render_plot

    rows: dict[str, tuple[Cell, ...]] = {"this peer": (Estimate(2.0, 1.0, 3.0),), "that peer": ("",)}
    svg = render_plot(Table("name", "Title", "µs", ("time",), rows), columns=("time",), note="a machine")
    for text in ("this peer", "that peer", "Title (µs)", "a machine", "prefers-color-scheme:dark"):
        assert text in svg
    assert "<script" not in svg


def test_growth_of_more_than_three_per_cent_is_over_the_budget() -> None:
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


def test_instruction_ratios_take_the_bare_application_off() -> None:
    counts = dict.fromkeys(WORK, 0) | {
        "seal": 30,
        "open": 20,
        "bare pair": 25,
        "bare, changed": 100,
        "ours, changed": 150,
        "Starlette, changed": 300,
        "the least, seal": 15,
        "the least, open": 10,
        "the least, changed": 120,
        "and with tests, seal": 25,
        "and with tests, open": 25,
        "and with tests, changed": 125,
    }
    assert instructions.compute_ratios(counts) == ([2.0, 1.0, 2.0], [4.0, 10.0, 8.0])
