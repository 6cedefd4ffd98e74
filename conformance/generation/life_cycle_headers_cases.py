"""The application's own header fields: Cache-Control, Vary, Set-Cookie and all others (SPEC 13.9 to 13.12)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, ring
from .life_cycle import (
    CLEAR,
    CSRF_TOKEN,
    DISCARD,
    HOST,
    NOTHING,
    ONE,
    READ,
    REGENERATE,
    RENEW,
    SESSION,
    SID,
    Fields,
    Json,
    Sent,
    begins,
    begins_again,
    deletes,
    exchange,
    keeps,
    put,
    seal,
)
from .values import attributes, integer, mapping

OLD = attributes(name="old")
SHORT = {**SESSION, "idle": 5000}
CHANGE = put("m", None)
CHANGED = mapping(("m", None), ("n", integer(1)))
# No blank to HTTP, though many a language trims it.
NO_BREAK_SPACE = "\u00a0"


def list_cases() -> list[Case]:
    return [
        *_list_cache_control(),
        *_list_shared_cacheable(),
        *_list_targeted(),
        *_list_not_modified(),
        *_list_set_already(),
        *_list_vary(),
        *_list_other_fields(),
    ]


def _fields(name: str, *values: str) -> Fields:
    return tuple((name, value) for value in values)


def _list_cache_control() -> list[Case]:
    # name, comment, the response's values, and what they become.
    without: list[tuple[str, str, tuple[str, ...], str]] = [
        ("empty", "an empty field has no directive", ("",), "private"),
        ("commas-alone", "nothing but commas and blanks has no directive", (" ,\t,", ","), "private"),
    ]
    edited: list[tuple[str, str, tuple[str, ...], str]] = [
        ("public", "public goes", ("public",), "private"),
        ("public-and-more", "the others stay behind private", ("public, max-age=60",), "private, max-age=60"),
        ("order", "the others keep their order and their spelling", ('No-Transform, public, max-age=60,stale-if-error="5"',), 'private, No-Transform, max-age=60, stale-if-error="5"'),
        ("s-maxage", "s-maxage goes", ("max-age=5, s-maxage=60",), "private, max-age=5"),
        ("s-maxage-bare", "s-maxage without a value too", ("s-maxage",), "private"),
        ("public-with-a-value", "public with a value is public", ('public="x", no-transform',), "private, no-transform"),
        ("upper-case", "directives are known in any case", ("PUBLIC, S-MaxAge=60, Max-Age=5",), "private, Max-Age=5"),
        ("twice", "public and s-maxage are removed at every place", ("public, max-age=5, public", "s-maxage=1, public"), "private, max-age=5"),
        ("several-fields", "several fields become one", ("max-age=60", "public", "no-transform"), "private, max-age=60, no-transform"),
        ("private-too", "there is one private", ("Private, public, private",), "private"),
        ("private-with-fields", "private with field names is another directive, and stays", ('public, private="x-a, x-b"',), 'private, private="x-a, x-b"'),
        ("no-store-too", "what else it says stays", ("no-store, public",), "private, no-store"),
        ("tabs", "SP and TAB around a directive are trimmed", ("max-age=5\t,\t public \t",), "private, max-age=5"),
        ("quoted-comma", "a comma in a quoted string does not split", ('no-cache="a, b", public',), 'private, no-cache="a, b"'),
        ("quoted-quotation-mark", "a backslash keeps a quotation mark in its string", ('x="a\\", b", s-maxage=1',), 'private, x="a\\", b"'),
        ("quoted-backslash", "a backslash keeps a backslash, and the string ends", ('x="a\\\\", public',), 'private, x="a\\\\"'),
        ("backslash-before-a-comma", "a backslash outside a quoted string does not keep a comma from splitting", ("max-age=5\\, public",), "private, max-age=5\\"),
        ("backslash-behind-a-string", "nor does one behind a quoted string", ('x="a"\\, public',), 'private, x="a"\\'),
        ("backslash-before-a-string", "a quotation mark after a backslash begins a quoted string, which ends at the next", ('x=\\"a", public',), 'private, x=\\"a"'),
        ("unclosed-behind", "a quoted string that is not closed runs to the end and stays as it is", ('public, x="a, s-maxage=5',), 'private, x="a, s-maxage=5'),
    ]  # fmt: skip
    added: list[tuple[str, str, tuple[str, ...], str]] = [
        ("max-age", "a shared cache may keep what has max-age", ("max-age=60",), "private, max-age=60"),
        ("no-cache", "and may keep what it asks for each time", ("no-cache",), "private, no-cache"),
        ("must-revalidate", "each directive that is neither private nor no-store", ("must-revalidate",), "private, must-revalidate"),
        ("two-fields", "two fields become one", ("max-age=60", "must-revalidate"), "private, max-age=60, must-revalidate"),
        ("odd-spelling", "the directives keep their case, but not the blanks and empty pieces around them", (" Max-Age=60 ,, NO-CACHE",), "private, Max-Age=60, NO-CACHE"),
        ("private-with-fields", "private with field names lets a shared cache keep the rest", ('private="x-a, x-b"',), 'private, private="x-a, x-b"'),
        ("private-with-no-value", "private is private with nothing behind it", ("private=",), "private, private="),
        ("no-store-with-a-value", "the same for no-store", ("no-store=1",), "private, no-store=1"),
        ("private-in-quotes", "the content of a quoted string is not a directive", ('x="a, private, no-store"',), 'private, x="a, private, no-store"'),
        ("private-with-a-no-break-space", "only SP and TAB are trimmed", (f"{NO_BREAK_SPACE}private",), f"private, {NO_BREAK_SPACE}private"),
        ("public-within-quotes", "the content of a quoted string is not a directive", ('no-cache="a, public"',), 'private, no-cache="a, public"'),
        ("public-within-escaped-quotes", "a quotation mark behind a backslash does not end the string", ('x="a\\", public, s-maxage=1"',), 'private, x="a\\", public, s-maxage=1"'),
        ("public-within-unclosed-quotes", "a quoted string that is not closed runs to the end", ('x="a, public',), 'private, x="a, public'),
        ("public-in-the-next-field", "of all fields, for they are joined first", ('x="a', "public"), 'private, x="a,public'),
        ("backslash-outside", "a backslash outside a quoted string means nothing", ('x=\\"a, public"',), 'private, x=\\"a, public"'),
        ("longer-names", "a name that begins or ends like one of the two is not it", ("publicly, x-public, s-maxage-2=1, xs-maxage=1",), "private, publicly, x-public, s-maxage-2=1, xs-maxage=1"),
        ("value-public", "a value is no name", ("x=public",), "private, x=public"),
        ("blank-before-the-equals-sign", "the name is the whole text before the =, a blank too", ("s-maxage =60",), "private, s-maxage =60"),
        ("no-break-space", "only SP and TAB are trimmed", (f"max-age=5,{NO_BREAK_SPACE}public",), f"private, max-age=5, {NO_BREAK_SPACE}public"),
    ]  # fmt: skip
    alone: list[tuple[str, str, tuple[str, ...]]] = [
        ("private", "private already", ("private",)),
        ("no-store", "nobody keeps it", ("no-store",)),
        ("private-and-more", "private and other directives", ("max-age=60, private",)),
        ("private-upper-case", "in any case", ("PRIVATE, Max-Age=60",)),
        ("no-store-upper-case", "in any case", ("No-Cache, No-Store",)),
        ("private-in-another-field", "in one of several fields, which stay several", ("max-age=60", "private")),
        ("private-oddly-spelled", "what is left alone keeps blanks and empty pieces", (" max-age=60 ,, private\t",)),
    ]  # fmt: skip
    return [
        *(
            exchange(f"life-cache-control-{name}", (item, "13.9.1"), comment, (CHANGE,), keeps(data=CHANGED), response=_fields("Cache-Control", *before), cache_control=(after,), flags=("caching",))
            for item, rows in (("13.10 item 1", without), ("13.10 item 2", edited))
            for name, comment, before, after in rows
        ),
        *(
            exchange(f"life-cache-control-beside-{name}", ("13.10 item 2", "13.9.1"), comment, (CHANGE,), keeps(data=CHANGED), response=_fields("Cache-Control", *before), cache_control=(after,), flags=("caching",))
            for name, comment, before, after in added
        ),
        *(
            exchange(f"life-cache-control-alone-{name}", ("13.10 item 3", "13.9.1"), comment, (CHANGE,), keeps(data=CHANGED), response=_fields("Cache-Control", *before), cache_control=before, flags=("caching",))
            for name, comment, before in alone
        ),
    ]  # fmt: skip


def _list_shared_cacheable() -> list[Case]:
    old = (("old", seal(purpose="old")),)
    dead = ((HOST, "cj1.rubbish"),)
    silent: list[tuple[str, str, str, tuple[Json, ...], dict[str, Any]]] = [
        ("read", "nothing was due anyway", "public", (READ,), {}),
        ("renewal", "a renewal waits for another response", "public", (READ,), {"opened": SHORT}),
        ("renewal-by-s-maxage", "s-maxage alone makes it so", "s-maxage=60", (READ,), {"opened": SHORT}),
        ("reseal", "a reseal waits for another response", "public", (READ,), {"key": B, "keyring": ring(A, B)}),
        ("move", "a move waits for another response", "public", (READ,), {"cookies": old, "previous": (OLD,)}),
        ("unreadable", "a deletion that nobody asked for waits for another response", "public", (READ,), {"cookies": dead}),
        ("emptied-new", "a new session with nothing in it", "public", (REGENERATE,), {"opened": None}),
        ("emptied-new-unreadable", "nor is the unreadable one deleted then", "public", (REGENERATE,), {"cookies": dead}),
    ]  # fmt: skip
    loud: list[tuple[str, str, int, tuple[Json, ...], Sent, dict[str, Any]]] = [
        ("renew", "the application asked for it", 3, (RENEW,), keeps(), {}),
        ("regenerate", "the application asked for it", 3, (REGENERATE,), begins_again(), {}),
        ("csrf-token", "a CSRF token of a new session is a write", 3, (CSRF_TOKEN,), begins(), {"opened": None}),
        ("clear", "so is what empties a session", 4, (CLEAR,), deletes(), {}),
        ("discard", "so is discard", 2, (DISCARD,), deletes(), {}),
        ("discard-and-write", "discard, then a write", 3, (DISCARD, put("n", integer(1))), begins(SID, data=ONE), {}),
    ]  # fmt: skip
    others: list[tuple[str, str, str]] = [
        ("no-quoted-public", "no directive is public: the renewal is sent, made private", 'no-cache="a, public"'),
        ("no-max-age", "max-age alone asks for no shared cache: the renewal is sent, made private", "max-age=60"),
        ("no-max-age-0", "an application that sends it everywhere keeps its visitors", "max-age=0"),
        ("no-no-cache", "nor does no-cache", "no-cache"),
    ]
    return [
        *(
            exchange(f"life-shared-{name}", ("13.5 step 5", "13.9"), comment, actions, NOTHING, response=_fields("Cache-Control", value), cache_control=(value,), flags=("caching",), **more)
            for name, comment, value, actions, more in silent
        ),
        *(
            exchange(f"life-shared-{name}", (f"13.5 step {step}", "13.10 item 2"), comment, actions, sent, response=_fields("Cache-Control", "public, max-age=60"), cache_control=("private, max-age=60",), flags=("caching",), **more)
            for name, comment, step, actions, sent, more in loud
        ),
        *(
            exchange(f"life-shared-{name}", ("13.9", "13.5 step 6"), comment, (READ,), keeps(SHORT), opened=SHORT, response=_fields("Cache-Control", value), cache_control=(f"private, {value}",), flags=("caching",))
            for name, comment, value in others
        ),
    ]  # fmt: skip


def _list_targeted() -> list[Case]:
    cdn = "CDN-Cache-Control"
    # name, comment, and what an application that writes sends; it is removed.
    removed: list[tuple[str, str, Fields]] = [
        ("cdn", "RFC 9213", ((cdn, "max-age=60"),)),
        ("lower-case", "names of fields have no case", ((cdn.lower(), "max-age=60"),)),
        ("upper-case", "names of fields have no case", ((cdn.upper(), "max-age=60"),)),
        ("cloudflare", "the form for one vendor", (("Cloudflare-CDN-Cache-Control", "max-age=60"),)),
        ("vercel", "the form for one vendor", (("Vercel-CDN-Cache-Control", "max-age=60"),)),
        ("netlify", "the form for one vendor", (("Netlify-CDN-Cache-Control", "public, durable, max-age=60"),)),
        ("akamai", "the form for one vendor", (("Akamai-Cache-Control", "max-age=60"),)),
        ("litespeed", "its private is a cache of the server", (("X-LiteSpeed-Cache-Control", "private, max-age=60"),)),
        ("unknown-vendor", "any name that ends so", (("Example-Cache-Control", "max-age=60"),)),
        ("surrogate", "Surrogate-Control", (("Surrogate-Control", "max-age=60"),)),
        ("edge", "Edge-Control of Akamai", (("Edge-Control", "!no-store, max-age=60s"),)),
        ("accel", "X-Accel-Expires of nginx", (("X-Accel-Expires", "60"),)),
        ("several", "all of them", ((cdn, "max-age=60"), ("X-Accel-Expires", "60"), ("Surrogate-Control", "max-age=60"))),
        ("twice", "all values", ((cdn, "max-age=60"), ("Cdn-Cache-Control", "public"))),
        ("empty", "an empty one too: its presence may be enough", (("Surrogate-Control", ""),)),
        ("private", "private here does not stop every cache that reads the field", ((cdn, "private"),)),
        ("no-cache", "no-cache stores", ((cdn, "no-cache"),)),
        ("max-age-0", "max-age=0 stores", ((cdn, "max-age=0"),)),
        ("no-store-with-a-value", "no-store is no-store with nothing behind it", ((cdn, "no-store=1, max-age=60"),)),
        ("no-store-in-quotes", "the content of a quoted string is not a directive", ((cdn, 'x="no-store, y"'),)),
        ("no-store-for-one", "Surrogate-Control may name one surrogate", (("Surrogate-Control", "no-store;other"),)),
    ]  # fmt: skip
    kept: list[tuple[str, str, Fields]] = [
        ("no-store", "nobody stores it", ((cdn, "no-store"),)),
        ("no-store-and-more", "nobody stores it", ((cdn, "max-age=0, No-Store"),)),
        ("no-store-in-another-value", "the values are joined", ((cdn, "max-age=60"), (cdn.lower(), "no-store"))),
        ("surrogate-no-store", "Surrogate-Control", (("Surrogate-Control", "no-store"),)),
        ("accel-0", "nginx does not store it", (("X-Accel-Expires", "0"),)),
        ("longer-name", "another name", (("CDN-Cache-Control-2", "max-age=60"), ("X-Surrogate-Controls", "max-age=60"))),
        ("cache-tags", "other fields of CDNs do not let a cache store a response", (("Surrogate-Key", "a"), ("Cache-Tag", "a"))),
    ]  # fmt: skip
    # What an application sends whose session is read and due: no cookie if it asks for shared caching.
    asked: list[tuple[str, str, Fields]] = [
        ("max-age", "max-age asks for it", ((cdn, "max-age=60"),)),
        ("public", "so does public", ((cdn, "public"),)),
        ("surrogate", "Surrogate-Control", (("Surrogate-Control", "max-age=60"),)),
        ("accel", "X-Accel-Expires", (("X-Accel-Expires", "60"),)),
        ("one-of-two", "one of two fields is enough", ((cdn, "no-store"), ("Surrogate-Control", "max-age=60"))),
        ("private-with-fields", "private is private with nothing behind it", ((cdn, 'private="x-a"'),)),
    ]  # fmt: skip
    unasked: list[tuple[str, str, Fields, Fields]] = [
        ("no-store", "and the field stays", ((cdn, "NO-STORE"),), (("cdn-cache-control", "NO-STORE"),)),
        ("accel-0", "and the field stays", (("X-Accel-Expires", "0"),), (("x-accel-expires", "0"),)),
        ("private", "private asks for no shared cache", ((cdn, "Private, max-age=60"),), ()),
        ("no-cache", "nor does no-cache", (("X-LiteSpeed-Cache-Control", "no-cache"),), ()),
        ("max-age-0", "nor does max-age=0", ((cdn, "max-age=0"),), ()),
        ("empty", "nor does an empty field", ((cdn, " , "),), ()),
        ("no-store-in-another-value", "the values are joined", ((cdn, "max-age=60"), (cdn, "no-store")), (("cdn-cache-control", "max-age=60"), ("cdn-cache-control", "no-store"))),
    ]  # fmt: skip
    deletion = exchange("life-targeted-deletion", ("13.10 item 4",), "beside a deletion too", (DISCARD,), deletes(), response=((cdn, "max-age=60"),), flags=("caching",))  # fmt: skip
    unread = exchange("life-targeted-not-accessed", ("13.5 step 1", "13.12"), "a response without a session keeps it", (), NOTHING, response=((cdn, "max-age=60"),), others=((cdn.lower(), "max-age=60"),), flags=("caching",))  # fmt: skip
    return [
        *(
            exchange(f"life-targeted-removed-{name}", ("13.10 item 4", "13.9.2"), comment, (CHANGE,), keeps(data=CHANGED), response=fields, flags=("caching",))
            for name, comment, fields in removed
        ),
        *(
            exchange(f"life-targeted-kept-{name}", ("13.10 item 4", "13.12"), comment, (CHANGE,), keeps(data=CHANGED), response=fields, others=_lower(fields), flags=("caching",))
            for name, comment, fields in kept
        ),
        *(
            exchange(f"life-targeted-asked-{name}", ("13.5 step 5", "13.9"), comment, (READ,), NOTHING, opened=SHORT, response=fields, others=_lower(fields), flags=("caching",))
            for name, comment, fields in asked
        ),
        *(
            exchange(f"life-targeted-unasked-{name}", ("13.9", "13.5 step 6"), comment, (READ,), keeps(SHORT), opened=SHORT, response=fields, others=others, flags=("caching",))
            for name, comment, fields, others in unasked
        ),
        deletion,
        unread,
    ]  # fmt: skip


def _lower(fields: Fields) -> Fields:
    return tuple((name.lower(), value) for name, value in fields)


def _list_not_modified() -> list[Case]:
    old = (("old", seal(purpose="old")),)
    silent: list[tuple[str, str, tuple[Json, ...], dict[str, Any]]] = [
        ("renewal", "a cache would add the cookie to the response that it stored", (READ,), {"opened": SHORT}),
        ("reseal", "nor is it resealed", (READ,), {"key": B, "keyring": ring(A, B)}),
        ("move", "nor moved", (READ,), {"cookies": old, "previous": (OLD,)}),
        ("unreadable", "nor is an unreadable cookie deleted", (READ,), {"cookies": ((HOST, "rubbish"),)}),
        ("not-accessed", "nothing to send anyway", (), {"opened": SHORT}),
    ]  # fmt: skip
    loud: list[tuple[str, str, int, tuple[Json, ...], Sent]] = [
        ("write", "what the application writes is sent all the same", 3, (CHANGE,), keeps(data=CHANGED)),
        ("renew", "so is a renewal that it asks for", 3, (RENEW,), keeps()),
        ("discard", "so is the deletion of discard", 2, (DISCARD,), deletes()),
        ("clear", "so is what empties a session", 4, (CLEAR,), deletes()),
    ]  # fmt: skip
    others = [
        exchange(f"life-status-{status}", ("13.5 step 6",), "any other status", (READ,), keeps(SHORT), opened=SHORT, status=status, flags=("caching",))
        for status in (204, 206, 301, 305, 404, 503)
    ]  # fmt: skip
    return [
        *(
            exchange(f"life-not-modified-{name}", (f"13.5 step {5 if actions else 1}",), comment, actions, NOTHING, status=304, flags=("caching",), **more)
            for name, comment, actions, more in silent
        ),
        *(
            exchange(f"life-not-modified-{name}", (f"13.5 step {step}",), comment, actions, sent, status=304, flags=("caching",))
            for name, comment, step, actions, sent in loud
        ),
        *others,
    ]  # fmt: skip


def _list_set_already() -> list[Case]:
    theirs = f"{HOST}=theirs; Path=/; Secure"
    old = (("old", seal(purpose="old")),)
    step = ("13.5 step 5", "13.12")
    rows: list[tuple[str, tuple[str, ...], str, str, tuple[Json, ...], Sent, dict[str, Any]]] = [
        ("renewal", step, "a renewal does not set it a second time", theirs, (READ,), NOTHING, {"opened": SHORT}),
        ("reseal", step, "nor does a reseal", theirs, (READ,), NOTHING, {"key": B, "keyring": ring(A, B)}),
        ("move", step, "nor does a move", theirs, (READ,), NOTHING, {"cookies": old, "previous": (OLD,)}),
        ("unreadable", step, "nor is it deleted as unreadable", theirs, (READ,), NOTHING, {"cookies": ((HOST, "cj1.rubbish"),)}),
        ("deleted", step, "a deletion sets it as well", f"{HOST}=; Path=/; Secure; Max-Age=0", (READ,), NOTHING, {"opened": SHORT}),
        ("write", ("13.5 step 3", "13.12"), "a write is sent all the same", theirs, (CHANGE,), keeps(data=CHANGED), {}),
        ("discard", ("13.5 step 2", "13.12"), "so is the deletion of discard", theirs, (DISCARD,), deletes(), {}),
        ("longer-name", ("13.5 step 5", "13.5 step 6"), "another cookie whose name only begins so", f"{HOST}2=theirs; Path=/", (READ,), keeps(SHORT), {"opened": SHORT}),
        ("name-alone", ("13.5 step 5", "13.5 step 6"), "the name without = sets no cookie of this name", HOST, (READ,), keeps(SHORT), {"opened": SHORT}),
        ("name-and-attributes-alone", ("13.5 step 5", "13.5 step 6"), "nor does the name with attributes", f"{HOST}; Path=/", (READ,), keeps(SHORT), {"opened": SHORT}),
        ("blank-before-the-equals-sign", ("13.5 step 5", "13.5 step 6"), "the value begins with the name and =, with nothing between", f"{HOST} =theirs", (READ,), keeps(SHORT), {"opened": SHORT}),
        ("other-letter-case", ("13.5 step 5", "13.5 step 6"), "names of cookies have a case", f"{HOST.lower()}=theirs", (READ,), keeps(SHORT), {"opened": SHORT}),
        ("name-in-the-value", ("13.5 step 5", "13.5 step 6"), "another cookie whose value speaks of ours", f"x={HOST}=theirs", (READ,), keeps(SHORT), {"opened": SHORT}),
        ("previous-name", ("13.5 step 5", "13.5 step 6"), "a previous name is not the cookie's", "old=theirs", (READ,), Sent(keeps().envelope, dropped=(OLD,)), {"cookies": old, "previous": (OLD,)}),
    ]  # fmt: skip
    return [
        exchange(f"life-set-already-{name}", clauses, comment, actions, sent, response=(("Set-Cookie", field),), others=(("set-cookie", field),), **more)
        for name, clauses, comment, field, actions, sent, more in rows
    ]  # fmt: skip


def _list_vary() -> list[Case]:
    edited: list[tuple[str, str, tuple[str, ...], str]] = [
        ("empty", "an empty field has no members", ("",), "Cookie"),
        ("one-member", "Cookie comes last", ("Accept",), "Accept, Cookie"),
        ("several-fields", "several fields become one", ("Accept", "Origin, Accept-Encoding"), "Accept, Origin, Accept-Encoding, Cookie"),
        ("blanks", "SP and TAB around members and empty members go", ("\tAccept ,, Origin\t",), "Accept, Origin, Cookie"),
        ("repeated", "other members stay as they are, repeated ones too", ("Accept, accept",), "Accept, accept, Cookie"),
        ("longer-names", "a name that begins or ends like Cookie is not it", ("Cookies, X-Cookie, Cookie2",), "Cookies, X-Cookie, Cookie2, Cookie"),
        ("star-within", "a star within a name is no star", ("X-*",), "X-*, Cookie"),
        ("no-break-space", "only SP and TAB are trimmed", (f"{NO_BREAK_SPACE}Cookie",), f"{NO_BREAK_SPACE}Cookie, Cookie"),
    ]  # fmt: skip
    alone: list[tuple[str, str, tuple[str, ...]]] = [
        ("cookie", "it is there", ("Cookie",)),
        ("cookie-lower-case", "in any case", ("accept, cookie",)),
        ("cookie-upper-case", "in any case", ("COOKIE",)),
        ("cookie-with-blanks", "with blanks around it, which stay", ("Accept ,\tCookie ,,",)),
        ("cookie-in-another-field", "in one of several fields, which stay several", ("Accept", "Cookie", "Origin")),
        ("star", "a star is all members", ("*",)),
        ("star-among-others", "a star among others too", ("Accept, *",)),
    ]  # fmt: skip
    write = exchange("life-vary-write", ("13.11",), "a session that is written was accessed", (CHANGE,), keeps(data=CHANGED), response=_fields("vary", "Accept"), vary=("Accept, Cookie",), flags=("caching",))  # fmt: skip
    cases = [
        exchange(f"life-vary-{name}", ("13.11",), comment, (READ,), NOTHING, response=_fields("Vary", *before), vary=after, flags=("caching",))
        for name, comment, before, after in [*((*row[:3], (row[3],)) for row in edited), *((f"alone-{name}", comment, before, before) for name, comment, before in alone)]
    ]  # fmt: skip
    return [*cases, write]


def _list_other_fields() -> list[Case]:
    ours: Fields = (("CACHE-CONTROL", "public"), ("vary", "Origin"))
    theirs: Fields = (
        ("Set-Cookie", "theme=dark; Path=/"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Many", "1"),
        ("Expires", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("X-Many", "2"),
        ("ETag", '"abc"'),
        ("Set-Cookie", "lang=fr"),
        ("Pragma", ""),
        ("CDN-Cache-Control", "public"),
    )
    after = _lower(theirs)
    mixed = (*theirs[:3], ours[0], *theirs[3:7], ours[1], *theirs[7:])
    rows: list[tuple[str, tuple[Json, ...], Sent, str, Fields]] = [
        ("other-fields-read", (READ,), NOTHING, "public", after),
        ("all-other-fields-written", (CHANGE,), keeps(data=CHANGED), "private", after[:-1]),
        ("all-other-fields-deleted", (DISCARD,), deletes(), "private", after[:-1]),
    ]
    return [
        exchange(f"life-{name}", ("13.12",), "all other fields stay as they were, and in their order", actions, sent, response=mixed, vary=("Origin, Cookie",), cache_control=(cache_control,), others=others, flags=("caching",))
        for name, actions, sent, cache_control, others in rows
    ]  # fmt: skip
