"""Ring text with times: which are real, who seals and opens when, where a gap is (SPEC 4.2 and 4.4)."""

from __future__ import annotations

from .cases import Case
from .ring_questions import NOW, Moment, refuse_ring, take_ring
from .values import MAX_TIME

# 2000-02-29, 2024-02-29 and 9999-12-31T23:59:59Z.
LEAP_2000, LEAP_2024, LAST = 951782400, 1709164800, 253402300799


def list_ring_time_cases() -> list[Case]:
    return [*_list_real(), *_list_unreal(), *_list_misspelt(), *_list_orders(), *_list_rotations(), *_list_gaps()]


def _list_real() -> list[Case]:
    rows = [
        ("leap-day-2024", "2024 is divisible by 4", "2024-02-29T00:00:00Z", LEAP_2024),
        ("leap-day-2000", "2000 is divisible by 400", "2000-02-29T00:00:00Z", LEAP_2000),
        ("april-30", "the last day of a month of 30", "2027-04-30T00:00:00Z", 1809043200),
        ("february-28-2027", "the last day of February", "2027-02-28T00:00:00Z", 1803772800),
        ("january-31-2028", "a leap year changes no other month", "2028-01-31T00:00:00Z", 1832889600),
        ("day-after-february-2100", "2100 has no leap day", "2100-03-01T00:00:00Z", 4107542400),
        ("last-second", "the last of all times", "9999-12-31T23:59:59Z", LAST),
        ("second-after-epoch", "the second second of all", "1970-01-01T00:00:01Z", 1),
        ("beyond-32-bits", "2^32 seconds", "2106-02-07T06:28:16Z", 1 << 32),
        ("beyond-31-bits", "2^31 seconds", "2038-01-19T03:14:08Z", 1 << 31),
        ("all-different", "no two of its numbers are interchangeable", "2027-10-09T23:58:57Z", 1823126337),
    ]
    cases = [
        take_ring(
            f"ring-time-{name}", ("4.2 item 5", "4.4.1"), comment, f"{{b}}@from={time} {{a}}", (at - 1, "b a*"), (at, "b* a"),
            now=at - 1, flags=("time",),
        )
        for name, comment, time, at in rows
    ]  # fmt: skip
    epoch = take_ring(
        "ring-time-epoch", ("4.2 item 5",), "1970 is the first year", "{b}@from=1970-01-01T00:00:00Z {a}", (0, "b* a"), now=0, flags=("time", "edge"),
    )  # fmt: skip
    return [*cases, epoch]


def _list_unreal() -> list[Case]:
    rows = [
        ("year-1969", "before the first time", "1969-12-31T23:59:59Z"),
        ("year-0", "before the first time", "0000-01-01T00:00:00Z"),
        ("month-0", "no such month", "2027-00-10T00:00:00Z"),
        ("month-13", "no such month", "2027-13-10T00:00:00Z"),
        ("day-0", "no such day", "2027-01-00T00:00:00Z"),
        ("january-32", "no such day", "2027-01-32T00:00:00Z"),
        ("april-31", "no such day", "2027-04-31T00:00:00Z"),
        ("june-31", "no such day", "2027-06-31T00:00:00Z"),
        ("september-31", "no such day", "2027-09-31T00:00:00Z"),
        ("november-31", "no such day", "2027-11-31T00:00:00Z"),
        ("february-29-2027", "2027 has no leap day", "2027-02-29T00:00:00Z"),
        ("february-29-2100", "2100 is divisible by 100 and not by 400", "2100-02-29T00:00:00Z"),
        ("february-30-2028", "a leap year has no second leap day", "2028-02-30T00:00:00Z"),
        ("hour-24", "midnight is hour 00 of the next day", "2027-01-31T24:00:00Z"),
        ("minute-60", "no such minute", "2027-01-31T00:60:00Z"),
        ("second-60", "no such second", "2027-01-31T00:00:60Z"),
        ("leap-second", "not even where there was one", "2016-12-31T23:59:60Z"),
    ]
    return [
        refuse_ring(f"ring-time-{name}", ("4.2 item 5",), comment, f"{{b}}@from={time} {{a}}", flags=("time",))
        for name, comment, time in rows
    ]


