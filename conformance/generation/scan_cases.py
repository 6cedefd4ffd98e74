"""Cookie header fields to the values of one name (SPEC 11.1 and 11.2), with what known parsers make of them in mind."""

from __future__ import annotations

from .cases import Case, accept

# A case: name, clauses, comment, header fields, values. One character is one octet.
_Row = tuple[str, tuple[str, ...], str, list[str], list[str]]

_STEP_1, _STEP_2, _STEP_3, _STEP_4, _STEP_5, _STEP_6 = (f"11.1 step {number}" for number in range(1, 7))
_SIXTEEN = " \t" * 8


def list_cases() -> list[Case]:
    rows = [
        *_list_fields(),
        *_list_pieces(),
        *_list_blanks(),
        *_list_names(),
        *_list_values(),
        *_list_commas(),
        *_list_quotation(),
    ]
    return [
        _scan("example", ("11.1", "11.2"), "the example of SPEC 11", ['j={"a":1;b=2; s=one, s=two ; S=no; s =no', 'x="y; s=three";s=; ss=no; d=x,s=no;s=a=b'], ["one", 'three"', "", "a=b"], flags=("golden",)),
        *(_scan(*row) for row in rows),
        *(_scan(name, clauses, comment, fields, values, cookie=cookie) for name, clauses, comment, cookie, fields, values in _list_cookie_names()),
    ]  # fmt: skip


def _scan(
    name: str,
    clauses: tuple[str, ...],
    comment: str,
    fields: list[str],
    values: list[str],
    *,
    cookie: str = "s",
    flags: tuple[str, ...] = (),
) -> Case:
    question = {"cookie_headers": [field.encode("latin-1").hex() for field in fields], "name": cookie}
    found = [value.encode("latin-1").hex() for value in values]
    return Case(f"scan-{name}", clauses, comment, question, accept(values=found), ("scanning", *flags))


def _list_fields() -> list[_Row]:
    return [
        ("no-field", (_STEP_1,), "no Cookie field", [], []),
        ("empty-field", (_STEP_1, _STEP_6), "a field without an octet", [""], []),
        ("one-cookie", (_STEP_5,), "nothing but ours", ["s=v"], ["v"]),
        ("value-0", (_STEP_6,), "a value that counts as false in some languages", ["s=0"], ["0"]),
        ("behind-9000-octets", (_STEP_2,), "ours behind another cookie of 9,000 octets", [f"a={'x' * 9000}; s=v"], ["v"]),
        ("unit-separator-before-the-name", (_STEP_3, _STEP_4), "0x1f, which Python strips from text, belongs to the name", ["\x1fs=no; s=v"], ["v"]),
        ("delete-behind-the-value", (_STEP_3,), "0x7f belongs to the value", ["s=v\x7f"], ["v\x7f"]),
        ("two-fields", (_STEP_1, _STEP_6), "HTTP/2 may send each cookie in a field of its own", ["a=1", "s=v", "s=w"], ["v", "w"]),
        ("field-ends-in-a-semicolon", (_STEP_1,), "an empty piece between two fields", ["s=v;", "s=w"], ["v", "w"]),
        ("empty-field-between", (_STEP_1,), "an empty field adds an empty piece", ["s=v", "", "s=w"], ["v", "w"]),
        ("value-not-carried-over", (_STEP_1,), "what one field leaves open does not run into the next", ["s=", "v"], [""]),
        ("quotation-not-carried-over", (_STEP_1, "11.2"), "a quotation mark opens nothing that the next field could close", ['x="a', 's=v"'], ['v"']),
    ]  # fmt: skip


