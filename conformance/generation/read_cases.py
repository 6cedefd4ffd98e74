"""Cookie header fields to the session that is accepted: which of several values wins, and why none does (SPEC 11)."""

from __future__ import annotations

from typing import Any

from . import octets
from .cases import Case
from .keys import KEYS, A, B, C, hex_key, ring
from .plaintexts import build
from .read_configuration_cases import list_configuration_cases
from .read_previous_cases import list_previous_cases
from .read_questions import HOST, NOW, ask, issue, name_values, seal
from .values import CREATED, GOLDEN_HOST, UNTIL, policy

# One value for each reason; those in the second table stand behind SPEC 11.4's first four.
UNCOUNTED = {
    "unknown-version": "cj2.AAAA",
    "malformed": "nothing of ours",
    "too-long": "cj1." + "A" * 4000,
    "unknown-key": seal(issue(1), key=B),
}
COUNTED = {
    "not-authentic": seal(issue(1), purpose="another"),
    "bad-padding": octets.seal_padded(bytes(48), key=A, purpose=HOST),
    "bad-encoding": octets.seal(b"\xc1" * 30, key=A, purpose=HOST),
    "bad-envelope": octets.seal(build(persistent=b"\xc0"), key=A, purpose=HOST),
    "not-yet-valid": seal(issue(1061)),
    "expired": seal(issue(0, idle=900)),
}
UNREADABLE = {**UNCOUNTED, **COUNTED}


def list_cases() -> list[Case]:
    return [
        *_list_nothing(),
        *_list_winners(),
        *_list_first_four(),
        *_list_not_counted(),
        *_list_counted(),
        *_list_first_sixteen(),
        *_list_reasons(),
        *_list_fields(),
        *_list_keys(),
        *_list_policies(),
        *list_previous_cases(),
        *list_configuration_cases(),
    ]


def _list_nothing() -> list[Case]:
    token = seal(issue(1))
    rows: list[tuple[str, str, list[str]]] = [
        ("no-field", "no Cookie field", []),
        ("empty-field", "an empty Cookie field", [""]),
        ("other-cookies", "no cookie of ours", ["a=1; b=2"]),
        ("other-case", "our name in other letters is not ours", [f"__host-session={token}"]),
        ("name-alone", "our name without =", [HOST]),
        ("behind-a-comma", "a value inside the value of another cookie", [f"d=x,{HOST}={token}"]),
    ]
    return [ask(name, ("11.6", "11.1"), comment, fields, None) for name, comment, fields in rows]


def _list_winners() -> list[Case]:
    one, two, three = issue(100), issue(200), issue(300)
    born_later = issue(100, who=7, created=CREATED + 90)
    rows: list[tuple[str, str, list[dict[str, Any]], dict[str, Any]]] = [
        ("one", "the worked example", [GOLDEN_HOST], GOLDEN_HOST),
        ("two-newest-first", "the greatest issued wins", [two, one], two),
        ("two-newest-last", "the greatest issued wins", [one, two], two),
        ("three-newest-between", "the greatest issued wins", [one, three, two], three),
        ("equal-the-first", "among equals the first", [issue(200, who=1), issue(200, who=2)], issue(200, who=1)),
        ("equal-behind-an-older", "among equals the first", [one, issue(200, who=1), issue(200, who=2)], issue(200, who=1)),
        ("same-token-twice", "a token and itself", [two, two], two),
        ("created-does-not-matter", "issued is compared, not created", [two, born_later], two),
        ("until-does-not-matter", "issued is compared, not what is left", [issue(100, until=UNTIL + 9), two], two),
        ("issued-ahead-of-now", "up to 60 seconds ahead may win", [issue(1060), three], issue(1060)),
    ]  # fmt: skip
    return [
        ask(name, ("11.4 step 3",), comment, name_values(*map(seal, sealed)), found, flags=("same-named",))
        for name, comment, sealed, found in rows
    ]


def _list_first_four() -> list[Case]:
    """The newest of four, five and six, at each place."""
    clauses = ("11.4 step 2", "11.4 step 3")
    older = [issue(10 * place) for place in range(1, 7)]
    newest, cases = issue(500), []
    for many, place in ((4, 1), (4, 2), (4, 3), (4, 4), (5, 4), (5, 5), (6, 5), (6, 6)):
        sealed = older[:many]
        sealed[place - 1] = newest
        found = max(sealed[:4], key=lambda each: each["issued"])
        comment = (
            "the newest of the first four wins at any place"
            if place <= 4
            else "a value after the first four is not opened"
        )
        cases.append(ask(f"newest-at-{place}-of-{many}", clauses, comment, name_values(*map(seal, sealed)), found, flags=("same-named", "edge")))  # fmt: skip
    return cases


