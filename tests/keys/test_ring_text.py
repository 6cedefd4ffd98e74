"""ring_text.py: the grammar of ring text, every text that is refused, and that no message shows any of it."""

from __future__ import annotations

import traceback
from contextlib import suppress
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_values import NOW

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.keys.ring_text import (
    list_comments,
    parse_entry,
    parse_ring,
    read_ring,
    remove_comments,
    render_entry,
)
from cookiejar_session.keys.rotation import NEVER, Ring, RingEntry

YEAR = "2027-01-01T00:00:00Z"
YEAR_SECONDS = 1798761600
FIX = 'make one with "cookiejar-session keygen"'

# The same keys in every run.
KEYS = [Key(blake2b(b"key %d" % number, digest_size=32).digest()) for number in range(17)]
A, B, C = (key.to_text() for key in KEYS[:3])


def parse(text: str, now: int = NOW) -> Ring:
    return parse_ring(text, now=now)


def order(ring: Ring) -> list[Key]:
    return [entry.key for entry in ring.entries]


def refusal(text: str, now: int = NOW) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, now)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"{A} {B} {C}",
        f"{A},{B},{C}",
        f"{A}\t{B}\r\n{C}",
        f"{A}\r{B}\n{C}",
        f" ,\r\n\t{A} , {B},,\n\n{C}\n, ",
    ],
    ids=["blanks", "commas", "tab-crlf", "cr-lf", "all"],
)
def test_blanks_newlines_and_commas_separate_and_surround(text: str) -> None:
    assert order(parse(text)) == KEYS[:3]


def test_entries_know_their_position() -> None:
    assert [entry.position for entry in parse(f"{A} {B} {C}").entries] == [0, 1, 2]


def test_an_entry_without_bounds_seals_and_opens_for_ever() -> None:
    assert parse(A).entries == (RingEntry(KEYS[0], 0, 0, NEVER),)


@pytest.mark.parametrize(
    "bounds", [f"@from=2026-06-01T12:30:59Z@until={YEAR}", f"@until={YEAR}@from=2026-06-01T12:30:59Z"]
)
def test_from_and_until_have_either_order(bounds: str) -> None:
    entry = parse(f"{A}{bounds} {B}").entries[0]
    assert (entry.seals_from, entry.until) == (1780317059, YEAR_SECONDS)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", 1),
        ("2000-02-29T23:59:59Z", 951868799),
        ("2028-02-29T00:00:00Z", 1835395200),
        ("9999-12-31T23:59:59Z", 253402300799),
    ],
)
def test_a_real_time_is_taken(time: str, seconds: int) -> None:
    assert parse(f"{A}@from={time} {B}").entries[0].seals_from == seconds


