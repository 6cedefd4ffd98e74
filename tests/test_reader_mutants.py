"""The vectors against readers that are wrong on purpose: each check on reading dropped, loosened or tightened.

Two readers: the reference of conformance/, whose mutants are made from its clause comments, and the package's, whose
mutants stand in a table. A mutant that no vector catches is a vector that is missing.
"""

from __future__ import annotations

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
READING = {
    *("2.4", "3.4", "3.5", "4.2", "4.3.2", "4.4.2", "4.4.4", "4.6.1", "5.2", "6.3", "8.2", "8.4", "9.4", "10.1"),
    *("11.1", "11.4", "11.6", "12.2", "12.6", "14.3", "16.3"),
}
# Clauses without the word that decide what a reader answers.
DECIDING = {"9.1", "9.2", "9.5", "9.6", "11.5"}
WRITING = {"1.9", "2.3", "4.4.1", "4.4.3", "5.3", "6.1", "6.4", "6.5", "7.2", "12.3", "12.4", "12.5"}
LIFE_CYCLE = {"13.5", "13.6", "13.8", "13.10", "13.11", "13.12"}
SHOWING = {"3.6"}

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
    heads = {number: re.split(r"^1\. ", text, maxsplit=1, flags=re.MULTILINE)[0] for number, text in TEXTS.items()}
    shown = {number for number, head in heads.items() if head.count("MUST") > head.count("†")} - {"1.1", "1.2"}
    assert shown == READING | WRITING | LIFE_CYCLE | SHOWING


def test_each_clause_on_reading_has_a_mutant(mutants: list[Mutant]) -> None:
    wanted = set().union(*(list_clauses(number) for number in READING | DECIDING))
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


# The package

