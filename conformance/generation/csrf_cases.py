"""CSRF tokens: made with the mask given, and checked (SPEC 14.1 and 14.3)."""

from __future__ import annotations

from . import octets
from .cases import Case, accept, refuse
from .octets import SID, base64url, from_base64url, make_csrf_token

_MASK = bytes(range(0xC0, 0xE0))
_ZEROS = bytes(32)
_OTHER_SID = bytes(range(16))
_TOKEN = make_csrf_token(SID, "", _MASK)
_CSRF = octets.derive(SID, "csrf", b"")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# What a form may be called, and what a careless port makes of it.
_FORMS = [
    ("capitals", "a form in capitals", "PAY", "pay"),
    ("composed", "U+00E9 is not U+0065 U+0301", "\u00e9", "e\u0301"),
    ("decomposed", "U+0065 U+0301 is not U+00E9", "e\u0301", "\u00e9"),
    ("blank", "a blank is a form", " ", ""),
    ("trailing-blank", "nothing is trimmed", "pay ", "pay"),
    ("nul", "NUL does not end a form", "pay\0b", "pay"),
    ("byte-order-mark", "U+FEFF is text like any other", "\ufeffpay", "pay"),
    ("slash", "nothing is a path here", "/pay/", "/pay"),
]


def list_make_cases() -> list[Case]:
    rows = [
        ("golden", "the worked example", SID, "", _MASK, ("golden",)),
        ("golden-with-form", "the worked example with a form", SID, "/pay/\u00e9", _MASK, ("golden", "unicode")),
        ("mask-of-zeros", "the second half is csrf itself", SID, "", _ZEROS, ()),
        ("mask-of-ones", "every bit of csrf turned", SID, "", b"\xff" * 32, ()),
        ("mask-like-csrf", "the second half is all zeros", SID, "", _CSRF, ()),
        ("other-sid", "another sid, another token", _OTHER_SID, "", _MASK, ()),
        ("beyond-bmp", "four octets of UTF-8", SID, "\U0001f600", _MASK, ("unicode",)),
        ("long-form", "a form of 300 octets", SID, "f" * 300, _MASK, ()),
    ]
    forms = [(f"form-{name}", comment, SID, form, _MASK, ("unicode",)) for name, comment, form, _ in _FORMS]
    made = [
        Case(f"csrf-make-{name}", ("3.3", "14.1"), comment, {"sid": sid.hex(), "form": form, "mask": mask.hex()}, accept(token=make_csrf_token(sid, form, mask)), flags)
        for name, comment, sid, form, mask, flags in [*rows, *forms]
    ]  # fmt: skip
    refused = [
        Case(f"csrf-make-refuse-form-{name}", ("3.5",), comment, {"sid": SID.hex(), "form": form, "mask": _MASK.hex()}, refuse(), ("utf-8",), ("lone-surrogates",))
        for name, comment, form in (
            ("high-surrogate", "a form that ends with a high surrogate", {"utf16": "0061d800"}),
            ("low-surrogate", "a form that begins with a low surrogate", {"utf16": "dfff0061"}),
        )
    ]  # fmt: skip
    return [*made, *refused]


def list_check_cases() -> list[Case]:
    return [
        *_list_good(),
        *_list_others(),
        *_list_altered(),
        *_list_characters(),
        *_list_lengths(),
        *_list_surrogates(),
    ]


def _check(
    name: str,
    item: str,
    comment: str,
    token: str,
    *,
    sid: bytes = SID,
    form: str = "",
    good: bool = False,
    flags: tuple[str, ...] = (),
) -> Case:
    question = {"sid": sid.hex(), "form": form, "token": token.encode("latin-1").hex()}
    return Case(f"csrf-check-{name}", (item,), comment, question, accept() if good else refuse(), flags)


def _list_good() -> list[Case]:
    halves = from_base64url(_TOKEN)
    rows = [
        ("golden", "the worked example", _TOKEN, ("golden",)),
        ("mask-of-zeros", "any mask is right", make_csrf_token(SID, "", _ZEROS), ()),
        ("mask-like-csrf", "any mask is right, also one that leaves zeros", make_csrf_token(SID, "", _CSRF), ()),
        ("halves-swapped", "xor does not know which half is the mask", base64url(halves[32:] + halves[:32]), ()),
    ]
    with_form = make_csrf_token(SID, "/pay/\u00e9", _MASK)
    return [
        *(_check(name, "14.3 item 3", comment, token, good=True, flags=flags) for name, comment, token, flags in rows),
        _check("golden-with-form", "14.3 item 3", "the worked example with a form", with_form, form="/pay/\u00e9", good=True, flags=("golden",)),
    ]  # fmt: skip


def _list_others() -> list[Case]:
    """Tokens that are good elsewhere."""
    cases = [
        _check("other-sid", "14.3 item 3", "another session's token", _TOKEN, sid=_OTHER_SID),
        _check("sid-of-zeros", "14.3 item 3", "another session's token", _TOKEN, sid=bytes(16)),
        _check("one-form-for-none", "14.3 item 3", "a form's token where none is named", make_csrf_token(SID, "pay", _MASK)),
        _check("no-form-for-one", "14.3 item 3", "a token without a form does not fit all forms", _TOKEN, form="pay"),
    ]  # fmt: skip
    forms = [
        _check(
            f"form-{name}", "14.3 item 3", comment, make_csrf_token(SID, other, _MASK), form=form, flags=("unicode",)
        )
        for name, comment, form, other in _FORMS
    ]
    return [*cases, *forms]


