"""The JSON Schemas of the conformance suite: every file keeps them, and what is wrong does not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

CONFORMANCE = Path(__file__).parent.parent / "conformance"
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((CONFORMANCE / "schemas").glob("*.json"))}
REGISTRY: Any = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)
FILES = [
    ("manifest", CONFORMANCE / "manifest.json"),
    ("keys", CONFORMANCE / "keys.json"),
    *(("vectors", path) for path in sorted((CONFORMANCE / "v1").glob("*.json"))),
]


@pytest.fixture(autouse=True)
def deep_recursion() -> Iterator[None]:
    """A value of 200 levels takes some twenty frames a level."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def find_faults(schema: str, content: Any, part: str = "") -> list[str]:
    """Where ``content`` breaks the schema of this name, or the definition ``part`` of it."""
    reference = {"$ref": SCHEMAS[schema]["$id"] + (f"#/$defs/{part}" if part else "")}
    faults = Draft202012Validator(reference, registry=REGISTRY).iter_errors(content)
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in faults]


def list_operations() -> list[str]:
    operations: list[str] = SCHEMAS["operations"]["$defs"]["op"]["enum"]
    return operations


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_lets_no_object_have_other_fields(name: str) -> None:
    def walk(schema: Any) -> Iterator[Any]:
        yield schema
        for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
            yield from walk(part)

    objects = [part for part in walk(SCHEMAS[name]) if isinstance(part, dict) and "required" in part]
    assert objects
    assert all("additionalProperties" in part for part in objects)


@pytest.mark.parametrize(("schema", "path"), FILES, ids=[path.name for _, path in FILES])
def test_a_file_of_the_suite_keeps_its_schema(schema: str, path: Path) -> None:
    assert find_faults(schema, json.loads(path.read_text())) == []


def test_the_lists_of_the_manifest_are_those_of_the_schemas() -> None:
    manifest = json.loads((CONFORMANCE / "manifest.json").read_text())
    lists = SCHEMAS["operations"]["$defs"]
    assert set(manifest["ops"]) == set(lists["op"]["enum"])
    assert set(manifest["capabilities"]) == set(lists["capability"]["enum"])
    assert set(manifest["reasons"]) == set(lists["reason"]["enum"])


def test_every_operation_has_an_input_an_answer_and_a_refusal() -> None:
    for op in list_operations():
        assert {f"input-{op}", f"accept-{op}", f"refuse-{op}"} <= SCHEMAS["operations"]["$defs"].keys()


def make_vectors() -> dict[str, Any]:
    case = {
        "id": "log-id-of-zeros",
        "clauses": ["14.5", "8.2 step 5"],
        "comment": "one line",
        "flags": [],
        "needs": [],
        "input": {"sid": "00" * 16},
        "expect": {"accept": {"log_id": "00" * 8}},
    }
    return {"suite": "cookiejar-session", "version": 1, "op": "log-id", "comment": "one line", "cases": [case]}


def test_the_smallest_vector_file_is_one() -> None:
    assert find_faults("vectors", make_vectors()) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), {"extra": 1}),
        ((), {"version": 2}),
        ((), {"cases": []}),
        ((), {"op": "log"}),
        (("cases", 0), {"extra": 1}),
        (("cases", 0), {"id": "Log-Id"}),
        (("cases", 0), {"clauses": []}),
        (("cases", 0), {"clauses": ["8.2, step 5"]}),
        (("cases", 0), {"comment": "two\nlines"}),
        (("cases", 0), {"needs": ["dates", "dates"]}),
        (("cases", 0), {"needs": ["data"]}),
        (("cases", 0), {"seconds": 0}),
        (("cases", 0), {"expect": {}}),
        (("cases", 0), {"expect": {"refuse": "malformed"}}),
        (("cases", 0), {"expect": {"accept": {"log_id": "00" * 8}, "refuse": "refused"}}),
        (("cases", 0, "input"), {"extra": 1}),
        (("cases", 0, "input"), {"sid": "00" * 15}),
        (("cases", 0, "input"), {"sid": "AA" * 16}),
        (("cases", 0, "expect", "accept"), {"extra": 1}),
    ],
    ids=str,
)
def test_a_wrong_vector_file_is_refused(place: tuple[Any, ...], value: dict[str, Any]) -> None:
    content = make_vectors()
    part: Any = content
    for step in place:
        part = part[step]
    part.update(value)
    assert find_faults("vectors", content)


@pytest.mark.parametrize("name", make_vectors()["cases"][0])
def test_a_field_of_a_case_that_is_missing_is_refused(name: str) -> None:
    content = make_vectors()
    del content["cases"][0][name]
    assert find_faults("vectors", content)