# The clause, the module, a text that stands in it once, and what a careless hand would leave there.
SHIPPED = (
    ("2.4", "wire", ">= BLOCK_OCTETS:", "> BLOCK_OCTETS:"),
    ("2.4", "wire", 'if not stripped.endswith(b"\\x80") or', "if"),
    ("8.2 step 1", "wire", "[0-9]{1,9}[a-z]?", "[0-9]+[a-z]?"),
    ("8.2 step 1", "wire", "[0-9]{1,9}[a-z]?", "[0-9]{1,9}"),
    ("8.2 step 2", "wire", "if _match_other_version(token) else Reason.MALFORMED", ""),
    ("8.2 step 3", "wire", "Reason.TOO_LONG if len(token) > MAX_TOKEN_CHARACTERS else", ""),
    ("8.2 step 4", "wire", "range(MIN_TOKEN_CHARACTERS, MAX", "range(FRAME_CHARACTERS, MAX"),
    ("8.2 step 4", "wire", "MAX_TOKEN_CHARACTERS + 1, BLOCK_CHARACTERS)", "MAX_TOKEN_CHARACTERS + 1, 4)"),
    ("8.2 step 5", "wire", "strict_mode=True", "strict_mode=False"),
    ("8.2 step 5", "wire", 'b"+/***"', 'b"+/+/="'),
    ("8.2 step 5", "wire", "(UnicodeEncodeError, Base64Error)", "Base64Error"),
    ("8.2 step 7", "ring", "entry if entry is not None and now < entry.until else None", "entry"),
    ("4.4.4", "ring", "entry = self._by_key_id.get(key_id)", "entry = self.entries[0]"),
    ("8.2 step 8", "wire", "if not padded:", "if padded is None:"),
    ("8.2 step 13", "policy", "if envelope.issued > now + CLOCK_SKEW:", "if envelope.issued >= now + CLOCK_SKEW:"),
    ("8.2 step 14", "policy", "if now >= until or", "if now > until or"),
    ("8.2 step 14", "policy", "or now >= issued + envelope.idle or", "or now > issued + envelope.idle or"),
    ("8.2 step 14", "policy", " or issued >= until:", ":"),
    ("8.2 step 15", "policy", "envelope.created < self.not_before", "envelope.created <= self.not_before"),
    ("9.4", "policy", "idle=min(envelope.idle, self.longest_idle)", "idle=self.longest_idle"),
    ("9.4", "policy", "until=min(envelope.until, until)", "until=until"),
    ("9.4", "policy", "until = envelope.created + self", "until = envelope.issued + self"),
    ("9.5", "policy", "max(1, min(self", "max(0, min(self"),
    ("9.6", "policy", "envelope.issued >= RESEAL_PAUSE", "envelope.issued > RESEAL_PAUSE"),
    ("5.2 item 3", "envelope", "min_length=SID_OCTETS, max_length=SID_OCTETS", "min_length=SID_OCTETS"),
    ("5.2 item 4", "envelope", "msgspec.Meta(ge=0, le=MAX_TIME)", "msgspec.Meta(ge=0)"),
    ("5.2 item 5", "envelope", "msgspec.Meta(ge=1, le=MAX_IDLE)", "msgspec.Meta(ge=0, le=MAX_IDLE)"),
    ("5.2 item 6", "envelope", "fits = envelope.created <= envelope.issued <", "fits = envelope.issued <"),
    ("5.2 item 7", "envelope", "envelope.issued < envelope.until and", "envelope.issued <= envelope.until and"),
    ("5.2 item 8", "envelope", "msgspec.Meta(max_length=MAX_FLASHES)", "msgspec.Meta(max_length=MAX_FLASHES + 1)"),
    ("6.3 item 2", "envelope", "(?<=[\\xc7-\\xc9\\xd4-\\xd8])", "(?<=[\\xc7-\\xc9])"),
    ("6.3 item 3", "envelope", "envelope.until and _encode(envelope) == encoded", "envelope.until"),
    ("6.3 item 4", "envelope", "|(?<=\\xcf)[\\x80-\\xff]", ""),
    ("6.3 item 5", "envelope", "[\\x7f\\xff][\\xf0-\\xff]", "[\\x7f][\\xf0-\\xff]"),
    ("6.3 item 8", "envelope", " and _encode(value) == encoded\n    except", "\n    except"),
    ("6.3 item 9", "envelope", "if FORBIDDEN_KEY in value or not", "if not"),
    ("6.3 item 10", "envelope", "MAX_DEPTH = 16", "MAX_DEPTH = 17"),
    ("6.3 item 10", "envelope", "if level > MAX_DEPTH:", "if level >= MAX_DEPTH:"),
    ("4.2 item 1", "keyring", 'octets.decode("latin-1")', 'octets.decode("ascii", "ignore")'),
    ("4.2 item 2", "ring", '[ \\t\\r\\n,]+"', '[\\\\s,]+"'),
    ("4.2 item 3", "ring", "if len(words) > MAX_ENTRIES:", "if len(words) > MAX_ENTRIES + 1:"),
    ("4.2 item 4", "ring", "if name in times:", "if False:"),
    ("4.2 item 5", "ring", "if moment.year >= 1970 else None", ""),
    ("4.2 item 6", "ring", 'times["from"] >= times', 'times["from"] > times'),
    ("4.2 item 7", "key", "octets[KEY_OCTETS:] != _checksum(octets[:KEY_OCTETS])", "False"),
    ("4.2 item 8", "key", "b64encode(octets).decode()[:43] != digits.translate(_TO_STANDARD)", "False"),
    ("4.2 item 9", "key", "if len(set(material)) < MIN", "if len(set(material)) <= MIN"),
    ("4.2 item 10", "ring", "if earlier is entry:", "if earlier.key == entry.key:"),
    ("4.2 item 11", "ring", "first.setdefault(entry.key.key_id, entry)", "first.setdefault(entry.key, entry)"),
    ("4.2 item 12", "ring", "if entry.key.key_id in PUBLISHED_KEY_IDS:", "if False:"),
    ("4.2 item 13", "ring", "if now < entry.until < NEVER", "if False"),
    ("11.1 step 2", "cookies", 'header[before - 1] == ";"', 'header[before - 1] in ";,"'),
    ("11.1 step 3", "cookies", 'header[before - 1] in " \\t"', 'header[before - 1] in " "'),
    ("11.1 step 4", "cookies", 'wanted = f"{name}="', 'wanted, header = f"{name}=".lower(), header.lower()'),
    ("11.1 step 5", "cookies", 'value.partition(",")[0].strip(" \\t")', 'value.strip(" \\t")'),
    ("11.1 step 5", "cookies", 'value.partition(",")[0].strip(" \\t")', 'value.partition(",")[0].strip()'),
    ("11.4 step 2", "acceptance", "MAX_OPENED = 4", "MAX_OPENED = 5"),
    ("11.4 step 3", "acceptance", "envelope.issued > best.envelope", "envelope.issued >= best.envelope"),
    ("11.4 step 4", "acceptance", "refusals.append(Refusal(exc.reason, exc.key_id))", "pass"),
    ("11.5", "acceptance", "if accepted is None:\n            accepted, more", "if True:\n            accepted, more"),
    ("11.6", "acceptance", "refusals += more", "refusals = more + refusals"),
    ("12.2 item 1", "cookies", 'if prefix.startswith("__host-") and cookie.domain is not None:', "if False:"),
    ("12.6", "cookie_sessions", '.lower().removeprefix(".")', ""),
    ("14.3 item 1", "csrf", "len(token) != _CHARACTERS or", ""),
    ("14.3 item 2", "csrf", "if b2a_base64(octets, newline=False) != encoded:", "if False:"),
    ("14.3 item 3", "csrf", "return compare_digest(", "return True or compare_digest("),
)  # fmt: skip

