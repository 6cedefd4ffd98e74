"""The vectors against readers that are wrong on purpose: each check on reading dropped, loosened or tightened.

Two readers: the reference of conformance/, whose mutants are made from its clause comments, and the package's, whose
mutants stand in a table. A mutant that no vector catches is a vector that is missing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import cookiejar_session

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT / "conformance"
sys.path.insert(0, str(CONFORMANCE))

from reference.mutants import BEHIND, SOURCES, Mutant, list_mutants, make_mutant, read_before_change  # noqa: E402
from reference.reader import OPS  # noqa: E402
from reference.vectors import Vector, list_vectors, render_result  # noqa: E402

SPEC = (ROOT / "SPEC.md").read_text(encoding="utf-8")
PACKAGE = Path(cookiejar_session.__file__).parent

VECTORS = [vector for vector in list_vectors() if vector.op in OPS]

# Which of the clauses with a MUST are about reading; the others and why not. A new one belongs in one of the two.
READING = {
    *(
        "2.4",
        "3.4",
        "3.5",
        "4.2",
        "4.2.1",
        "4.3.2",
        "4.4.2",
        "4.4.4",
        "4.6.1",
        "5.2",
        "6.3",
        "8.2",
        "8.4",
        "9.4",
        "9.8",
        "10.1",
    ),
    *("11.1", "11.4", "11.6", "12.2", "12.6", "14.3", "16.3"),
}
# Clauses without the word that decide what a reader answers.
DECIDING = {"9.1", "9.2", "9.5", "9.6", "11.5"}
WRITING = {"1.9", "2.3", "4.4.1", "4.4.3", "5.3", "5.6", "6.1", "6.4", "6.5", "7.2", "12.3", "12.4", "12.5"}
LIFE_CYCLE = {"13.5", "13.6", "13.8", "13.10", "13.11", "13.12"}
SHOWING = {"3.6"}

# What a careless reader does that is no check left out: the module, the clause, the text, what stands there instead.
BY_HAND = (
    ("ring", "4.2 item 2", 'octets.split(b"\\n")', "octets.splitlines()"),
    ("ring", "4.2 item 2", 'line.startswith(b"#")', 'line.lstrip().startswith(b"#")'),
    ("ring", "4.2 item 2", 'kept += line + b"\\n"', 'kept += line.partition(b"#")[0] + b"\\n"'),
    ("reader", "4.2.1", 'is_file=False, now=given["now"]', "is_file=False, now=0"),
    ("reader", "4.2.1", 'is_file=False, now=given["now"]', "is_file=False, now=2**48"),
    (
        "values",
        "3.5",
        "    for character in read:",
        '    read = read.encode("utf-16-be", "replace").decode("utf-16-be")\n    for character in read:',
    ),
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
    ("time_rules", "9.8", "min(idle, ceilings.longest_idle)", "min(idle, ceilings.longest_idle % 2**32)"),
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
    # Where a check left out makes Python fail (CRASHING), these readers go on.
    (
        "key_text",
        "4.2 item 2",
        'if text.startswith("cjk1_"):',
        'if len(text) == 64:\n        text = "hex:" + text\n    if text.startswith("cjk1_"):',
    ),
    (
        "key_text",
        "4.2 item 2",
        'if text.startswith("cjk1_"):',
        'if len(text) in (43, 44):\n        text = "b64:" + text\n    if text.startswith("cjk1_"):',
    ),
    ("key_text", "4.2 item 2", 'text.startswith("cjk1_")', 'text.lower().startswith("cjk1_")'),
    ("key_text", "4.2 item 2", 'text.startswith("hex:")', 'text.lower().startswith("hex:")'),
    (
        "key_text",
        "4.2 item 2",
        "for digit in text:",
        'text = "".join(digit if digit in HEX_DIGITS else "0" for digit in text)\n    for digit in text:',
    ),
    ("key_text", "4.2 item 2", "if len(text) != 43:", 'text = text.ljust(43, "A")\n    if len(text) != 43:'),
    (
        "key_text",
        "4.2 item 2",
        "characters = text.encode()",
        'characters = text.replace("+", "-").replace("/", "_").encode()',
    ),
    (
        "calendar_time",
        "4.2 item 2",
        "if len(text) != 20:",
        'if len(text) == 19:\n        text += "Z"\n    if len(text) != 20:',
    ),
    (
        "calendar_time",
        "4.2 item 2",
        "if len(text) != 20:",
        'if len(text) == 10:\n        text += "T00:00:00Z"\n    if len(text) != 20:',
    ),
    (
        "calendar_time",
        "4.2 item 2",
        "if len(text) != 20:",
        "if not text:\n        return 2**32\n    if len(text) != 20:",
    ),
    (
        "calendar_time",
        "4.2 item 5",
        "if month < 1:",
        "if month < 1:\n        year, month = year - 1, 12\n    if month < 1:",
    ),
    (
        "calendar_time",
        "4.2 item 5",
        "if month > 12:",
        "if month > 12:\n        year, month = year + 1, month - 12\n    if month > 12:",
    ),
    (
        "envelope",
        "5.2 item 1",
        "if type(value) is not list:",
        "if value is None:\n        value = [bytes(16), 0, 0, 1, 1, False, {}, []]\n    if type(value) is not list:",
    ),
    (
        "envelope",
        "5.2 item 1",
        "if type(value) is not list:",
        "if type(value) is dict:\n        value = list(value.values())\n    if type(value) is not list:",
    ),
    ("envelope", "5.2 item 1", "if len(value) != 8:", "value = value[:8]\n    if len(value) != 8:"),
    (
        "envelope",
        "5.2 item 1",
        "if len(value) != 8:",
        "value = [*value, *[bytes(16), 0, 0, 1, 1, False, {}, []][len(value) :]]\n    if len(value) != 8:",
    ),
    (
        "envelope",
        "5.2 item 2",
        "if type(sid) is not bytes:",
        "if type(sid) is str:\n        value[0] = sid = sid.encode()\n    if type(sid) is not bytes:",
    ),
    ("envelope", "5.2 item 9", "if len(entry) != 2:", "del entry[2:]\n    if len(entry) != 2:"),
    (
        "envelope",
        "5.2 item 9",
        "if len(entry) != 2:",
        'entry[:] = [*entry, "", None][: max(2, len(entry))]\n    if len(entry) != 2:',
    ),
    (
        "message_pack",
        "6.3 item 6",
        "utf_8.decode(octets.take(length))",
        'utf_8.decode(octets.take(length)).removeprefix("\\ufeff")',
    ),
    ("message_pack", "6.3 item 6", "utf_8.decode(octets.take(length))", 'octets.take(length).decode(errors="replace")'),
    (
        "message_pack",
        "6.3 item 7",
        "if type(key) is not str:",
        "if type(key) is int:\n            key = str(key)\n        if type(key) is not str:",
    ),
    (
        "message_pack",
        "6.3 item 7",
        "if type(key) is not str:",
        "if type(key) is bytes:\n            key = utf_8.decode(key)\n        if type(key) is not str:",
    ),
    (
        "utf_8",
        "6.3 item 6",
        "if code > 0x10FFFF:",
        "if code > 0x10FFFF:\n        return 0xFFFD, 4\n    if code > 0x10FFFF:",
    ),
    (
        "utf_8",
        "6.3 item 6",
        """if not 0x80 <= octet <= 0xBF:
            raise Refused("bad-encoding")  # SPEC 6.3 item 6
        code = code << 6 | octet - 0x80""",
        "code = code << 6 | octet & 0x3F",
    ),
    (
        "wire",
        "8.2 step 5",
        "for character in value[4:]:",
        'value = value.translate(bytes.maketrans(b"+/", b"-_"))\n    for character in value[4:]:',
    ),
    (
        "wire",
        "8.2 step 5",
        """for character in value[4:]:
        if character not in base64url.ALPHABET:
            raise Refused("malformed")  # SPEC 8.2 step 5""",
        'value = bytes(each for each in value if each in b"." + base64url.ALPHABET)',
    ),
    ("wire", "8.2 step 7", "find_by_id(entries, key_id)", "find_by_id(entries, key_id) or entries[0]"),
    ("cookies", "11.6", "return None  # SPEC 11.6", 'raise Refused("malformed")'),
    ("csrf", "14.3 item 1", "if len(token) != 86:", "if not token:\n        return\n    if len(token) != 86:"),
    (
        "csrf",
        "14.3 item 1",
        "if len(token) != 86:",
        'token = token.translate(bytes.maketrans(b"+/", b"-_"))\n    if len(token) != 86:',
    ),
)

