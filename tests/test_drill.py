"""The rotation drill, shortened, and the control. tests/drill/ runs the servers and the visitors."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("gunicorn does not run on Windows", allow_module_level=True)

from drill.clock import DrillClock
from drill.messages import Message
from drill.rotation import IDLE_TIMEOUT, SECONDS_AHEAD
from drill.tally import Tally
from drill.visitors import GAPS, Visitor

FOLDER = Path(__file__).parent
OLD, NEW = "1" * 16, "2" * 16
# The drill's own limit. Its result does not depend on how fast the machine is.
SECONDS = 170


def run_drill(*options: str) -> tuple[int, dict[str, str]]:
    """Return the exit status, and the lines of the report by what they count."""
    # The folder of the drill, and not the checkout, is on the path: the package is the installed one.
    done = subprocess.run(
        [sys.executable, "-m", "drill", "--quick", f"--seconds={SECONDS}", *options],
        env=os.environ | {"PYTHONPATH": str(FOLDER)},
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr)
    pairs = (line.partition("  ") for line in done.stdout.splitlines())
    return done.returncode, {name: value.strip() for name, _, value in pairs}


def test_rotation_logs_nobody_out() -> None:
    status, counts = run_drill()
    assert {
        name: counts[name] for name in ("logouts", "lost writes", "reseals back and forth", "requests that failed")
    } == {
        "logouts": "0",
        "lost writes": "0",
        "reseals back and forth": "0",
        "requests that failed": "0",
    }
    assert status == 0


def test_no_visitor_polls_until_the_session_expires() -> None:
    """A poll renews nothing, so one that polls too often in a row would be logged out by the drill itself."""
    choices = random.Random(1)
    visitor = Visitor("ada", gaps=GAPS)
    visitor.count = 0
    paths = [visitor.choose_path(choices) for _ in range(20_000)]
    runs = [len(list(same)) for is_poll, same in groupby(paths, "/poll".__eq__) if is_poll]
    assert max(runs) == 3
    assert (max(runs) + 1) * GAPS[1] < IDLE_TIMEOUT - SECONDS_AHEAD


def test_wrong_rotation_logs_visitors_out() -> None:
    status, counts = run_drill("--control")
    assert counts["logouts"] != "0"
    assert status == 0


@pytest.fixture
def tally() -> Tally:
    return Tally(requests=1, key_changes=Counter(resealed=1), ignored_files=1)


def test_drill_passes_without_faults(tally: Tally) -> None:
    assert tally.has_passed


@pytest.mark.parametrize(
    "fault",
    [
        {"logouts": Counter(part=1)},
        {"lost_writes": 1},
        {"reseals_back": 1},
        {"old_keys": 1},
        {"failed": 1},
        {"key_changes": Counter(renewed=1)},
        {"ignored_files": 0},
    ],
    ids=str,
)
def test_drill_fails_with(fault: dict[str, Any], tally: Tally) -> None:
    for name, value in fault.items():
        setattr(tally, name, value)
    assert not tally.has_passed


def make_answer(body: object, *, events: str = "", status: int = 200, cookie: str | None = None) -> Message:
    fields = [("drill-node", "uvicorn-1"), ("drill-events", events)]
    if cookie is not None:
        fields.append(("set-cookie", cookie))
    return Message(f"HTTP/1.1 {status} \r\n\r\n".encode(), tuple(fields), json.dumps(body).encode())


@pytest.fixture
def visitor(tally: Tally) -> Visitor:
    """A visitor who has signed in and written once."""
    signed_in = Visitor("ada", gaps=GAPS)
    for path, count in (("/sign-in?name=ada", 0), ("/increment", 1)):
        signed_in.take(make_answer(["ada", count]), path, now=0, tally=tally, replaced_key=None)
    assert (signed_in.count, tally.logouts.total(), tally.lost_writes) == (1, 0, 0)
    return signed_in


def test_drill_counts_an_anonymous_answer_as_a_logout(visitor: Visitor, tally: Tally) -> None:
    answer = make_answer([None, None], events="refused=unknown-key")
    visitor.take(answer, "/read", now=0, tally=tally, replaced_key=None)
    assert tally.logouts.total() == 1
    assert tally.refusals == {"unknown-key": 1}
    assert "asked uvicorn-1 for /read, which noted: refused=unknown-key" in tally.render()


@pytest.mark.parametrize(("path", "count"), [("/increment", 1), ("/read", 0), ("/poll", 2)])
def test_drill_counts_another_count_as_a_lost_write(path: str, count: int, visitor: Visitor, tally: Tally) -> None:
    visitor.take(make_answer(["ada", count]), path, now=0, tally=tally, replaced_key=None)
    assert tally.lost_writes == 1


def test_drill_counts_a_reseal_in_both_directions(visitor: Visitor, tally: Tally) -> None:
    for opened, key, back in ((OLD, NEW, 0), (NEW, OLD, 1)):
        answer = make_answer(["ada", 1], events=f"opened={opened} resealed={key}")
        visitor.take(answer, "/read", now=0, tally=tally, replaced_key=None)
        assert tally.reseals_back == back


def test_drill_counts_a_token_under_the_replaced_key(visitor: Visitor, tally: Tally) -> None:
    answer = make_answer(["ada", 1], events=f"opened={OLD} renewed={OLD}")
    visitor.take(answer, "/read", now=0, tally=tally, replaced_key=OLD)
    assert tally.old_keys == 1


def test_drill_counts_an_error_as_a_failure(visitor: Visitor, tally: Tally) -> None:
    visitor.take(make_answer([], status=502), "/read", now=0, tally=tally, replaced_key=None)
    assert tally.failed == 1


def test_visitor_drops_a_cookie_at_its_end(visitor: Visitor, tally: Tally) -> None:
    answer = make_answer(["ada", 1], cookie="__Host-session=cj1.token; Path=/; Max-Age=600")
    visitor.take(answer, "/read", now=100, tally=tally, replaced_key=None)
    assert b"__Host-session=cj1.token" in visitor.render_request("/read", 699)
    assert b"__Host-session" not in visitor.render_request("/read", 700)


def test_clock_stops_at_its_limit_and_never_goes_back(tmp_path: Path) -> None:
    clock = DrillClock(tmp_path / "clock", now=100)
    clock.advance(110)
    assert clock.now == 100
    clock.limit = 120
    for moment, now in ((110, 110), (105, 110), (130, 120)):
        clock.advance(moment)
        assert clock.now == now