def _list_pieces() -> list[_Row]:
    return [
        ("duplicates-in-order", (_STEP_6,), "all values in order, equal ones too", ["s=b; s=a; s=b"], ["b", "a", "b"]),
        ("without-spaces", (_STEP_2,), "; needs no space behind it", ["a=1;s=v;b=2"], ["v"]),
        ("empty-pieces", (_STEP_2,), "pieces without an octet", [";; ; s=v;;; s=w;"], ["v", "w"]),
        ("json-before", (_STEP_2,), "http.cookies stops at this cookie, and so loses ours", ['j={"a":1}; s=v'], ["v"]),
        ("date-before", (_STEP_2,), "a date with a comma: the text after the comma belongs to that cookie", ["d=Wed, s=no; s=v"], ["v"]),
        ("spaces-before", (_STEP_2,), "spaces in another cookie", ["x=a b c; s=v"], ["v"]),
        ("no-equals-sign-before", (_STEP_2,), "a cookie without =", ["flag; s=v; flag"], ["v"]),
        ("no-name-before", (_STEP_2,), "a cookie without a name", ["=x; s=v"], ["v"]),
        ("brackets-before", (_STEP_2,), "a name that is no token", ["a[b]=1; (c)=2; d@e=3; s=v"], ["v"]),
        ("non-ascii-before", (_STEP_2,), "another cookie in UTF-8 and in what is none", ["\xc3\xa9=\xe2\x82\xac; l=\xe9\xff; s=v"], ["v"]),
        ("nul-before", (_STEP_2,), "NUL ends neither a cookie nor the field", ["x=a\0b; s=v"], ["v"]),
        ("backslash-before", (_STEP_2, "11.2"), "a backslash before ; takes nothing of it away", ["x=a\\; s=v"], ["v"]),
        ("version-attributes", (_STEP_2,), "RFC 2109's attributes are cookies like any other", ['$Version="1"; s=v; $Path="/"; $Domain=a'], ["v"]),
        ("set-cookie-attributes", (_STEP_2,), "the names of Set-Cookie's attributes are cookies here", ["Path=/; Secure; Expires=Wed, 01 Jan 2027 00:00:00 GMT; s=v; HttpOnly"], ["v"]),
        ("ampersand", (_STEP_2,), "& does not split", ["a=1&s=no; s=v&s=w"], ["v&s=w"]),
        ("line-feed", (_STEP_2,), "an LF does not split", ["a=1\ns=no; s=v"], ["v"]),
        ("many-empty-pieces", (_STEP_2,), "a field of 4,000 pieces", [";" * 4000 + "s=v"], ["v"]),
    ]  # fmt: skip


def _list_blanks() -> list[_Row]:
    kept = [
        (0x0A, "LF"),
        (0x0B, "VT"),
        (0x0C, "FF"),
        (0x0D, "CR"),
        (0x1C, "FS"),
        (0x85, "NEL"),
        (0xA0, "NBSP"),
        (0x00, "NUL"),
    ]
    rows: list[_Row] = [
        ("blanks-around-a-value", (_STEP_3, _STEP_5), "SP and TAB are trimmed", ["s= \t v \t ; a=1"], ["v"]),
        ("blanks-before-a-name", (_STEP_3,), "SP and TAB are trimmed", ["a=1; \t s=v"], ["v"]),
        ("blanks-before-the-first-name", (_STEP_3,), "at the start of the field, too", [" \ts=v"], ["v"]),
        ("blanks-within", (_STEP_3,), "blanks inside a value stay", ["s=a \t b"], ["a \t b"]),
        ("blanks-alone", (_STEP_3, _STEP_6), "a value of blanks is an empty one", ["s= \t "], [""]),
        ("sixteen-blanks-before-a-name", (_STEP_3,), "16 blanks are removed", [f"a=1;{_SIXTEEN}s=v"], ["v"]),
        ("seventeen-blanks-before-a-name", (_STEP_3, _STEP_4), "the 17th belongs to the name", [f"a=1;{_SIXTEEN}\ts=no; s=v"], ["v"]),
        ("sixteen-blanks-before-a-value", (_STEP_5,), "16 blanks are removed", [f"s={_SIXTEEN}v; a=1"], ["v"]),
        ("seventeen-blanks-before-a-value", (_STEP_5,), "the 17th belongs to the value", [f"s={_SIXTEEN} v"], [" v"]),
        ("sixteen-blanks-behind-a-value", (_STEP_5,), "16 blanks are removed", [f"s=v{_SIXTEEN}; a=1"], ["v"]),
        ("seventeen-blanks-behind-a-value", (_STEP_5,), "the first of 17 belongs to the value", [f"s=v {_SIXTEEN}"], ["v "]),
        ("seventeen-blanks-before-a-comma", (_STEP_5,), "the end of a value is where it is cut", [f"s=v {_SIXTEEN}, a=1"], ["v "]),
        ("blanks-alone-32", (_STEP_5, _STEP_6), "16 at the start and 16 at the end", [f"s={_SIXTEEN}{_SIXTEEN}"], [""]),
        ("blanks-alone-33", (_STEP_5,), "one more than are removed", [f"s={_SIXTEEN} {_SIXTEEN}"], [" "]),
        ("wide-space-kept", (_STEP_3,), "U+3000 in UTF-8 is three octets of the value", ["s=\xe3\x80\x80v\xe3\x80\x80"], ["\xe3\x80\x80v\xe3\x80\x80"]),
    ]  # fmt: skip
    for octet, name in kept:
        white, word = chr(octet), f"0x{octet:02x}"
        rows.append((f"octet-{word}-kept", (_STEP_3, _STEP_5), f"{name} is not trimmed from a value", [f"s={white}v{white}; a=1"], [f"{white}v{white}"]))  # fmt: skip
    for octet, name in (kept[1], kept[5], kept[6]):
        word = f"0x{octet:02x}"
        rows.append((f"octet-{word}-before-a-name", (_STEP_3, _STEP_4), f"{name} is not trimmed from a name", [f"{chr(octet)}s=no; s=v"], ["v"]))  # fmt: skip
    return rows