# The mutants that no answer shows, only an exception of Python's (SPEC 8.4): by why, the change of each.
CRASHING = {
    "Without its guard a comparison meets None": (
        "attributes 12.2 item 5: cookie.domain is not None and len(cookie.domain) > 1024 -> len(cookie.domain) > 1024",
        "cookies 11.4 step 3: accepted is None or envelope.issued > accepted.issued"
        " -> envelope.issued > accepted.issued",
        "message_pack 6.3 item 8: previous is not None and key.encode() <= previous -> key.encode() <= previous",
        "ring 4.2 item 6: seals_from is not None and until is not None and (seals_from >= until)"
        " -> until is not None and seals_from >= until",
        "ring 4.2 item 6: seals_from is not None and until is not None and (seals_from >= until)"
        " -> seals_from is not None and seals_from >= until",
        "ring 4.4.1: entry.seals_from is not None and moment < entry.seals_from -> moment < entry.seals_from",
        "ring 4.4.2: entry.until is None or moment < entry.until -> moment < entry.until",
        "time_rules 8.2 step 15: ceilings.not_before is not None and envelope.created < ceilings.not_before"
        " -> envelope.created < ceilings.not_before",
    ),
    "None stands for what was not found or not read": (
        "key_text 4.2 item 2: left out",
        "wire 8.2 step 7: if entry is None: never",
        "wire 8.2 step 8: if padded is None: never",
    ),
    "There are fewer or more elements than are taken": (
        "calendar_time 4.2 item 2: len(text) != 20 -> len(text) > 20",
        "calendar_time 4.2 item 2: 19 -> 20",
        "cookies 11.6: if not reasons: never",
        "csrf 14.3 item 1: len(token) != 86 -> len(token) > 86",
        "envelope 5.2 item 1: if len(value) != 8: never",
        "envelope 5.2 item 1: len(value) != 8 -> len(value) < 8",
        "envelope 5.2 item 1: len(value) != 8 -> len(value) > 8",
        "envelope 5.2 item 9: if len(entry) != 2: never",
        "envelope 5.2 item 9: len(entry) != 2 -> len(entry) < 2",
        "envelope 5.2 item 9: len(entry) != 2 -> len(entry) > 2",
    ),
    "The type has not what is asked of it": (
        "cookies 11.1 step 1: b'; '.join(headers) -> headers",
        "envelope 5.2 item 1: if type(value) is not list: never",
        "envelope 5.2 item 2: if type(sid) is not bytes: never",
        "message_pack 6.3 item 7: if type(key) is not str: never",
        "wire 8.2 step 11: check_envelope(value) -> value",
    ),
    "Python's int, index, fromhex, timegm and chr refuse it too": (
        "calendar_time 4.2 item 5: if month < 1: never",
        "calendar_time 4.2 item 5: 1 -> 0",
        "calendar_time 4.2 item 5: if month > 12: never",
        "calendar_time 4.2 item 5: 12 -> 13",
        "csrf 14.3 item 1: if character not in base64url.ALPHABET: never",
        "key_text 4.2 item 2: if digit not in HEX_DIGITS: never",
        "key_text 4.2 item 2: if character not in base64url.ALPHABET: never",
        "utf_8 6.3 item 6: if code > 1114111: never",
        "utf_8 6.3 item 6: 1114111 -> 1114112",
        "utf_8 6.3 item 6: 128 -> 127",
        "wire 8.2 step 5: if character not in base64url.ALPHABET: never",
    ),
    "That a reader fails is what the clause is about": (
        'wire 8.4: if not value.startswith(b"cj1."): -> if not value.decode().startswith("cj1."):',
    ),
}


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
    heads = {number: re.split(r"^1\. ", text, maxsplit=1, flags=re.MULTILINE)[0] for number, text in TEXTS.items()}
    shown = {number for number, head in heads.items() if head.count("MUST") > head.count("†")} - {"1.1", "1.2"}
    assert shown == READING | WRITING | LIFE_CYCLE | SHOWING


