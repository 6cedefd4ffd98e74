"""Ring text: separators, entries, files with comments, keys that clash (SPEC 4.1 and 4.2)."""

from __future__ import annotations

from .cases import Case
from .keys import KEYS, ONE_KEY_ID, SECRET_KEY_BASE, SKB, A, B, hex_key
from .octets import base64url, key_text
from .ring_questions import NOW, refuse_ring, take_ring
from .ring_time_cases import list_ring_time_cases


def list_cases() -> list[Case]:
    return [
        *_list_separators(),
        *_list_junk(),
        *_list_counts(),
        *_list_bounds(),
        *_list_files(),
        *_list_file_faults(),
        *_list_clashes(),
        *list_ring_time_cases(),
    ]


def _list_separators() -> list[Case]:
    rows = [
        ("space", "a space between two entries", "{a} {b}"),
        ("tab", "a tab between two entries", "{a}\t{b}"),
        ("line-feed", "a line each", "{a}\n{b}"),
        ("carriage-return", "CR alone separates, too", "{a}\r{b}"),
        ("line-feed-after-carriage-return", "lines that end with CR LF", "{a}\r\n{b}\r\n"),
        ("comma", "a comma between two entries", "{a},{b}"),
        ("comma-and-space", "a comma and a space", "{a}, {b}"),
        ("run", "a run of all of them", "{a} \t\r\n,,{b}"),
        ("leading-comma", "separators may lead", ", {a} {b}"),
        ("leading-blanks", "separators may lead", " \t\n{a} {b}"),
        ("trailing-comma", "separators may trail", "{a} {b},"),
        ("trailing-line-feed", "separators may trail", "{a} {b}\n"),
    ]
    return [
        take_ring(f"ring-separator-{name}", ("4.1", "4.2 item 2"), comment, text, (NOW, "a* b"))
        for name, comment, text in rows
    ]


def _list_junk() -> list[Case]:
    """Text between or around entries that is neither part of an entry nor a separator."""
    ascii_rows = [
        ("semicolon", "; does not separate", "{a};{b}"),
        ("colon", ": does not separate", "{a}:{b}"),
        ("nothing", "two entries without a separator", "{a}{b}"),
        ("vertical-tab", "VT does not separate", "{a}\x0b{b}"),
        ("form-feed", "FF does not separate", "{a}\x0c{b}"),
        ("file-separator", "0x1C does not separate, though Python splits lines there", "{a}\x1c{b}"),
        ("nul-between", "NUL does not separate", "{a}\0{b}"),
        ("nul-at-the-end", "NUL ends nothing", "{a}\0"),
        ("vertical-tab-at-the-end", "VT is not trimmed", "{a}\x0b"),
        ("form-feed-at-the-start", "FF is not trimmed", "\x0c{a}"),
        ("delete-at-the-end", "DEL is not trimmed", "{a}\x7f"),
        ("quotes-around-the-ring", "quotation marks left by a shell", '"{a} {b}"'),
        ("comment", "a comment where there is no file", "# the key of today\n{a}"),
        ("comment-behind", "a comment behind an entry", "{a} # the key of today"),
        ("number-sign-alone", "# alone where there is no file", "{a}\n#\n{b}"),
        ("word", "a second word that is no key", "{a} none"),
    ]  # fmt: skip
    high_rows = [
        ("no-break-space", "U+00A0 in UTF-8", "{a}\xc2\xa0{b}"),
        ("octet-0xa0-at-the-end", "the octet 0xA0 alone is no blank", "{a}\xa0"),
        ("octet-0x85-between", "the octet 0x85 is no line end", "{a}\x85{b}"),
        ("octet-0x80", "the first octet above 0x7F", "{a} \x80"),
        ("octet-0xff", "the last octet", "\xff{a}"),
        ("byte-order-mark", "U+FEFF in UTF-8 before the first entry", "\xef\xbb\xbf{a}"),
        ("full-width-comma", "U+FF0C is no comma", "{a}\xef\xbc\x8c{b}"),
        ("arabic-digit", "a digit that some readers of digits take", "hex:\xd9\xa0" + B.hex()[1:]),
    ]
    return [
        *(refuse_ring(f"ring-{name}", ("4.2 item 2",), comment, text) for name, comment, text in ascii_rows),
        *(
            refuse_ring(f"ring-{name}", ("4.2 item 1",), comment, text, flags=("alphabet",))
            for name, comment, text in high_rows
        ),
    ]


