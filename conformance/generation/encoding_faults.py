"""All ways in which a plaintext breaks SPEC 6: one fault each, the rest a good envelope."""

from __future__ import annotations

from .messagepack import FALSE, NIL, form, write_array, write_integer, write_map, write_text
from .octets import SID
from .plaintexts import build, hold, nest
from .values import CREATED

# id, item of the clause, comment, plaintext, flags
Fault = tuple[str, int, str, bytes, tuple[str, ...]]


def list_encoding_faults() -> list[Fault]:
    whole = build()
    return [
        ("nothing", 1, "no octet at all", b"", ("length",)),
        ("cut-by-one", 1, "the last octet is missing", whole[:-1], ("length",)),
        ("cut-in-the-sid", 1, "it ends within a bin", whole[:10], ("length",)),
        ("cut-in-an-integer", 1, "it ends within an integer", whole[:21], ("length",)),
        ("cut-behind-the-array-header", 1, "eight are promised and none comes", b"\x98", ("length",)),
        ("cut-in-text", 1, "the text in data is shorter than its length", hold(b"\xa5abcd")[:-1], ("length",)),
        ("cut-in-a-length", 1, "it ends within a length", b"\xdc\x00", ("length",)),
        ("one-octet-behind", 1, "a nil after the envelope", whole + NIL, ("length",)),
        ("zero-behind", 1, "an octet 0x00, the integer 0, after the envelope", whole + b"\0", ("length",)),
        ("envelope-twice", 1, "a second envelope after the first", whole * 2, ("length",)),
        ("first-octet-c1", 2, "0xc1 is never used in MessagePack", hold(b"\xc1"), ("type",)),
        ("bin-32", 2, "bin with a length of four octets", hold(form(0xC6, 1) + b"x"), ("shortest-form",)),
        ("str-32", 2, "str with a length of four octets", hold(form(0xDB, 1) + b"x"), ("shortest-form",)),
        ("array-32", 2, "array with a length of four octets", hold(form(0xDD, 1) + NIL), ("shortest-form",)),
        ("map-32", 2, "map with a length of four octets", hold(form(0xDF, 0)), ("shortest-form",)),
        ("outermost-array-32", 2, "the envelope's own array with a length of four octets", b"\xdd\0\0\0\x08" + whole[1:], ("shortest-form",)),
        ("str-32-of-2-to-16", 2, "65,536 octets of text, which no other form of MessagePack can hold", hold(form(0xDB, 1 << 16) + b"x" * (1 << 16)), ("length",)),
        ("array-32-of-2-to-16", 2, "65,536 elements, which no other form of MessagePack can hold", hold(form(0xDD, 1 << 16) + NIL * (1 << 16)), ("length",)),
        ("array-32-huge", 2, "four thousand million elements are promised", hold(b"\xdd\xff\xff\xff\xff"), ("resources",)),
        ("map-32-huge", 2, "four thousand million pairs are promised", hold(b"\xdf\xff\xff\xff\xff"), ("resources",)),
        ("str-32-huge", 2, "four thousand million octets of text are promised", hold(b"\xdb\xff\xff\xff\xff"), ("resources",)),
        ("bin-32-huge", 2, "four thousand million octets are promised", hold(b"\xc6\xff\xff\xff\xff"), ("resources",)),
        ("array-16-huge", 1, "65,535 elements are promised and none comes", hold(b"\xdc\xff\xff"), ("resources",)),
        ("map-16-huge", 1, "65,535 pairs are promised and none comes", hold(b"\xde\xff\xff"), ("resources",)),
        ("str-16-huge", 1, "65,535 octets of text are promised and none comes", hold(b"\xda\xff\xff"), ("resources",)),
        ("bin-16-huge", 1, "65,535 octets are promised and none comes", hold(b"\xc5\xff\xff"), ("resources",)),
        ("float-32", 2, "a float of 32 bits: floats have 64", hold(b"\xca\x3f\xc0\0\0"), ("number",)),
        *(
            (f"fixext-{size}", 2, f"an extension type of {size} octets", hold(bytes([first, 5]) + bytes(size)), ("type",))
            for first, size in ((0xD4, 1), (0xD5, 2), (0xD6, 4), (0xD7, 8), (0xD8, 16))
        ),
        *(
            (f"ext-{8 * size}", 2, f"an extension type with a length of {size} octets", hold(bytes([first]) + (3).to_bytes(size, "big") + b"\x05abc"), ("type",))
            for first, size in ((0xC7, 1), (0xC8, 2), (0xC9, 4))
        ),
        ("timestamp-32", 2, "a timestamp, the extension type -1", hold(b"\xd6\xff\x69\x55\xb9\x00"), ("type",)),
        ("timestamp-64", 2, "a timestamp with nanoseconds", hold(b"\xd7\xff" + bytes(8)), ("type",)),
        ("extension-in-flash", 2, "an extension type as a flash value", build(flash=write_array(write_array(write_text("k"), b"\xd4\x05\x00"))), ("type",)),
        ("extension-instead-of-the-sid", 2, "an extension type of 16 octets where the sid belongs", build(sid=b"\xd8\x05" + SID), ("type",)),
        *(
            (f"integer-{number}-in-{first:02x}".replace("--", "-minus-"), 3, f"{number} in the form {first:02x}, where a shorter one is enough", hold(form(first, number)), ("shortest-form",))
            for number, first in (
                (0, 0xCC), (127, 0xCC), (128, 0xCD), (255, 0xCD), (256, 0xCE), (65535, 0xCE), (65536, 0xCF), ((1 << 32) - 1, 0xCF),
                (-1, 0xD0), (-32, 0xD0), (-33, 0xD1), (-128, 0xD1), (-129, 0xD2), (-32768, 0xD2), (-32769, 0xD3), (-(1 << 31), 0xD3),
            )
        ),
        *(
            (f"non-negative-{number}-in-{first:02x}", 3, f"{number} in the signed form {first:02x}: what is not negative is written unsigned", hold(form(first, number)), ("shortest-form",))
            for number, first in ((0, 0xD0), (127, 0xD0), (128, 0xD1), (32767, 0xD1), (32768, 0xD2), ((1 << 31) - 1, 0xD2), (1 << 31, 0xD3), ((1 << 63) - 1, 0xD3))
        ),
        ("created-in-cf", 3, "a time in eight octets where four are enough", build(created=form(0xCF, CREATED)), ("shortest-form",)),
        ("issued-in-d2", 3, "a time in the signed form", build(issued=form(0xD2, CREATED)), ("shortest-form",)),
        ("idle-in-ce", 3, "900 seconds in four octets where two are enough", build(idle=form(0xCE, 900)), ("shortest-form",)),
        ("sid-in-bin-16", 3, "the sid with a length of two octets", build(sid=form(0xC5, 16) + SID), ("shortest-form",)),
        ("outermost-array-16", 3, "the envelope's own array with a length of two octets", form(0xDC, 8) + whole[1:], ("shortest-form",)),
        ("data-in-map-16", 3, "data as a map with a length of two octets", build(data=form(0xDE, 0)), ("shortest-form",)),
        ("flash-in-array-16", 3, "flash as an array with a length of two octets", build(flash=form(0xDC, 0)), ("shortest-form",)),
        ("str-8-of-31", 3, "31 octets of text in the form d9", hold(form(0xD9, 31) + b"x" * 31), ("shortest-form",)),
        ("str-16-of-255", 3, "255 octets of text in the form da", hold(form(0xDA, 255) + b"x" * 255), ("shortest-form",)),
        ("bin-16-of-255", 3, "255 octets in the form c5", hold(form(0xC5, 255) + b"x" * 255), ("shortest-form",)),
        ("array-16-of-15", 3, "15 elements in the form dc", hold(form(0xDC, 15) + NIL * 15), ("shortest-form",)),
        ("map-16-of-15", 3, "15 pairs in the form de", hold(form(0xDE, 15) + b"".join(write_text(chr(97 + i)) + NIL for i in range(15))), ("shortest-form",)),
        ("long-key-form", 3, "a map key in the form d9 although it is short", build(data=b"\x81" + form(0xD9, 1) + b"v" + NIL), ("shortest-form",)),
        ("category-in-str-8", 3, "a flash category in the form d9 although it is short", build(flash=write_array(b"\x92" + form(0xD9, 1) + b"k" + NIL)), ("shortest-form",)),
        ("integer-2-to-63", 4, "2^63, the first that no signed integer of 64 bits holds", hold(form(0xCF, 1 << 63)), ("number", "edge")),
        ("integer-2-to-64-minus-1", 4, "the greatest that the form cf can say", hold(form(0xCF, (1 << 64) - 1)), ("number",)),
        ("time-2-to-63", 4, "until is 2^63: the encoding is at fault before the range is", build(until=form(0xCF, 1 << 63)), ("number",)),
        ("nan", 5, "a NaN", hold(bytes.fromhex("cb7ff8000000000000")), ("number",)),
        ("nan-negative", 5, "a NaN with its sign bit set", hold(bytes.fromhex("cbfff8000000000000")), ("number",)),
        ("nan-signalling", 5, "a NaN whose only fraction bit is the last", hold(bytes.fromhex("cb7ff0000000000001")), ("number", "edge")),
        ("infinity", 5, "an infinity", hold(bytes.fromhex("cb7ff0000000000000")), ("number", "edge")),
        ("infinity-negative", 5, "a negative infinity", hold(bytes.fromhex("cbfff0000000000000")), ("number",)),
        ("nan-in-flash", 5, "a NaN as a flash value", build(flash=write_array(write_array(write_text("k"), bytes.fromhex("cb7ff8000000000000")))), ("number",)),
        *(
            (f"utf-8-{name}", 6, comment, hold(bytes([0xA0 + len(octets)]) + octets), ("utf-8",))
            for name, comment, octets in (
                ("lone-continuation", "a continuation octet with nothing before it", b"\x80"),
                ("cut-of-two", "the first of two octets alone", b"\xc3"),
                ("cut-of-three", "two of three octets", b"\xe2\x82"),
                ("cut-of-four", "three of four octets", b"\xf0\x9f\x98"),
                ("bad-continuation", "the second octet is no continuation", b"\xc3("),
                ("delete-for-continuation", "the second octet is one below the continuations", b"\xc3\x7f"),
                ("c0-for-continuation", "the second octet is one above the continuations", b"\xc3\xc0"),
                ("overlong-solidus", "U+002F in two octets", b"\xc0\xaf"),
                ("overlong-nul", "U+0000 in two octets, as Java writes it", b"\xc0\x80"),
                ("overlong-c1", "U+007F in two octets", b"\xc1\xbf"),
                ("overlong-of-three", "U+07FF in three octets", b"\xe0\x9f\xbf"),
                ("overlong-of-four", "U+FFFF in four octets", b"\xf0\x8f\xbf\xbf"),
                ("high-surrogate", "U+D800", b"\xed\xa0\x80"),
                ("low-surrogate", "U+DFFF", b"\xed\xbf\xbf"),
                ("surrogate-pair", "U+1F600 as two surrogates of three octets each (CESU-8)", b"\xed\xa0\xbd\xed\xb8\x80"),
                ("above-10ffff", "U+110000", b"\xf4\x90\x80\x80"),
                ("first-octet-f5", "a first octet that no well-formed text contains", b"\xf5\x80\x80\x80"),
                ("five-octets", "five octets, as UTF-8 once had", b"\xf8\x88\x80\x80\x80"),
                ("octet-ff", "0xff", b"\xff"),
                ("bom-of-utf-16", "a byte order mark of UTF-16", b"\xff\xfe"),
            )
        ),
        ("utf-8-in-a-key", 6, "a map key that is not UTF-8", build(data=b"\x81\xa1\xff" + NIL), ("utf-8",)),
        ("utf-8-in-a-category", 6, "a flash category that is not UTF-8", build(flash=write_array(b"\x92\xa1\xff" + NIL)), ("utf-8",)),
        ("utf-8-in-a-long-text", 6, "the last of 300 octets is not UTF-8", hold(form(0xDA, 300) + b"x" * 299 + b"\xff"), ("utf-8",)),
        *(
            (f"key-{name}", 7, f"a map key that is {comment}", build(data=b"\x81" + octets + NIL), ("type",))
            for name, comment, octets in (
                ("integer", "an integer", write_integer(1)),
                ("nil", "nil", NIL),
                ("bool", "a bool", FALSE),
                ("float", "a float", bytes.fromhex("cb3ff0000000000000")),
                ("bin", "bin", b"\xc4\x01v"),
                ("array", "an array", b"\x90"),
                ("map", "a map", b"\x80"),
            )
        ),
        ("inner-key-integer", 7, "a map key that is an integer, two levels down", hold(write_array(b"\x81" + write_integer(1) + NIL)), ("type",)),
        ("key-integer-in-flash", 7, "a map key that is an integer, in a flash value", build(flash=write_array(write_array(write_text("k"), b"\x81" + write_integer(1) + NIL))), ("type",)),
        ("keys-descending", 8, "b before a", build(data=write_map((write_text("b"), NIL), (write_text("a"), NIL))), ("order",)),
        ("keys-longer-first", 8, "aa before a: what begins another comes first", build(data=write_map((write_text("aa"), NIL), (write_text("a"), NIL))), ("order",)),
        ("keys-shorter-first", 8, "b before aa: the octets decide, not the length", build(data=write_map((write_text("b"), NIL), (write_text("aa"), NIL))), ("order",)),
        ("keys-empty-last", 8, "the empty key comes first", build(data=write_map((write_text("a"), NIL), (write_text(""), NIL))), ("order",)),
        ("keys-capital-last", 8, "a before B: capitals come first", build(data=write_map((write_text("a"), NIL), (write_text("B"), NIL))), ("order",)),
        ("keys-by-utf-16", 8, "U+1F600 before U+FFEE, as UTF-16 units sort", build(data=write_map((write_text("\U0001f600"), NIL), (write_text("\uffee"), NIL))), ("order", "unicode")),
        ("keys-signed", 8, "U+00E9 before z, as signed octets sort", build(data=write_map((write_text("é"), NIL), (write_text("z"), NIL))), ("order", "unicode")),
        ("keys-case-folded", 8, "a Z: with case folded they would be in order", build(data=write_map((write_text("a"), NIL), (write_text("Z"), NIL))), ("order",)),
        ("keys-inner-descending", 8, "b before a in a map within data", hold(write_map((write_text("b"), NIL), (write_text("a"), NIL))), ("order",)),
        ("keys-in-flash-descending", 8, "b before a in a flash value", build(flash=write_array(write_array(write_text("k"), write_map((write_text("b"), NIL), (write_text("a"), NIL))))), ("order",)),
        ("keys-descending-behind-fifteen", 8, "the last of seventeen keys is at the wrong place", build(data=write_map(*((write_text(chr(98 + i)), NIL) for i in range(16)), (write_text("a"), NIL))), ("order",)),
        ("key-twice", 8, "a twice, with two values", build(data=write_map((write_text("a"), write_integer(1)), (write_text("a"), NIL))), ("order",)),
        ("key-twice-same-value", 8, "a twice, with the same value", build(data=write_map((write_text("a"), write_integer(1)), (write_text("a"), write_integer(1)))), ("order",)),
        ("empty-key-twice", 8, "the empty key twice", build(data=write_map((write_text(""), NIL), (write_text(""), NIL))), ("order",)),
        ("key-twice-in-an-inner-map", 8, "a twice in a map within data", hold(write_map((write_text("a"), NIL), (write_text("a"), NIL))), ("order",)),
        ("proto-in-data", 9, "the key __proto__ in data", build(data=write_map((write_text("__proto__"), NIL))), ("type",)),
        ("proto-in-an-inner-map", 9, "the key __proto__ in a map within an array", hold(write_array(write_map((write_text("__proto__"), b"\x80")))), ("type",)),
        ("proto-in-flash", 9, "the key __proto__ in a flash value", build(flash=write_array(write_array(write_text("k"), write_map((write_text("__proto__"), NIL))))), ("type",)),
        ("level-17-array", 10, "an empty array at level 17", hold(nest(17)), ("depth", "edge")),
        ("level-17-map", 10, "an empty map at level 17", hold(nest(17, innermost=b"\x80")), ("depth", "edge")),
        ("level-17-in-flash", 10, "an empty array at level 17 in a flash value, which is level 3 itself", build(flash=write_array(write_array(write_text("k"), b"\x91" * 14 + b"\x90"))), ("depth", "edge")),
        ("level-17-maps", 10, "maps in one another down to level 17", hold((b"\x81\xa1k") * 15 + b"\x80"), ("depth",)),
        ("level-17-instead-of-a-time", 10, "too deep an array where a time belongs: the encoding is at fault first", build(created=b"\x91" * 16 + b"\x90"), ("depth",)),
        ("level-2000", 10, "two thousand arrays in one another", hold(nest(2000)), ("depth", "resources")),
        ("level-2000-of-maps", 10, "seven hundred maps in one another", hold((b"\x81\xa1k") * 700 + b"\x80"), ("depth", "resources")),
        ("level-2000-unclosed", 10, "two thousand arrays begin and none ends", b"\x91" * 2000, ("depth", "resources")),
        ("fault-in-an-array-of-seven", 3, "too few elements and an integer too long: the encoding is at fault first", b"\x97" + hold(form(0xCC, 1))[1:-1], ("shortest-form",)),
    ]  # fmt: skip
