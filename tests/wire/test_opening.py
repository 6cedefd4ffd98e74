"""wire/opening.py against SPEC 2 and 8: golden tokens, every way to damage them, and the order of the tests."""

from __future__ import annotations

import os
import string
import traceback
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_secretbox_easy
from shared_values import GOLDEN_PREFS_TOKEN, GOLDEN_TOKEN, KEY, NONCE, SID

from cookiejar_session import Envelope, Key, Keyring, Reason, TokenError, open_token, seal_token
from cookiejar_session.wire.envelope import encode_envelope
from cookiejar_session.wire.opening import (
    Candidate,
    Refusal,
    find_candidate,
    open_candidate,
    render_log_id,
)
from cookiejar_session.wire.time_rules import Ceilings

T = 1767225600
RING = Keyring.parse(KEY.to_text(), now=T, _allow_published=True)
OTHER = Key(bytes(range(100, 132)))
HOST_SESSION = Envelope(SID, T, T, 1209600, 1775001600, True, {"role": "admin", "uid": 42}, [])
PREFS = Envelope(
    SID,
    T,
    1767229200,
    900,
    1767312000,
    False,
    {
        "b": [None, True, -1, -33, 2**53 + 1, -(2**63), 1.0, -0.0, 0.1],
        "a": b"\x00\xff",
        "\uffee": "\ufeffx",
        "\U0001f600": {},
        "\u00e9": [],
    },
    [("info", "hi"), ("cart", {"n": 2})],
)
GOLDEN = {
    "host-session": (HOST_SESSION, "__Host-session", GOLDEN_TOKEN),
    "prefs": (PREFS, "prefs", GOLDEN_PREFS_TOKEN),
}
golden = pytest.mark.parametrize(("envelope", "purpose", "token"), GOLDEN.values(), ids=GOLDEN)
ALPHABET = string.ascii_letters + string.digits + "-_"


def refusal(token: str, *, keyring: Keyring = RING, purpose: str = "__Host-session", now: int = T) -> str:
    with pytest.raises(TokenError) as caught:
        open_token(token, keyring=keyring, purpose=purpose, now=now)
    return caught.value.reason.value


def raw(token: str) -> bytes:
    return urlsafe_b64decode(token[4:])


def render(octets: bytes) -> str:
    return "cj1." + urlsafe_b64encode(octets).decode()


def box_up(padded: bytes, *, key: Key = KEY, purpose: str = "__Host-session") -> str:
    """Return a token with any padded plaintext, made without the package."""
    return render(key.key_id + NONCE + crypto_secretbox_easy(padded, NONCE, key.box_key(purpose)))


def pad(plaintext: bytes) -> bytes:
    padded = plaintext + b"\x80"
    return padded + bytes(-len(padded) % 24)


def parse(text: str, now: int = T) -> Keyring:
    return Keyring.parse(text, now=now, _allow_published=True)


# Golden tokens


@golden
def test_golden_tokens_open(envelope: Envelope, purpose: str, token: str) -> None:
    opened = open_token(token, keyring=RING, purpose=purpose, now=envelope.issued)
    assert repr(msgspec.structs.astuple(opened)) == repr(
        msgspec.structs.astuple(msgspec.structs.replace(envelope, data=dict(sorted(envelope.data.items()))))
    )


@golden
def test_every_truncation_of_a_golden_token_is_refused(envelope: Envelope, purpose: str, token: str) -> None:
    for length in range(len(token)):
        is_on_grid = length >= 132 and (length - 68) % 32 == 0
        wanted = "not-authentic" if is_on_grid else "malformed"
        assert (length, refusal(token[:length], purpose=purpose, now=envelope.issued)) == (length, wanted)


@golden
def test_every_flipped_bit_of_a_golden_tokens_octets_is_refused(envelope: Envelope, purpose: str, token: str) -> None:
    octets = raw(token)
    for bit in range(len(octets) * 8):
        flipped = (int.from_bytes(octets) ^ 1 << (len(octets) * 8 - 1 - bit)).to_bytes(len(octets))
        wanted = "unknown-key" if bit < 64 else "not-authentic"
        assert (bit, refusal(render(flipped), purpose=purpose, now=envelope.issued)) == (bit, wanted)