def test_each_clause_on_reading_has_a_mutant(mutants: list[Mutant]) -> None:
    wanted = set().union(*(list_clauses(number) for number in READING | DECIDING))
    assert wanted - {split_clause(clause) for mutant in mutants for clause in mutant.clauses} == set()


def test_each_clause_on_reading_has_a_mutant_of_the_package() -> None:
    wanted = set().union(*(list_clauses(number) for number in READING | DECIDING))
    shown = {split_clause(clause) for clause, *_ in SHIPPED}
    assert wanted - shown == {split_clause(clause) for clause in WHY_NOT}
    assert set(FAILING) <= {(clause, replacement) for clause, _, _, replacement in SHIPPED}


# The reference


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return [*list_mutants(), *(make_mutant(*row) for row in BY_HAND)]


@pytest.mark.parametrize("module", SOURCES)
def test_the_vectors_catch_each_mutant_of_the_reference(module: str, mutants: list[Mutant]) -> None:
    fates = [(name_without_line(mutant), judge(mutant)) for mutant in mutants if mutant.module == module]
    assert [name for name, fate in fates if fate == "survives"] == []
    listed = [name for names in CRASHING.values() for name in names if name.startswith(f"{module} ")]
    assert sorted(name for name, fate in fates if fate == "crashes") == sorted(listed)


def test_each_mutant_that_crashes_is_of_a_module() -> None:
    assert {name.split()[0] for names in CRASHING.values() for name in names} <= set(SOURCES)


def test_the_reader_before_a_change_answers_each_vector() -> None:
    # So that a mutant is caught by what was changed.
    for module in BEHIND:
        code = compile(read_before_change(module), f"{module}.py", "exec")
        assert judge(Mutant("none", module, (), code)) == "survives"


def judge(mutant: Mutant) -> str:
    """What shows the mutant: that it "answers" a vector otherwise or, failing that, that it "crashes"."""
    answer, fate = mutant.load(), "survives"
    for vector in order(mutant.clauses):
        try:
            if render_result(answer(vector.op, vector.given)) != vector.expect:
                return "answers"
        except Exception:
            fate = "crashes"
    return fate


def name_without_line(mutant: Mutant) -> str:
    return re.sub(r"^(\w+):[0-9]+ ", r"\1 ", mutant.name)