def _list_not_counted() -> list[Case]:
    good = issue(100)
    rows = {name: [value] * 4 for name, value in UNCOUNTED.items()}
    rows["empty"] = [""] * 4
    rows["of-all-four-kinds"] = list(UNCOUNTED.values())
    return [
        ask(f"behind-four-{name}", ("11.4 step 1", "11.4 step 2"), "only values that pass steps 1 to 7 count to the four", name_values(*values, seal(good)), good, flags=("same-named",))
        for name, values in rows.items()
    ]  # fmt: skip


def _list_counted() -> list[Case]:
    good, clauses = issue(100), ("11.4 step 2", "11.4 step 4")
    behind_four = [
        ask(f"behind-four-{reason}", clauses, "each value that is opened is one of the four, also if it is refused", name_values(*[value] * 4, seal(good)), reason, flags=("same-named",))
        for reason, value in COUNTED.items()
    ]  # fmt: skip
    behind_three = [
        ask(f"behind-three-{reason}", clauses, "the fourth is opened", name_values(*[value] * 3, seal(good)), good, flags=("same-named",))
        for reason, value in COUNTED.items()
        if reason in ("not-authentic", "expired")
    ]  # fmt: skip
    return [*behind_four, *behind_three]


def _list_first_sixteen() -> list[Case]:
    """Values of all kinds count to the 16, also those of other software."""
    good, foreign, unknown = issue(100), "eyJhIjoxfQ.aAbBcC.0123", UNCOUNTED["unknown-key"]
    rows: list[tuple[str, str, list[str], dict[str, Any] | str]] = [
        ("sixteenth", "the 16th value is judged", [foreign] * 15, good),
        ("sixteenth-behind-tokens", "the 16th value is judged", [unknown] * 15, good),
        ("seventeenth", "the 17th value is not judged", [foreign] * 16, "malformed"),
        ("seventeenth-behind-tokens", "the 17th value is not judged", [unknown] * 16, "unknown-key"),
        ("seventeenth-behind-empty-values", "empty values count", [""] * 16, "malformed"),
        ("ten-thousandth", "nor is any after it", [foreign] * 9999, "malformed"),
    ]
    behind = [
        ask(name, ("11.4 step 1",), comment, name_values(*values, seal(good)), found, flags=("same-named", "edge"))
        for name, comment, values, found in rows
    ]
    before = ask("first-of-ten-thousand", ("11.4 step 1",), "what comes after it does not matter", name_values(seal(good), *[foreign] * 9999), good, flags=("same-named", "edge"))  # fmt: skip
    return [*behind, before]


def _list_reasons() -> list[Case]:
    good, expired = issue(100), COUNTED["expired"]
    accepted = [
        ask(f"beside-{reason}", ("11.4 step 3", "11.4 step 4"), "one accepted value is enough", name_values(value, seal(good)), good, flags=("same-named",))
        for reason, value in UNREADABLE.items()
    ]  # fmt: skip
    single = [
        ask(
            f"only-{reason}", ("11.6", "11.4 step 4", "10.1"), "the reason of the one value", name_values(value), reason
        )
        for reason, value in UNREADABLE.items()
    ]
    newest = issue(900, idle=50)
    rows = [
        ("malformed-then-expired", [UNCOUNTED["malformed"], expired], "malformed"),
        ("expired-then-malformed", [expired, UNCOUNTED["malformed"]], "expired"),
        ("unknown-key-then-not-authentic", [UNCOUNTED["unknown-key"], COUNTED["not-authentic"]], "unknown-key"),
        ("not-authentic-then-unknown-key", [COUNTED["not-authentic"], UNCOUNTED["unknown-key"]], "not-authentic"),
        ("empty-then-expired", ["", expired], "malformed"),
        ("expired-then-older-expired", [COUNTED["not-yet-valid"], expired], "not-yet-valid"),
    ]
    firsts = [
        ask(f"reason-{name}", ("11.6",), "the first in header order, not the last nor the worst", name_values(*values), reason)
        for name, values, reason in rows
    ]  # fmt: skip
    return [
        *accepted,
        *single,
        *firsts,
        ask("empty-value", ("11.6", "11.1 step 6"), "an empty value is a value, and malformed", f"{HOST}=", "malformed"),
        ask("newest-is-expired", ("11.4 step 3",), "only accepted values are compared", name_values(seal(newest), seal(good)), good, flags=("same-named",)),
    ]  # fmt: skip