@golden
def test_every_flipped_bit_of_a_golden_tokens_characters_is_refused(
    envelope: Envelope, purpose: str, token: str
) -> None:
    for place, character in enumerate(token):
        for bit in range(8):
            other = chr(ord(character) ^ 1 << bit)
            if place < 4:
                # A flipped prefix can be the prefix of another version.
                wanted = "unknown-version" if place == 2 and other.isdigit() else "malformed"
            elif other not in ALPHABET:
                wanted = "malformed"
            else:
                # The key id ends within a character.
                same_key = raw(token[:place] + other + token[place + 1 :])[:8] == KEY.key_id
                wanted = "not-authentic" if same_key else "unknown-key"
            altered = token[:place] + other + token[place + 1 :]
            assert (altered, refusal(altered, purpose=purpose, now=envelope.issued)) == (altered, wanted)


@golden
def test_a_token_with_anything_around_it_is_malformed(envelope: Envelope, purpose: str, token: str) -> None:
    changed = [f" {token}", f"{token} ", f"{token}\n", f'"{token}"', f"{token}=", token + token, token[:-1] + "="]
    reasons = {refusal(text, purpose=purpose, now=envelope.issued) for text in changed}
    assert reasons == {"malformed"}


# Prefix and version (SPEC 8.2 steps 1 and 2)


@pytest.mark.parametrize(
    "token",
    [
        "cj2.",
        "cj0.",
        "cj01.",
        "cj10.",
        "cj1c.",
        "cj1a.",
        "cj1z.",
        "cj999999999.",
        "cj999999999z.",
        "cj2.\x00\xff",
        "cj2.\n",
        "cj2." + "A" * 128,
        "cj2." + "A" * 5000,
        "cj1c." + GOLDEN_TOKEN,
    ],
)
def test_a_prefix_of_another_version_is_unknown_version(token: str) -> None:
    assert refusal(token) == "unknown-version"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "c",
        "cj",
        "cj1",
        "cj.",
        "cj2",
        "cj1c",
        "cj1234567890.",
        "cj1234567890z.",
        "cj1A.",
        "cj2Z.",
        "cj1ab.",
        "cj1`.",
        "cj1{.",
        "cj/.",
        "cj:.",
        "cj-1.",
        "cj+1.",
        "cj 2.",
        "cj2 .",
        "cj2,",
        "cj2\n.",
        "CJ1.",
        "Cj2.",
        "cJ2.",
        " cj2.",
        "\ncj2.",
        "xcj2.",
        "cj\uff12.",
        "cj\u0662.",
        "cj2\xaa.",
        "CJ1." + GOLDEN_TOKEN[4:],
        "v1." + GOLDEN_TOKEN[4:],
        GOLDEN_TOKEN[4:],
        "A" * 5000,
    ],
)
def test_a_text_without_a_prefix_is_malformed(token: str) -> None:
    assert refusal(token) == "malformed"


# Length and alphabet (steps 3 to 5)


def test_every_length_is_refused_by_its_own_reason() -> None:
    legal = set(range(132, 3973, 32))
    for length in range(4, 4200):
        wanted = "too-long" if length > 3972 else "unknown-key" if length in legal else "malformed"
        assert (length, refusal("cj1." + "A" * (length - 4))) == (length, wanted)


@pytest.mark.parametrize("length", [3973, 4004, 100_000])
@pytest.mark.parametrize("filling", ["A", "*", "\xff"])
def test_too_long_comes_before_grid_and_alphabet(length: int, filling: str) -> None:
    assert refusal("cj1." + filling * (length - 4)) == "too-long"


@pytest.mark.parametrize("place", [4, 5, 14, 15, 100, 162, 163])
def test_every_octet_outside_the_alphabet_is_malformed(place: int) -> None:
    for octet in range(256):
        if chr(octet) not in ALPHABET:
            altered = GOLDEN_TOKEN[:place] + chr(octet) + GOLDEN_TOKEN[place + 1 :]
            assert (octet, refusal(altered)) == (octet, "malformed")