def order(clauses: Iterable[str]) -> list[Vector]:
    """All vectors, those first that are most likely to catch a mutant of these clauses."""
    return sorted(VECTORS, key=lambda vector: not set(clauses) & set(vector.clauses))


# The package

# The clause, the module, a text that stands in it once, and what a careless hand would leave there.
SHIPPED = (
    ("2.4", "wire/secretbox", ">= BLOCK_OCTETS:", "> BLOCK_OCTETS:"),
    ("2.4", "wire/secretbox", 'if not plaintext.endswith(b"\\x80") or', "if"),
    ("8.2 step 1", "wire/opening", "[0-9]{1,9}[a-z]?", "[0-9]+[a-z]?"),
    ("8.2 step 1", "wire/opening", "[0-9]{1,9}[a-z]?", "[0-9]{1,9}"),
    ("8.2 step 2", "wire/opening", " if is_like_token(token) else Reason.MALFORMED", ""),
    ("8.2 step 3", "wire/opening", "if characters > MAX_TOKEN_CHARACTERS:", "if False:"),
    ("8.2 step 4", "wire/opening", "if characters < MIN_TOKEN_CHARACTERS or", "if characters < FRAME_CHARACTERS or"),
    ("8.2 step 4", "wire/opening", "(characters - FRAME_CHARACTERS) % BLOCK_CHARACTERS", "characters % 4"),
    ("8.2 step 5", "base64url", 'b"+/***"', 'b"+/**="'),
    ("8.2 step 5", "base64url", '"-_+/=", b"+/***"', '"-_=", b"+/*"'),
    ("8.2 step 7", "keys/rotation", "entry if entry is not None and now < entry.until else None", "entry"),
    ("4.4.4", "keys/rotation", "entry = self._by_key_id.get(key_id)", "entry = self.entries[0]"),
    ("8.2 step 8", "wire/secretbox", "raise TokenError(Reason.NOT_AUTHENTIC) from None", 'padded = b""'),
    ("8.2 step 13", "wire/time_rules", "if envelope.issued > now + CLOCK_SKEW:", "if envelope.issued >= now + CLOCK_SKEW:"),
    ("8.2 step 14", "wire/time_rules", "if now >= expires or", "if now > expires or"),
    ("8.2 step 14", "wire/time_rules", "envelope.issued + envelope.idle, envelope.until", "envelope.issued + envelope.idle + 1, envelope.until"),
    ("8.2 step 14", "wire/time_rules", " or envelope.issued >= expires:", ":"),
    ("8.2 step 15", "wire/time_rules", "envelope.created < self.not_before", "envelope.created <= self.not_before"),
    ("9.4", "wire/time_rules", "min(envelope.idle, self.longest_idle)", "self.longest_idle"),
    ("9.4", "wire/time_rules", "min(envelope.until, longest_until)", "longest_until"),
    ("9.4", "wire/time_rules", "longest_until = envelope.created + self", "longest_until = envelope.issued + self"),
    ("9.5", "wire/time_rules", "tenth = envelope.idle // 10 or 1", "tenth = envelope.idle // 10"),
    ("9.5", "wire/time_rules", "(tenth if tenth < self.renew_after else self.renew_after)", "tenth"),
    ("9.6", "wire/time_rules", "envelope.issued >= RESEAL_PAUSE", "envelope.issued > RESEAL_PAUSE"),
    ("5.2 item 3", "wire/envelope", "min_length=SID_OCTETS, max_length=SID_OCTETS", "min_length=SID_OCTETS"),
    ("5.2 item 4", "wire/envelope", "msgspec.Meta(ge=0, le=MAX_TIME)", "msgspec.Meta(ge=0)"),
    ("5.2 item 5", "wire/envelope", "msgspec.Meta(ge=1, le=MAX_IDLE)", "msgspec.Meta(ge=0, le=MAX_IDLE)"),
    ("5.2 item 6", "wire/envelope", "and envelope.created <= envelope.issued <", "and envelope.issued <"),
    ("5.2 item 6", "wire/envelope", "envelope if envelope.created <= envelope.issued <", "envelope if envelope.issued <"),
    ("5.2 item 7", "wire/envelope", "envelope.issued < envelope.until\n", "envelope.issued <= envelope.until\n"),
    ("5.2 item 7", "wire/envelope", "envelope.issued < envelope.until else", "envelope.issued <= envelope.until else"),
    ("5.2 item 8", "wire/envelope", "Value]], msgspec.Meta(max_length=MAX_FLASHES)", "Value]], msgspec.Meta(max_length=33)"),
    ("5.2 item 8", "wire/envelope", "Flashes, msgspec.Meta(max_length=MAX_FLASHES)", "Flashes, msgspec.Meta(max_length=33)"),
    ("6.3 item 2", "wire/messagepack", "elif kind not in _NEEDS_NO_CHECK:", "elif False:"),
    ("6.3 item 3", "wire/messagepack", "if encode(value) == octets and", "if"),
    ("6.3 item 3", "wire/envelope", "\n            and messagepack.encode(envelope) == encoded", ""),
    ("6.3 item 4", "wire/messagepack", "if not MIN_INTEGER <= value <= MAX_INTEGER:", "if not MIN_INTEGER <= value:"),
    ("6.3 item 4", "wire/messagepack", "Meta(ge=MIN_INTEGER, le=MAX_INTEGER)", "Meta(ge=MIN_INTEGER)"),
    ("6.3 item 5", "wire/messagepack", "if not math.isfinite(value):", "if math.isnan(value):"),
    ("6.3 item 5", "wire/messagepack", 'rb"\\xcb[\\x7f\\xff]', 'rb"\\xcb[\\x7f]'),
    ("6.3 item 5", "wire/envelope", "or not messagepack.find_infinite(encoded)", "or True"),
    ("6.3 item 8", "wire/messagepack", 'order="deterministic"', "order=None"),
    ("6.3 item 9", "wire/messagepack", "if text == FORBIDDEN_KEY:", "if False:"),
    ("6.3 item 9", "wire/messagepack", " and key != FORBIDDEN_KEY else", " else"),
    ("6.3 item 9", "wire/envelope", "\n            and encoded.find(b\"__proto__\") < 0", ""),
    ("6.3 item 10", "wire/messagepack", "MAX_LEVEL = 16", "MAX_LEVEL = 17"),
    ("6.3 item 10", "wire/messagepack", "-> dict[str, Any]:\n    if level > MAX_LEVEL:", "-> dict[str, Any]:\n    if level >= MAX_LEVEL:"),
    ("6.3 item 10", "wire/messagepack", "-> list[Any]:\n    if level > MAX_LEVEL:", "-> list[Any]:\n    if level > MAX_LEVEL + 1:"),
    ("4.2 item 1", "keys/ring_text", 'octets.decode("latin-1")', 'octets.decode("ascii", "ignore")'),
    ("4.2 item 2", "keys/ring_text", '[ \\t\\r\\n,]+"', '[\\s,]+"'),
    ("4.2 item 3", "keys/ring_text", "if len(words) > MAX_ENTRIES:", "if len(words) > MAX_ENTRIES + 1:"),
    ("4.2 item 4", "keys/ring_text", "if name in times:", "if False:"),
    ("4.2 item 5", "keys/ring_text", " or moment.year < 1970", ""),
    ("4.2 item 6", "keys/ring_text", 'times["from"] >= times', 'times["from"] > times'),
    ("4.2 item 7", "keys/key_text", "octets[KEY_OCTETS:] != _compute_checksum(octets[:KEY_OCTETS])", "False"),
    ("4.2 item 8", "base64url", " or (spare and encode(octets) != text)", ""),
    ("4.2 item 9", "keys/key_text", "if distinct < MIN", "if distinct <= MIN"),
    ("4.2 item 10", "keys/rotation", "if earlier is entry:", "if earlier.key == entry.key:"),
    ("4.2 item 11", "keys/rotation", "first.setdefault(entry.key.key_id, entry)", "first.setdefault(entry.key, entry)"),
    ("4.2 item 12", "keys/rotation", "if entry.key.key_id in PUBLISHED_KEY_IDS:", "if False:"),
    ("4.2 item 13", "keys/rotation", "if now < entry.until < NEVER", "if False"),
    ("4.2.1", "keys/rotation", "_refuse_gaps(self.entries, now)", "_refuse_gaps(self.entries, 0)"),
    ("3.5", "session/csrf", "form.encode()", 'form.encode("utf-8", "surrogatepass")'),
    ("3.5", "keys/key", "purpose.encode()", 'purpose.encode("utf-8", "surrogatepass")'),
    ("9.8", "wire/time_rules", "not 1 <= seconds <= longest", "not 0 <= seconds <= longest"),
    ("6.3 item 2", "wire/messagepack", " and not has_long_value(value, octets)", ""),
    ("6.3 item 2", "wire/envelope", "len(encoded) <= messagepack.MAX_LENGTH\n            and ", ""),
    ("11.1 step 2", "headers/cookie_header", 'rf";{blanks}', 'rf"[;,]{blanks}'),
    ("11.1 step 3", "headers/cookie_header", '_BLANKS = " \\t"', '_BLANKS = " "'),
    ("11.1 step 3", "headers/cookie_header", "MAX_BLANKS = 16", "MAX_BLANKS = 17"),
    ("11.1 step 3", "headers/cookie_header", "MAX_BLANKS = 16", "MAX_BLANKS = 15"),
    ("11.1 step 4", "headers/cookie_header", "{re.escape(name)}=", "(?i:{re.escape(name)})="),
    ("11.1 step 4", "headers/cookie_header", "{re.escape(name)}=", "{name}="),
    ("11.1 step 5", "headers/cookie_header", "if comma >= 0:", "if False:"),
    ("11.1 step 5", "headers/cookie_header", "tail.rstrip(_BLANKS)", "tail"),
    ("11.4 step 1", "session/cookie_choice", "MAX_JUDGED = 16", "MAX_JUDGED = 17"),
    ("11.4 step 1", "session/cookie_choice", "MAX_JUDGED = 16", "MAX_JUDGED = 15"),
    ("11.4 step 2", "session/cookie_choice", "MAX_OPENED = 4", "MAX_OPENED = 5"),
    ("11.4 step 3", "session/cookie_choice", "envelope.issued > best.envelope", "envelope.issued >= best.envelope"),
    ("11.4 step 4", "session/cookie_choice", "refusals.append(Refusal(exc.reason, exc.key_id, exc.log_id))", "pass"),
    ("11.5", "session/cookie_choice", "if accepted is None:\n            reading", "if True:\n            reading"),
    ("11.6", "session/cookie_choice", "refusals += reading.refusals", "refusals = reading.refusals + refusals"),
    ("12.2 item 1", "headers/set_cookie", 'if prefix.startswith("__host-") and cookie.domain is not None:', "if False:"),
    ("12.6", "settings", 'return value.lower().removeprefix(".")', "return value"),
    ("12.6", "configuration_checks", 'cookie.name.lower().startswith("__host-")', 'cookie.name.startswith("__Host-")'),
    ("12.6", "configuration_checks", "if purpose is None or not cookie", "if not purpose or not cookie"),
    ("12.6", "configuration_checks", 'if not each.name.lower().startswith("__host-"):', "if False:"),
    ("14.3 item 1", "session/csrf", " or len(token) != TOKEN_CHARACTERS", ""),
    ("14.3 item 2", "base64url", " or (spare and encode(octets) != text)", ""),
    ("14.3 item 3", "session/csrf", "return compare_digest(", "return True or compare_digest("),
    ("3.4", "keys/derivation", "key=key, digest_size=32).digest()", "key=key, digest_size=64).digest()[:32]"),
    ("3.4", "keys/derivation", 'len(piece).to_bytes(8, "little")', 'len(piece).to_bytes(8, "big")'),
    ("3.4", "keys/key", '"key-id")[:8]', '"key-id")[-8:]'),
    ("3.4", "keys/key", 'derive(self._material, "box", encoded)', 'derive(self._material, "box" + purpose)'),
    ("3.4", "keys/key_text", 'derive(material, "skb") if', "material[:32] if"),
    ("3.4", "keys/key_text", "digest_size=32).digest()[:4]", "digest_size=4).digest()"),
    (
        "5.2 item 1",
        "wire/envelope",
        "converted = _convert(messagepack.decode(encoded))",
        "values = messagepack.decode(encoded)\n    if type(values) is not list:\n        raise TokenError(Reason.BAD_ENCODING)\n    converted = _convert(values)",
    ),
    (
        "5.2 item 1",
        "wire/envelope",
        "converted = _convert(messagepack.decode(encoded))",
        "values = messagepack.decode(encoded)\n    if type(values) is list and len(values) != 8:\n        raise TokenError(Reason.BAD_ENCODING)\n    converted = _convert(values)",
    ),
    ("5.2 item 1", "wire/envelope", "frozen=True, forbid_unknown_fields=True):", "frozen=True):"),
    ("5.2 item 2", "wire/envelope", "    created: Time", "    created: Time | float"),
    ("5.2 item 2", "wire/envelope", "    persistent: bool", "    persistent: bool | int"),
    ("5.2 item 2", "wire/envelope", "    persistent: bool", "    persistent: bool | None"),
    ("5.2 item 2", "wire/envelope", "    data: dict[str, Any]\n    flash", "    data: Any\n    flash"),
    ("5.2 item 2", "wire/envelope", "Flashes = list[tuple[str, Any]]", "Flashes = list[tuple[Any, Any]]"),
    ("5.2 item 9", "wire/envelope", "Flashes = list[tuple[str, Any]]", "Flashes = list[list[Any]]"),
    ("6.3 item 1", "wire/messagepack", "except (_UnsupportedError, *UNDECODABLE):\n        pass", "except (_UnsupportedError, *UNDECODABLE):\n        return None"),
    (
        "6.3 item 6",
        "wire/messagepack",
        "except (_UnsupportedError, *UNDECODABLE):",
        "except (UnicodeDecodeError, msgspec.DecodeError):\n        return None\n    except (_UnsupportedError, *UNDECODABLE):",
    ),
    ("8.4", "wire/messagepack", "MsgspecError, ValueError, TypeError, Rec", "MsgspecError, ValueError, Rec"),
    ("10.1", "errors", '"bad-padding"', '"malformed"'),
    ("10.1", "errors", '"not-yet-valid"', '"not_yet_valid"'),
    ("12.2", "headers/set_cookie", "[!#$%&'*+.^_`|~0-9A-Za-z-]+", "[!#$%&'*+.^_`|~0-9A-Za-z=-]+"),
    ("12.2", "headers/set_cookie", "if not _TOKEN.fullmatch(", "if not _TOKEN.match("),
    ("12.2", "headers/set_cookie", "/[\\x20-\\x3a\\x3c-\\x7e]*", "/[\\x20-\\x7e]*"),
    ("12.2", "headers/set_cookie", "not _PATH.fullmatch(cookie.path)", 'not cookie.path.startswith("/")'),
    ("12.2", "headers/set_cookie", "(\\.[A-Za-z0-9-]+)*", "(\\.[A-Za-z0-9-]*)*"),
    ("12.2", "headers/set_cookie", "if cookie.samesite not in (", 'if (cookie.samesite or "").title() not in ("",'),
    ("12.2 item 1", "headers/set_cookie", '("__host-", "__secure-", "__http-")', '("__secure-", "__http-")'),
    ("12.2 item 1", "headers/set_cookie", 'if prefix.startswith("__host-") and cookie.path != "/":', "if False:"),
    ("12.2 item 2", "headers/set_cookie", '("__host-", "__secure-", "__http-")', '("__host-", "__http-")'),
    ("12.2 item 3", "headers/set_cookie", 'if cookie.samesite == "None" and not cookie.secure:', "if False:"),
    ("12.2 item 3", "headers/set_cookie", "if cookie.partitioned and not cookie.secure:", "if False:"),
    ("12.2 item 4", "headers/set_cookie", '("__host-", "__secure-", "__http-")', '("__host-", "__secure-")'),
    ("12.2 item 4", "headers/set_cookie", '("__http-", "__host-http-")', '("__host-http-",)'),
    ("12.2 item 4", "headers/set_cookie", '("__http-", "__host-http-")', '("__http-",)'),
    ("12.2 item 5", "headers/set_cookie", "len(cookie.name) > MAX", "len(cookie.name) > 1 + MAX"),
    ("12.2 item 5", "headers/set_cookie", "len(cookie.name) > MAX", "len(cookie.name) >= MAX"),
    (
        "12.2 item 5",
        "headers/set_cookie",
        "len(cookie.path) > MAX_ATTRIBUTE_OCTETS",
        "len(cookie.path) > 1 + MAX_ATTRIBUTE_OCTETS",
    ),
    ("12.2 item 5", "headers/set_cookie", " or len(cookie.domain) > MAX_ATTRIBUTE_OCTETS", ""),
    ("8.2 step 6", "wire/opening", "raw[:KEY_ID_OCTETS], KEY", "raw[-KEY_ID_OCTETS:], KEY"),
    ("5.2 item 2", "wire/envelope", "msgspec.Meta(ge=1, le=MAX_IDLE)]", "msgspec.Meta(ge=1, le=MAX_IDLE)] | float"),
    # msgspec sorts no keys but text, so that the comparison refuses other keys too.
    (
        "6.3 item 7",
        "wire/messagepack",
        "if encode(value) == octets and not has_long_value(value, octets):\n            _check(value, 0)",
        "if msgspec.msgpack.encode(value) == octets:\n            pass",
    ),
    ("8.4", "wire/messagepack", "= (msgspec.MsgspecError, ValueError, TypeError, Rec", "= (UnicodeDecodeError, TypeError, Rec"),
    ("8.4", "wire/opening", "except ValueError:", "except UnicodeError:"),
    ("14.3 item 1", "session/csrf", "decode(token)", 'decode(token.replace("+", "-").replace("/", "_"))'),
    ("3.5", "cookie_sessions", "purpose=cookie.name if purpose is None else purpose", "purpose=cookie.name"),
    ("3.5", "cookie_sessions", "purpose=cookie.name if purpose is None else purpose", "purpose=purpose or cookie.name"),
    (
        "3.5",
        "cookie_sessions",
        "purpose=each.name if purpose is None else purpose",
        "purpose=cookie.name if purpose is None else purpose",
    ),
    ("4.3.2", "keys/key_text", "_compute_checksum(octets[:KEY_OCTETS]):", "_compute_checksum(octets[:KEY_OCTETS]) and any(octets[KEY_OCTETS:]):"),
    ("4.4.2", "keys/rotation", "and now < entry.until else None", "and now <= entry.until else None"),
    ("4.6.1", "keys/rotation", '"6fc7081d3e766c36 ', '"'),
    ("8.2 step 9", "wire/secretbox", "TokenError(Reason.BAD_PADDING)", "TokenError(Reason.NOT_AUTHENTIC)"),
    ("8.2 step 10", "wire/messagepack", "raise TokenError(Reason.BAD_ENCODING)", "raise TokenError(Reason.BAD_ENVELOPE)"),
    ("8.2 step 11", "wire/envelope", "raise TokenError(Reason.BAD_ENVELOPE)", "raise TokenError(Reason.BAD_ENCODING)"),
    ("8.2 step 12", "wire/time_rules", "envelope = replace(envelope, idle=idle, until=until)", "pass"),
    ("8.2 step 16", "wire/opening", "return envelope, encoded if", "return decoded, encoded if"),
    ("9.1", "wire/time_rules", "return idle_end if idle_end < until else until", "return idle_end"),
    ("9.1", "wire/time_rules", "return idle_end if idle_end < until else until", "return until"),
    ("9.2", "wire/clock_skew", "CLOCK_SKEW = 60", "CLOCK_SKEW = 61"),
    ("9.8", "wire/time_rules", "longest: int = MAX_TIME", "longest: int = MAX_IDLE"),
    ("11.1 step 6", "headers/cookie_header", "values.append(text", "start == end or values.append(text"),
    (
        "11.4 step 1",
        "session/cookie_choice",
        "refusals.append(Refusal(exc.reason, exc.key_id, exc.log_id))",
        "opened += 1\n            refusals.append(Refusal(exc.reason, exc.key_id, exc.log_id))",
    ),
    ("16.3", "wire/opening", 'r"cj[0-9]{1,9}', 'r"cj[2-9][0-9]{0,8}'),
)  # fmt: skip

