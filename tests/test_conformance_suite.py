"""The conformance suite keeps its own promises: its generator, its README.md and its manifest agree.

Nothing here depends on the version of Python or of a dependency. test_conformance.py has the vectors.
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

import adapter
import pytest
from conformance_cases import CASES, CONFORMANCE, MANIFEST, SAYABLE, of_op
from values import CAPABILITIES

from cookiejar_session.keys.rotation import PUBLISHED_KEY_IDS


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


WRITTEN = [file["name"] for file in MANIFEST["files"]] + ["clauses.json", "keys.json", "manifest.json"]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the generator prints after one octet of each file has changed, a row of README.md, and a file was added."""
    folder = copy_suite(tmp_path_factory.mktemp("changed"))
    for place, name in enumerate(WRITTEN):
        octets = bytearray((folder / name).read_bytes())
        octets[place * 997 % len(octets)] ^= 1
        (folder / name).write_bytes(octets)
    readme = (folder / "README.md").read_text()
    assert readme.count("| 6.3 item 9 |") == 1
    (folder / "README.md").write_text(readme.replace("| 6.3 item 9 |", "| 6.3 item 9 of ten |"))
    (folder / "v1" / "more.json").write_text("{}")
    done = run_generator(folder)
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_the_generator_finds_one_octet_changed_in_any_file(complaints: list[str]) -> None:
    assert [line.split(":")[0] for line in complaints if line.split(":")[0] in WRITTEN] == WRITTEN


def test_the_generator_finds_a_row_of_the_clause_table_changed(complaints: list[str]) -> None:
    assert "README.md: not what generate.py writes; run python conformance/generate.py" in complaints


def test_the_generator_finds_a_file_that_it_did_not_write(complaints: list[str]) -> None:
    assert [line for line in complaints if line.startswith("v1/more.json: ")]


def test_the_generator_finds_nothing_else(complaints: list[str]) -> None:
    assert len(complaints) == len(WRITTEN) + 2


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