@pytest.mark.parametrize(
    "value",
    [1, 1.5, {"int": 1}, {"int": "-0"}, {"int": "01"}, {"float": "3ff0"}, {"bin": "0"}, {"map": {}}, {"map": [["a"]]},
     {"map": [["a", None, None]]}, {"array": None}, {}, {"int": "1", "bin": ""}, {"utf16": "d83d"}, [None]],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_is_refused(value: Any) -> None:
    assert find_faults("operations", value, "value")


@pytest.mark.parametrize("name", ["manifest", "keys"])
def test_a_file_with_another_field_is_refused(name: str) -> None:
    content = json.loads((CONFORMANCE / f"{name}.json").read_text())
    changed = deepcopy(content)
    (changed if isinstance(changed, dict) else changed[0])["extra"] = 1
    assert find_faults(name, content) == []
    assert find_faults(name, changed)


# A life-cycle case holds most of what a message can hold.
ATTRIBUTES = {
    "name": "s",
    "path": "/",
    "domain": None,
    "secure": True,
    "httponly": True,
    "samesite": "Lax",
    "partitioned": False,
}
POLICY = {
    "idle_timeout": 1209600,
    "absolute_lifetime": 7776000,
    "persistent": True,
    "renew_after": None,
    "longest_idle": None,
    "longest_lifetime": None,
    "not_before": None,
}
EXCHANGE = {
    "keyring": f"hex:{bytes(range(32)).hex()}",
    "cookie": ATTRIBUTES,
    "purpose": None,
    "previous": [],
    "policy": POLICY,
    "max_token_characters": 2660,
    "cookie_headers": ["733d636a312e"],
    "opened_at": 1767225600,
    "actions": [
        {"do": "set", "key": "a", "value": {"array": [None, {"int": "1"}, {"float": "3ff0000000000000"}]}},
        {"do": "flash", "category": "info", "value": {"map": [["k", {"bin": "00"}]]}},
        {"do": "set-lifetime", "idle": 60, "absolute": None, "persistent": None},
        {"do": "regenerate"},
    ],
    "status": 200,
    "response": [["content-type", "text/plain"]],
    "sealed_at": 1767225601,
}


def test_a_transcript_of_an_adapter_keeps_the_schema() -> None:
    questions: list[dict[str, Any]] = [
        {"type": "start", "protocol": 1},
        {"type": "run", "number": 1, "op": "life-cycle", "input": EXCHANGE},
        {"type": "run", "number": 2, "op": "log-id", "input": {"sid": "00" * 16}},
        {"type": "run", "number": 3, "op": "decode", "input": {"plaintext": ""}},
        {"type": "run", "number": 4, "op": "life-cycle", "input": {**EXCHANGE, "actions": [{"do": "renew"}]}},
        # Python holds no key twice: an error, and neither a result nor a refusal.
        {"type": "run", "number": 5, "op": "life-cycle", "input": {**EXCHANGE, "actions": [
            {"do": "set", "key": "a", "value": {"map": [["b", None], ["b", None]]}}]}},
        {"type": "stop"},
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "conformance/ports/python/adapter.py"],
        cwd=CONFORMANCE.parent,
        input="".join(f"{json.dumps(question)}\n" for question in questions),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["type"] for answer in answers] == ["started", "result", "result", "result", "result", "error"]
    for message in [*questions, *answers]:
        assert find_faults("adapter", message) == [], message
    results = [answer["result"] for answer in answers[1:5]]
    assert results[2] == {"refuse": "bad-encoding"}
    for op, result in zip(["life-cycle", "log-id", "life-cycle"], [*results[:2], results[3]], strict=True):
        assert find_faults("operations", result["accept"], f"accept-{op}") == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "started", "protocol": 1, "name": "x", "version": "1", "ops": ["open"]},
        {"type": "started", "protocol": 1, "name": "x", "version": "1", "ops": ["opens"], "capabilities": []},
        {"type": "run", "number": 1, "op": "log-id", "input": {"sid": "00" * 16}, "id": "log-id-of-zeros"},
        {"type": "run", "number": 0, "op": "log-id", "input": {"sid": "00" * 16}},
        {"type": "result", "number": 1, "result": {}},
        {"type": "result", "number": 1, "result": {"refuse": "no"}},
        {"type": "result", "number": 1, "result": {"accept": {"log_id": "00" * 8}, "refuse": "refused"}},
        {"type": "error", "number": 1},
        {"type": "bye"},
    ],
    ids=str,
)
def test_a_wrong_message_is_refused(message: dict[str, Any]) -> None:
    assert find_faults("adapter", message)