# Clauses on reading of which the package has no check to drop where a vector could see it.
WHY_NOT = {
    "11.1 step 1": "what serves joins the fields; here it is the adapter of the suite, which is not mutated",
}
# Rows, by clause and replacement, of which no vector shows an answer, only an exception, and why.
FAILING = {
    ("14.3 item 1", ""): "of a token that is too short, the mask and the masked octets differ in length",
}

# Judges the mutants of the package that standard input names, a JSON array [clause, module, text, replacement] a line.
# Each one in a fork, which imports the package with the text of one module replaced, and prints the package's file and
# whether the mutant answers a vector otherwise, crashes or survives. The vectors of the clause come first. The forks
# find the vectors, and what the package imports from elsewhere.
JUDGE = """
import asyncio, importlib.machinery, importlib.metadata, io, json, logging, msgspec, nacl.bindings, os, resource, sys
import unittest.mock
from contextlib import redirect_stderr
sys.path[:0] = sys.argv[1:]
from reference.reader import OPS
from reference.vectors import list_vectors, render_result

vectors = [vector for vector in list_vectors() if vector.op in OPS]
logging.getLogger("cookiejar_session").addHandler(logging.NullHandler())

class MutantLoader(importlib.machinery.SourceFileLoader):
    def get_code(self, name):
        return self.source_to_code(self.get_data(self.path).decode().replace(text, replacement), self.path)

class MutantFinder:
    def find_spec(self, name, path, target=None):
        if name != mutated:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        found.loader = MutantLoader(name, found.origin)
        return found

def judge():
    from adapter import run
    fate = "survives"
    for vector in sorted(vectors, key=lambda vector: clause not in vector.clauses):
        try:
            with redirect_stderr(io.StringIO()):
                result = render_result(run(vector.op, vector.given))
        except Exception:
            fate = "crashes"
            continue
        if result != vector.expect:
            return "answers"
    return fate

assert not [name for name in sys.modules if name.startswith("cookiejar_session")]
for line in sys.stdin:
    clause, module, text, replacement = json.loads(line)
    mutated = "cookiejar_session." + module.replace("/", ".")
    process = os.fork()
    if process == 0:
        # In CPU seconds: a mutant that never ends is ended.
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        sys.meta_path.insert(0, MutantFinder())
        fate = judge()
        print(json.dumps([sys.modules["cookiejar_session"].__file__, fate]), flush=True)
        os._exit(0)
    if status := os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
        print(json.dumps(["", f"ended with {status}"]), flush=True)
"""