def _list_names() -> list[_Row]:
    return [
        ("name-begins-another", (_STEP_4,), "our name at the start of others", ["ss=no; s2=no; s.a=no; s-=no; s=v"], ["v"]),
        ("name-ends-another", (_STEP_4,), "our name at the end of others", ["xs=no; x.s=no; -s=no; s=v"], ["v"]),
        ("name-in-capitals", (_STEP_4,), "case counts", ["S=no; s=v"], ["v"]),
        ("name-and-blank", (_STEP_4,), "a blank before = belongs to the name", ["s =no; s\t=no; s=v"], ["v"]),
        ("name-without-equals-sign", (_STEP_4,), "without = it is no value, not even an empty one", ["s; s"], []),
        ("name-in-quotes", (_STEP_4, "11.2"), "quotation marks belong to the name", ['"s"=no; s=v'], ["v"]),
        ("name-with-percent", (_STEP_4, "11.2"), "%73 is not s", ["%73=no; s=v"], ["v"]),
        ("name-in-a-value", (_STEP_4,), "our name and = within another's value", ["x=s=no; y= s=no; s=v"], ["v"]),
        ("name-in-its-own-value", (_STEP_5,), "what follows the first =", ["s=s=v"], ["s=v"]),
    ]  # fmt: skip


def _list_cookie_names() -> list[tuple[str, tuple[str, ...], str, str, list[str], list[str]]]:
    every = "!#$%&'*+-.^_`|~aZ09"
    return [
        ("host-prefix-behind-a-comma", (_STEP_2, "17.10"), "a sibling cannot toss a __Host- cookie within one of its own", "__Host-session", ["d=x,__Host-session=no; __Host-session=v"], ["v"]),
        ("host-prefix-in-small-letters", (_STEP_4,), "a browser that knows the prefix guards only the name as it is", "__Host-session", ["__host-session=no; __Host-session=v"], ["v"]),
        ("name-with-a-dot", (_STEP_4,), "the name is no pattern", "a.c", ["abc=no; a.c=v"], ["v"]),
        ("name-with-a-plus", (_STEP_4,), "the name is no pattern", "a+", ["a=no; aa=no; a+=v"], ["v"]),
        ("name-of-every-tchar", (_STEP_4,), "all that a name may hold", every, [f"{every}=v"], ["v"]),
        ("name-dollar-version", (_STEP_4,), "no name is an attribute here", "$Version", ["$Version=1; a=2"], ["1"]),
        ("name-path", (_STEP_4,), "no name is an attribute here: http.cookies hangs this one on the cookie before", "path", ["a=1; path=v"], ["v"]),
        ("name-secure", (_STEP_4,), "no name is an attribute here", "secure", ["a=1; secure; secure=v"], ["v"]),
        ("name-0", (_STEP_4,), "a name that counts as false in some languages", "0", ["0=a"], ["a"]),
        ("name-12", (_STEP_4,), "a name of digits, which PHP makes an integer where it is an array's key", "12", ["12=a; 012=b"], ["a"]),
        ("name-proto", (_STEP_4,), "a name that is special in JavaScript", "__proto__", ["__proto__=v"], ["v"]),
        ("name-with-underscore-not-dot", (_STEP_4,), "PHP makes . and blanks of a name to _", "a_c", ["a.c=no; a c=no; a_c=v"], ["v"]),
        ("name-with-bracket-behind", (_STEP_4,), "PHP and Rack make an array of it", "a", ["a[]=no; a[b]=no; a=v"], ["v"]),
    ]  # fmt: skip


