"""Writes the vectors: manifest.json, keys.json and v1/; and which cases show which clause: clauses.json, README.md.

With --check, writes nothing and fails where a file is not what it would write.

Needs Python 3.11 and PyNaCl. Does not import cookiejar_session: what both say, two have said.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from generation import (  # noqa: E402
    accumulated_cases,
    csrf_cases,
    decode_cases,
    derive_cases,
    encode_cases,
    judge_cases,
    key_text_cases,
    life_cycle_cases,
    open_accept_cases,
    open_refuse_cases,
    read_cases,
    ring_cases,
    scan_cases,
    seal_cases,
    set_cookie_cases,
)
from generation.cases import CAPABILITIES, FLAGS, OPS, REASONS, Case  # noqa: E402
from generation.clauses import collect_ids, find_unshown, list_binding, render_table  # noqa: E402
from generation.keys import list_keys  # noqa: E402

SUITE_VERSION = "1.2.0"
TABLE_BEGINS, TABLE_ENDS = "<!-- clauses -->", "<!-- /clauses -->"
SPEC_VERSION = 1

# Each vector file: its name, its op, where its cases come from.
FILES: list[tuple[str, str, Callable[[], list[Case]]]] = [
    ("derive", "derive", derive_cases.list_cases),
    ("log-id", "log-id", derive_cases.list_log_id_cases),
    ("key-text", "parse-ring", key_text_cases.list_cases),
    ("ring", "parse-ring", ring_cases.list_cases),
    ("encode", "encode", encode_cases.list_cases),
    ("decode", "decode", decode_cases.list_cases),
    ("seal", "seal", seal_cases.list_cases),
    ("open-accept", "open", open_accept_cases.list_cases),
    ("open-refuse", "open", open_refuse_cases.list_cases),
    ("time", "judge", judge_cases.list_cases),
    ("scan", "scan", scan_cases.list_cases),
    ("read", "read", read_cases.list_cases),
    ("set-cookie", "set-cookie", set_cookie_cases.list_cases),
    ("life-cycle", "life-cycle", life_cycle_cases.list_cases),
    ("make-csrf", "make-csrf", csrf_cases.list_make_cases),
    ("check-csrf", "check-csrf", csrf_cases.list_check_cases),
    ("accumulated", "accumulated", accumulated_cases.list_cases),
]


def render_files() -> dict[str, bytes]:
    """All files by their path in this folder."""
    rendered: dict[str, bytes] = {}
    entries: list[dict[str, Any]] = []
    cases: list[tuple[str, Case]] = []
    for name, op, list_cases in FILES:
        listed = list_cases()
        cases += [(op, case) for case in listed]
        path = f"v1/{name}.json"
        rendered[path] = render_vectors(op, listed)
        entries.append({"name": path, "op": op, "cases": len(listed), "sha256": sha256(rendered[path]).hexdigest()})
    refuse_faults([case for _, case in cases])
    rendered |= render_clauses([case for _, case in cases])
    rendered["keys.json"] = render_json(list_keys())
    rendered["manifest.json"] = render_json(
        {
            "suite": "cookiejar-session",
            "version": SUITE_VERSION,
            "spec": SPEC_VERSION,
            "cases": len(cases),
            "by_op": dict(Counter(op for op, _ in cases)),
            "by_result": dict(Counter(case.expect.get("refuse", "accept") for _, case in cases)),
            "files": entries,
            "keys": {"name": "keys.json", "sha256": sha256(rendered["keys.json"]).hexdigest()},
            "ops": OPS,
            "reasons": REASONS,
            "flags": FLAGS,
            "capabilities": CAPABILITIES,
        }
    )
    return rendered


def render_clauses(cases: list[Case]) -> dict[str, bytes]:
    """The map from clauses to case ids, and README.md with its table; stops where a binding clause has no case."""
    binding = list_binding((FOLDER.parent / "SPEC.md").read_text(encoding="utf-8"))
    ids = collect_ids(cases)
    unshown = find_unshown(binding, ids)
    if unshown:
        raise SystemExit(f"SPEC.md: no case shows {', '.join(unshown)}")
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    before, _, rest = readme.partition(TABLE_BEGINS)
    _, _, after = rest.partition(TABLE_ENDS)
    table = f"{before}{TABLE_BEGINS}\n{render_table(binding, ids)}\n{TABLE_ENDS}{after}"
    return {"clauses.json": render_json(dict(sorted(ids.items()))), "README.md": table.encode()}


def render_vectors(op: str, cases: list[Case]) -> bytes:
    """A vector file, one line a case, so that a change of one is a change of one line."""
    head = {"suite": "cookiejar-session", "version": SPEC_VERSION, "op": op, "comment": OPS[op]}
    lines = ",\n".join(json.dumps(case.render(), ensure_ascii=True) for case in cases)
    opening = json.dumps(head, ensure_ascii=True)[:-1]
    return f'{opening}, "cases": [\n{lines}\n]}}\n'.encode("ascii")


def render_json(content: object) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def refuse_faults(cases: list[Case]) -> None:
    """Stops at what no suite may hold: an id twice, a word that is in no closed list."""
    seen: set[str] = set()
    inputs: dict[str, str] = {}
    for case in cases:
        if case.id in seen:
            raise SystemExit(f"case {case.id}: the id stands twice")
        seen.add(case.id)
        for words, known in ((case.flags, FLAGS), (case.needs, CAPABILITIES)):
            for word in words:
                if word not in known:
                    raise SystemExit(f"case {case.id}: {word} is in no list")
        # One question is asked once.
        question = json.dumps([case.input, case.expect], sort_keys=True)
        if question in inputs:
            raise SystemExit(f"case {case.id}: asks what {inputs[question]} asks")
        inputs[question] = case.id


def find_stale(rendered: dict[str, bytes]) -> list[str]:
    """The paths that are missing, differ, or should not be there."""
    present = {path.relative_to(FOLDER).as_posix() for path in (FOLDER / "v1").glob("**/*") if path.is_file()}
    stale = sorted(present - rendered.keys())
    for path, octets in rendered.items():
        file = FOLDER / path
        if not file.is_file() or file.read_bytes() != octets:
            stale.append(path)
    return stale


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is stale or edited")
    check = parser.parse_args().check
    rendered = render_files()
    stale = find_stale(rendered)
    if check:
        for path in stale:
            print(f"{path}: not what generate.py writes; run python conformance/generate.py", file=sys.stderr)
        return 1 if stale else 0
    (FOLDER / "v1").mkdir(exist_ok=True)
    for path in stale:
        if path in rendered:
            (FOLDER / path).write_bytes(rendered[path])
        else:
            (FOLDER / path).unlink()
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