Ask = Callable[[str, str, str, str], list[str]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Judge a mutant: return the file of its package, and what shows the mutant."""
    command = [sys.executable, "-P", "-c", JUDGE, str(CONFORMANCE), str(CONFORMANCE / "ports" / "python")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as judge:
        stdin, stdout = judge.stdin, judge.stdout
        assert stdin is not None
        assert stdout is not None

        def ask_judge(*row: str) -> list[str]:
            stdin.write(json.dumps(row) + "\n")
            stdin.flush()
            answer: list[str] = json.loads(stdout.readline())
            return answer

        yield ask_judge
        # The judge ends with its input.
        stdin.close()


@pytest.mark.parametrize(
    ("clause", "module", "text", "replacement"),
    SHIPPED,
    ids=[f"{clause} in {module}: {replacement}" for clause, module, _, replacement in SHIPPED],
)
def test_the_vectors_catch_a_mutant_of_the_package(
    clause: str, module: str, text: str, replacement: str, ask: Ask
) -> None:
    source = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert source.count(text) == 1, f"{module}.py has changed: this row of the table needs another text"
    # A crash is what SPEC 8.4 is about; of another clause it shows little.
    wanted = "crashes" if clause == "8.4" or (clause, replacement) in FAILING else "answers"
    assert ask(clause, module, text, replacement) == [cookiejar_session.__file__, wanted]


def test_the_package_itself_answers_each_vector(ask: Ask) -> None:
    # So that a mutant is caught by what was changed.
    assert ask("", "", "", "") == [cookiejar_session.__file__, "survives"]