# Prints the first vector that is answered otherwise by the package in the folder argv[1]; those of argv[2] come first.
JUDGE = """
import io, logging, sys
from contextlib import redirect_stderr
sys.path[:0] = [*sys.argv[3:], sys.argv[1]]
from adapter import run
from reference.reader import OPS
from reference.vectors import list_vectors, render_result
logging.getLogger("cookiejar_session").addHandler(logging.NullHandler())
vectors = [vector for vector in list_vectors() if vector.op in OPS]
for vector in sorted(vectors, key=lambda vector: sys.argv[2] not in vector.clauses):
    try:
        with redirect_stderr(io.StringIO()):
            result = render_result(run(vector.op, vector.given))
    except Exception as exc:
        result = repr(exc)
    if result != vector.expect:
        print(sys.modules["cookiejar_session"].__file__, vector.id, sep="\\n")
        break
"""


@pytest.mark.parametrize(
    ("clause", "module", "text", "replacement"),
    SHIPPED,
    ids=[f"{clause} in {module}: {replacement}" for clause, module, _, replacement in SHIPPED],
)
def test_the_vectors_catch_a_mutant_of_the_package(
    clause: str, module: str, text: str, replacement: str, tmp_path: Path
) -> None:
    package = tmp_path / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("demo", "__pycache__"))
    source = (package / f"{module}.py").read_text(encoding="utf-8")
    assert source.count(text) == 1, f"{module}.py has changed: this row of the table needs another text"
    (package / f"{module}.py").write_text(source.replace(text, replacement), encoding="utf-8")
    file, vector = ask_mutant(package, clause)
    assert vector, "no vector is answered otherwise"
    assert file == str(package / "__init__.py"), "another package was asked"


def ask_mutant(package: Path, clause: str) -> tuple[str, str]:
    folders = [str(CONFORMANCE), str(CONFORMANCE / "ports" / "python")]
    command = [sys.executable, "-P", "-c", JUDGE, str(package.parent), clause, *folders]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    file, _, vector = done.stdout.strip().partition("\n")
    return file, vector


def test_the_package_itself_answers_each_vector() -> None:
    # So that a mutant is caught by what was changed.
    assert ask_mutant(PACKAGE, "") == ("", "")