@pytest.mark.parametrize(
    "time",
    [
        "",
        "2027-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2027-04-31T00:00:00Z",
        "2027-00-01T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-01-00T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T00:60:00Z",
        "2027-01-01T00:00:60Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2027-01-01T00:00:00",
        "2027-01-01T00:00:00z",
        "2027-01-01t00:00:00Z",
        "2027-01-01T00:00:00+00:00",
        "2027-01-01T00:00:00.5Z",
        "2027-1-01T00:00:00Z",
        "2027-01-01T00:00Z",
        "2027-01-01",
        "1798761600",
        "=2027-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("name", ["from", "until"])
def test_what_is_no_real_time_is_refused_with_an_example(name: str, time: str) -> None:
    assert refusal(f"{A}@{name}={time} {B}") == f"entry 1: @{name} is not a time; write it as 2027-01-31T00:00:00Z"


ATTRIBUTE = 'after "@" only "from=" and "until=" are allowed; write @from=2027-01-31T00:00:00Z'
QUOTES = "there are quotes around the value, left by a shell or a .env file; remove them"
NOT_ASCII = f"there is a character that is not ASCII, such as a byte order mark; copy the key again, or {FIX}"
UNKNOWN = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:", found {} characters of another form; ' + FIX
APART = 'begins with "@"; write @from and @until directly after their key, without a blank or line end between'
REFUSED = {
    "empty": ("", f"the keyring is empty; {FIX}"),
    "blank": (" \t\r\n,,", f"the keyring is empty; {FIX}"),
    "seventeen": (
        " ".join(key.to_text() for key in KEYS),
        "the keyring has 17 entries, at most 16 are allowed; remove the retired keys at its end",
    ),
    "double-quotes": (f'"{A}"', f"entry 1: {QUOTES}"),
    "single-quotes": (f"'{A}'", f"entry 1: {QUOTES}"),
    "backquotes": (f"`{A}`", f"entry 1: {QUOTES}"),
    "quotes-around-two": (f'"{A} {B}"', f"entry 1: {QUOTES}"),
    "quote-at-the-end": (f"{A} {B}'", f"entry 2: {QUOTES}"),
    "byte-order-mark": (f"\ufeff{A}", f"entry 1: {NOT_ASCII}"),
    "no-break-space": (f"{A} \xa0{B}", f"entry 2: {NOT_ASCII}"),
    "next-line": (f"{A}\x85{B}", f"entry 1: {NOT_ASCII}"),
    "vertical-tab": (
        f"{A}\x0b{B}",
        f"entry 1: key text must be 53 characters, got 107; copy it whole, or {FIX}",
    ),
    "comment": (f"{A} # mine", f"entry 2: {UNKNOWN.format(1)}"),
    "wrong-length": (f"{A} hex:00ff", f"entry 2: key must be 32 bytes, got 2; {FIX}"),
    "bad-checksum": (
        f"{A} {B} cjk1_{'A' * 48}",
        "entry 3: the checksum does not match, so the key text was damaged on the way; copy it again, or " + FIX,
    ),
    "not-hex": (
        "hex:" + "zz" * 32,
        f"entry 1: key holds a character that is not a hex digit; write 64 hex digits, or {FIX}",
    ),
    "weak": (
        f"{A} hex:{'00' * 32}",
        f"entry 2: key has 1 distinct bytes, at least 16 are wanted: it is not random; {FIX}",
    ),
    "duplicate": (f"{A} {B} {A}", "entry 3: the same key as entry 1; remove one of the two"),
    "only-bounds": (f"@from={YEAR}", f"entry 1: {APART}"),
    "blank-before-from": (f"{A} @from={YEAR} {B}", f"entry 2: {APART}"),
    "line-end-before-until": (f"{A} {B}\n@until={YEAR}", f"entry 3: {APART}"),
    "comma-before-from": (f"{A},@from={YEAR}", f"entry 2: {APART}"),
    "attribute-unknown": (f"{A}@after={YEAR} {B}", f"entry 1: {ATTRIBUTE}"),
    "attribute-in-capitals": (f"{A}@From={YEAR} {B}", f"entry 1: {ATTRIBUTE}"),
    "attribute-empty": (f"{A}@ {B}", f"entry 1: {ATTRIBUTE}"),
    "from-twice": (f"{A} {B}@from={YEAR}@from={YEAR}", "entry 2: @from is given twice; keep one"),
    "until-twice": (f"{A} {B}@until={YEAR}@until={YEAR}", "entry 2: @until is given twice; keep one"),
    "from-at-until": (
        f"{A}@from={YEAR}@until={YEAR} {B}",
        "entry 1: @from must be before @until; correct one of the two times",
    ),
    "from-behind-until": (
        f"{A}@until={YEAR}@from=2027-01-01T00:00:01Z {B}",
        "entry 1: @from must be before @until; correct one of the two times",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_ring_is_refused_with_the_entry_and_the_way_out(text: str, message: str) -> None:
    assert refusal(text) == message


def show_failure(text: str) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(text, now=NOW)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize("name", [name for name, (text, _) in REFUSED.items() if len(text) > 50])
def test_no_traceback_of_a_refused_ring_shows_any_key_text(name: str) -> None:
    text, _ = REFUSED[name]
    shown = show_failure(text)
    assert [word for word in text.replace("@", " ").split() if len(word) > 25 and word[5:25] in shown] == []


def test_sixteen_entries_are_taken() -> None:
    assert order(parse(" ".join(key.to_text() for key in KEYS[:16]))) == KEYS[:16]


def test_an_end_long_ago_without_a_beginning_is_no_contradiction() -> None:
    # SPEC 4.2 item 6 compares only bounds that are there.
    assert parse(f"{A} {B}@until=1970-01-01T00:00:00Z").entries[1].until == 0


def test_a_published_key_is_accepted_only_on_request() -> None:
    published = "hex:" + bytes(range(32)).hex()
    assert refusal(published).startswith("entry 1: this key is published")
    assert len(parse_ring(published, now=NOW, allow_published=True).entries) == 1


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"a\nb\n", "a\nb\n"),
        (b"#a\nb", "\nb"),
        (b"a\n#b", "a\n"),
        (b"a\n #b", "a\n #b"),
        (b"a #b\nc", "a #b\nc"),
        (b"#a\r\nb\r\n", "\nb\r\n"),
        (b"#a\rb\nc", "\nc"),
        (b"#\xff\xe9\n\xe9", "\n\xe9"),
        (b"\xef\xbb\xbf#a", "\xef\xbb\xbf#a"),
    ],
)
def test_only_lines_that_begin_with_a_hash_are_comments(octets: bytes, text: str) -> None:
    assert remove_comments(octets) == text


@given(
    text=st.text(
        alphabet=st.sampled_from("cjk1_hexbs46:@fromuntil=20T-Z09afAF+/'\"# \t\r\n,\x00\x85\ufeff"), max_size=120
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_ring_or_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        assert 1 <= len(parse(text).entries) <= 16


@pytest.mark.parametrize(
    "times", ["", "@from=2027-01-31T00:00:00Z", "@from=2027-01-31T00:00:00Z@until=2028-02-29T23:59:59Z"]
)
def test_entry_is_rendered_as_it_was_written(times: str) -> None:
    word = Key.generate().to_text() + times
    assert render_entry(parse_entry(word, 0)) == word


def test_comments_of_a_key_file_are_listed() -> None:
    assert list_comments(b"# one\r\nkey # no comment\n#two\xff\n") == ["# one", "#two\xff"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", f"somewhere: the keyring is empty; {FIX}"), (f"{A} {A}", "somewhere entry 2: the same key as entry 1; ")],
)
def test_an_error_begins_with_the_source_and_has_no_context(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_ring(text, source="somewhere", now=NOW)
    assert str(caught.value).startswith(problem)
    assert caught.value.__context__ is None


def test_a_ring_from_a_source_is_the_ring_of_its_text() -> None:
    assert read_ring(f"{B} {A}", source="somewhere", now=NOW).entries == parse(f"{B} {A}").entries


def test_a_ring_from_a_source_has_a_published_key_only_on_request() -> None:
    published = "hex:" + bytes(range(32)).hex()
    assert len(read_ring(published, source="somewhere", now=NOW, allow_published=True).entries) == 1
    with pytest.raises(ConfigError, match="somewhere entry 1: this key is published"):
        read_ring(published, source="somewhere", now=NOW)