def _list_misspelt() -> list[Case]:
    rows = [
        ("small-t", "T is a capital", "2027-01-31t00:00:00Z"),
        ("small-z", "Z is a capital", "2027-01-31T00:00:00z"),
        ("without-z", "Z must be there", "2027-01-31T00:00:00"),
        ("with-offset", "an offset of nothing is not Z", "2027-01-31T00:00:00+00:00"),
        ("with-fraction", "whole seconds", "2027-01-31T00:00:00.000Z"),
        ("without-seconds", "seconds must be there", "2027-01-31T00:00Z"),
        ("date-alone", "a date is no time", "2027-01-31"),
        ("month-of-one-digit", "two digits each", "2027-1-31T00:00:00Z"),
        ("hour-of-one-digit", "two digits each", "2027-01-31T0:00:00Z"),
        ("second-of-one-digit", "two digits each", "2027-01-31T00:00:0Z"),
        ("year-of-two-digits", "four digits", "27-01-31T00:00:00Z"),
        ("year-of-five-digits", "four digits", "12027-01-31T00:00:00Z"),
        ("basic-form", "without - and :", "20270131T000000Z"),
        ("slashes", "/ where - belongs", "2027/01/31T00:00:00Z"),
        ("plus-for-a-digit", "a sign is no digit", "+027-01-31T00:00:00Z"),
        ("plus-for-a-leading-zero", "a sign is no digit, though a number may begin with one", "2027-+1-31T00:00:00Z"),
        ("underscore-for-a-digit", "a digit separator is no digit", "2027-01-31T00:00:0_Z"),
        ("unix-seconds", "a number is no time", "1801353600"),
        ("something-behind", "nothing may follow but another bound", "2027-01-31T00:00:00Zulu"),
    ]
    return [
        refuse_ring(f"ring-time-{name}", ("4.2 item 2",), comment, f"{{b}}@from={time} {{a}}", flags=("time",))
        for name, comment, time in rows
    ]


def _list_orders() -> list[Case]:
    rows = [
        ("equal", "a stretch of no second", "{b}@from={now+1}@until={now+1} {a}"),
        ("reversed", "@until before @from", "{b}@from={now+2}@until={now+1} {a}"),
        ("reversed-long-ago", "though both are over", "{b}@from=2020-01-02T00:00:00Z@until=2020-01-01T00:00:00Z {a}"),
    ]
    return [refuse_ring(f"ring-bounds-{name}", ("4.2 item 6",), comment, text) for name, comment, text in rows]