def _list_altered() -> list[Case]:
    halves = from_base64url(_TOKEN)

    def flip(index: int, bit: int) -> str:
        return base64url(halves[:index] + bytes([halves[index] ^ bit]) + halves[index + 1 :])

    rows = [
        ("first-bit-of-r", "one bit of the mask differs", flip(0, 0x80)),
        ("last-bit-of-r", "one bit of the mask differs", flip(31, 1)),
        ("first-bit-of-m", "one bit of the masked half differs", flip(32, 0x80)),
        ("last-bit-of-m", "the last bit of all differs", flip(63, 1)),
        ("unmasked", "csrf is in the place of r xor csrf", base64url(_MASK + _CSRF)),
        ("unmasked-first", "csrf bare as r, and ones as m", base64url(_CSRF + b"\xff" * 32)),
        ("of-zeros", "r and m alike", base64url(bytes(64))),
        ("mask-twice", "r and m alike", base64url(_MASK * 2)),
        ("sid-for-csrf", "the sid, masked", base64url(_MASK + bytes(a ^ b for a, b in zip(_MASK, SID * 2, strict=True)))),
    ]  # fmt: skip
    return [_check(name, "14.3 item 3", comment, token, flags=("altered",)) for name, comment, token in rows]


def _list_characters() -> list[Case]:
    # A token with both characters in which the two base64 alphabets differ, and one that ends in "A".
    both = make_csrf_token(SID, "", bytes([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF]) + bytes(26))
    rows = [
        ("standard-alphabet", "+ and / for - and _, all else right", both.replace("-", "+").replace("_", "/")),
        ("plus", "+ for -", both.replace("-", "+")),
        ("slash", "/ for _", both.replace("_", "/")),
        ("equals-sign-last", "= for the last character", f"{_TOKEN[:-1]}="),
        ("octet-80-for-underscore", "an octet above 0x7f for _, which some base64 decoders take for it", both.replace("_", "\u0080")),
        ("dot", "a character of neither alphabet", f"{_TOKEN[:20]}.{_TOKEN[21:]}"),
        ("asterisk", "a character of neither alphabet", f"{_TOKEN[:20]}*{_TOKEN[21:]}"),
        ("nul", "NUL within", f"{_TOKEN[:20]}\0{_TOKEN[21:]}"),
        ("line-feed-last", "86 characters of which the last is LF", f"{_TOKEN[:-1]}\n"),
        ("space-first", "86 characters of which the first is a space", f" {_TOKEN[1:]}"),
        ("octet-0x80", "an octet above 0x7F", f"{_TOKEN[:20]}\x80{_TOKEN[21:]}"),
        ("octet-0xff", "an octet above 0x7F", f"{_TOKEN[:-1]}\xff"),
        ("e-acute", "two octets of UTF-8 within 86", f"{_TOKEN[:20]}\xc3\xa9{_TOKEN[22:]}"),
    ]  # fmt: skip
    last = _ALPHABET.index(_TOKEN[-1])
    spare = [
        _check(f"spare-bits-{bits:04b}", "14.3 item 2", "spare bits that are not zero", _TOKEN[:-1] + _ALPHABET[last + bits])
        for bits in (1, 2, 4, 8, 15)
    ]  # fmt: skip
    return [
        *(_check(name, "14.3 item 1", comment, token, flags=("alphabet",)) for name, comment, token in rows),
        *spare,
    ]


def _list_lengths() -> list[Case]:
    rows = [
        ("empty", "no octet", ""),
        ("nul-and-more-behind", "a good token, NUL and another character", _TOKEN + "\0x"),
        ("cut-by-one", "85 characters", _TOKEN[:-1]),
        ("cut-by-two", "84 characters: 63 octets", _TOKEN[:-2]),
        ("longer-by-one", "87 characters", f"{_TOKEN}A"),
        ("longer-by-four", "90 characters", f"{_TOKEN}AAAA"),
        ("padded", "base64url has no =", f"{_TOKEN}=="),
        ("trailing-line-feed", "a good token and LF", f"{_TOKEN}\n"),
        ("leading-space", "nothing is trimmed", f" {_TOKEN}"),
        ("junk-octet", "a character that lenient decoders drop, in excess", f"{_TOKEN[:20]}!{_TOKEN[20:]}"),
        ("csrf-alone", "43 characters: csrf without a mask", base64url(_CSRF)),
        ("hex", "the right octets in hex", from_base64url(_TOKEN).hex()),
        ("twice", "two good tokens", _TOKEN * 2),
    ]
    return [_check(name, "14.3 item 1", comment, token, flags=("length",)) for name, comment, token in rows]


def _list_surrogates() -> list[Case]:
    """Forms with a lone surrogate, each with the token that a port makes which encodes it in some way."""
    replaced = make_csrf_token(SID, "\ufffd", _MASK)
    dropped = make_csrf_token(SID, "a", _MASK)
    rows = [
        ("replaced", "a lone surrogate is not replaced by U+FFFD", {"utf16": "d800"}, replaced),
        ("encoded", "a lone surrogate is not encoded as three octets", {"utf16": "d800"}, _make_token(b"\xed\xa0\x80")),
        ("encoded-last", "nor is the last of all surrogates", {"utf16": "dfff"}, _make_token(b"\xed\xbf\xbf")),
        ("dropped", "a lone surrogate is not left out", {"utf16": "0061d800"}, dropped),
    ]  # fmt: skip
    return [
        Case(f"csrf-check-form-surrogate-{name}", ("3.5",), comment, {"sid": SID.hex(), "form": form, "token": token.encode().hex()}, refuse(), ("utf-8",), ("lone-surrogates",))
        for name, comment, form, token in rows
    ]  # fmt: skip


def _make_token(form: bytes) -> str:
    csrf = octets.derive(SID, "csrf", form)
    return base64url(_MASK + bytes(a ^ b for a, b in zip(_MASK, csrf, strict=True)))
