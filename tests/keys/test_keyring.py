"""keyring.py: where the keys come from, when a file is read again, and that nothing shows key text."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_values import NOW

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.errors import MissingKeysError
from cookiejar_session.keys.ring_text import parse_ring
from cookiejar_session.keys.rotation import Ring

FIX = 'make one with "cookiejar-session keygen"'
PUBLISHED = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
# The same keys in every run.
KEYS = [Key(blake2b(b"key %d" % number, digest_size=32).digest()) for number in range(3)]
UNKNOWN = bytes(8)
A, B, C = (key.to_text() for key in KEYS)
# Its last character is another one.
DAMAGED = A[:-1] + ("A" if A.endswith("-") else "-")
LOGGER = "cookiejar_session"


def order(keyring: Keyring, now: int = NOW) -> list[Key]:
    return [entry.key for entry in keyring.ring(now).entries]


class KeyFile:
    """A file with a ring; each write gives it another change time, however coarse the file system's clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ticks = 0

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)
        self._ticks += 1
        os.utime(self.path, (NOW + self._ticks, NOW + self._ticks))


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path / "ring")
    file.write(A)
    return file


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every check of a file's state by keyring.py."""
    seen: list[Path] = []
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        seen.append(path)
        return real(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr("cookiejar_session.keys.keyring.Path.stat", stat)
    return seen


# Sources


def test_a_ring_from_text_keeps_its_order() -> None:
    assert order(Keyring.parse(f"{B} {A}", now=NOW)) == [KEYS[1], KEYS[0]]


def test_a_generated_ring_has_one_new_key_that_seals_now() -> None:
    rings = [Keyring.generate().ring(NOW) for _ in range(2)]
    assert [len(ring.entries) for ring in rings] == [1, 1]
    assert rings[0].primary(NOW).key != rings[1].primary(NOW).key


def test_the_environment_holds_the_ring() -> None:
    assert order(Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": f"{A}\n{B}\n"}, now=NOW)) == KEYS[:2]


def test_the_environment_names_the_file(key_file: KeyFile) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS_FILE": str(key_file.path)}
    assert order(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("form", ["{}\n", "{}\r\n", "{} ", "\t{}"])
def test_blanks_around_the_path_are_ignored(key_file: KeyFile, form: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS_FILE": form.format(key_file.path)}
    assert order(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("blank", ["", " ", "\r\n"])
def test_a_blank_path_beside_the_keys_counts_as_unset(blank: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS": A, "COOKIEJAR_SESSION_KEYS_FILE": blank}
    assert order(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


def test_a_blank_path_alone_counts_as_unset() -> None:
    assert from_environment(file=" \n").startswith("COOKIEJAR_SESSION_KEYS is not set, nor is")


@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_variable_beside_the_file_counts_as_unset(key_file: KeyFile, blank: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS": blank, "COOKIEJAR_SESSION_KEYS_FILE": str(key_file.path)}
    assert order(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", A)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    assert order(Keyring.from_environment()) == KEYS[:1]


@pytest.mark.parametrize(
    "make",
    [Keyring.parse, lambda text: Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": text})],
    ids=["text", "environment"],
)
def test_without_now_the_clock_decides_about_gaps(
    make: Callable[[str], Keyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{A}@from=2026-01-01T00:00:00Z"
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: NOW + 0.5))
    assert order(make(text)) == KEYS[:1]
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: NOW - 0.5))
    with pytest.raises(ConfigError, match="no key could seal at 2025-12-31T23:59:59Z"):
        make(text)


@pytest.mark.parametrize(
    "content",
    [
        f"{A}\n{B}\n",
        f"# retired last\n{A}\n{B}",
        f"#{A}é\n{A}\r\n# old\r\n{B}\r\n",
        f"{A},\n#\xff\n{B}\n#".encode("latin-1"),
        f"{A}\n#{C}\n#{C}\n\n{B}\n# no newline at the end",
        f"# a CR does not end a line\r{C}\n{A} {B}",
    ],
    ids=["plain", "comment", "crlf-and-non-ascii-comment", "no-utf-8-in-comment", "comments-hold-keys", "cr"],
)
def test_lines_of_a_file_that_begin_with_a_hash_are_comments(key_file: KeyFile, content: str | bytes) -> None:
    key_file.write(content)
    assert order(Keyring.from_file(key_file.path, now=NOW)) == KEYS[:2]


def test_a_path_may_be_text(key_file: KeyFile) -> None:
    assert order(Keyring.from_file(str(key_file.path), now=NOW)) == KEYS[:1]


def test_published_keys_are_accepted_only_on_request() -> None:
    ring = Keyring.parse(PUBLISHED, now=NOW, _allow_published=True).ring(NOW)
    assert ring.primary(NOW).key.key_id.hex() == "6fc7081d3e766c36"


# Start-up errors


@pytest.mark.parametrize("path", ["/run/secrets/keys", "./keys", "../keys\n", "~/keys", r"C:\keys", "C:/keys", "ring"])
def test_a_path_in_the_place_of_the_keys_is_refused_with_the_other_variable(
    path: str, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    # key_file is named "ring".
    monkeypatch.chdir(key_file.path.parent)
    assert from_environment(keys=path) == (
        "COOKIEJAR_SESSION_KEYS holds a path, not a key; put the path in COOKIEJAR_SESSION_KEYS_FILE"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs, and no sockets as files")
@pytest.mark.parametrize("kind", ["directory", "FIFO", "socket", "device"])
def test_what_is_not_a_regular_file_is_refused_and_never_waited_for(
    kind: str, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Keyring.from_file(key_file.path, now=NOW)
    path = key_file.path
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "directory":
            path.mkdir()
        elif kind == "FIFO":
            os.mkfifo(path)
        elif kind == "socket":
            # By its name: macOS allows 103 characters, and the folders of pytest are longer.
            monkeypatch.chdir(path.parent)
            server.bind(path.name)
        else:
            path.symlink_to("/dev/zero")
        problem = f"keyring file {path}: is a {kind}; name a file with a ring"
        assert fail(lambda: Keyring.from_file(path, now=NOW)) == problem
        assert order(running, NOW + 10) == KEYS[:1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("has_writer", [False, True])
def test_a_file_replaced_by_a_fifo_just_before_it_is_opened_is_never_waited_for(
    has_writer: bool, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open
    writers: list[int] = []

    def replace(path: str, flags: int) -> int:
        Path(path).unlink()
        os.mkfifo(path)
        reader = real(path, flags)
        if has_writer:
            writers.append(real(path, os.O_WRONLY))
        return reader

    monkeypatch.setattr("cookiejar_session.keys.keyring.os.open", replace)
    assert fail(lambda: Keyring.from_file(key_file.path, now=NOW)).endswith(f": the keyring is empty; {FIX}")
    for writer in writers:
        os.close(writer)


def fail(run: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        run()
    return str(caught.value)


def from_environment(**environ: str) -> str:
    variables = {"keys": "COOKIEJAR_SESSION_KEYS", "file": "COOKIEJAR_SESSION_KEYS_FILE"}
    return fail(lambda: Keyring.from_environment({variables[name]: text for name, text in environ.items()}, now=NOW))


def test_no_variable_at_all_is_named_with_the_way_out() -> None:
    assert from_environment() == (
        f"COOKIEJAR_SESSION_KEYS is not set, nor is COOKIEJAR_SESSION_KEYS_FILE; {FIX} and put it there"
    )


@pytest.mark.parametrize("environ", [{}, {"COOKIEJAR_SESSION_KEYS": " "}])
def test_missing_keys_are_an_error_of_their_own(environ: dict[str, str]) -> None:
    with pytest.raises(MissingKeysError):
        Keyring.from_environment(environ)


@pytest.mark.parametrize("blank", ["", " ", "\r\n\t"])
def test_an_empty_variable_is_told_from_an_absent_one(blank: str) -> None:
    assert from_environment(keys=blank) == f"COOKIEJAR_SESSION_KEYS is set but empty; {FIX} and put it there"


def test_a_variable_of_commas_alone_is_an_empty_ring() -> None:
    assert from_environment(keys=",") == f"COOKIEJAR_SESSION_KEYS: the keyring is empty; {FIX}"


def test_both_variables_set_is_refused() -> None:
    assert from_environment(keys=A, file="ring") == (
        "COOKIEJAR_SESSION_KEYS and COOKIEJAR_SESSION_KEYS_FILE are both set; unset one of the two"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{A} hex:{'ab' * 31}", f" entry 2: key must be 32 bytes, got 31; {FIX}"),
        (
            DAMAGED,
            " entry 1: the checksum does not match, so the key text was damaged on the way; copy it again, or " + FIX,
        ),
        (f"{A} {B} {A}", " entry 3: the same key as entry 1; remove one of the two"),
        (f"{A} {PUBLISHED}", f" entry 2: this key is published, so everybody can seal with it; {FIX}"),
        (
            f"{A}@from=2027-01-01T00:00:00Z",
            ": no key could seal at 2026-01-01T00:00:00Z; add a key without @from and @until",
        ),
        (f'"{A}"', " entry 1: there are quotes around the value, left by a shell or a .env file; remove them"),
        (
            PUBLISHED[4:],
            ' entry 1: key must begin with "cjk1_", "hex:", "b64:" or "skb:", '
            f'found 64 bare hex digits: write "hex:" before them; {FIX}',
        ),
        (
            f"{A}\udcff",
            " entry 1: there is a character that is not ASCII, such as a byte order mark; "
            f"copy the key again, or {FIX}",
        ),
        (
            f"# comment\n{A}",
            ' entry 1: key must begin with "cjk1_", "hex:", "b64:" or "skb:", '
            f"found 1 characters of another form; {FIX}",
        ),
    ],
    ids=["length", "checksum", "duplicate", "published", "gap", "quotes", "bare-hex", "not-utf-8", "comment"],
)
@pytest.mark.parametrize("source", ["environment", "text"])
def test_a_bad_ring_is_refused_with_its_source_and_entry(source: str, text: str, problem: str) -> None:
    if source == "environment":
        assert from_environment(keys=text) == f"COOKIEJAR_SESSION_KEYS{problem}"
    else:
        assert fail(lambda: Keyring.parse(text, now=NOW)) == f"keyring{problem}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"{A}\nhex:00", f" entry 2: key must be 32 bytes, got 1; {FIX}"),
        ("# nothing\n", f": the keyring is empty; {FIX}"),
        (
            f"\ufeff{A}",
            " entry 1: there is a character that is not ASCII, such as a byte order mark; "
            f"copy the key again, or {FIX}",
        ),
        (
            f"{A}\n #{B}",
            ' entry 2: key must begin with "cjk1_", "hex:", "b64:" or "skb:", '
            f"found 54 characters of another form; {FIX}",
        ),
        (
            f"\ufeff# a comment behind a byte order mark\n{A}",
            " entry 1: there is a character that is not ASCII, such as a byte order mark; "
            f"copy the key again, or {FIX}",
        ),
    ],
    ids=["length", "comments-alone", "bom", "indented-comment", "bom-before-comment"],
)
def test_a_bad_file_is_refused_with_its_path_and_entry(key_file: KeyFile, content: str, problem: str) -> None:
    key_file.write(content)
    assert fail(lambda: Keyring.from_file(key_file.path, now=NOW)) == f"keyring file {key_file.path}{problem}"


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "absent"
    assert from_environment(file=str(path)) == (
        f"keyring file {path}: No such file or directory; name a file that this process can read"
    )


def test_a_folder_is_refused_as_a_file(tmp_path: Path) -> None:
    assert fail(lambda: Keyring.from_file(tmp_path, now=NOW)).startswith(f"keyring file {tmp_path}: ")


def test_an_os_error_without_words_is_shown_as_it_is(key_file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, flags: int) -> int:
        raise OSError("the disk is on fire")

    monkeypatch.setattr("cookiejar_session.keys.keyring.os.open", refuse)
    message = fail(lambda: Keyring.from_file(key_file.path, now=NOW))
    assert message.endswith(": the disk is on fire; name a file that this process can read")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("a\0b", "path holds a NUL; name a file that this process can read"),
        ("a\ud800b", "path holds a lone surrogate; name a file that this process can read"),
        (b"ring", "path must be a str or a Path, got bytes; write Keyring.from_file(Path(...))"),
        (None, "path must be a str or a Path, got NoneType; write Keyring.from_file(Path(...))"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(path: Any, problem: str) -> None:
    assert fail(lambda: Keyring.from_file(path, now=NOW)) == problem


@pytest.mark.parametrize(("octets", "is_refused"), [(1 << 20, False), ((1 << 20) + 1, True), (1 << 40, True)])
def test_a_file_of_more_than_a_mebibyte_is_refused_and_not_read_whole(
    key_file: KeyFile, octets: int, is_refused: bool
) -> None:
    key_file.write(f"{A}\n#")
    os.truncate(key_file.path, octets)
    if is_refused:
        message = fail(lambda: Keyring.from_file(key_file.path, now=NOW))
        assert message == f"keyring file {key_file.path}: is longer than 1048576 bytes; name a file with a ring"
    else:
        assert order(Keyring.from_file(key_file.path, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (A.encode(), "bytes; decode it first"),
        (bytearray(A.encode()), "bytearray; decode it first"),
        (None, "NoneType"),
        ([A], "list"),
    ],
    ids=["bytes", "bytearray", "none", "list"],
)
def test_a_ring_text_of_another_type_is_refused(text: Any, problem: str) -> None:
    assert fail(lambda: Keyring.parse(text, now=NOW)) == f"keyring text must be a str, got {problem}"


def test_a_keyring_is_not_made_of_text_directly() -> None:
    text: Any = A
    assert fail(lambda: Keyring(text)) == "Keyring takes a Ring, got str; write Keyring.parse(text)"


# Secrecy

MISPLACED = {
    "key-text": A,
    "hex": "hex:" + KEYS[0].to_text().encode().hex(),
    "b64": f"b64:{A[5:48]}",
    "skb": "skb:" + "0123456789abcdef" * 8,
    "ring": f"{A} {B}",
    "blanks": f"\n {A}\n",
    "quotes": f'"{A}"',
    "damaged": A[:-1],
    "bare-hex": "0123456789abcdef" * 4,
    "bare-base64": A[5:48],
    "bare-padded-base64": A[5:48] + "=",
    "bare-secret-key-base": "0123456789abcdef" * 8 + "\n",
}


@pytest.mark.parametrize("text", MISPLACED.values(), ids=MISPLACED)
def test_a_key_in_the_file_variable_is_refused_and_not_shown(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS_FILE", text)
    shown = show_failure(lambda _: Keyring.from_environment(), "")
    assert "COOKIEJAR_SESSION_KEYS_FILE holds a key, not a path; put the key in COOKIEJAR_SESSION_KEYS\n" in shown
    assert text.strip('\n "')[6:26] not in shown


@pytest.mark.parametrize("make", [str, Path])
@pytest.mark.parametrize("text", MISPLACED.values(), ids=MISPLACED)
def test_a_key_in_place_of_a_path_is_refused_and_not_shown(text: str, make: Callable[[str], Any]) -> None:
    shown = show_failure(Keyring.from_file, make(text))
    assert "path is a key, not a path; write Keyring.parse(text)\n" in shown
    assert text.strip('\n "')[6:26] not in shown


@pytest.mark.parametrize("name", ["cjk1", "hex", "0123456789abcdef" * 4 + ".keys", "./cjk1_ring", "k" * 43])
def test_a_path_that_only_resembles_a_key_is_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(A)
    assert order(Keyring.from_environment({"COOKIEJAR_SESSION_KEYS_FILE": name}, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("run", [Keyring, Keyring.parse, Keyring.from_file])
@pytest.mark.parametrize("text", [A.encode(), [A], (A,)], ids=["bytes", "list", "tuple"])
def test_no_traceback_of_a_key_of_another_type_shows_it(run: Callable[[Any], object], text: Any) -> None:
    assert A[6:26] not in show_failure(run, text)


LEAKS = {
    "checksum": DAMAGED,
    "length": f"{A} hex:{'0123456789abcdef' * 3}",
    "duplicate": f"{A} {A}",
    "gap": f"{A}@from=2027-01-01T00:00:00Z",
    "quotes": f"'{A}'",
    "weak": "hex:" + bytes([*range(15)] + [14] * 17).hex(),
    "not-ascii": f"{A}\xa0{B}",
    "published": f"{A} {PUBLISHED}",
}


def show_failure(run: Callable[[Any], object], text: Any) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        run(text)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


def find_leaks(text: str, shown: str) -> list[str]:
    return [word for word in text.strip("'").replace("@", " ").split() if len(word) > 25 and word[5:21] in shown]


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_no_traceback_of_parse_shows_key_text(text: str) -> None:
    assert find_leaks(text, show_failure(Keyring.parse, text)) == []


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_no_traceback_of_from_environment_shows_key_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", text)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    assert find_leaks(text, show_failure(lambda _: Keyring.from_environment(), "")) == []


def test_no_traceback_of_two_variables_shows_key_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", A)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS_FILE", "ring")
    assert find_leaks(A, show_failure(lambda _: Keyring.from_environment(), "")) == []


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_no_traceback_of_from_file_shows_key_text(text: str, key_file: KeyFile) -> None:
    key_file.write(text)
    assert find_leaks(text, show_failure(Keyring.from_file, str(key_file.path))) == []


def test_no_traceback_of_a_file_that_is_too_long_shows_key_text(key_file: KeyFile) -> None:
    key_file.write(f"{A} ".encode() * 20_000)
    assert find_leaks(A, show_failure(Keyring.from_file, key_file.path)) == []


@pytest.mark.parametrize("source", ["text", "environment", "file"])
def test_no_traceback_of_a_now_of_another_type_shows_key_text(
    source: str, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", A)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    run, argument = {
        "text": (Keyring.parse, A),
        "environment": (Keyring.from_environment, None),
        "file": (Keyring.from_file, key_file.path),
    }[source]
    shown = show_failure(partial(run, now="2026"), argument)
    assert shown.endswith("ConfigError: now must be an int or float, got str\n")
    assert A[6:26] not in shown


def test_a_failure_to_parse_hides_what_it_came_from() -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(LEAKS["checksum"], now=NOW)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("show", [repr, str, format])
def test_a_keyring_shows_key_ids_and_which_key_seals_now(
    show: Callable[[Keyring], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.parse(f"{C}@from=2026-01-01T00:01:00Z {A} {B}@until=2026-01-01T00:01:00Z", now=NOW)
    first, second, third = (KEYS[number].key_id.hex() for number in (2, 0, 1))
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: NOW + 59.5))
    assert show(keyring) == f"<Keyring {first} pending, {second} primary (seals now), {third} opens only>"
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: NOW + 60.5))
    assert show(keyring) == f"<Keyring {first} primary (seals now), {second} opens only, {third} expired>"


def test_a_generated_keyring_says_that_it_is_one() -> None:
    keyring = Keyring.generate()
    key_id = keyring.ring(NOW).entries[0].key.key_id.hex()
    assert repr(keyring) == f"<Keyring generated for this process alone: {key_id} primary (seals now)>"
    assert keyring.is_generated
    assert not Keyring.parse(A, now=NOW).is_generated


def test_the_repr_of_a_keyring_reads_no_file(key_file: KeyFile, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    repr(keyring)
    assert checks == []


@pytest.mark.parametrize("leak", [json.dumps, vars, pickle.dumps, copy.copy, copy.deepcopy])
def test_no_serializer_finds_a_way_into_a_keyring(leak: Callable[[Keyring], object]) -> None:
    with pytest.raises(TypeError):
        leak(Keyring.parse(A, now=NOW))


# Reading the file again


def find_unknown(keyring: Keyring, now: int) -> object:
    return keyring.find(UNKNOWN, now)


def test_a_keyring_without_a_file_checks_no_file(checks: list[Path]) -> None:
    keyring = Keyring.parse(A, now=NOW)
    keyring.ring(NOW + 1000)
    keyring.find(UNKNOWN, NOW + 1000)
    assert checks == []


@pytest.mark.parametrize(("seconds", "keys"), [(9, KEYS[:1]), (10, KEYS[1::-1])])
def test_a_changed_file_is_read_after_ten_seconds(key_file: KeyFile, seconds: int, keys: list[Key]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    assert order(keyring, NOW + seconds) == keys


def test_an_unchanged_file_is_checked_once_in_ten_seconds(key_file: KeyFile, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for moment in range(NOW, NOW + 30):
        keyring.ring(moment)
    assert len(checks) == 2


def test_an_unchanged_file_is_not_read_again(key_file: KeyFile) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    before = keyring.ring(NOW)
    assert keyring.ring(NOW + 60) is before


@pytest.mark.parametrize(("seconds", "keys"), [(0, KEYS[:1]), (1, KEYS[1::-1])])
def test_an_unknown_key_id_checks_the_file_at_once(key_file: KeyFile, seconds: int, keys: list[Key]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    found = keyring.find(KEYS[1].key_id, NOW + seconds)
    assert (found is not None, order(keyring, NOW + seconds)) == (len(keys) == 2, keys)


def test_unknown_key_ids_check_the_file_at_most_once_a_second(key_file: KeyFile, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for moment in (NOW + 1, NOW + 1, NOW + 1, NOW + 2, NOW + 2):
        keyring.find(UNKNOWN, moment)
    assert len(checks) == 2


def test_a_check_for_an_unknown_key_id_postpones_the_next_regular_one(key_file: KeyFile, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    keyring.find(UNKNOWN, NOW + 9)
    checks.clear()
    keyring.ring(NOW + 18)
    assert checks == []


@pytest.mark.parametrize("ask", [Keyring.ring, find_unknown])
def test_a_clock_that_goes_back_does_not_stop_the_checks(
    key_file: KeyFile, ask: Callable[[Keyring, int], object]
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    ask(keyring, NOW - 100_000)
    assert order(keyring, NOW - 100_000) == KEYS[1::-1]


@pytest.mark.parametrize("ask", [Keyring.ring, find_unknown])
def test_a_clock_that_went_back_causes_one_check(
    key_file: KeyFile, checks: list[Path], ask: Callable[[Keyring, int], object]
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for _ in range(5):
        ask(keyring, NOW - 100_000)
    assert len(checks) == 1


@pytest.mark.parametrize(("age", "keys"), [(1.9, KEYS[1:2]), (2.1, KEYS[:1])])
def test_a_file_that_was_read_young_is_read_again_though_its_state_is_the_same(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, age: float, keys: list[Key]
) -> None:
    # A file system's clock has ticks: a second change within one tick leaves the same times.
    before = key_file.path.stat()
    monkeypatch.setattr("cookiejar_session.keys.keyring.Path.stat", lambda path: before)
    changed = max(before.st_mtime, before.st_ctime)
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: changed + age))
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    assert order(keyring, NOW + 10) == keys


def test_a_young_file_with_the_same_keys_is_not_logged_as_read_again(
    key_file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"# another comment\n{A}")
    before = keyring.ring(NOW)
    assert keyring.ring(NOW + 10) is before
    assert caplog.messages == []


def test_a_file_replaced_by_another_of_the_same_size_and_time_is_read(key_file: KeyFile) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    other = key_file.path.with_name("next")
    other.write_text(B)
    state = key_file.path.stat()
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(key_file.path)
    assert order(keyring, NOW + 10) == KEYS[1:2]


def test_a_known_key_id_causes_no_check(key_file: KeyFile, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    assert keyring.find(KEYS[0].key_id, NOW + 9) is keyring.ring(NOW + 9).entries[0]
    assert checks == []


@pytest.mark.parametrize(("seconds", "is_found"), [(59, True), (60, False)])
def test_a_key_is_found_until_its_end(seconds: int, is_found: bool) -> None:
    keyring = Keyring.parse(f"{A} {B}@until=2026-01-01T00:01:00Z", now=NOW)
    assert (keyring.find(KEYS[1].key_id, NOW + seconds) is not None) is is_found


def test_a_subclass_with_rings_of_its_own_finds_its_keys() -> None:
    class Rotated(Keyring):
        def ring(self, now: int) -> Ring:
            return parse_ring(B, now=now)

    found = Rotated(parse_ring(A, now=NOW)).find(KEYS[1].key_id, NOW)
    assert found is not None
    assert found.key == KEYS[1]


BROKEN = f"{A} {B[:-1]}"


def test_a_broken_file_leaves_the_old_ring(key_file: KeyFile) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    assert order(keyring, NOW + 10) == KEYS[:1]


def test_a_broken_file_is_logged_once(key_file: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    for moment in range(NOW, NOW + 60, 5):
        keyring.ring(moment)
        keyring.find(UNKNOWN, moment)
    assert caplog.record_tuples == [
        (
            LOGGER,
            logging.ERROR,
            f"keyring file ignored, the previous keys stay in use: keyring file {key_file.path} entry 2: "
            f"key text must be 53 characters, got 52; copy it whole, or {FIX}",
        )
    ]


def test_a_corrected_file_takes_effect(key_file: KeyFile) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    keyring.ring(NOW + 10)
    key_file.write(f"{B} {A}")
    assert order(keyring, NOW + 20) == KEYS[1::-1]


def test_a_ring_read_again_is_logged_by_its_key_ids(key_file: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    keyring.ring(NOW + 10)
    assert caplog.messages == [
        f"keyring file read again: <Keyring {KEYS[1].key_id.hex()} primary (seals now), "
        f"{KEYS[0].key_id.hex()} opens only>",
    ]


def test_a_file_that_vanishes_leaves_the_old_ring_and_is_logged_once(
    key_file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.path.unlink()
    assert [order(keyring, NOW + seconds) for seconds in (10, 20, 30)] == [KEYS[:1]] * 3
    assert caplog.messages == [
        f"keyring file ignored, the previous keys stay in use: keyring file {key_file.path}: "
        "No such file or directory; name a file that this process can read"
    ]


def test_a_file_that_comes_back_is_read(key_file: KeyFile) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.path.unlink()
    keyring.ring(NOW + 10)
    key_file.write(B)
    assert order(keyring, NOW + 20) == KEYS[1:2]


def raise_too_many(path: str, flags: int) -> None:
    raise OSError(24, "Too many open files")


def test_a_file_that_could_not_be_read_is_tried_again_though_nothing_of_it_changed(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    with monkeypatch.context() as patch:
        patch.setattr("cookiejar_session.keys.keyring.os.open", raise_too_many)
        before = order(keyring, NOW + 10)
    assert (before, order(keyring, NOW + 20)) == (KEYS[:1], KEYS[1:2])


def test_a_file_that_stays_unreadable_is_logged_once_and_again_after_it_was_read(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    logged = []
    for content in (B, C):
        key_file.write(content)
        with monkeypatch.context() as patch:
            patch.setattr("cookiejar_session.keys.keyring.os.open", raise_too_many)
            for moment in (NOW + 10, NOW + 20, NOW + 30):
                keyring.ring(moment)
        keyring.ring(NOW + 40)
        logged.append(len(caplog.messages))
    assert logged == [1, 2]


def test_a_file_that_vanishes_twice_and_comes_back_as_it_was_is_logged_twice(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)

    def vanish(path: Path, *arguments: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    for moment in (NOW, NOW + 100):
        # As with a volume that is unmounted and mounted again.
        with monkeypatch.context() as patch:
            patch.setattr("cookiejar_session.keys.keyring.os.open", vanish)
            patch.setattr("cookiejar_session.keys.keyring.Path.stat", vanish)
            keyring.ring(moment + 20)
        keyring.ring(moment + 40)
    assert len(caplog.messages) == 2


def test_an_older_load_does_not_replace_a_newer_one(key_file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    real = os.open

    def overtake(path: str, flags: int) -> int:
        file = real(path, flags)
        monkeypatch.setattr("cookiejar_session.keys.keyring.os.open", real)
        replacement = key_file.path.with_name("next")
        replacement.write_text(C)
        replacement.replace(path)
        assert order(keyring, NOW + 20) == KEYS[2:]
        return file

    monkeypatch.setattr("cookiejar_session.keys.keyring.os.open", overtake)
    assert order(keyring, NOW + 10) == KEYS[2:]


def test_a_relative_path_outlives_a_change_of_directory(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(key_file.path.parent)
    keyring = Keyring.from_file(key_file.path.name, now=NOW)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    key_file.write(B)
    assert order(keyring, NOW + 10) == KEYS[1:2]


def test_a_symbolic_link_is_followed_at_each_check(key_file: KeyFile) -> None:
    # As Kubernetes swaps a secret: the link to the folder is replaced, the path stays.
    other = key_file.path.with_name("other")
    other.write_text(B)
    link, next_link = key_file.path.with_name("link"), key_file.path.with_name("next")
    link.symlink_to(key_file.path)
    keyring = Keyring.from_file(link, now=NOW)
    next_link.symlink_to(other)
    next_link.replace(link)
    assert order(keyring, NOW + 10) == KEYS[1:2]


def test_staged_keys_change_roles_without_a_new_file(key_file: KeyFile) -> None:
    key_file.write(f"{B}@from=2026-01-01T00:01:00Z {A}@until=2026-01-01T00:02:00Z")
    keyring = Keyring.from_file(key_file.path, now=NOW)
    found = [
        (keyring.ring(moment).primary(moment).key, keyring.ring(moment).find(KEYS[0].key_id, moment) is not None)
        for moment in (NOW + 59, NOW + 60, NOW + 119, NOW + 120)
    ]
    assert found == [(KEYS[0], True), (KEYS[1], True), (KEYS[1], True), (KEYS[1], False)]


@given(
    content=st.lists(
        st.sampled_from([A, B, C, BROKEN, "#", "\r", "\n", ",", " ", "@from=", "\xff", "\ufeff"]), max_size=8
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_of_a_file_raises_or_is_logged(
    content: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    caplog.clear()
    file = KeyFile(tmp_path / "ring")
    file.write(A)
    keyring = Keyring.from_file(file.path, now=NOW)
    file.write("".join(content))
    keyring.ring(NOW + 10)
    assert [text for text in (A, B, C) if text[5:25] in caplog.text] == []


@given(text=st.text(max_size=40), moment=st.integers(0, 253402300799))
@settings(max_examples=100, deadline=None)
def test_any_text_at_any_moment_is_a_keyring_or_a_config_error(text: str, moment: int) -> None:
    time = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
    with suppress(ConfigError):
        assert Keyring.parse(f"{A}@until={time} {text}", now=NOW).ring(NOW).entries


def test_a_time_with_a_fraction_is_rounded_down(tmp_path: Path) -> None:
    # A ends in the second after NOW, and B begins then: at any fraction of the second, A seals.
    text = f"{A}@until=2026-01-01T00:00:01Z {B}@from=2026-01-01T00:00:01Z"
    file = tmp_path / "keys"
    file.write_text(text)
    keyrings = [
        Keyring.parse(text, now=NOW + 0.9),
        Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": text}, now=NOW + 0.9),
        Keyring.from_file(file, now=NOW + 0.9),
    ]
    for keyring in keyrings:
        assert [keyring.ring(NOW).primary(now).key for now in (NOW, NOW + 1)] == KEYS[:2]
    with pytest.raises(ConfigError, match="no key could seal at 2026-01-01T00:00:01Z"):
        Keyring.parse(f"{A}@until=2026-01-01T00:00:01Z", now=NOW + 0.9)


def test_keyring_knows_the_path_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(Key.generate().to_text())
    assert (Keyring.from_file(file).path, Keyring.generate().path) == (file, None)


def test_repr_of_a_keyring_whose_constructor_failed_is_short() -> None:
    assert repr(Keyring.__new__(Keyring)) == "<Keyring>"
