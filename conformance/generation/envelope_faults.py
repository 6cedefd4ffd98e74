"""All ways in which a plaintext keeps SPEC 6 and breaks SPEC 5: one fault each."""

from __future__ import annotations

from .encoding_faults import Fault
from .messagepack import NIL, TRUE, write_array, write_binary, write_float, write_integer, write_map, write_text
from .octets import SID
from .plaintexts import build, list_parts
from .values import CREATED, UNTIL


def list_envelope_faults() -> list[Fault]:
    whole = build()
    seven = write_array(*(b"\xc0",) * 7)
    parts = list_parts(created=write_integer(CREATED - (1 << 16)))
    return [
        ("not-an-array", 1, "a map of eight instead of an array", write_map(*((write_text(chr(97 + i)), NIL) for i in range(8))), ("type",)),
        ("map-of-the-eight", 1, "a map whose values, in order, are the eight of an envelope", write_map(*((write_text(chr(97 + i)), part) for i, part in enumerate(parts))), ("type",)),
        ("nil", 1, "nil", NIL, ("type",)),
        ("text", 1, "text", write_text("session"), ("type",)),
        ("integer", 1, "an integer", write_integer(1), ("type",)),
        ("bin", 1, "the envelope within a bin", write_binary(whole), ("type",)),
        ("empty-array", 1, "an array of none", b"\x90", ("length",)),
        ("array-of-seven-nils", 1, "an array of seven", seven, ("length",)),
        ("without-flash", 1, "seven: flash is missing", b"\x97" + whole[1:-1], ("length", "edge")),
        ("nine", 1, "nine: there are no extension fields", b"\x99" + whole[1:] + NIL, ("length", "edge")),
        ("sixteen", 1, "an array of sixteen", write_array(*(NIL,) * 16), ("length",)),
        *(
            (f"{part}-{name}", 2, f"{part} is {comment}", build(**{part: octets}), ("type",))
            for part, rows in {
                "sid": (("text", "text of 16 octets", write_text("0123456789abcdef")), ("array", "an array of 16", write_array(*(write_integer(1),) * 16)), ("nil", "nil", NIL)),
                "created": (("float", "a whole float", write_float(float(CREATED))), ("text", "text", write_text("1767225600")), ("nil", "nil", NIL), ("bool", "true", TRUE)),
                "issued": (("float", "a whole float", write_float(float(CREATED))), ("text", "text", write_text("1767225600")), ("nil", "nil", NIL)),
                "idle": (("float", "1.0", bytes.fromhex("cb3ff0000000000000")), ("bool", "true", TRUE), ("nil", "nil", NIL)),
                "until": (("float", "a whole float", write_float(float(UNTIL))), ("bool", "true", TRUE), ("nil", "nil", NIL)),
                "persistent": (("integer", "1", write_integer(1)), ("zero", "0", b"\x00"), ("nil", "nil", NIL), ("text", "text", write_text("true"))),
                "data": (("nil", "nil", NIL), ("array", "an array", b"\x90"), ("text", "text", write_text("")), ("bin", "bin", b"\xc4\x00")),
                "flash": (("nil", "nil", NIL), ("map", "a map", b"\x80"), ("text", "text", write_text(""))),
            }.items()
            for name, comment, octets in rows
        ),
        ("entry-map", 2, "a flash entry is a map", build(flash=write_array(write_map((write_text("k"), NIL)))), ("type",)),
        ("entry-text", 2, "a flash entry is text of two characters", build(flash=write_array(write_text("ab"))), ("type",)),
        ("entry-nil", 2, "a flash entry is nil", build(flash=write_array(NIL)), ("type",)),
        ("second-entry-text", 2, "the second of two flash entries is text", build(flash=write_array(write_array(write_text("k"), NIL), write_text("ab"))), ("type",)),
        ("category-nil", 2, "a flash category is nil", build(flash=write_array(write_array(NIL, NIL))), ("type",)),
        ("category-integer", 2, "a flash category is an integer", build(flash=write_array(write_array(write_integer(1), NIL))), ("type",)),
        ("category-bin", 2, "a flash category is bin", build(flash=write_array(write_array(b"\xc4\x01k", NIL))), ("type",)),
        ("second-category-nil", 2, "the category of the second of two flash entries is nil", build(flash=write_array(write_array(write_text("k"), NIL), write_array(NIL, NIL))), ("type",)),
        ("sid-of-15", 3, "the sid has 15 octets", build(sid=write_binary(SID[:15])), ("length", "edge")),
        ("sid-of-17", 3, "the sid has 17 octets", build(sid=write_binary(SID + b"x")), ("length", "edge")),
        ("sid-of-0", 3, "the sid is empty", build(sid=write_binary(b"")), ("length",)),
        ("sid-of-32", 3, "the sid has 32 octets", build(sid=write_binary(SID * 2)), ("length",)),
        ("created-negative", 4, "created is -1", build(created=write_integer(-1)), ("number", "edge")),
        ("issued-negative", 4, "created and issued are negative, in order", build(created=write_integer(-2), issued=write_integer(-1)), ("number",)),
        ("until-2-to-48", 4, "until is 2^48", build(until=write_integer(1 << 48)), ("number", "edge")),
        ("all-times-2-to-48", 4, "all three are 2^48 and more, in order", build(created=write_integer(1 << 48), issued=write_integer(1 << 48), until=write_integer((1 << 48) + 1)), ("number",)),
        ("until-2-to-63-minus-1", 4, "until is the greatest integer", build(until=write_integer((1 << 63) - 1)), ("number",)),
        ("until-negative", 4, "until is -1", build(until=write_integer(-1)), ("number",)),
        ("idle-negative", 5, "idle is -1", build(idle=write_integer(-1)), ("number",)),
        ("idle-0", 5, "idle is 0", build(idle=write_integer(0)), ("number", "edge")),
        ("idle-2-to-32", 5, "idle is 2^32", build(idle=write_integer(1 << 32)), ("number", "edge")),
        ("issued-before-created", 6, "issued is one second before created", build(issued=write_integer(CREATED - 1)), ("time", "edge")),
        ("until-is-issued", 7, "until is the second of issued", build(until=write_integer(CREATED)), ("time", "edge")),
        ("until-before-issued", 7, "until is before issued", build(created=write_integer(CREATED - 9), until=write_integer(CREATED - 1)), ("time",)),
        ("flash-of-33", 8, "33 flash entries", build(flash=write_array(*(write_array(write_text("k"), write_integer(i)) for i in range(33)))), ("length", "edge")),
        ("entry-of-1", 9, "a flash entry of one element", build(flash=write_array(write_array(write_text("k")))), ("length", "edge")),
        ("entry-of-3", 9, "a flash entry of three elements", build(flash=write_array(write_array(write_text("k"), NIL, NIL))), ("length", "edge")),
        ("entry-of-0", 9, "an empty flash entry", build(flash=write_array(b"\x90")), ("length",)),
        ("second-entry-of-3", 9, "the second of two flash entries has three elements", build(flash=write_array(write_array(write_text("k"), NIL), write_array(write_text("k"), NIL, NIL))), ("length",)),
    ]  # fmt: skip
