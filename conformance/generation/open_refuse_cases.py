"""Cookie values that are refused, with the one reason for each: SPEC 8.2 step by step."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from nacl.bindings import crypto_secretbox_easy

from . import octets
from .cases import Case, refuse
from .commitment import make_box_for_two
from .encoding_faults import list_encoding_faults
from .envelope_faults import list_envelope_faults
from .keys import A, B, C, hex_key, ring
from .messagepack import write_envelope
from .octets import BLOCK, NONCE, PREFIX, base64url, box_key, key_id, pae
from .open_shape_cases import GOOD, list_shape_cases, open_refused
from .plaintexts import build
from .seal_cases import AFTER, AT, HOST, fill_little
from .values import CREATED, GOLDEN_HOST, IDLE, UNTIL, binary, envelope, mapping, policy

_RAW = octets.from_base64url(GOOD[len(PREFIX) :])
_PLAINTEXT = write_envelope(GOLDEN_HOST)


def list_cases() -> list[Case]:
    return [
        *list_shape_cases(),
        *_list_unknown_keys(),
        *_list_not_authentic(),
        *_list_bad_padding(),
        *_list_bad_content(),
        *_list_times(),
        *_list_orders(),
        *_list_commitment(),
        *_list_configurations(),
    ]


def _flip(raw: bytes, offset: int, bit: int = 1) -> bytes:
    return raw[:offset] + bytes([raw[offset] ^ bit]) + raw[offset + 1 :]


def _token(raw: bytes) -> str:
    return PREFIX + base64url(raw)


def _list_unknown_keys() -> list[Case]:
    by_b = octets.seal(_PLAINTEXT, key=B, purpose=HOST)
    padded = octets.pad(_PLAINTEXT)
    a, b = hex_key(A), hex_key(B)
    short_id = blake2b(pae(b"cookiejar-session/v1/key-id"), key=A, digest_size=8).digest()
    rows = [
        ("other-key", "the key is not in the ring", by_b, a, CREATED),
        ("key-removed", "two other keys are in the ring", by_b, ring(A, C), CREATED),
        ("first-bit-of-the-key-id", "one bit of the key id differs", _token(_flip(_RAW, 0, 128)), a, CREATED),
        ("last-bit-of-the-key-id", "the last bit of the key id differs", _token(_flip(_RAW, 7)), a, CREATED),
        ("key-id-of-zeros", "a key id of zeros", _token(bytes(8) + _RAW[8:]), a, CREATED),
        ("key-id-with-a-short-hash", "a key id made as a BLAKE2b of 8 octets, not cut from 32", octets.seal_padded(padded, key=A, purpose=HOST, shown_key_id=short_id), a, CREATED),
        ("key-ended-now", "a key opens nothing from its @until on", by_b, f"{b}@until={AT} {a}", CREATED),
        ("key-ended-long-ago", "a key whose @until is long past", by_b, f"{b}@until=2025-01-01T00:00:00Z {a}", CREATED),
        ("key-ended-before-its-token", "the token was issued before, but it is opened after", by_b, f"{b}@until=2026-01-01T00:00:30Z {a}", CREATED + 30),
        ("no-box-at-all", "junk of a legal length", PREFIX + "A" * 128, a, CREATED),
        ("junk-of-3972", "junk of the greatest length", PREFIX + "_" * 3968, a, CREATED),
    ]  # fmt: skip
    return [
        open_refused(name, ("8.2 step 7", "4.4.2", "4.4.4"), comment, token, "unknown-key", keyring=keyring, now=now, flags=("key-choice",))
        for name, comment, token, keyring, now in rows
    ]  # fmt: skip


def _list_not_authentic() -> list[Case]:
    padded = octets.pad(_PLAINTEXT)
    other = octets.from_base64url(octets.seal(_PLAINTEXT, key=A, purpose=HOST, nonce=bytes(24))[4:])
    ident = key_id(A)
    by_b = octets.from_base64url(octets.seal(_PLAINTEXT, key=B, purpose=HOST)[4:])

    def under(key: bytes) -> str:
        return octets.seal_under(padded, box_key=key, key_id=ident)

    def hashed(message: bytes) -> bytes:
        return blake2b(message, key=A, digest_size=32).digest()

    altered = [
        ("nonce-first-bit", "one bit of the nonce", _token(_flip(_RAW, 8, 128))),
        ("nonce-last-bit", "the last bit of the nonce", _token(_flip(_RAW, 31))),
        ("tag-first-bit", "one bit of the tag", _token(_flip(_RAW, 32, 128))),
        ("tag-last-bit", "the last bit of the tag", _token(_flip(_RAW, 47))),
        ("ciphertext-first-bit", "one bit of the first octet of the ciphertext", _token(_flip(_RAW, 48, 128))),
        ("ciphertext-middle-bit", "one bit in the middle of the ciphertext", _token(_flip(_RAW, 80))),
        ("ciphertext-last-bit", "the last bit of all", _token(_flip(_RAW, len(_RAW) - 1))),
        ("tag-of-zeros", "a tag of zeros", _token(_RAW[:32] + bytes(16) + _RAW[48:])),
        ("last-block-cut", "a block of 24 octets is missing at the end", _token(_RAW[:-BLOCK])),
        ("block-behind", "a block of 24 zeros more", _token(_RAW + bytes(BLOCK))),
        ("blocks-swapped", "two blocks of the ciphertext change places", _token(_RAW[:48] + _RAW[72:96] + _RAW[48:72] + _RAW[96:])),
        ("nonce-of-another", "the nonce of another token", _token(_RAW[:8] + other[8:32] + _RAW[32:])),
        ("box-of-another", "the box of another token", _token(_RAW[:32] + other[32:])),
        ("tag-behind-the-ciphertext", "the tag is at the end, as in other libraries", _token(_RAW[:32] + _RAW[48:] + _RAW[32:48])),
        ("letter-case", "one letter in the other case", GOOD[:100] + GOOD[100:].swapcase()),
    ]  # fmt: skip
    contexts = [
        ("key-id-of-the-other-key", "a box of key B behind the key id of key A, both in the ring", _token(_RAW[:8] + by_b[8:]), HOST),
        ("purpose-other", "a token of another purpose", GOOD, "prefs"),
        ("purpose-empty", "the empty purpose is another one", GOOD, ""),
        ("purpose-folded", "a purpose is not folded", GOOD, HOST.lower()),
        ("purpose-with-a-blank", "a purpose is not trimmed", GOOD, f"{HOST} "),
        ("purpose-cut-at-nul", "a purpose does not end at U+0000", octets.seal(_PLAINTEXT, key=A, purpose="a\0b"), "a"),
        ("purpose-decomposed", "a purpose is not normalized", octets.seal(_PLAINTEXT, key=A, purpose="séance"), "se\u0301ance"),
        ("purpose-as-latin-1", "a purpose is UTF-8, not Latin-1", under(hashed(pae(b"cookiejar-session/v1/box", b"s\xe9ance"))), "séance"),
        ("version-2-label", "the box key of the next version", under(hashed(pae(b"cookiejar-session/v2/box", HOST.encode()))), HOST),
        ("key-as-box-key", "the key itself as the box key", under(A), HOST),
        ("box-key-without-lengths", "label and purpose joined without PAE", under(hashed(b"cookiejar-session/v1/box" + HOST.encode())), HOST),
        ("box-key-with-big-endian-lengths", "PAE with its lengths the other way round", under(hashed(_pae_big_endian(b"cookiejar-session/v1/box", HOST.encode()))), HOST),
        ("box-key-unkeyed", "a hash of the key instead of a keyed hash", under(blake2b(A + pae(b"cookiejar-session/v1/box", HOST.encode()), digest_size=32).digest()), HOST),
        ("box-key-by-hmac-order", "key and message exchanged", under(blake2b(A, key=pae(b"cookiejar-session/v1/box", HOST.encode())[:64], digest_size=32).digest()), HOST),
        ("box-key-of-the-key-id-label", "the label of the key id for the box key", under(hashed(pae(b"cookiejar-session/v1/key-id"))), HOST),
        ("box-key-without-purpose", "a box key made without the purpose", under(hashed(pae(b"cookiejar-session/v1/box"))), HOST),
    ]  # fmt: skip
    return [
        *(
            open_refused(f"altered-{name}", ("8.2 step 8",), comment, token, "not-authentic", flags=("altered",))
            for name, comment, token in altered
        ),
        *(
            open_refused(name, ("8.2 step 8", "3.4", "3.5"), comment, token, "not-authentic", purpose=purpose, keyring=ring(A, B), flags=("altered",))
            for name, comment, token, purpose in contexts
        ),
    ]  # fmt: skip


def _pae_big_endian(*pieces: bytes) -> bytes:
    encoded = len(pieces).to_bytes(8, "big")
    return encoded + b"".join(len(piece).to_bytes(8, "big") + piece for piece in pieces)


def _list_bad_padding() -> list[Case]:
    blocks = octets.pad(_PLAINTEXT)
    missing = len(blocks) - len(_PLAINTEXT)
    rows = [
        ("zeros", "zeros and no 0x80", _PLAINTEXT + bytes(missing)),
        ("none", "the plaintext fills its blocks and nothing follows", write_envelope(fill_little(48))),
        ("pkcs7", "each octet says how many there are, as PKCS #7 has it", _PLAINTEXT + bytes([missing]) * missing),
        ("blanks", "blanks", _PLAINTEXT + b" " * missing),
        ("81", "0x81 instead of 0x80", _PLAINTEXT + b"\x81".ljust(missing, b"\0")),
        ("01", "0x01 instead of 0x80", _PLAINTEXT + b"\x01".ljust(missing, b"\0")),
        ("one-at-the-end", "0x80, zeros, and a last octet 0x01", blocks[:-1] + b"\x01"),
        ("ff-within", "0x80 and then an octet that is not zero", _PLAINTEXT + b"\x80\xff".ljust(missing, b"\0")),
        ("whole-block-more", "a block of zeros behind a good padding", blocks + bytes(BLOCK)),
        ("twenty-four-zeros", "0x80 at the end of a block and a block of zeros", write_envelope(fill_little(47)) + b"\x80" + bytes(BLOCK)),
        ("all-zeros", "nothing is left", bytes(48)),
        ("all-zeros-but-the-first", "0x80 and 47 zeros", b"\x80" + bytes(47)),
    ]  # fmt: skip
    return [
        open_refused(f"padding-{name}", ("2.4", "8.2 step 9"), comment, octets.seal_padded(padded, key=A, purpose=HOST), "bad-padding", flags=("padding",))
        for name, comment, padded in rows
    ]  # fmt: skip


# Of the faults that decode refuses, those that show that open passes them on.
_ENCODINGS = frozenset(
    {
        "one-octet-behind", "cut-by-one", "map-32", "str-32-huge", "array-32-huge", "fixext-1", "ext-8", "timestamp-32", "float-32", "created-in-cf",
        "integer-127-in-cc", "non-negative-127-in-d0", "str-8-of-31", "integer-2-to-63", "nan", "infinity", "utf-8-overlong-nul", "utf-8-high-surrogate",
        "key-integer", "keys-descending", "keys-by-utf-16", "key-twice", "proto-in-data", "level-17-array", "level-2000",
    }
)  # fmt: skip
_ENVELOPES = frozenset(
    {
        "not-an-array", "without-flash", "nine", "sid-of-15", "sid-of-17", "created-float", "until-2-to-48", "idle-0", "idle-2-to-32", "issued-before-created",
        "until-is-issued", "persistent-integer", "data-array", "flash-of-33", "entry-of-3", "category-integer",
    }
)  # fmt: skip


def _list_bad_content() -> list[Case]:
    cases = []
    for step, reason, faults, chosen in (
        (10, "bad-encoding", list_encoding_faults(), _ENCODINGS),
        (11, "bad-envelope", list_envelope_faults(), _ENVELOPES),
    ):
        for name, item, comment, plaintext, flags in faults:
            if name in chosen:
                clause = f"{'6.3' if step == 10 else '5.2'} item {item}"
                # The shortest token has two blocks.
                token = octets.seal(plaintext, key=A, purpose=HOST)
                cases.append(
                    open_refused(f"content-{name}", (f"8.2 step {step}", clause), comment, token, reason, flags=flags)
                )
    twice = octets.seal(octets.pad(_PLAINTEXT), key=A, purpose=HOST)
    comment = "padded twice: what is left behind the envelope is no padding any more"
    return [
        *cases,
        open_refused(
            "content-padded-twice", ("8.2 step 10", "6.3 item 1"), comment, twice, "bad-encoding", flags=("padding",)
        ),
    ]


def _list_times() -> list[Case]:
    long = envelope(idle=10 * IDLE)
    ahead = envelope(created=CREATED + 50, issued=CREATED + 50, until=CREATED + 5000)
    rows: list[tuple[str, int, str, dict[str, Any], int, str, dict[str, Any]]] = [
        ("61-ahead", 13, "issued 61 seconds ahead", GOLDEN_HOST, CREATED - 61, "not-yet-valid", {}),
        ("year-ahead", 13, "issued a year ahead", GOLDEN_HOST, CREATED - 365 * 86400, "not-yet-valid", {}),
        ("at-the-idle-timeout", 14, "the second of the idle timeout", GOLDEN_HOST, CREATED + IDLE, "expired", {}),
        ("at-until", 14, "the second of the absolute end", long, UNTIL, "expired", {}),
        ("long-after", 14, "a year after", GOLDEN_HOST, CREATED + 365 * 86400, "expired", {}),
        ("idle-1", 14, "an idle timeout of one second", envelope(idle=1), CREATED + 1, "expired", {}),
        ("idle-lowered", 12, "past the ceiling of idle", GOLDEN_HOST, CREATED + 600, "expired", {"longest_idle": 600}),
        ("until-lowered", 12, "past the ceiling of until", GOLDEN_HOST, CREATED + 3600, "expired", {"longest_lifetime": 3600}),
        ("until-lowered-below-issued", 14, "a ceiling ends it before a clock that is ahead issued it", {**ahead, "created": CREATED}, CREATED + 10, "expired", {"longest_lifetime": 30}),
        ("created-before-not-before", 15, "created one second before not_before", GOLDEN_HOST, CREATED, "revoked", {"not_before": CREATED + 1}),
        ("created-long-before", 15, "created long before not_before, issued after it", envelope(issued=CREATED + 5000), CREATED + 5000, "revoked", {"not_before": CREATED + 4000}),
        ("not-before-the-end-of-9999", 15, "the last second that every port takes for not_before", GOLDEN_HOST, CREATED, "revoked", {"not_before": 253_402_300_799}),
        ("created-before-a-future-not-before", 15, "not_before may be ahead", GOLDEN_HOST, CREATED, "revoked", {"not_before": CREATED + 86400}),
    ]  # fmt: skip
    return [
        open_refused(f"time-{name}", (f"8.2 step {step}", *(("9.4",) if step == 12 else ())), comment, octets.seal(write_envelope(sealed), key=A, purpose=HOST), reason, now=now, flags=("policy" if rules else "time", "edge"), **rules)
        for name, step, comment, sealed, now, reason, rules in rows
    ]  # fmt: skip


def _list_orders() -> list[Case]:
    """Two faults each: the earlier step gives the reason."""
    b = hex_key(B)
    expired, revoked = CREATED + IDLE, {"not_before": CREATED + 1}
    late = build(issued=build(), data=b"\xd4\x05\x00")
    rows: list[tuple[str, str, str, str, str, str, int, dict[str, Any]]] = [
        ("version-before-length", "8.2 step 1", "another version, too long", f"cj2.{'A' * 4000}", "unknown-version", "", CREATED, {}),
        ("prefix-before-length", "8.2 step 2", "no prefix, too long", "A" * 4000, "malformed", "", CREATED, {}),
        ("too-long-before-alphabet", "8.2 step 3", "too long, with a character outside the alphabet", PREFIX + "=" * 4000, "too-long", "", CREATED, {}),
        ("alphabet-before-key", "8.2 step 5", "a character outside the alphabet, under an unknown key", GOOD[:-1] + "=", "malformed", b, CREATED, {}),
        ("key-before-authentication", "8.2 step 7", "altered, under an unknown key", _token(_flip(_RAW, 60)), "unknown-key", b, CREATED, {}),
        ("authentication-before-time", "8.2 step 8", "altered, and expired", _token(_flip(_RAW, 60)), "not-authentic", "", expired, {}),
        ("padding-before-encoding", "8.2 step 9", "neither padding nor MessagePack", octets.seal_padded(b"\xc1" * 48, key=A, purpose=HOST), "bad-padding", "", CREATED, {}),
        ("encoding-before-envelope", "8.2 step 10", "an extension type in an envelope whose issued is an array", octets.seal(late, key=A, purpose=HOST), "bad-encoding", "", CREATED, {}),
        ("envelope-before-time", "8.2 step 11", "idle is 0, and it would be expired", octets.seal(build(idle=b"\0"), key=A, purpose=HOST), "bad-envelope", "", expired, {}),
        ("not-yet-valid-before-expired", "8.2 step 13", "issued 100 seconds ahead, ended by a ceiling", octets.seal(write_envelope(envelope(issued=CREATED + 100)), key=A, purpose=HOST), "not-yet-valid", "", CREATED, {"longest_lifetime": 50}),
        ("not-yet-valid-before-revoked", "8.2 step 13", "issued ahead and revoked", GOOD, "not-yet-valid", "", CREATED - 61, revoked),
        ("expired-before-revoked", "8.2 step 14", "expired and revoked", GOOD, "expired", "", expired, revoked),
    ]  # fmt: skip
    return [
        open_refused(f"order-{name}", (clause, "8.2"), comment, value, reason, keyring=keyring, now=now, flags=("altered",), **rules)
        for name, clause, comment, value, reason, keyring, now, rules in rows
    ]  # fmt: skip


def _list_commitment() -> list[Case]:
    """One box that opens under two keys, behind the key id of either."""
    box = _make_box()
    of_a, of_b = (_token(key_id(key) + NONCE + box) for key in (A, B))
    clauses = ("4.4.4", "8.2 step 7", "17.9")
    rows = [
        ("key-id-decides", "the box opens under A to a session, under B to junk; the key id is B's", of_b, ring(A, B), "bad-padding"),
        ("key-id-decides-turned", "the same with the ring turned", of_b, ring(B, A), "bad-padding"),
        ("no-other-key-is-tried", "the key id is A's, and only B is there", of_a, hex_key(B), "unknown-key"),
        ("no-other-key-is-tried-turned", "the key id is B's, and only A is there", of_b, hex_key(A), "unknown-key"),
    ]  # fmt: skip
    return [
        open_refused(f"commitment-{name}", clauses, comment, token, reason, keyring=keyring, flags=("commitment",))
        for name, comment, token, keyring, reason in rows
    ]


def make_token_for_two() -> tuple[str, dict[str, Any]]:
    """A token of key A that holds a session, and the session; its box also authenticates under key B."""
    return _token(key_id(A) + NONCE + _make_box()), _open_for_two()[1]


def _make_box() -> bytes:
    return _open_for_two()[0]


def _open_for_two() -> tuple[bytes, dict[str, Any]]:
    for attempt in range(256):
        given = envelope(data=mapping(("v", binary(bytes([attempt]) + bytes(79)))))
        padded = octets.pad(write_envelope(given))
        if len(padded) % 16:
            raise ValueError("the ciphertext must be whole blocks of 16")
        # A block of 16 wholly within the binary.
        start = write_envelope(given).index(bytes(79))
        free = -(-start // 16) * 16
        try:
            changed, box = make_box_for_two(
                padded, free=free, box_key=box_key(A, HOST), other_box_key=box_key(B, HOST), nonce=NONCE
            )
        except ValueError:
            continue
        if crypto_secretbox_easy(changed, NONCE, box_key(A, HOST)) != box:
            raise ValueError("the box is not what libsodium would make")
        content = bytes([attempt]) + changed[start : start + 79]
        return box, envelope(data=mapping(("v", binary(content))))
    raise ValueError("no block does")


def _list_configurations() -> list[Case]:
    """A ring text or a purpose that is refused: no reason of the value, which is good."""
    question = {"keyring": hex_key(A), "purpose": HOST, "now": CREATED, "policy": policy()}
    replaced = octets.seal(_PLAINTEXT, key=A, purpose="\ufffd")
    encoded = octets.seal_under(
        octets.pad(_PLAINTEXT), box_key=octets.derive(A, "box", b"\xed\xa0\x80"), key_id=key_id(A)
    )
    last = octets.seal_under(octets.pad(_PLAINTEXT), box_key=octets.derive(A, "box", b"\xed\xbf\xbf"), key_id=key_id(A))
    parsed = ("4.2.1", "4.2 item 13")
    rows: list[tuple[str, tuple[str, ...], str, str, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = [
        ("ring-before-its-time", parsed, "the ring text is parsed at now, a second before its one key may seal", GOOD, {"keyring": f"{hex_key(A)}@from={AFTER}"}, ("rotation", "edge"), ()),
        ("ring-ended", parsed, "the ring text is parsed at now, at the end of its one key: not unknown-key", GOOD, {"keyring": f"{hex_key(A)}@until={AT}"}, ("rotation", "edge"), ()),
        ("purpose-surrogate-replaced", ("3.5",), "a lone surrogate is not replaced by U+FFFD", replaced, {"purpose": {"utf16": "d800"}}, ("utf-8",), ("lone-surrogates",)),
        ("purpose-surrogate-encoded", ("3.5",), "a lone surrogate is not encoded as three octets", encoded, {"purpose": {"utf16": "d800"}}, ("utf-8",), ("lone-surrogates",)),
        ("purpose-surrogate-encoded-last", ("3.5",), "nor is the last of all surrogates", last, {"purpose": {"utf16": "dfff"}}, ("utf-8",), ("lone-surrogates",)),
    ]  # fmt: skip
    return [
        Case(f"open-refuse-{name}", clauses, comment, {**question, "value": token.encode().hex(), **changes}, refuse(), flags, needs)
        for name, clauses, comment, token, changes, flags, needs in rows
    ]  # fmt: skip
