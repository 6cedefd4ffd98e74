"""The command line: ``python -m benchmarks --check``."""

from __future__ import annotations

import argparse
import sys

from .targets import MEASUREMENTS
from .timing import FULL, QUICK


def main() -> int:
    """Runs what was asked for; the exit status is 0 if every target is reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="measure the targets; exit 1 if one is missed")
    parser.add_argument(
        "--quick", action="store_true", help="fewer, shorter rounds: a first look, not a figure to quote"
    )
    options = parser.parse_args()
    effort = QUICK if options.quick else FULL
    reached = True
    for measure in MEASUREMENTS:
        for row in measure(effort):
            reached &= row.is_reached
            median, low, high = row.ratio
            mark = "reached" if row.is_reached else "MISSED"
            print(
                f"{row.target.case:56} {median:7.2f} [{low:6.2f}, {high:6.2f}]  {row.target.text:7} {mark}", flush=True
            )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
