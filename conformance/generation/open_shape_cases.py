"""Cookie values that are refused by their characters alone: SPEC 8.2 steps 1 to 5."""

from __future__ import annotations

from typing import Any

from . import octets
from .cases import Case, refuse
from .keys import A, ring
from .messagepack import write_envelope
from .octets import PREFIX
from .seal_cases import HOST, fill
from .values import CREATED, GOLDEN_HOST, policy

GOOD = octets.seal(write_envelope(GOLDEN_HOST), key=A, purpose=HOST)
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def list_shape_cases() -> list[Case]:
    return [*_list_versions(), *_list_lengths(), *_list_alphabet()]


def open_refused(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    value: str | bytes,
    reason: str,
    *,
    flags: tuple[str, ...],
    keyring: str = "",
    now: int = CREATED,
    purpose: str = HOST,
    **rules: Any,
) -> Case:
    question = {
        "keyring": keyring or ring(A),
        "purpose": purpose,
        "now": now,
        "policy": policy(**rules),
        "value": (value.encode() if isinstance(value, str) else value).hex(),
    }
    return Case(f"open-refuse-{case_id}", clauses, comment, question, refuse(reason), flags)


def _list_versions() -> list[Case]:
    rest = GOOD[4:]
    others = [
        ("2", "the next version", f"cj2.{rest}"),
        ("9", "a later version", f"cj9.{rest}"),
        ("10", "a version of two digits that begins like this one", f"cj10.{rest}"),
        ("nine-digits", "nine digits, the most a version has", f"cj123456789.{rest}"),
        ("1c", "the letter that is reserved", f"cj1c.{rest}"),
        ("1z", "any small letter", f"cj1z.{rest}"),
        ("2a", "a digit and a letter", f"cj2a.{rest}"),
        ("0", "a version there never was", f"cj0.{rest}"),
        ("01", "one with a zero before it is not this prefix", f"cj01.{rest}"),
        ("alone", "nothing behind the dot", "cj2."),
        ("short", "another version may have other lengths", "cj2.AAAA"),
        ("long", "another version may be longer", f"cj2.{'A' * 5000}"),
        ("other-alphabet", "another version may have another alphabet", "cj2.a+b/c=="),
    ]
    malformed = [
        ("empty", "the empty value", ""),
        ("ten-digits", "ten digits are no version", f"cj1234567890.{rest}"),
        ("no-digit", "a version has a digit", f"cj.{rest}"),
        ("no-dot", "a version ends with a dot", f"cj2{rest}"),
        ("letter-alone", "a letter is no version", f"cjx.{rest}"),
        ("capital-letter", "the letter is a small one", f"cj1C.{rest}"),
        ("two-letters", "one letter at most", f"cj1ab.{rest}"),
        ("capital-prefix", "the prefix is not folded", f"CJ1.{rest}"),
        ("capital-version", "a version is not folded", f"CJ2.{rest}"),
        ("blank-before", "a blank before the prefix", f" {GOOD}"),
        ("blank-before-a-version", "a blank before a version", f" cj2.{rest}"),
        ("bom-before", "a byte order mark before the prefix", f"\ufeff{GOOD}"),
        ("newline-before-a-version", "the version must be at the start of the value, not of a line", f"x\ncj2.{rest}"),
        ("digit-beyond-ascii", "a digit is an ASCII digit", f"cj²._{rest}"),
        ("arabic-digit", "a digit is an ASCII digit, whatever a language counts as one", f"cj\u0661.{rest}"),
        ("letter-beyond-ascii", "the letter is an ASCII letter", f"cj1é.{rest}"),
        ("comma-for-the-dot", "a comma is no dot", f"cj1,{rest}"),
        ("prefix-missing", "the same without its prefix", rest),
        ("quoted", "quotation marks have no meaning", f'"{GOOD}"'),
        ("percent-encoded", "percent signs have no meaning", GOOD.replace(".", "%2E", 1)),
        ("json", "what another library might have put there", '{"user":1}'),
        ("flask-like", "a cookie of Flask's", "eyJ1c2VyX2lkIjoxMjM0NX0.aVW5AA.abcdefghijklmnopqrstuvwxyzA"),
        ("nul-alone", "one octet 0x00", "\0"),
    ]
    return [
        *(
            open_refused(
                f"version-{name}", ("8.2 step 1", "16.3"), comment, value, "unknown-version", flags=("length",)
            )
            for name, comment, value in others
        ),
        *(
            open_refused(f"prefix-{name}", ("8.2 step 2",), comment, value, "malformed", flags=("alphabet",))
            for name, comment, value in malformed
        ),
    ]