def _list_fields() -> list[Case]:
    old, new = issue(100), issue(200)
    first, second = seal(old), seal(new)
    quoted = "malformed"
    rows: list[tuple[str, tuple[str, ...], str, str | list[str], dict[str, Any] | str]] = [
        ("several-fields", ("11.1 step 1",), "each cookie in a field of its own", [f"a=1; {HOST}={first}", f"{HOST}={second}; b=2"], new),
        ("four-over-two-fields", ("11.1 step 1", "11.4 step 2"), "the fields are counted together", [name_values(*[first] * 3), name_values(first, second)], old),
        ("among-junk", ("11.1 step 2",), "cookies on which others stop", f'j={{"a":1}}; d=Wed, 01 Jan; q="x; \xe9=\xff; ; flag; {HOST}={first}; z="', old),
        ("cut-at-a-comma", ("11.1 step 5",), "what a server joined behind it is cut off", f"{HOST}={first},a=1", old),
        ("joined-with-a-comma", ("11.1 step 5",), "of two joined with a comma only the first is seen", f"{HOST}={first}, {HOST}={second}", old),
        ("blanks-around", ("11.1 step 5",), "blanks around a value are trimmed", f"{HOST}= \t{first} ", old),
        ("quoted", ("11.2",), "a value in quotation marks is malformed", f'{HOST}="{first}"', quoted),
        ("percent-encoded", ("11.2",), "%2E is no dot", f"{HOST}={first.replace('.', '%2E')}", quoted),
        ("no-break-space-behind", ("11.1 step 5",), "0xA0 is not trimmed", f"{HOST}={first}\xa0", quoted),
        ("tossed-behind-a-comma", ("11.1 step 2", "17.10"), "a sibling's newer token within another cookie", f"d=x,{HOST}={second}; {HOST}={first}", old),
        ("tossed-in-quotes", ("11.1 step 2", "11.2"), "quotation marks do not hide ours", f'd="; {HOST}={second}; e="', new),
    ]  # fmt: skip
    return [
        ask(name, clauses, comment, fields, found, flags=("scanning",))
        for name, clauses, comment, fields, found in rows
    ]


def _list_keys() -> list[Case]:
    by_a, by_b, by_c = issue(100), issue(200), issue(300)
    # The key ids of these two begin with the same octet.
    like, alike = KEYS["j"], KEYS["l"]
    values = name_values(seal(by_a), seal(by_b, key=B), seal(by_c, key=C))
    ended = f"{hex_key(B)}@until=2026-01-01T00:16:40Z {hex_key(A)}"
    rows: list[tuple[str, str, str, str, dict[str, Any] | str]] = [
        ("retired-key", "a key behind the primary opens", ring(B, A), name_values(seal(by_a)), by_a),
        ("newest-by-a-retired-key", "the order of the ring does not choose among values", ring(A, B, C), values, by_c),
        ("newest-by-an-unknown-key", "a token that nobody opens cannot win", ring(A, B), values, by_b),
        ("newest-by-a-key-that-ended", "nor can one whose key ends now", ended, values, by_a),
        ("only-by-a-key-that-ended", "a key that ends now opens nothing", ended, name_values(seal(by_b, key=B)), "unknown-key"),
        ("key-ids-that-begin-alike", "all of a key id counts", ring(like, alike), name_values(seal(by_a, key=alike)), by_a),
    ]  # fmt: skip
    return [
        ask(name, ("11.4 step 1", "4.4.2", "4.4.4"), comment, fields, found, keyring=keyring, flags=("key-choice",))
        for name, comment, keyring, fields, found in rows
    ]


def _list_policies() -> list[Case]:
    old, new = issue(100), issue(900)
    short = {**new, "idle": 101, "until": CREATED + 5000}
    born = issue(900, who=9, created=CREATED + 50)
    rows: list[tuple[str, tuple[str, ...], str, dict[str, Any], list[dict[str, Any]], dict[str, Any] | str]] = [
        ("lowered", ("9.4", "8.2 step 12"), "what is found carries the lowered values", {"longest_idle": 101, "longest_lifetime": 5000}, [new], short),
        ("not-raised", ("9.4",), "a ceiling raises nothing", {"longest_idle": 1 << 31, "longest_lifetime": 1 << 40}, [new], new),
        ("idle-ceiling-ends-it", ("9.4", "9.1"), "expired by the ceiling", {"longest_idle": 100}, [new], "expired"),
        ("lifetime-ceiling-ends-it", ("9.4", "9.1"), "expired by the ceiling", {"longest_lifetime": NOW - CREATED}, [new], "expired"),
        ("ceiling-ends-the-older", ("11.4 step 3", "9.4"), "the ceilings come before the choice", {"longest_idle": 101}, [old, new], {**new, "idle": 101}),
        ("revoked", ("8.2 step 15",), "begun before not_before", {"not_before": CREATED + 1}, [new], "revoked"),
        ("not-revoked", ("8.2 step 15",), "begun at not_before", {"not_before": CREATED}, [new], new),
        ("newest-is-revoked", ("11.4 step 3", "8.2 step 15"), "an older token of a later session wins", {"not_before": CREATED + 1}, [issue(950), born], born),
        ("policy-of-new-sessions", ("9.3",), "the token's own lifetimes hold, not those of new sessions", {"idle_timeout": 1, "absolute_lifetime": 1, "persistent": False, "renew_after": 1}, [new], new),
    ]  # fmt: skip
    return [
        ask(f"policy-{name}", clauses, comment, name_values(*map(seal, sealed)), found, rules=policy(**changes), flags=("policy",))
        for name, clauses, comment, changes, sealed, found in rows
    ]  # fmt: skip