def _list_counts() -> list[Case]:
    entries = [f"{{{name}}}" for name in KEYS]
    last = " ".join(["a*", *list(KEYS)[1:16]])
    accepted = [
        take_ring("ring-of-sixteen", ("4.1", "4.2 item 3"), "a full ring", " ".join(entries[:16]), (NOW, last), flags=("edge",)),
        take_ring("ring-of-three", ("4.4.3",), "the order of the text is the order of the ring", "{c} {a} {b}", (NOW, "c* a b")),
    ]  # fmt: skip
    rows = [
        ("ring-of-seventeen", "4.2 item 3", "one too many", " ".join(entries)),
        ("ring-empty", "4.2 item 2", "no entry", ""),
        ("ring-of-blanks", "4.2 item 2", "separators alone", " \t\r\n"),
        ("ring-of-commas", "4.2 item 2", "separators alone", ","),
    ]
    return [
        *accepted,
        *(refuse_ring(name, (item,), comment, text, flags=("edge",)) for name, item, comment, text in rows),
    ]


def _list_bounds() -> list[Case]:
    """How `@from` and `@until` are written; ring_time_cases has the times in them."""
    accepted = [
        ("from-then-until", "@from before @until", "{b}@from={now-1}@until={now+1} {a}"),
        ("until-then-from", "@until before @from", "{b}@until={now+1}@from={now-1} {a}"),
    ]
    faults = [
        ("in-capitals", "@FROM is not @from", "{b}@FROM={now} {a}"),
        ("unknown", "a bound that there is not", "{b}@since={now} {a}"),
        ("until-in-capitals", "@Until is not @until", "{b}@Until={now+1} {a}"),
        ("without-time", "no time", "{b}@until= {a}"),
        ("without-equals-sign", "no = and no time", "{b}@from {a}"),
        ("two-equals-signs", "= twice", "{b}@from=={now} {a}"),
        ("colon-for-equals-sign", ": where = belongs", "{b}@from:{now} {a}"),
        ("trailing-at", "@ and nothing behind it", "{b}@ {a}"),
        ("two-at", "@ twice", "{b}@@from={now} {a}"),
        ("blank-before", "a blank ends the entry", "{b} @from={now} {a}"),
        ("blank-after-equals-sign", "a blank ends the entry", "{b}@from= {now} {a}"),
        ("before-the-key", "@from belongs after its key", "@from={now}{b} {a}"),
        ("without-key", "a bound of nothing", "@from={now} {a}"),
        ("without-at", "no @", "{b}from={now} {a}"),
    ]
    twice = [
        ("from-twice", "@from twice", "{b}@from={now}@from={now+1} {a}"),
        ("from-twice-the-same", "@from twice with one time", "{b}@from={now}@from={now} {a}"),
        ("until-twice", "@until twice", "{b}@until={now+1}@until={now+2} {a}"),
        ("from-twice-around-until", "@from on both sides of @until", "{b}@from={now}@until={now+2}@from={now} {a}"),
    ]
    return [
        *(
            take_ring(f"ring-bound-{name}", ("4.1",), comment, text, (NOW, "b* a"), (NOW + 1, "a*"))
            for name, comment, text in accepted
        ),
        *(refuse_ring(f"ring-bound-{name}", ("4.2 item 2",), comment, text) for name, comment, text in faults),
        *(refuse_ring(f"ring-bound-{name}", ("4.2 item 4",), comment, text) for name, comment, text in twice),
    ]


def _list_files() -> list[Case]:
    rows = [
        ("without-comments", "a file need not have comments", "{a}\n", "a*"),
        ("without-line-feed", "nor an LF at its end", "{a}", "a*"),
        ("comment-first", "a comment line, then an entry", "# today\n{a}\n", "a*"),
        ("comment-between", "a comment line between two entries", "{a}\n# yesterday\n{b}\n", "a* b"),
        ("comment-last", "a comment line at the end", "{a}\n# no more\n", "a*"),
        ("comment-unended", "a comment ends with the file, too", "{a}\n# no more", "a*"),
        ("comment-empty", "# alone", "#\n{a}\n", "a*"),
        ("comments-in-a-row", "several comment lines", "# one\n## two\n#\n{a}\n", "a*"),
        ("comment-with-a-key", "a key in a comment is no entry", "#{b}\n{a}\n", "a*"),
        ("comment-with-separators", "a comment has no entries behind a comma", "# {c}, {b}\n{a}\n", "a*"),
        ("comment-ended-by-crlf", "the CR belongs to the comment", "# today\r\n{a}\r\n", "a*"),
        ("comment-after-crlf", "the LF begins the line", "{a}\r\n#{b}\r\n", "a*"),
        ("comment-after-an-empty-line", "an empty line is a line", "\n\n# today\n{a}", "a*"),
        ("comment-with-carriage-return", "CR alone does not end a comment", "# today\r{b}\n{a}\n", "a*"),
        ("comment-with-high-octets", "any octet but LF", "# Schl\xc3\xbcssel \xff\x80\n{a}\n", "a*"),
        ("comment-with-nul", "any octet but LF", "# \0 {b}\n{a}\n", "a*"),
        ("comment-with-vertical-tab", "VT and FF do not end a comment", "# \x0b{b} \x0c{c}\n{a}\n", "a*"),
        ("comment-with-separators-of-unicode", "0x1C, U+0085 and U+2028 do not end a comment", "# \x1c{b} \xc2\x85{c} \xe2\x80\xa8{d}\n{a}\n", "a*"),
        ("comment-with-octet-0x85", "the octet 0x85 does not end a comment", "# \x85{b}\n{a}\n", "a*"),
    ]  # fmt: skip
    return [
        take_ring(f"ring-file-{name}", ("4.1", "4.2 item 2"), comment, text, (NOW, opens), is_file=True)
        for name, comment, text, opens in rows
    ]


