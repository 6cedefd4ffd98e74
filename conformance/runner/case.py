"""One vector, and what makes it malformed. Knows nothing of files or adapters."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .strict_json import is_integer

Json = Any

FIELDS = ("id", "clauses", "comment", "flags", "needs", "seconds", "input", "expect")
OPTIONAL_FIELDS = ("seconds",)
# The word of a refusal where SPEC.md has no reasons. Of open and read it is a refused configuration (4.2.1, 12.2).
REFUSED = "refused"
# The ops whose refusals have a reason of SPEC 10.1.
OPS_WITH_REASONS = frozenset({"open", "decode", "judge", "read"})
# And those of them that take a keyring and a purpose, which can be wrong themselves.
OPS_WITH_CONFIGURATION = frozenset({"open", "read"})

_ATTEMPT = "keyring purpose now"
_FIELDS_BY_OP = {
    "derive": ("key purpose", "key_id box_key key_text"),
    "log-id": ("sid", "log_id"),
    "parse-ring": ("ring is_file allow_published now moments", "moments"),
    "encode": ("envelope", "plaintext"),
    "decode": ("plaintext", "envelope"),
    "seal": (f"{_ATTEMPT} envelope nonce", "token"),
    "open": (f"{_ATTEMPT} policy value", "envelope"),
    "judge": ("created issued idle until now policy behind_primary", "expires idle until renewal_due reseal_due"),
    "scan": ("cookie_headers name", "values"),
    "read": (f"{_ATTEMPT} cookie previous policy cookie_headers", "name envelope"),
    "set-cookie": ("cookie token persistent expires now", "set_cookie"),
    "life-cycle": (
        "keyring cookie purpose previous policy max_token_characters cookie_headers opened_at actions status "
        "response sealed_at",
        "set_cookies vary cache_control others token",
    ),
    "make-csrf": ("sid form mask", "token"),
    "check-csrf": ("sid form token", ""),
    "accumulated": ("keyring purpose seed steps", "hash"),
}
INPUT_FIELDS = {op: frozenset(given.split()) for op, (given, _) in _FIELDS_BY_OP.items()}
ACCEPT_FIELDS = {op: frozenset(accepted.split()) for op, (_, accepted) in _FIELDS_BY_OP.items()}

_is_id = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*").fullmatch
_is_clause = re.compile(r"[0-9]+(\.[0-9]+)*( (step|item) [0-9]+)?").fullmatch


class MalformedCaseError(ValueError):
    """What is wrong with a case, in a few words, without its id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One vector. ``input`` alone ever reaches an adapter."""

    id: str
    op: str
    file: str
    clauses: tuple[str, ...]
    comment: str
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    seconds: float | None
    input: dict[str, Json]
    expect: dict[str, Json]


def parse_case(
    case: Json,
    *,
    op: str,
    file: str,
    flags: Collection[str],
    capabilities: Collection[str],
    reasons: Collection[str],
) -> Case:
    """The case in ``case``; MalformedCaseError where it is not one, or names what is in no list of the manifest."""
    if not isinstance(case, dict):
        raise MalformedCaseError("is no object")
    _refuse_fields(case, "", wanted=frozenset(FIELDS) - set(OPTIONAL_FIELDS), optional=OPTIONAL_FIELDS)
    if not isinstance(case["id"], str) or not _is_id(case["id"]):
        raise MalformedCaseError("id is not kebab-case words")
    clauses = _read_words(case, "clauses")
    if not clauses:
        raise MalformedCaseError("clauses is an empty list")
    for clause in clauses:
        if not _is_clause(clause):
            raise MalformedCaseError(f'clause "{clause}" is not written as "8.2 step 5"')
    comment = case["comment"]
    if not isinstance(comment, str) or not comment.strip() or "\n" in comment:
        raise MalformedCaseError("comment is not one line of text")
    seconds: Json = case.get("seconds")
    if "seconds" in case and not (is_integer(seconds) and 0 < seconds <= 3600):
        raise MalformedCaseError("seconds is not an integer from 1 to 3600")
    _check_input(case["input"], op)
    _check_expectation(case["expect"], op, reasons)
    return Case(
        case["id"],
        op,
        file,
        clauses,
        comment,
        _read_words(case, "flags", known=flags),
        _read_words(case, "needs", known=capabilities),
        seconds,
        case["input"],
        case["expect"],
    )


def _refuse_fields(found: dict[str, Json], where: str, *, wanted: Collection[str], optional: Collection[str]) -> None:
    for name in found:
        if name not in wanted and name not in optional:
            raise MalformedCaseError(f'{where}unknown field "{name}"')
    for name in sorted(wanted):
        if name not in found:
            raise MalformedCaseError(f'{where}field "{name}" is missing')


def _read_words(case: dict[str, Json], name: str, *, known: Collection[str] | None = None) -> tuple[str, ...]:
    words = case[name]
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise MalformedCaseError(f"{name} is not a list of text")
    if len(set(words)) != len(words):
        raise MalformedCaseError(f"{name} has a word twice")
    for word in words:
        if known is not None and word not in known:
            raise MalformedCaseError(f'{name}: "{word}" is not in the list of the manifest')
    return tuple(words)


def _check_input(given: Json, op: str) -> None:
    if not isinstance(given, dict):
        raise MalformedCaseError("input is no object")
    wanted = INPUT_FIELDS[op]
    if op == "derive" and "secret_key_base" in given:
        wanted = wanted - {"key"} | {"secret_key_base"}
    _refuse_fields(given, "input: ", wanted=wanted, optional=())


def _check_expectation(expect: Json, op: str, reasons: Collection[str]) -> None:
    if not isinstance(expect, dict) or len(expect) != 1 or not expect.keys() <= {"accept", "refuse"}:
        raise MalformedCaseError('expect is not one of "accept" and "refuse"')
    if "accept" in expect:
        if not isinstance(expect["accept"], dict):
            raise MalformedCaseError("expect: accept is no object")
        _refuse_fields(expect["accept"], "expect: ", wanted=ACCEPT_FIELDS[op], optional=())
        return
    word = expect["refuse"]
    known = set(reasons) if op in OPS_WITH_REASONS else set()
    if op not in OPS_WITH_REASONS or op in OPS_WITH_CONFIGURATION:
        known.add(REFUSED)
    if not isinstance(word, str) or word not in known:
        raise MalformedCaseError(f'expect: "{word}" is no reason that {op} can have')