def _list_values() -> list[_Row]:
    every = "".join(map(chr, [octet for octet in range(1, 256) if octet not in b"\t ,;"]))
    return [
        ("equals-signs-in-a-value", (_STEP_5,), "only the first = is no part of the value", ["s=a=b=="], ["a=b=="]),
        ("value-begins-with-equals-sign", (_STEP_5,), "only the first = is no part of the value", ["s==v"], ["=v"]),
        ("empty-value", (_STEP_6,), "an empty value is a value", ["s="], [""]),
        ("empty-values", (_STEP_6,), "empty values keep their places", ["s=; s=v; s="], ["", "v", ""]),
        ("nul-in-a-value", (_STEP_5,), "NUL is an octet like any other", ["s=a\0b"], ["a\0b"]),
        ("every-octet-in-a-value", (_STEP_5,), "each octet but TAB, SP, comma, semicolon and NUL", [f"s={every}"], [every]),
        ("percent-in-a-value", ("11.2",), "%41 is not A", ["s=%41%2C%3B"], ["%41%2C%3B"]),
        ("plus-in-a-value", ("11.2",), "+ is not a space", ["s=a+b"], ["a+b"]),
        ("utf-8-in-a-value", (_STEP_5, "1.4"), "octets, not characters", ["s=\xc3\xa9\xf0\x9f\x98\x80"], ["\xc3\xa9\xf0\x9f\x98\x80"]),
    ]  # fmt: skip


def _list_commas() -> list[_Row]:
    return [
        ("comma-before-a-name", (_STEP_2, _STEP_4), "a comma does not split", ["x=1,s=no; s=v"], ["v"]),
        ("comma-and-space-before-a-name", (_STEP_2, _STEP_4), "a comma and a space do not split", ["x=1, s=no"], []),
        ("comma-first", (_STEP_3, _STEP_4), "a comma is not trimmed", [",s=no; s=v"], ["v"]),
        ("comma-behind-a-value", (_STEP_5,), "what some servers join with a comma is cut off", ["s=v,x=1"], ["v"]),
        ("comma-behind-blanks", (_STEP_5,), "trimmed after the cut", ["s=v \t, x=1"], ["v"]),
        ("comma-twice", (_STEP_5,), "cut before the first comma", ["s=a,b,c"], ["a"]),
        ("comma-before-ours-again", (_STEP_5, _STEP_6), "a second value of ours behind a comma is cut off, too", ["s=v, s=no"], ["v"]),
        ("comma-at-once", (_STEP_5, _STEP_6), "nothing before the comma is an empty value", ["s=,v"], [""]),
        ("comma-before-a-semicolon", (_STEP_2, _STEP_5), "; is looked for first", ["s=a,b;s=c"], ["a", "c"]),
    ]  # fmt: skip


def _list_quotation() -> list[_Row]:
    return [
        ("quoted-value", ("11.2",), "quotation marks stay", ['s="v"'], ['"v"']),
        ("quoted-semicolon", (_STEP_2, "11.2"), "; splits between quotation marks, too", ['q="a; s=in"; s=v'], ['in"', "v"]),
        ("quoted-comma", (_STEP_5, "11.2"), "a comma cuts between quotation marks, too", ['s="a,b"'], ['"a']),
        ("quoted-blanks", (_STEP_3, "11.2"), "blanks within quotation marks stay", ['s=" v "'], ['" v "']),
        ("quoted-pair", ("11.2",), "a backslash stays, and so does the character after it", ['s="a\\"b\\\\"'], ['"a\\"b\\\\"']),
        ("octal-escape", ("11.2",), "\\073 is four octets, not a semicolon", ['s="a\\073b"'], ['"a\\073b"']),
        ("single-quotation-marks", ("11.2",), "single quotation marks stay, too", ["s='v'"], ["'v'"]),
        ("open-quotation-mark", (_STEP_2, "11.2"), "one that is never closed swallows nothing", ['x="; s=v; y=1'], ["v"]),
    ]  # fmt: skip
