"""Which clauses of SPEC.md bind, and which cases show each. Knows nothing of what the cases ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .cases import Case

_CLAUSE = re.compile(r"^(?:\*\*|#+ )(\d+(?:\.\d+)*)\b", re.MULTILINE)
_ITEM = re.compile(r"^(\d+)\. ", re.MULTILINE)
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# SPEC 1.2: a list whose order matters has steps, any other items.
_ALGORITHMS = frozenset({"7.2", "8.2", "11.1", "11.4", "13.5"})
# How many ids a row of the table names; clauses.json has them all.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, or an item or step of its list, that a case must show."""

    name: str
    text: str


def list_binding(spec: str) -> list[Clause]:
    """Each clause with a MUST that a vector can show (SPEC 1.2), and each item or step of its numbered list."""
    return [part for number, text in _split(spec) if _binds(number, text) for part in _take_apart(number, text)]


def _split(spec: str) -> Iterator[tuple[str, str]]:
    spec = _BLOCK.sub("", spec)
    found = list(_CLAUSE.finditer(spec))
    ends = [match.start() for match in found[1:]] + [len(spec)]
    for match, end in zip(found, ends, strict=True):
        text = spec[match.end() : end]
        # A section's own heading, with the clauses behind it, and the table of words are no rules.
        yield match[1], text.lstrip("*").strip()


def _binds(number: str, text: str) -> bool:
    # The first two define the words. A MUST that no vector can show is marked.
    rule = _ITEM.split(text)[0]
    return number not in ("1.1", "1.2") and len(re.findall(r"\bMUST\b", rule)) > rule.count("†")


def _take_apart(number: str, text: str) -> Iterator[Clause]:
    items = list(_ITEM.finditer(text))
    if not items:
        yield Clause(number, _shorten(text))
        return
    word = "step" if number in _ALGORITHMS else "item"
    for place, match in enumerate(items):
        end = items[place + 1].start() if place + 1 < len(items) else len(text)
        item = text[match.end() : end]
        if "†" not in item:
            yield Clause(f"{number} {word} {match[1]}", _shorten(item))


def _shorten(text: str) -> str:
    sentence = re.split(r"(?<=[^\d][.:;])\s", " ".join(text.split()))[0].rstrip(".:;")
    return sentence if len(sentence) <= 90 else sentence[:87].rsplit(" ", 1)[0] + " …"


def collect_ids(cases: Iterable[Case]) -> dict[str, list[str]]:
    """Case ids by the clause that they cite."""
    ids: dict[str, list[str]] = {}
    for case in cases:
        for clause in case.clauses:
            ids.setdefault(clause, []).append(case.id)
    return ids


def find_unshown(clauses: Iterable[Clause], ids: dict[str, list[str]]) -> list[str]:
    """The binding clauses that no case cites."""
    return [clause.name for clause in clauses if clause.name not in ids]


def render_table(clauses: Iterable[Clause], ids: dict[str, list[str]]) -> str:
    rows = ["| clause | it says | cases | among them |", "|---|---|---|---|"]
    for clause in clauses:
        of_it = ids[clause.name]
        shown = ", ".join(f"`{case_id}`" for case_id in of_it[:SHOWN])
        rows.append(f"| {clause.name} | {clause.text.replace('|', '/')} | {len(of_it)} | {shown} |")
    return "\n".join(rows)