def _list_file_faults() -> list[Case]:
    rows = [
        ("comment-behind-an-entry", "4.2 item 2", "# at the start of a line only", "{a} # today\n"),
        ("comment-behind-an-entry-at-once", "4.2 item 2", "# at the start of a line only", "{a}# today\n"),
        ("comment-after-a-blank", "4.2 item 2", "the first octet of the line, not the first that is no blank", "{a}\n # no\n"),
        ("comment-after-a-tab", "4.2 item 2", "the first octet of the line, not the first that is no blank", "\t# no\n{a}\n"),
        ("comment-after-a-comma", "4.2 item 2", "a comma does not begin a line", "{a},# no\n"),
        ("comment-after-carriage-return", "4.2 item 2", "CR alone does not begin a line", "{a}\r# no\n"),
        ("comment-after-vertical-tab", "4.2 item 2", "VT does not begin a line", "{a} \x0b# no\n"),
        ("comment-joins-nothing", "4.2 item 2", "the LF before a comment still separates", "{a}\n" + hex_key(B)[:40] + "\n# cut\n" + hex_key(B)[40:]),
        ("empty", "4.2 item 2", "a file without an octet", ""),
        ("of-comments", "4.2 item 2", "comments alone", "# one\n# two\n"),
        ("of-one-comment", "4.2 item 2", "CR alone does not end a comment, so that no key is left", "# one\r{a}"),
        ("semicolon-comment", "4.2 item 2", "; begins no comment", "; today\n{a}\n"),
        ("byte-order-mark", "4.2 item 1", "U+FEFF before the first entry", "\xef\xbb\xbf{a}\n"),
        ("byte-order-mark-before-comment", "4.2 item 1", "U+FEFF is before the #, so that no comment begins", "\xef\xbb\xbf# today\n{a}\n"),
        ("high-octet-after-comment", "4.2 item 1", "an octet above 0x7F on the line after a comment", "# today\n\xa0{a}\n"),
        ("nul", "4.2 item 2", "NUL out of a comment", "{a}\n\0"),
        ("seventeen-entries", "4.2 item 3", "a file may hold no more entries", "\n".join(f"{{{name}}}" for name in KEYS)),
    ]  # fmt: skip
    return [
        refuse_ring(f"ring-file-{name}", (item,), comment, text, is_file=True) for name, item, comment, text in rows
    ]


def _list_clashes() -> list[Case]:
    skb = f"skb:{SECRET_KEY_BASE.hex()}"
    rows = [
        ("twice", "the same entry twice", "{a} {a}"),
        ("in-either-case", "hex digits in small letters and in capitals", f"hex:{B.hex()} hex:{B.hex().upper()}"),
        ("as-hex-and-key-text", "two forms of one key", f"{hex_key(B)} {key_text(B)}"),
        ("as-hex-and-base64", "two forms of one key", f"{hex_key(A)} b64:{base64url(A)}="),
        ("as-base64-in-two-alphabets", "two spellings of one key", f"b64:{base64url(KEYS['l'])} b64:{base64url(KEYS['l']).replace('_', '/')}="),
        ("as-secret-key-base-and-derived", "a SECRET_KEY_BASE and the K of it", f"{skb} {hex_key(SKB)}"),
        ("with-other-bounds", "one key in two stretches of time", "{b}@until={now+1} {b}@from={now+2} {a}"),
        ("first-and-last", "the same key with others between", "{a} {b} {c} {a}"),
        ("ended", "an entry that is over clashes, too", "{a} {b} {a}@until={now-1}"),
    ]  # fmt: skip
    one_id = " ".join(map(hex_key, ONE_KEY_ID))
    return [
        *(refuse_ring(f"ring-key-{name}", ("4.2 item 10",), comment, text) for name, comment, text in rows),
        refuse_ring("ring-key-ids-equal", ("4.2 item 11",), "two keys of one key id", one_id, flags=("commitment",)),
    ]