def _list_lengths() -> list[Case]:
    longest = octets.seal(write_envelope(fill(2927)), key=A, purpose=HOST)
    stretched = GOOD + "A" * 4000
    lengths = [4, 5, 36, 67, 68, 69, 99, 100, 101, 131, *range(133, 164), 165, 195, 197, 2659, 2661, 3939, 3941, 3971]
    over = [
        (3973, "one more than the longest"),
        (4000, "off the grid as well"),
        (4004, "on the grid, a block too long"),
    ]
    return [
        *(
            open_refused(f"length-{length}", ("8.2 step 4", "2.2"), f"{length} characters are off the grid", stretched[:length], "malformed", flags=("length",))
            for length in lengths
        ),
        *(
            open_refused(f"length-{length}", ("8.2 step 3",), comment, longest + "A" * (length - len(longest)), "too-long", flags=("length", "edge"))
            for length, comment in over
        ),
        open_refused("length-100000", ("8.2 step 3",), "a hundred thousand characters", PREFIX + "A" * 99996, "too-long", flags=("length", "resources")),
        open_refused("newline-behind", ("8.2 step 4",), "a good token and a line feed", f"{GOOD}\n", "malformed", flags=("length",)),
        open_refused("blank-behind", ("8.2 step 4",), "a good token and a blank", f"{GOOD} ", "malformed", flags=("length",)),
        open_refused("equals-signs-behind", ("8.2 step 4", "1.5"), "a good token and a padding of base64 it does not have", f"{GOOD}==", "malformed", flags=("length",)),
    ]  # fmt: skip


def _list_alphabet() -> list[Case]:
    cases = []
    wrong = [octet for octet in range(256) if octet not in _ALPHABET]
    for index, octet in enumerate(wrong):
        # A different place for each, so that the first and the last character are among them.
        place = len(PREFIX) + index * 7 % (len(GOOD) - len(PREFIX))
        value = GOOD.encode()[:place] + bytes([octet]) + GOOD.encode()[place + 1 :]
        comment = f"octet 0x{octet:02x} at offset {place}"
        cases.append(
            open_refused(
                f"octet-{octet:02x}", ("8.2 step 5", "8.4", "1.5"), comment, value, "malformed", flags=("alphabet",)
            )
        )
    last, first = len(GOOD) - 1, len(PREFIX)
    rows = [
        ("equals-sign-at-the-end", "the last character is =", GOOD[:last] + "="),
        ("two-equals-signs-at-the-end", "the last two characters are ==", GOOD[: last - 1] + "=="),
        ("four-stars-at-the-end", "four wrong characters: what is left has a length that decoders take", GOOD[: last - 3] + "****"),
        ("line-feed-at-the-end", "the last character is a line feed, which patterns with $ let pass", GOOD[:last] + "\n"),
        ("blank-at-the-end", "the last character is a blank", GOOD[:last] + " "),
        ("tab-at-the-beginning", "the first character behind the prefix is a tab", PREFIX + "\t" + GOOD[first + 1 :]),
        ("standard-alphabet", "the token in the other base64, with + and /", PREFIX + GOOD[first:].replace("-", "+").replace("_", "/")),
        ("line-break-within", "a carriage return and a line feed within", GOOD[:80] + "\r\n" + GOOD[82:]),
        ("percent-within", "a percent-encoded character", GOOD[:80] + "%41" + GOOD[83:]),
        ("full-width-letter", "U+FF21 in its three octets, which some would fold to A", GOOD[:80] + "\uff21" + GOOD[83:]),
        ("long-s", "U+017F in its two octets, which some would fold to s", GOOD[:80] + "\u017f" + GOOD[82:]),
    ]  # fmt: skip
    # Only what holds such characters can be spelled in the other alphabet.
    assert any(character in GOOD[first:] for character in "-_")
    for name, comment, text in rows:
        cases.append(open_refused(name, ("8.2 step 5",), comment, text, "malformed", flags=("alphabet",)))
    return cases