def _list_rotations() -> list[Case]:
    rows: list[tuple[str, tuple[str, ...], str, str, list[Moment]]] = [
        ("one-key", ("4.4.3",), "a key without bounds seals and opens always", "{a}", [(NOW, "a*"), (MAX_TIME, "a*")]),
        ("pending", ("4.4.3",), "A B: seals with A, opens with both", "{a} {b}", [(NOW, "a* b"), (MAX_TIME, "a* b")]),
        ("switched", ("4.4.3",), "B A: seals with B, opens with both", "{b} {a}", [(NOW, "b* a")]),
        ("staged", ("4.4.1", "4.4.2", "4.4.3"), "B@from=T A: from the one to the other at T", "{b}@from={now+1} {a}", [(NOW, "b a*"), (NOW + 1, "b* a"), (NOW + 2, "b* a")]),
        ("staged-behind", ("4.4.3",), "behind a key that may seal, @from changes nothing", "{a} {b}@from={now+1}", [(NOW, "a* b"), (NOW + 1, "a* b")]),
        ("retired-with-an-end", ("4.4.2",), "a retired key opens up to the second before its @until", "{a} {b}@until={now+1}", [(NOW, "a* b"), (NOW + 1, "a*")]),
        ("primary-with-an-end", ("4.4.1", "4.4.2"), "a primary that ends leaves to the next", "{b}@until={now+1} {a}", [(NOW, "b* a"), (NOW + 1, "a*")]),
        ("over", ("4.4.1", "4.4.2"), "a key whose @until is now does nothing any more", "{b}@until={now} {a}", [(NOW, "a*")]),
        ("over-long-ago", ("4.4.2",), "entries that are over may stay", "{b}@until=1970-01-01T00:00:00Z {a}", [(NOW, "a*")]),
        ("window", ("4.4.1", "4.4.2"), "both bounds: opens before it may seal", "{b}@from={now+1}@until={now+2} {a}", [(NOW, "b a*"), (NOW + 1, "b* a"), (NOW + 2, "a*")]),
        ("two-staged", ("4.4.3",), "two steps in one text", "{c}@from={now+2} {b}@from={now+1} {a}", [(NOW, "c b a*"), (NOW + 1, "c b* a"), (NOW + 2, "c* b a")]),
        ("two-staged-turned", ("4.4.3",), "the first that may seal, not the one that began last", "{b}@from={now+1} {c}@from={now+2} {a}", [(NOW, "b c a*"), (NOW + 2, "b* c a")]),
        ("abutting", ("4.2 item 13", "4.4.1"), "one ends as the other begins: no gap", "{a}@until={now+1} {b}@from={now+1}", [(NOW, "a* b"), (NOW + 1, "b*")]),
        ("abutting-turned", ("4.2 item 13", "4.4.1"), "the same with the later one first", "{b}@from={now+1} {a}@until={now+1}", [(NOW, "b a*"), (NOW + 1, "b*")]),
        ("chain", ("4.2 item 13",), "each ends as the next begins", "{a}@until={now+1} {b}@from={now+1}@until={now+2} {c}@from={now+2}", [(NOW, "a* b c"), (NOW + 1, "b* c"), (NOW + 2, "c*")]),
        ("overlapping", ("4.2 item 13",), "the next begins before the one ends", "{a}@until={now+2} {b}@from={now+1}", [(NOW + 1, "a* b"), (NOW + 2, "b*")]),
        ("staged-alone-since-now", ("4.2 item 13", "4.4.1"), "@from is now", "{a}@from={now}", [(NOW, "a*")]),
        ("gap-in-the-past", ("4.2 item 13",), "only now and what comes is looked at", "{a}@until={now-2} {b}@from={now-1}", [(NOW, "b*")]),
    ]  # fmt: skip
    return [
        take_ring(f"rotation-{name}", clauses, comment, text, *moments, flags=("rotation",))
        for name, clauses, comment, text, moments in rows
    ]


def _list_gaps() -> list[Case]:
    rows = [
        ("now", "the one key may not seal yet", "{a}@from={now+1}", NOW),
        ("now-between", "one key is over, the next not yet due", "{a}@until={now-1} {b}@from={now+1}", NOW),
        ("all-over", "the one key is over", "{a}@until={now}", NOW),
        ("later", "the one key will end", "{a}@until={now+1}", NOW),
        ("at-the-end-of-the-years", "the one key will end, late", "{a}@until=9999-12-31T23:59:59Z", NOW),
        ("of-one-second", "the next begins a second after the one ends", "{a}@until={now+1} {b}@from={now+2}", NOW),
        ("behind-a-chain", "the last of a chain ends", "{a}@until={now+1} {b}@from={now+1}@until={now+2}", NOW),
        ("within-a-chain", "between the second and the third", "{a}@until={now+1} {b}@from={now+1}@until={now+2} {c}@from={now+3}", NOW),
        ("behind-the-later-end", "both end, and the last end counts", "{a}@until={now+2} {b}@until={now+1}", NOW),
        ("at-the-last-time", "now may be beyond the years of a calendar", "{a}@until={now+1}", MAX_TIME),
    ]  # fmt: skip
    return [
        refuse_ring(f"ring-gap-{name}", ("4.2 item 13", "4.4.1"), comment, text, now=now, flags=("rotation", "time"))
        for name, comment, text, now in rows
    ]
