"""Run the fuzzers: all of them, or one with the arguments of libFuzzer.

    python fuzz/run.py                                       all, one after the other, 60 seconds each
    python fuzz/run.py --seconds 600 --together 2            two at a time
    python fuzz/run.py open_token -max_total_time=600        one, with any arguments of libFuzzer
    python fuzz/run.py open_token 00636a312e                 one input in hex, without atheris

For a finding, the exception and the input in hex are printed, and the exit status is not 0. Needs atheris.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "conformance")]

# The package leaves this work to msgspec, in C, where the fuzzer sees no branches. It sees them in these modules.
SEEN_IN_THE_REFERENCE = ("reference.message_pack", "reference.utf_8", "reference.envelope")

TARGETS = ("cookie_header", "open_token", "decode_envelope", "parse_ring")


class Outcome(NamedTuple):
    """The result of one fuzzer. ``finding`` is the printed finding, or empty."""

    target: str
    executions: int
    corpus: int
    finding: str


def run_all(seconds: int, together: int) -> int:
    with ThreadPoolExecutor(together) as pool:
        outcomes = list(pool.map(lambda target: run_apart(target, seconds), TARGETS))
    print(f"{'target':<16} {'executions':>11} {'corpus':>7} findings")
    for outcome in outcomes:
        print(f"{outcome.target:<16} {outcome.executions:>11,} {outcome.corpus:>7,} {1 if outcome.finding else 0}")
    for outcome in outcomes:
        if outcome.finding:
            print(f"\n{outcome.target}\n{outcome.finding}")
    return 1 if any(outcome.finding or not outcome.executions for outcome in outcomes) else 0


def run_apart(target: str, seconds: int) -> Outcome:
    """Run one fuzzer in its own process, with a temporary corpus."""
    with TemporaryDirectory() as corpus:
        command = [sys.executable, __file__, target, f"-max_total_time={seconds}", corpus]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")  # noqa: S603 - this very file
        kept = len(list(Path(corpus).iterdir()))
    printed = done.stdout + done.stderr
    executions = re.search(r"stat::number_of_executed_units: *([0-9]+)", printed)
    lines = [line for line in printed.splitlines() if not line.startswith(("INFO: ", "WARNING: "))]
    finding = "\n".join(lines[-60:]) if done.returncode else ""
    return Outcome(target, int(executions[1]) if executions else 0, kept, finding)


def run_one(target: str, arguments: Sequence[str]) -> None:
    import atheris

    # The package logs each refusal, and a fuzzer causes them all the time.
    logging.getLogger("cookiejar_session").setLevel(logging.CRITICAL)
    with atheris.instrument_imports(include=["cookiejar_session", *SEEN_IN_THE_REFERENCE]):
        module = importlib.import_module(target)
    folders = [argument for argument in arguments if not argument.startswith("-")]
    with TemporaryDirectory() as throwaway:
        corpus = Path(folders[0] if folders else throwaway)
        for number, seed in enumerate(module.list_seeds()):
            (corpus / f"vector-{number}").write_bytes(seed)
        options = [argument for argument in arguments if argument.startswith("-")]

        def check(octets: bytes) -> None:
            try:
                module.check(octets)
            except BaseException:
                print(f"finding: python fuzz/run.py {target} {octets.hex()}", flush=True)
                raise

        atheris.Setup([target, f"-artifact_prefix={throwaway}/", "-print_final_stats=1", *options, str(corpus)], check)
        atheris.Fuzz()


def main() -> int:
    if len(sys.argv) > 1 and sys.argv[1] in TARGETS:
        target, *arguments = sys.argv[1:]
        if arguments and re.fullmatch("(?:[0-9a-f]{2})+", arguments[0]):
            importlib.import_module(target).check(bytes.fromhex(arguments[0]))
        else:
            run_one(target, arguments)
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="how long each runs")
    parser.add_argument("--together", type=int, default=1, help="how many run at once")
    given = parser.parse_args()
    return run_all(given.seconds, given.together)


if __name__ == "__main__":
    sys.exit(main())
