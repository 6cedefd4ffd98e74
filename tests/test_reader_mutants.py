"""The vectors against readers that are wrong on purpose: each check on reading dropped, loosened or tightened.

Two readers: the reference of conformance/, whose mutants are made from its clause comments, and the package's, whose
mutants stand in a table. A mutant that no vector catches is a vector that is missing.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import cookiejar_session

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT / "conformance"
sys.path.insert(0, str(CONFORMANCE))

from reference.mutants import SOURCES, Mutant, list_mutants, make_mutant  # noqa: E402
from reference.reader import OPS  # noqa: E402
from reference.vectors import Vector, list_vectors, render_result  # noqa: E402

SPEC = (ROOT / "SPEC.md").read_text(encoding="utf-8")
PACKAGE = Path(cookiejar_session.__file__).parent

VECTORS = [vector for vector in list_vectors() if vector.op in OPS]

# Which of the clauses with a MUST are about reading; the others and why not. A new one belongs in one of the two.
READING = ("2.4", "3.4", "3.5", "4.2", "4.3.2", "4.4.2", "4.4.4", "4.6.1", "5.2", "6.3", "8.2", "8.4", "9.4") + (
    ("10.1", "11.1", "11.4", "11.6", "12.2", "12.6", "14.3", "16.3")
)
# Clauses without the word that decide what a reader answers.
DECIDING = ("9.1", "9.2", "9.5", "9.6", "11.5")
WRITING = ("1.9", "2.3", "4.4.1", "4.4.3", "5.3", "6.1", "6.4", "6.5", "7.2", "12.3", "12.4", "12.5")
LIFE_CYCLE = ("13.5", "13.6", "13.8", "13.10", "13.11", "13.12")
SHOWING = ("3.6",)

# What a careless reader does that is no check left out: the module, the clause, the text, what stands there instead.
BY_HAND = (
    ("ring", "4.2 item 2", 'octets.split(b"\\n")', "octets.splitlines()"),
    ("ring", "4.2 item 2", 'line.startswith(b"#")', 'line.lstrip().startswith(b"#")'),
    ("ring", "4.2 item 2", 'kept += line + b"\\n"', 'kept += line.partition(b"#")[0] + b"\\n"'),
    ("key_text", "4.2 item 2", '"0123456789ABCDEFabcdef"', '"0123456789abcdef"'),
    ("key_text", "4.2 item 2", '"0123456789ABCDEFabcdef"', '"0123456789ABCDEF"'),
    ("key_text", "4.2 item 2", 'text.replace("+", "-").replace("/", "_")', 'text.replace("+", "-")'),
    ("key_text", "4.2 item 2", 'text.replace("+", "-").replace("/", "_")', 'text.replace("/", "_")'),
    ("ring", "4.2 item 10", "if entry.key_id in seen:", "if entry.key_id in seen[-1:]:"),
    (
        "ring",
        "4.2 item 11",
        "if entry.key_id in seen:",
        "if entry.key in [each.key for each in entries[: len(seen)]]:",
    ),
    ("ring", "4.4.4", "if entry.key_id == key_id:", "if entry.key_id[0] == key_id[0]:"),
    (
        "wire",
        "4.4.4",
        "    return open_box(find_box(value, entries, now), purpose, now, ceilings)",
        """    box = find_box(value, entries, now)
    for entry in [box.entry, *entries]:
        if open_secretbox(box.box, box.nonce, derive_box_key(entry.key, purpose)):
            box = Box(entry, box.nonce, box.box)
            break
    return open_box(box, purpose, now, ceilings)""",
    ),
    ("envelope", "5.2 item 2", "type(created) is not int", "not isinstance(created, int)"),
    ("envelope", "5.2 item 2", "type(idle) is not int", "not isinstance(idle, int)"),
    ("message_pack", "6.3 item 6", "utf_8.decode(octets.take(length))", 'octets.take(length).decode("utf-8-sig")'),
    ("message_pack", "6.3 item 8", "key.encode() <= previous", "key.encode('utf-16-be') <= previous"),
    ("message_pack", "6.3 item 8", "key.encode() <= previous", "len(key) < len(pairs)"),
    ("message_pack", "6.3 item 9", 'key == "__proto__"', 'key.startswith("__proto__")'),
    ("message_pack", "6.3 item 9", 'key == "__proto__"', 'level == 1 and key == "__proto__"'),
    ("wire", "8.2 step 1", "value[2:].lstrip", "value[2:].lower().lstrip"),
    (
        "wire",
        "8.2 step 8",
        "return crypto_secretbox_open(box, nonce, key)",
        """from nacl.bindings import crypto_secretbox_easy
        stream = crypto_secretbox_easy(bytes(len(box) - 16), nonce, key)[16:]
        return bytes(octet ^ other for octet, other in zip(box[16:], stream, strict=True))""",
    ),
    ("wire", "8.2 step 16", "return envelope  # SPEC 8.2 step 16", "return check_envelope(value)"),
    ("wire", "8.4", 'if not value.startswith(b"cj1."):', 'if not value.decode().startswith("cj1."):'),
    ("reader", "10.1", "refusal.reason", '"refused"'),
    ("cookies", "11.1 step 1", 'b"; ".join(headers)', 'b", ".join(headers)'),
    ("cookies", "11.1 step 1", 'b"; ".join(headers)', 'b"".join(headers[:1])'),
    ("cookies", "11.1 step 2", 'joined.split(b";")', 'joined.replace(b",", b";").split(b";")'),
    ("cookies", "11.1 step 2", 'joined.split(b";")', 'joined.split(b"; ")'),
    ("cookies", "11.1 step 4", "piece.startswith(name", "piece.lower().startswith(name.lower()"),
    ("cookies", "11.1 step 4", 'piece.startswith(name + b"=")', "piece.startswith(name)"),
    ("cookies", "11.1 step 6", "values.append(value)", "values += [value] if value else []"),
    ("cookies", "11.1 step 6", "values.append(value)", "values += [value] if value not in values else []"),
    ("cookies", "11.1 step 6", "values.append(value)", "values.insert(0, value)"),
    (
        "cookies",
        "11.5",
        "[cookie.name, *(each.name for each in previous)]",
        "[*(each.name for each in previous), cookie.name]",
    ),
    ("attributes", "12.2", "NAME_CHARACTERS = LETTERS_AND_DIGITS +", 'NAME_CHARACTERS = "=" + LETTERS_AND_DIGITS +'),
    ("attributes", "12.2", "*+-.^_`|~", "-._"),
    ("attributes", "12.2 item 1", "name = cookie.name.lower()", "name = cookie.name"),
)


# The clauses


def list_texts() -> dict[str, str]:
    """The text of each clause of SPEC.md, by its number."""
    starts = list(re.finditer(r"^(?:\*\*|#{2,3} )([0-9]+(?:\.[0-9]+)*)[. *]", SPEC, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(SPEC)]
    return {start[1]: SPEC[start.start() : end] for start, end in zip(starts, ends, strict=True)}


TEXTS = list_texts()


def list_clauses(number: str) -> set[tuple[str, str]]:
    """The items or steps of a clause, or the clause itself where it has no list."""
    items = re.findall(r"^([0-9]+)\. ", TEXTS[number], re.MULTILINE)
    return {(number, item) for item in items} or {(number, "")}


def split_clause(clause: str) -> tuple[str, str]:
    number, _, item = clause.partition(" ")
    return number, item.rpartition(" ")[2]


def test_each_clause_with_a_must_is_about_reading_or_is_not() -> None:
    # A MUST with a dagger cannot be shown by a vector (SPEC 1.2), and 1.1 only says what the word means.
    shown = {number for number, text in TEXTS.items() if text.count("MUST") > text.count("†")} - {"1", "1.1", "1.2"}
    assert shown == {*READING, *WRITING, *LIFE_CYCLE, *SHOWING}


def test_each_clause_on_reading_has_a_mutant(mutants: list[Mutant]) -> None:
    wanted = set().union(*(list_clauses(number) for number in READING + DECIDING))
    assert wanted - {split_clause(clause) for mutant in mutants for clause in mutant.clauses} == set()


# The reference


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return [*list_mutants(), *(make_mutant(*row) for row in BY_HAND)]


@pytest.mark.parametrize("module", SOURCES)
def test_the_vectors_catch_each_mutant_of_the_reference(module: str, mutants: list[Mutant]) -> None:
    assert [mutant.name for mutant in mutants if mutant.module == module and not is_caught(mutant)] == []


def is_caught(mutant: Mutant) -> bool:
    try:
        answer = mutant.load()
        return any(render_result(answer(vector.op, vector.given)) != vector.expect for vector in order(mutant.clauses))
    except Exception:
        # A reader that fails otherwise than by refusing is wrong whatever it is given (SPEC 8.4).
        return True


def order(clauses: Iterable[str]) -> list[Vector]:
    """All vectors, those first that are most likely to catch a mutant of these clauses."""
    return sorted(VECTORS, key=lambda vector: not set(clauses) & set(vector.clauses))
