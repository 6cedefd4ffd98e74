"""Run mutmut over the modules that pyproject.toml names and demand a share of killed mutants.

Prints the difference that each survivor makes. Run by `tox -e mutants`, in the checkout's folder.
"""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

WANTED_SHARE = 0.95
# How mutmut names the mutants that a test noticed, by failing or by never ending, and those that do not count.
KILLED = {"killed", "timeout", "caught by type check"}
NOT_COUNTED = {"skipped"}


def call_mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> int:
    # Results of an earlier run would hide that a test has grown weaker.
    shutil.rmtree("mutants", ignore_errors=True)
    log = Path("mutants.log")
    with log.open("w") as stream:
        command = [sys.executable, str(Path(__file__).with_name("mutant_forks.py")), "run"]
        run = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False)
    lines = [line.strip() for line in call_mutmut("results", "--all", "true").splitlines()]
    statuses = dict(line.rsplit(": ", 1) for line in lines if ": " in line)
    counted = {name: status for name, status in statuses.items() if status not in NOT_COUNTED}
    killed = sum(status in KILLED for status in counted.values())
    for name, status in counted.items():
        if status not in KILLED:
            print(f"{status}: {name}\n{call_mutmut('show', name)}")
    print(", ".join(f"{count} {status}" for status, count in Counter(statuses.values()).most_common()))
    if run.returncode != 0 or not counted:
        print(log.read_text()[-4000:])
        print(f"mutmut itself failed with exit code {run.returncode}")
        return 1
    log.unlink()
    print(f"{killed} of {len(counted)} mutants killed, {killed / len(counted):.1%}; wanted: {WANTED_SHARE:.0%}")
    return 0 if killed >= WANTED_SHARE * len(counted) else 1


if __name__ == "__main__":
    raise SystemExit(main())
