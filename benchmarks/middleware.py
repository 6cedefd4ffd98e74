"""The middleware tables: what a session library adds to a request, in four cases. Knows no library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .contents import TYPICAL, Content
from .estimates import estimate_difference
from .stacks import Request, Stack, Touch
from .tables import Cell, Table
from .timing import Effort, Timings, time_actions

NO_COOKIE, UNTOUCHED, READ, CHANGED = "no cookie, untouched", "cookie, untouched", "read", "changed"
CASES = (NO_COOKIE, UNTOUCHED, READ, CHANGED)
CHANGED_CONTENT: Content = {**TYPICAL, "theme": "light"}
_BARE = "bare under "


def measure_case(stacks: Mapping[str, Stack], case: str, *, effort: Effort) -> Timings:
    """Measure a request of ``case`` with each library and, under ``name_bare(name)``, without it, in nanoseconds."""
    requests = {name: prepare_case(stack, case) for name, stack in stacks.items()}
    bare = {name_bare(name): prepare_bare_case(stack, case) for name, stack in stacks.items()}
    # A library and its bare application take neighbouring turns.
    names = [name for pair in zip(requests, bare, strict=True) for name in pair]
    return time_actions({name: (requests | bare)[name].run for name in names}, effort=effort)


def name_bare(name: str) -> str:
    """Return the name of a library's bare application in the timings."""
    return f"{_BARE}{name}"


def make_table(
    name: str, title: str, stacks: Mapping[str, Stack], absent: Mapping[str, str], *, effort: Effort
) -> Table:
    """Return the table of what each library adds to its bare application, by case."""
    rows: dict[str, list[Cell]] = {each: [] for each in stacks}
    for case in CASES:
        times = measure_case(stacks, case, effort=effort)
        for each, cells in rows.items():
            cells.append(estimate_difference(times[each], times[name_bare(each)]).scaled(1e-3))
    notes = tuple(f"{each} is missing here: {reason}" for each, reason in absent.items())
    return Table(name, title, "µs", CASES, {each: tuple(cells) for each, cells in rows.items()}, notes)


def prepare_case(stack: Stack, case: str) -> Request:
    """Return a request of ``case`` with a typical session. Check first that it does its work."""
    if case == NO_COOKIE:
        return _check_untouched(stack.prepare(None, None))
    cookie = store_content(stack, TYPICAL)
    if case == UNTOUCHED:
        return _check_untouched(stack.prepare(None, cookie))
    if case == READ:
        seen: list[object] = []
        stack.prepare(Touch(lambda session: seen.append(session["user_id"])), cookie).run()
        if seen != [TYPICAL["user_id"]] or list_content(stack, cookie) != TYPICAL:
            raise AssertionError("the session does not hold the content that was stored")
        return stack.prepare(READING, cookie)
    request = stack.prepare(CHANGING, cookie)
    request.run()
    if list_content(stack, _take_cookie(request)) != CHANGED_CONTENT:
        raise AssertionError("the change was not stored")
    return request


def prepare_bare_case(stack: Stack, case: str) -> Request:
    """Return the same request to the application without the library, which uses a plain dict as its session."""
    touch = {READ: READING, CHANGED: CHANGING}.get(case)
    return stack.prepare_bare(touch, None if case == NO_COOKIE else store_content(stack, TYPICAL))


def store_content(stack: Stack, content: Content) -> str:
    """Return the Cookie field value that a browser sends after an application has stored ``content``."""
    request = stack.prepare(Touch(lambda session: session.update(content), writes=True), None)
    request.run()
    return _take_cookie(request)


def list_content(stack: Stack, cookie: str) -> Content:
    """Return the content of the session in ``cookie``, without the keys that the library itself adds."""
    seen: Content = {}

    def show(session: Any) -> None:
        seen.update({name: session[name] for name in list(session.keys()) if not name.startswith("_")})

    stack.prepare(Touch(show), cookie).run()
    return seen


def _read(session: Any) -> object:
    return session["user_id"]


def _change(session: Any) -> None:
    session["theme"] = "light"


READING = Touch(_read)
CHANGING = Touch(_change, writes=True)


def _check_untouched(request: Request) -> Request:
    request.run()
    if not any(_to_text(value).startswith("text/plain") for _, value in request.headers):
        raise AssertionError("the application did not answer")
    return request


def _take_cookie(request: Request) -> str:
    fields = [_to_text(value) for name, value in request.headers if _to_text(name).lower() == "set-cookie"]
    if len(fields) != 1:
        raise AssertionError(f"{len(fields)} cookies were set instead of one")
    return fields[0].strip().partition(";")[0]


def _to_text(text: Any) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text
