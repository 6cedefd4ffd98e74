"""The suite as it lies in a folder: manifest and vector files, checked before anything runs.

Knows nothing of adapters. What is wrong with one file is one problem, and the other files are still there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from .case import ACCEPT_FIELDS, OPS_WITH_REASONS, Case, MalformedCaseError, parse_case
from .strict_json import is_equal, parse_json

Json = Any

NAME = "cookiejar-session"
_DICTS = ("by_op", "by_result", "reasons", "flags", "capabilities", "ops", "keys")
MANIFEST_TYPES: dict[str, type] = {
    "suite": str,
    "version": str,
    "spec": int,
    "files": list,
    "cases": int,
    **dict.fromkeys(_DICTS, dict),
}
ENTRY_TYPES: dict[str, type] = {"name": str, "op": str, "cases": int, "sha256": str}
FILE_FIELDS = {"suite", "version", "op", "comment", "cases"}
FIX = "run python conformance/generate.py"


class MalformedSuiteError(Exception):
    """The folder holds no suite that could be run at all."""


class _MalformedFileError(ValueError):
    """What is wrong with one file, without its name."""


@dataclass
class Suite:
    """All cases that can be run, in order, and a line for each thing that is wrong."""

    version: str
    spec: int
    ops: dict[str, str]
    flags: dict[str, str]
    capabilities: dict[str, str]
    reasons: dict[str, str]
    cases: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def load_suite(folder: Path) -> Suite:
    """The suite in ``folder``. Raises MalformedSuiteError where there is no usable manifest."""
    manifest = _read_manifest(folder)
    suite = Suite(
        *(manifest[name] for name in ("version", "spec", "ops", "flags", "capabilities", "reasons")),
    )
    ids: dict[str, str] = {}
    for entry in manifest["files"]:
        try:
            suite.cases += _read_vectors(folder, entry, suite, ids)
        except _MalformedFileError as exc:
            suite.problems.append(f"{entry['name']}: {exc}")
    if not suite.problems:
        _check_totals(manifest, suite)
    suite.problems += _check_other_files(folder, manifest)
    return suite


def _read_manifest(folder: Path) -> Json:
    path = folder / "manifest.json"
    try:
        manifest = parse_json(path.read_bytes())
    except OSError as exc:
        raise MalformedSuiteError(f"{path}: {exc.strerror}; name a folder with a suite, or {FIX}") from None
    except ValueError as exc:
        raise MalformedSuiteError(f"manifest.json: {_describe_bad_json(exc)}") from None
    if not isinstance(manifest, dict) or manifest.get("suite") != NAME:
        raise MalformedSuiteError(f'manifest.json: is not the manifest of the suite "{NAME}"')
    _check_fields(manifest, MANIFEST_TYPES, "manifest.json")
    unknown = manifest["ops"].keys() - ACCEPT_FIELDS.keys()
    if unknown:
        raise MalformedSuiteError(f"manifest.json: this runner does not know the op {min(unknown)}")
    if not manifest["files"]:
        raise MalformedSuiteError("manifest.json: files is an empty list")
    for entry in manifest["files"]:
        _check_fields(entry, ENTRY_TYPES, "manifest.json: an entry of files")
    _check_fields(manifest["keys"], {"name": str, "sha256": str}, "manifest.json: keys")
    return manifest


def _check_fields(found: Json, types: dict[str, type], where: str) -> None:
    if not isinstance(found, dict):
        raise MalformedSuiteError(f"{where}: is no object")
    if found.keys() != types.keys():
        names = ", ".join(sorted(found.keys() ^ types.keys()))
        raise MalformedSuiteError(f"{where}: fields that are missing or unknown: {names}")
    for name, kind in types.items():
        if type(found[name]) is not kind:
            raise MalformedSuiteError(f"{where}: {name} is of another type")


def _read_vectors(folder: Path, entry: Json, suite: Suite, ids: dict[str, str]) -> list[Case]:
    name, op = entry["name"], entry["op"]
    octets = _read_octets(folder / name)
    try:
        content = parse_json(octets)
    except ValueError as exc:
        raise _MalformedFileError(_describe_bad_json(exc)) from None
    # Before the hash, so that whoever edits a vector is told first what is wrong with it.
    _check_head(content, op, suite)
    cases = [_read_case(case, place, op, name, suite) for place, case in enumerate(content["cases"], start=1)]
    if sha256(octets).hexdigest() != entry["sha256"]:
        raise _MalformedFileError(f"its SHA-256 is not that of the manifest, so it was edited or is stale; {FIX}")
    if len(cases) != entry["cases"]:
        raise _MalformedFileError(f"has {len(cases)} cases, {entry['cases']} in the manifest")
    for case in cases:
        if case.id in ids:
            raise _MalformedFileError(f"case {case.id}: this id stands already in {ids[case.id]}")
        ids[case.id] = name
    return cases


def _read_octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise _MalformedFileError(f"{exc.strerror}; {FIX}") from None
    except ValueError:
        # A NUL or a lone surrogate: no system is even asked for it.
        raise _MalformedFileError(f"is no name of a file; {FIX}") from None


def _check_head(content: Json, op: str, suite: Suite) -> None:
    if not isinstance(content, dict):
        raise _MalformedFileError("is no object")
    for name in content.keys() - FILE_FIELDS:
        raise _MalformedFileError(f'unknown field "{name}"')
    for name in FILE_FIELDS - content.keys():
        raise _MalformedFileError(f'field "{name}" is missing')
    if content["suite"] != NAME or not is_equal(content["version"], suite.spec):
        raise _MalformedFileError(f"is not for version {suite.spec} of {NAME}")
    if content["op"] != op or op not in suite.ops:
        raise _MalformedFileError(f"its op {content['op']} is not the manifest's, or is in no list")
    if not isinstance(content["cases"], list) or not content["cases"]:
        raise _MalformedFileError("cases is an empty list")


def _read_case(case: Json, place: int, op: str, name: str, suite: Suite) -> Case:
    known: dict[str, Collection[str]] = {
        "flags": suite.flags,
        "capabilities": suite.capabilities,
        "reasons": suite.reasons,
    }
    try:
        return parse_case(case, op=op, file=name, **known)
    except MalformedCaseError as exc:
        shown = case.get("id") if isinstance(case, dict) else None
        raise _MalformedFileError(f"case {shown or f'number {place}'}: {exc}") from None


def _check_totals(manifest: Json, suite: Suite) -> None:
    found = {
        "cases": len(suite.cases),
        "by_op": Counter(case.op for case in suite.cases),
        "by_result": Counter(case.expect.get("refuse", "accept") for case in suite.cases),
    }
    for name, total in found.items():
        if manifest[name] != total:
            suite.problems.append(f"manifest.json: {name} is not what the files hold; {FIX}")
    # Every reason must be there to be tested, at least where its op is.
    if manifest["by_op"].keys() >= OPS_WITH_REASONS:
        for reason in suite.reasons.keys() - manifest["by_result"].keys():
            suite.problems.append(f"manifest.json: no case has the reason {reason}")


def _check_other_files(folder: Path, manifest: Json) -> list[str]:
    problems = []
    listed = {entry["name"] for entry in manifest["files"]}
    for path in sorted((folder / "v1").glob("**/*.json")):
        name = path.relative_to(folder).as_posix()
        if name not in listed:
            problems.append(f"{name}: is not in the manifest; {FIX}")
    keys = manifest["keys"]
    try:
        octets = _read_octets(folder / keys["name"])
    except _MalformedFileError as exc:
        return [*problems, f"{keys['name']}: {exc}"]
    if sha256(octets).hexdigest() != keys["sha256"]:
        problems.append(f"{keys['name']}: its SHA-256 is not that of the manifest; {FIX}")
    return problems


def _describe_bad_json(exc: ValueError) -> str:
    place = f" at line {exc.lineno}" if hasattr(exc, "lineno") else ""
    return f"is not JSON{place}: {getattr(exc, 'msg', exc)}"
