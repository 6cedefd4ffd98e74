"""keyring.py: where the keys come from, when their source is checked again, and that nothing shows key text."""

from __future__ import annotations

import copy
import json
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_rings import (
    DAMAGED,
    FIX,
    KEYS,
    LEAKS,
    UNKNOWN,
    A,
    B,
    C,
    KeyFileWriter,
    fail,
    find_leaks,
    list_keys,
    show_failure,
)
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.errors import MissingKeysError
from cookiejar_session.keys.key_source import KeySource, SourceState
from cookiejar_session.keys.ring_text import parse_ring
from cookiejar_session.keys.rotation import Ring

# Sources


def test_a_ring_from_text_keeps_its_order() -> None:
    assert list_keys(Keyring.parse(f"{B} {A}", now=NOW)) == [KEYS[1], KEYS[0]]


def test_a_generated_ring_has_one_new_key_that_seals_now() -> None:
    rings = [Keyring.generate().ring(NOW) for _ in range(2)]
    assert [len(ring.entries) for ring in rings] == [1, 1]
    assert rings[0].primary(NOW).key != rings[1].primary(NOW).key


def test_the_environment_holds_the_ring() -> None:
    assert list_keys(Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": f"{A}\n{B}\n"}, now=NOW)) == KEYS[:2]


def test_the_environment_names_the_file(key_file: KeyFileWriter) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS_FILE": str(key_file.path)}
    assert list_keys(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("form", ["{}\n", "{}\r\n", "{} ", "\t{}"])
def test_blanks_around_the_path_are_ignored(key_file: KeyFileWriter, form: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS_FILE": form.format(key_file.path)}
    assert list_keys(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("blank", ["", " ", "\r\n"])
def test_a_blank_path_beside_the_keys_counts_as_unset(blank: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS": A, "COOKIEJAR_SESSION_KEYS_FILE": blank}
    assert list_keys(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


def test_a_blank_path_alone_counts_as_unset() -> None:
    assert from_environment(file=" \n").startswith("COOKIEJAR_SESSION_KEYS is not set, nor is")


@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_variable_beside_the_file_counts_as_unset(key_file: KeyFileWriter, blank: str) -> None:
    environ = {"COOKIEJAR_SESSION_KEYS": blank, "COOKIEJAR_SESSION_KEYS_FILE": str(key_file.path)}
    assert list_keys(Keyring.from_environment(environ, now=NOW)) == KEYS[:1]


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", A)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    assert list_keys(Keyring.from_environment()) == KEYS[:1]


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
    assert list_keys(make(text)) == KEYS[:1]
    monkeypatch.setattr("cookiejar_session.keys.keyring.time", SimpleNamespace(time=lambda: NOW - 0.5))
    with pytest.raises(ConfigError, match="no key could seal at 2025-12-31T23:59:59Z"):
        make(text)


def test_published_keys_are_accepted_only_on_request() -> None:
    ring = Keyring.parse(PUBLISHED_KEY, now=NOW, _allow_published=True).ring(NOW)
    assert ring.primary(NOW).key.key_id.hex() == "6fc7081d3e766c36"


# Start-up errors


@pytest.mark.parametrize("path", ["/run/secrets/keys", "./keys", "../keys\n", "~/keys", r"C:\keys", "C:/keys", "ring"])
def test_a_path_in_the_place_of_the_keys_is_refused_with_the_other_variable(
    path: str, key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # key_file is named "ring".
    monkeypatch.chdir(key_file.path.parent)
    assert from_environment(keys=path) == (
        "COOKIEJAR_SESSION_KEYS holds a path, not a key; put the path in COOKIEJAR_SESSION_KEYS_FILE"
    )


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
        (f"{A} {PUBLISHED_KEY}", f" entry 2: this key is published, so everybody can seal with it; {FIX}"),
        (
            f"{A}@from=2027-01-01T00:00:00Z",
            ": no key could seal at 2026-01-01T00:00:00Z; add a key without @from and @until",
        ),
        (f'"{A}"', " entry 1: there are quotes around the value, left by a shell or a .env file; remove them"),
        (
            PUBLISHED_KEY[4:],
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


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "absent"
    assert from_environment(file=str(path)) == (
        f"keyring file {path}: No such file or directory; name a file that this process can read"
    )


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


@pytest.mark.parametrize("run", [Keyring, Keyring.parse, Keyring.from_file])
@pytest.mark.parametrize("text", [A.encode(), [A], (A,)], ids=["bytes", "list", "tuple"])
def test_no_traceback_of_a_key_of_another_type_shows_it(run: Callable[[Any], object], text: Any) -> None:
    assert A[6:26] not in show_failure(run, text)


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


@pytest.mark.parametrize("source", ["text", "environment", "file"])
def test_no_traceback_of_a_now_of_another_type_shows_key_text(
    source: str, key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
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


def test_the_repr_of_a_keyring_checks_no_source() -> None:
    source = RecordingSource()
    repr(Keyring(source.state.ring, source=source))
    assert source.calls == []


@pytest.mark.parametrize("leak", [json.dumps, vars, pickle.dumps, copy.copy, copy.deepcopy])
def test_no_serializer_finds_a_way_into_a_keyring(leak: Callable[[Keyring], object]) -> None:
    with pytest.raises(TypeError):
        leak(Keyring.parse(A, now=NOW))


# The source


class RecordingSource(KeySource):
    """A source whose ring is A, and B and A after the first check. It records its calls."""

    def __init__(self) -> None:
        super().__init__("source", SourceState(parse_ring(A, now=NOW)), checked=NOW)
        self.calls: list[tuple[str, int]] = []

    def check(self, now: int) -> None:
        self.calls.append(("check", now))
        self.checked = now
        self.state = SourceState(parse_ring(f"{B} {A}", now=NOW))

    def check_for_unknown_key(self, now: int) -> None:
        self.check(now)
        self.calls[-1] = ("unknown", now)

    def reload(self, now: int) -> bool:
        self.calls.append(("reload", now))
        if now == NOW:
            raise ConfigError("no")
        return now == NOW + 1


@pytest.fixture
def source() -> RecordingSource:
    return RecordingSource()


@pytest.fixture
def keyring(source: RecordingSource) -> Keyring:
    return Keyring(source.state.ring, source=source)


def find_unknown(keyring: Keyring, now: int) -> object:
    return keyring.find(UNKNOWN, now)


@pytest.mark.parametrize(("seconds", "keys"), [(9, KEYS[:1]), (10, KEYS[1::-1])])
def test_the_source_is_checked_after_ten_seconds_before_the_ring_is_returned(
    keyring: Keyring, seconds: int, keys: list[Key]
) -> None:
    assert list_keys(keyring, NOW + seconds) == keys


def test_the_source_is_checked_once_in_ten_seconds(keyring: Keyring, source: RecordingSource) -> None:
    for moment in range(NOW, NOW + 30):
        keyring.ring(moment)
    assert source.calls == [("check", NOW + 10), ("check", NOW + 20)]


@pytest.mark.parametrize(("seconds", "is_found"), [(0, False), (1, True)])
def test_an_unknown_key_id_checks_the_source_at_once(keyring: Keyring, seconds: int, is_found: bool) -> None:
    assert (keyring.find(KEYS[1].key_id, NOW + seconds) is not None) is is_found


def test_unknown_key_ids_check_the_source_once_a_second(keyring: Keyring, source: RecordingSource) -> None:
    for moment in (NOW + 1, NOW + 1, NOW + 2, NOW + 2):
        keyring.find(UNKNOWN, moment)
    assert source.calls == [("unknown", NOW + 1), ("unknown", NOW + 2)]


def test_a_known_key_id_checks_no_source(keyring: Keyring, source: RecordingSource) -> None:
    assert keyring.find(KEYS[0].key_id, NOW + 9) is keyring.ring(NOW + 9).entries[0]
    assert source.calls == []


@pytest.mark.parametrize("ask", [Keyring.ring, find_unknown])
def test_a_clock_that_went_back_causes_one_check(
    keyring: Keyring, source: RecordingSource, ask: Callable[[Keyring, int], object]
) -> None:
    for _ in range(5):
        ask(keyring, NOW - 100_000)
    assert len(source.calls) == 1


@pytest.mark.parametrize("changed", [True, False])
def test_reload_says_whether_the_keys_changed(keyring: Keyring, changed: bool) -> None:
    assert keyring.reload(now=NOW + 1.5 if changed else NOW + 2) is changed


def test_reload_raises_what_the_source_found(keyring: Keyring) -> None:
    assert fail(lambda: keyring.reload(now=NOW)) == "no"
    assert list_keys(keyring) == KEYS[:1]


@pytest.mark.parametrize("reload", [Keyring.reload, lambda keyring: keyring.reload_on_signal(signal.SIGHUP)])
@pytest.mark.parametrize(
    "make",
    [
        lambda: Keyring.parse(A, now=NOW),
        lambda: Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": A}, now=NOW),
        Keyring.generate,
    ],
    ids=["text", "environment", "generated"],
)
def test_a_keyring_without_a_source_cannot_be_reloaded(
    make: Callable[[], Keyring], reload: Callable[[Keyring], object]
) -> None:
    assert fail(lambda: reload(make())) == (
        "this keyring cannot be read again; put the keys in a file and name it in COOKIEJAR_SESSION_KEYS_FILE, or "
        "write Keyring.from_callable(...), or restart the process"
    )


@pytest.fixture
def hang_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Send SIGHUP to this process, and wait until all threads that its handler started have ended."""
    started: list[threading.Thread] = []

    def start(function: Callable[[], object], arguments: tuple[()]) -> None:
        # coverage.py does not see the threads of _thread.
        started.append(threading.Thread(target=function, args=arguments))
        started[-1].start()

    def send() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        assert started
        for thread in started:
            thread.join(30)
            assert not thread.is_alive()

    monkeypatch.setattr("cookiejar_session.keys.reload_signal._thread.start_new_thread", start)
    before = signal.getsignal(signal.SIGHUP)
    yield send
    signal.signal(signal.SIGHUP, before)


def test_a_signal_reloads_the_keyring(key_file: KeyFileWriter, hang_up: Callable[[], None]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    keyring.reload_on_signal(signal.SIGHUP)
    key_file.write(f"{B} {A}")
    hang_up()
    # Not checked since: the ring at NOW is the one that the signal read.
    assert list_keys(keyring, keyring._source.checked) == KEYS[1::-1]  # type: ignore[union-attr]


def test_a_bad_answer_after_a_signal_is_logged_each_time_and_the_keys_stay(
    key_file: KeyFileWriter, hang_up: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    keyring.reload_on_signal(signal.SIGHUP)
    key_file.write("")
    hang_up()
    hang_up()
    assert list_keys(keyring, NOW + 9) == KEYS[:1]
    problem = f"keyring file {key_file.path}: the keyring is empty; {FIX}"
    assert caplog.messages == [f"keyring file ignored, the previous keys stay in use: {problem}"] * 2


# The credential of systemd


def give_credential(folder: Path, text: str = B) -> dict[str, str]:
    (folder / "cookiejar-session-keys").write_text(text)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_a_credential_is_read_if_neither_variable_is_set(tmp_path: Path) -> None:
    keyring = Keyring.from_environment(give_credential(tmp_path), now=NOW)
    assert (list_keys(keyring), keyring.path) == (KEYS[1:2], tmp_path / "cookiejar-session-keys")


def test_a_credential_is_read_beside_blank_variables(tmp_path: Path) -> None:
    blank = {"COOKIEJAR_SESSION_KEYS": "", "COOKIEJAR_SESSION_KEYS_FILE": " "}
    assert list_keys(Keyring.from_environment(give_credential(tmp_path) | blank, now=NOW)) == KEYS[1:2]


def test_the_variables_win_over_a_credential(tmp_path: Path, key_file: KeyFileWriter) -> None:
    credential = give_credential(tmp_path)
    for variable, text in {"COOKIEJAR_SESSION_KEYS": A, "COOKIEJAR_SESSION_KEYS_FILE": str(key_file.path)}.items():
        assert list_keys(Keyring.from_environment(credential | {variable: text}, now=NOW)) == KEYS[:1]


def test_credentials_without_ours_are_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(MissingKeysError) as caught:
        Keyring.from_environment({"CREDENTIALS_DIRECTORY": str(tmp_path)}, now=NOW)
    assert str(caught.value) == (
        "COOKIEJAR_SESSION_KEYS is not set, nor is COOKIEJAR_SESSION_KEYS_FILE, and CREDENTIALS_DIRECTORY has no file "
        f"cookiejar-session-keys; {FIX} and put it there"
    )


@pytest.mark.parametrize("folder", ["", "absent"])
def test_a_folder_of_credentials_that_is_missing_means_missing_keys(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The empty name must not mean the current folder.
    give_credential(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingKeysError):
        Keyring.from_environment({"CREDENTIALS_DIRECTORY": folder}, now=NOW)


def test_a_credential_that_leads_nowhere_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "cookiejar-session-keys").symlink_to("absent")
    message = fail(lambda: Keyring.from_environment({"CREDENTIALS_DIRECTORY": str(tmp_path)}, now=NOW))
    assert message.endswith("No such file or directory; name a file that this process can read")


def test_a_callable_gives_the_ring() -> None:
    keyring = Keyring.from_callable(lambda: f"{A}\n{B}\n", now=NOW)
    assert (list_keys(keyring, NOW), keyring.path) == (KEYS[:2], None)


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


def test_problem_says_why_the_file_is_ignored_until_it_is_valid_again(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    seen = [keyring.problem]
    for moment, text in ((NOW + 10, ""), (NOW + 20, A)):
        key_file.write(text)
        keyring.ring(moment)
        seen.append(keyring.problem)
    assert seen == [None, f"keyring file {key_file.path}: the keyring is empty; {FIX}", None]


def test_a_keyring_without_a_source_has_no_problem() -> None:
    assert Keyring.generate().problem is None


def test_repr_of_a_keyring_whose_constructor_failed_is_short() -> None:
    assert repr(Keyring.__new__(Keyring)) == "<Keyring>"