@pytest.mark.parametrize("character", ["\u0100", "\u212a", "\uff21", "\U0001f600", "\ud800"])
def test_characters_beyond_one_octet_are_malformed(character: str) -> None:
    assert refusal(GOLDEN_TOKEN[:-1] + character) == "malformed"


@pytest.mark.parametrize("ending", ["=", "==", "A=", "====", "\n", "\r\n", "   "])
def test_padding_and_blanks_on_the_grid_are_malformed(ending: str) -> None:
    assert refusal(GOLDEN_TOKEN[: -len(ending)] + ending) == "malformed"


def test_the_standard_alphabet_is_malformed() -> None:
    assert {refusal(GOLDEN_PREFS_TOKEN.replace("-", "+")), refusal(GOLDEN_PREFS_TOKEN.replace("_", "/"))} == {
        "malformed"
    }


@given(token=st.binary(max_size=300).map(lambda octets: octets.decode("latin-1")) | st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_arbitrary_octets_are_refused_and_never_fail_otherwise(token: str) -> None:
    assert refusal(token) in {"malformed", "unknown-version"}


@given(blocks=st.integers(2, 122), data=st.data())
@settings(max_examples=100, deadline=None)
def test_arbitrary_octets_under_our_key_id_are_not_authentic(blocks: int, data: st.DataObject) -> None:
    rest = data.draw(st.binary(min_size=40 + 24 * blocks, max_size=40 + 24 * blocks))
    assert refusal(render(KEY.key_id + rest)) == "not-authentic"


@given(plaintext=st.binary(min_size=24, max_size=200))
@settings(max_examples=200, deadline=None)
def test_arbitrary_octets_in_an_authentic_box_are_refused(plaintext: bytes) -> None:
    assert refusal(box_up(pad(plaintext))) in {"bad-encoding", "bad-envelope"}


@given(padded=st.integers(2, 8).flatmap(lambda blocks: st.binary(min_size=24 * blocks, max_size=24 * blocks)))
@settings(max_examples=200, deadline=None)
def test_arbitrary_padding_in_an_authentic_box_is_refused(padded: bytes) -> None:
    assert refusal(box_up(padded)) in {"bad-padding", "bad-encoding", "bad-envelope"}


# Keys (step 7 and SPEC 4.4)


def test_a_key_that_is_not_in_the_ring_is_unknown() -> None:
    assert refusal(GOLDEN_TOKEN, keyring=parse(OTHER.to_text())) == "unknown-key"


@pytest.mark.parametrize(
    "keyring",
    [parse(OTHER.to_text()), parse(f"{OTHER.to_text()} {KEY.to_text()}@until=2026-01-01T00:00:00Z")],
    ids=["absent", "ended"],
)
def test_an_error_about_an_unknown_key_holds_its_key_id(keyring: Keyring) -> None:
    with pytest.raises(TokenError) as caught:
        find_candidate(GOLDEN_TOKEN, keyring=keyring, now=T)
    assert caught.value.key_id == KEY.key_id


@pytest.mark.parametrize(("now", "reason"), [(T + 9, None), (T + 10, "unknown-key"), (T + 11, "unknown-key")])
def test_a_key_opens_until_its_end(now: int, reason: str | None) -> None:
    keyring = parse(f"{OTHER.to_text()} {KEY.to_text()}@until=2026-01-01T00:00:10Z")
    if reason is None:
        assert open_token(GOLDEN_TOKEN, keyring=keyring, purpose="__Host-session", now=now).data["uid"] == 42
    else:
        assert refusal(GOLDEN_TOKEN, keyring=keyring, now=now) == reason


def test_a_pending_key_opens() -> None:
    keyring = parse(f"{OTHER.to_text()} {KEY.to_text()}@from=2027-01-01T00:00:00Z")
    assert open_token(GOLDEN_TOKEN, keyring=keyring, purpose="__Host-session", now=T).data["uid"] == 42


def test_keys_are_not_tried_in_turn() -> None:
    keyring = parse(f"{KEY.to_text()} {OTHER.to_text()}")
    swapped = render(OTHER.key_id + raw(GOLDEN_TOKEN)[8:])
    assert refusal(swapped, keyring=keyring) == "not-authentic"


def write_ring(path: Path, text: str, tick: int) -> None:
    path.write_text(text)
    os.utime(path, (tick, tick))


def test_a_changed_key_file_is_read_at_once_for_an_unknown_key_id(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    write_ring(path, OTHER.to_text(), 1)
    keyring = Keyring.from_file(path, now=T)
    new = Key.generate()
    token = seal_token(HOST_SESSION, keyring=parse(new.to_text()), purpose="p", now=T)
    write_ring(path, f"{OTHER.to_text()} {new.to_text()}", 2)
    assert open_token(token, keyring=keyring, purpose="p", now=T + 1).data["uid"] == 42


def test_the_key_file_is_not_checked_for_a_known_key_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ring"
    write_ring(path, OTHER.to_text(), 1)
    keyring = Keyring.from_file(path, now=T)
    token = seal_token(HOST_SESSION, keyring=keyring, purpose="p", now=T)
    monkeypatch.setattr("cookiejar_session.keys.key_file.read_file_state", lambda _: pytest.fail("looked at the file"))
    assert open_token(token, keyring=keyring, purpose="p", now=T + 9).data["uid"] == 42


# The box (step 8) and its padding (step 9)


@pytest.mark.parametrize("purpose", ["prefs", "", "__Host-Session", "__Host-session ", "__host-session"])
def test_a_token_does_not_open_for_another_purpose(purpose: str) -> None:
    assert refusal(GOLDEN_TOKEN, purpose=purpose) == "not-authentic"


def test_parts_of_two_tokens_do_not_open() -> None:
    sealed = [raw(seal_token(HOST_SESSION, keyring=RING, purpose="p", now=T)) for _ in range(2)]
    assert refusal(render(sealed[0][:32] + sealed[1][32:]), purpose="p") == "not-authentic"


PLAINTEXT = encode_envelope(HOST_SESSION)
PADDINGS = {
    "none": PLAINTEXT[:48],
    "zeros-alone": bytes(48),
    "no-marker": PLAINTEXT + bytes(14),
    "another-marker": PLAINTEXT + b"\x01" + bytes(13),
    "marker-with-a-low-bit": PLAINTEXT + b"\x81" + bytes(13),
    "marker-of-a-low-bit": PLAINTEXT + b"\x80" + bytes(12) + b"\x01",
    "24-zeros": PLAINTEXT[:23] + b"\x80" + bytes(24),
    "whole-block-too-many": pad(PLAINTEXT) + bytes(24),
    "marker-alone": b"\x80" + bytes(47),
    "text-behind-the-marker": PLAINTEXT + b"\x80X" + bytes(12),
    "text-amid-the-zeros": PLAINTEXT + b"\x80" + bytes(6) + b"X" + bytes(6),
    "pkcs7": PLAINTEXT + bytes([14]) * 14,
}


@pytest.mark.parametrize("padded", PADDINGS.values(), ids=PADDINGS)
def test_any_other_padding_than_ours_is_bad_padding(padded: bytes) -> None:
    assert refusal(box_up(padded)) == "bad-padding"


@pytest.mark.parametrize("padding", [b"\x80", b"\x80" + bytes(22), b"\x80" + bytes(23)], ids=len)
def test_padding_of_up_to_24_octets_is_removed(padding: bytes) -> None:
    plaintext = encode_envelope(make_of_octets(96 - len(padding)))
    assert open_token(box_up(plaintext + padding), keyring=RING, purpose="__Host-session", now=T).sid == SID


def make_of_octets(octets: int) -> Envelope:
    """Return an envelope whose encoding has this many octets."""
    empty = msgspec.structs.replace(HOST_SESSION, data={"x": ""})
    missing = octets - len(encode_envelope(empty))
    # A longer text has one or two more octets of length.
    length = missing if missing < 32 else missing - 1 if missing < 257 else missing - 2
    return msgspec.structs.replace(empty, data={"x": "y" * length})


# Envelope and times (steps 10 to 14)


@pytest.mark.parametrize(
    ("plaintext", "reason"),
    [
        (PLAINTEXT + b"\x00", "bad-encoding"),
        (PLAINTEXT.replace(b"\x2a", b"\xc1"), "bad-encoding"),
        (b"\xc4\x28" + bytes(40), "bad-envelope"),
        (PLAINTEXT.replace(b"\xc3\x82", b"\xc0\x82"), "bad-envelope"),
    ],
)
def test_the_content_of_an_authentic_box_is_judged_too(plaintext: bytes, reason: str) -> None:
    assert refusal(box_up(pad(plaintext))) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [(T - 61, "not-yet-valid"), (T - 60, None), (T + 1209599, None), (T + 1209600, "expired"), (2**48 - 1, "expired")],
)
def test_a_token_is_judged_by_its_own_times(now: int, reason: str | None) -> None:
    if reason is None:
        assert open_token(GOLDEN_TOKEN, keyring=RING, purpose="__Host-session", now=now).data["uid"] == 42
    else:
        assert refusal(GOLDEN_TOKEN, now=now) == reason


EXPIRED_KEY = parse(f"{OTHER.to_text()} {KEY.to_text()}@until=2026-01-01T00:00:10Z")
FAULTS = {
    # Each also has the faults of the lines below it.
    "unknown-version": ("cj2." + "*" * 5000, RING, "prefs", T),
    "malformed-prefix": ("*" * 5000, RING, "prefs", T),
    "too-long": ("cj1." + "*" * 5000, RING, "prefs", T),
    "malformed-length": ("cj1." + "*" * 129, RING, "prefs", T),
    "malformed-alphabet": ("cj1." + "*" * 128, RING, "prefs", T),
    "unknown-key": (render(bytes(96)), RING, "prefs", T),
    "unknown-key-ended": (box_up(bytes(48)), EXPIRED_KEY, "prefs", T + 10),
    "not-authentic": (box_up(bytes(48)), RING, "prefs", T),
    "bad-padding": (box_up(b"\xc1" * 48), RING, "__Host-session", T),
    "bad-encoding": (box_up(pad(b"\x97\xc1" + bytes(30))), RING, "__Host-session", T),
    "bad-envelope": (
        box_up(pad(encode_envelope(HOST_SESSION).replace(b"\xce\x69\xcc\x60\x00", b"\x01"))),
        RING,
        "__Host-session",
        T - 61,
    ),
    "not-yet-valid": (GOLDEN_TOKEN, RING, "__Host-session", T - 61),
    "expired": (GOLDEN_TOKEN, RING, "__Host-session", T + 1209600),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_fault_in_the_order_of_the_specification_decides(name: str) -> None:
    token, keyring, purpose, now = FAULTS[name]
    words = sorted((reason.value for reason in Reason), key=len)
    wanted = next(word for word in reversed(words) if name.startswith(word))
    assert refusal(token, keyring=keyring, purpose=purpose, now=now) == wanted


# What errors show


@pytest.mark.parametrize("name", FAULTS)
def test_no_traceback_of_a_refused_token_shows_key_material(name: str) -> None:
    token, keyring, purpose, now = FAULTS[name]
    with pytest.raises(TokenError) as caught:
        open_token(token, keyring=keyring, purpose=purpose, now=now)
    shown = "".join(traceback.TracebackException(caught.type, caught.value, caught.tb, capture_locals=True).format())
    secrets = [repr(KEY.box_key(text))[2:-1] for text in ("__Host-session", "prefs")]
    assert [secret for secret in [*secrets, repr(bytes(range(32)))[2:-1], KEY.to_text()] if secret in shown] == []


@pytest.mark.parametrize("name", FAULTS)
def test_the_error_for_a_refused_token_has_no_cause_and_no_context(name: str) -> None:
    token, keyring, purpose, now = FAULTS[name]
    with pytest.raises(TokenError) as caught:
        open_token(token, keyring=keyring, purpose=purpose, now=now)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# Candidates and the ceilings of a policy


def find(token: str) -> Candidate:
    return find_candidate(token, keyring=RING, now=T)


def test_a_candidate_has_the_parts_of_its_token_and_the_entry_of_its_key() -> None:
    octets = raw(GOLDEN_TOKEN)
    assert find(GOLDEN_TOKEN) == Candidate(RING.ring(T).entries[0], octets[8:32], octets[32:], 164)


@pytest.mark.parametrize("token", [GOLDEN_TOKEN, GOLDEN_PREFS_TOKEN], ids=GOLDEN)
def test_a_candidate_knows_how_long_its_token_is(token: str) -> None:
    assert find(token).characters == len(token)


def test_opening_also_returns_the_encoding() -> None:
    envelope, encoded = open_candidate(find(GOLDEN_TOKEN), purpose="__Host-session", now=T)
    assert (envelope, encoded) == (HOST_SESSION, encode_envelope(HOST_SESSION))


def test_ceilings_lower_the_envelope_and_its_encoding() -> None:
    ceilings = Ceilings(longest_idle=600, longest_lifetime=3600)
    found = open_candidate(find(GOLDEN_TOKEN), purpose="__Host-session", now=T, ceilings=ceilings)
    lowered = msgspec.structs.replace(HOST_SESSION, idle=600, until=T + 3600)
    assert found == (lowered, encode_envelope(lowered))


@pytest.mark.parametrize(
    ("ceilings", "now", "reason"),
    [
        (Ceilings(longest_idle=600), T + 599, None),
        (Ceilings(longest_idle=600), T + 600, "expired"),
        (Ceilings(longest_lifetime=600), T + 600, "expired"),
        (Ceilings(not_before=T), T, None),
        (Ceilings(not_before=T + 1), T, "revoked"),
    ],
    ids=["before-the-idle-ceiling", "at-the-idle-ceiling", "at-the-lifetime-ceiling", "created-at", "created-before"],
)
def test_an_envelope_is_judged_under_the_ceilings(ceilings: Ceilings, now: int, reason: str | None) -> None:
    found = None
    try:
        open_candidate(find(GOLDEN_TOKEN), purpose="__Host-session", now=now, ceilings=ceilings)
    except TokenError as exc:
        found = exc.reason.value
    assert found == reason


# What errors say


LOG_ID = blake2b(b"\x01" + bytes(7) + b"\x1b" + bytes(7) + b"cookiejar-session/v1/log-id", key=SID, digest_size=32)


def test_the_log_id_is_the_keyed_hash_of_the_specification() -> None:
    assert render_log_id(SID) == LOG_ID.hexdigest()[:16]


def find_ids(name: str) -> tuple[bytes | None, str | None]:
    token, keyring, purpose, now = FAULTS[name]
    with pytest.raises(TokenError) as caught:
        open_token(token, keyring=keyring, purpose=purpose, now=now)
    return caught.value.key_id, caught.value.log_id


@pytest.mark.parametrize(
    "name", ["unknown-version", "malformed-prefix", "too-long", "malformed-length", "malformed-alphabet"]
)
def test_before_the_key_id_is_read_an_error_holds_no_ids(name: str) -> None:
    assert find_ids(name) == (None, None)


@pytest.mark.parametrize("name", ["unknown-key-ended", "not-authentic", "bad-padding", "bad-encoding", "bad-envelope"])
def test_before_the_envelope_is_read_an_error_holds_the_key_id_alone(name: str) -> None:
    assert find_ids(name) == (KEY.key_id, None)


@pytest.mark.parametrize("name", ["not-yet-valid", "expired"])
def test_an_error_about_an_envelope_that_was_read_holds_key_id_and_log_id(name: str) -> None:
    assert find_ids(name) == (KEY.key_id, render_log_id(SID))


def test_candidates_and_refusals_show_nothing_of_what_they_hold() -> None:
    shown = [repr(find(GOLDEN_TOKEN)), repr(Refusal(Reason.EXPIRED, KEY.key_id, "log-id"))]
    assert shown == ["<Candidate>", "<Refusal>"]


def test_a_refusal_needs_a_reason_only() -> None:
    refusal = Refusal(Reason.MALFORMED)
    assert (refusal.reason, refusal.key_id, refusal.log_id) == (Reason.MALFORMED, None, None)
