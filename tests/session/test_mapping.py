"""The session as a dict: opened at its first touch, read and written as a dict is, each value checked."""

from __future__ import annotations

import copy
import json
import logging
import threading
from collections import ChainMap, OrderedDict
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

import flask
import msgspec
import pytest
import starlette.middleware.sessions
import starlette.responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from shared_values import NOW
from werkzeug.datastructures import MultiDict

from cookiejar_session import CookieSessions, Session, SessionCommittedError, UnsupportedValueError
from cookiejar_session.session.state import WRITTEN_LATE

LATER = NOW + 1000
DATA = {"a": 1, "cart": [{"n": 1}], "name": "Ada"}

Make = Callable[..., CookieSessions[Any]]
Open = Callable[..., Session[Any]]
Operation = Callable[[Any], object]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


class Count(msgspec.Struct):
    n: int
    step: int = 1


class Colour(StrEnum):
    RED = "red"


class Number(IntEnum):
    TWO = 2


class Pair(NamedTuple):
    left: int
    right: str


@pytest.fixture
def open_session(make_sessions: Make) -> Open:
    """A session with this data, sealed at NOW, in a request at LATER; options as CookieSessions takes them.

    It is not opened.
    """

    def make(data: Any = None, **options: Any) -> Session[Any]:
        header = make_sessions(max_token_characters=3972).mint(data, now=NOW).header
        return make_sessions(**options).begin(header, now=LATER).session

    return make


def make_new(make_sessions: Make) -> Session[Any]:
    session = make_sessions().begin("", now=LATER).session
    session.update(copy.deepcopy(DATA))
    return session


@pytest.fixture(params=["not opened", "opened", "new"])
def session(request: pytest.FixtureRequest, make_sessions: Make, open_session: Open) -> Session[Any]:
    """A session that holds DATA, in each of its states."""
    if request.param == "new":
        return make_new(make_sessions)
    session = open_session(DATA)
    if request.param == "opened":
        session.mark_accessed()
    return session


@pytest.fixture
def unopened(open_session: Open) -> Session[Any]:
    return open_session(DATA)


@pytest.fixture
def typed(open_session: Open) -> Session[Any]:
    return open_session({"n": 5, "foreign": [1]}, data_type=Count)


# A dict


def match_mapping(mapping: Any) -> object:
    match mapping:
        case {"a": found, **others}:
            return found, others
    return None


READS: dict[str, Operation] = {
    "len": len,
    "bool": bool,
    "iter": list,
    "reversed": lambda mapping: list(reversed(mapping)),
    "sorted": sorted,
    "in": lambda mapping: ("a" in mapping, "absent" in mapping, 5 in mapping),
    "in, of a value that has no hash": lambda mapping: [] in mapping,
    "item": lambda mapping: mapping["a"],
    "absent item": lambda mapping: mapping["absent"],
    "get": lambda mapping: mapping.get("name"),
    "get of an absent key": lambda mapping: mapping.get("absent"),
    "get with a default": lambda mapping: mapping.get("absent", 5),
    "keys": lambda mapping: list(mapping.keys()),
    "values": lambda mapping: list(mapping.values()),
    "items": lambda mapping: list(mapping.items()),
    "keys as a set": lambda mapping: mapping.keys() & {"a", "b"},
    "reversed items": lambda mapping: list(reversed(mapping.items())),
    "copy": lambda mapping: mapping.copy(),
    "dict()": dict,
    "OrderedDict()": OrderedDict,
    "unpacked in a dict": lambda mapping: {**mapping},
    "unpacked in a list": lambda mapping: [*mapping],
    "unpacked as arguments": lambda mapping: (lambda **arguments: arguments)(**mapping),
    "update of a dict": lambda mapping: (other := {"b": 2}).update(mapping) or other,
    "==": lambda mapping: mapping == DATA,
    "== of another dict": lambda mapping: mapping == {**DATA, "a": 2},
    "== of an empty dict": lambda mapping: mapping == {},
    "== of another type": lambda mapping: mapping == 5,
    "== from the right": lambda mapping: mapping == DATA,
    "!=": lambda mapping: mapping != DATA,
    "!= of another dict": lambda mapping: mapping != {},
    "!= of another type": lambda mapping: mapping != 5,
    "|": lambda mapping: mapping | {"b": 2, "a": 0},
    "| from the right": lambda mapping: {"b": 2, "a": 0} | mapping,
    "| of pairs": lambda mapping: mapping | [("b", 2)],
    "| of pairs from the right": lambda mapping: [("b", 2)] | mapping,
    "| of a read-only mapping": lambda mapping: mapping | MappingProxyType({"b": 2}),
    "| of a ChainMap": lambda mapping: mapping | ChainMap({"b": 2}),
    "| of itself": lambda mapping: mapping | mapping,
    "format": lambda mapping: "{a} {name}".format(**mapping),
    "format_map": lambda mapping: "{a} {name}".format_map(mapping),
    "%": lambda mapping: "%(a)s %(name)s" % mapping,  # noqa: UP031 - the operation to be tested
    "hash": hash,
    "isinstance": lambda mapping: (
        isinstance(mapping, dict),
        isinstance(mapping, MutableMapping),
        issubclass(type(mapping), dict),
    ),
    "match": match_mapping,
    "json": json.dumps,
    "json, written in Python": lambda mapping: json.dumps(mapping, indent=1),
    "json of a list that holds it": lambda mapping: json.dumps([mapping, {"inner": mapping}]),
}


def merge_mapping(mapping: Any) -> None:
    mapping |= {"b": 2, "a": 3}


def merge_pairs(mapping: Any) -> None:
    mapping |= [("b", 2)]


WRITES: dict[str, Operation] = {
    "assignment": lambda mapping: mapping.__setitem__("b", 2),
    "assignment of a key that is there": lambda mapping: mapping.__setitem__("a", 2),
    "deletion": lambda mapping: mapping.__delitem__("a"),
    "pop": lambda mapping: mapping.pop("cart"),
    "pop with a default": lambda mapping: mapping.pop("a", 5),
    "popitem": lambda mapping: mapping.popitem(),
    "setdefault": lambda mapping: mapping.setdefault("b", 2),
    "setdefault without a default": lambda mapping: mapping.setdefault("b"),
    "update": lambda mapping: mapping.update({"b": 2, "a": 3}),
    "update with pairs": lambda mapping: mapping.update([("b", 2), ("a", 3)]),
    "update with keywords": lambda mapping: mapping.update({"b": 2}, c=3),
    "update with a read-only mapping": lambda mapping: mapping.update(MappingProxyType({"b": 2})),
    "|=": merge_mapping,
    "|= of pairs": merge_pairs,
    "clear": lambda mapping: mapping.clear(),
}

# They write what is there already, find nothing to write, or fail.
IDLE_WRITES: dict[str, Operation] = {
    "assignment of the same value": lambda mapping: mapping.__setitem__("a", 1),
    "deletion of an absent key": lambda mapping: mapping.__delitem__("absent"),
    "pop of an absent key": lambda mapping: mapping.pop("absent"),
    "pop of an absent key with a default": lambda mapping: mapping.pop("absent", None),
    "pop of a key that has no hash": lambda mapping: mapping.pop([]),
    "setdefault of a key that is there": lambda mapping: mapping.setdefault("a", 5),
    "update with nothing": lambda mapping: mapping.update(),
    "update with a number": lambda mapping: mapping.update(5),
    "update with no pairs": lambda mapping: mapping.update([1]),
    "pop and assignment": lambda mapping: mapping.__setitem__("name", mapping.pop("name")),
    "the copy changed": lambda mapping: mapping.copy().update(b=2),
}


def observe(operation: Operation, mapping: Any) -> object:
    """What ``operation`` returns or raises, and what ``mapping`` holds afterwards."""
    try:
        result = operation(mapping)
        outcome: object = (type(result), result)
    except KeyError as exc:
        outcome = (KeyError, exc.args)
    except TypeError:
        outcome = TypeError
    return outcome, list(mapping.items())


def make_starlette_session(data: dict[str, Any]) -> dict[str, Any]:
    return starlette.middleware.sessions.Session(data)


@pytest.mark.parametrize("make_peer", [dict, make_starlette_session], ids=["dict", "starlette"])
@pytest.mark.parametrize("name", [*READS, *WRITES, *IDLE_WRITES])
def test_a_session_answers_as_a_dict_does(name: str, make_peer: Any, session: Session[Any]) -> None:
    operation = {**READS, **WRITES, **IDLE_WRITES}[name]
    assert observe(operation, session) == observe(operation, make_peer(copy.deepcopy(DATA)))


@pytest.mark.parametrize("name", [*READS, *IDLE_WRITES])
def test_a_session_that_holds_the_same_as_before_is_not_modified(name: str, unopened: Session[Any]) -> None:
    observe({**READS, **IDLE_WRITES}[name], unopened)
    assert not unopened.is_modified


@pytest.mark.parametrize("name", WRITES)
def test_every_write_is_a_modification(name: str, unopened: Session[Any]) -> None:
    WRITES[name](unopened)
    assert unopened.is_modified


@pytest.mark.parametrize(
    ("name", "operation"),
    [(name, operation) for name, operation in {**READS, **WRITES}.items() if name not in ("hash", "isinstance")],
)
def test_every_operation_opens_the_session(name: str, operation: Operation, unopened: Session[Any]) -> None:
    observe(operation, unopened)
    assert unopened.is_accessed


@pytest.mark.parametrize("other", ["dict", "session"])
def test_two_sessions_are_compared_and_merged_by_their_data(other: str, open_session: Open) -> None:
    # Each time both are opened by the operation itself.
    peers: dict[str, Callable[[], Any]] = {"dict": lambda: dict(DATA), "session": lambda: open_session(DATA)}
    make = peers[other]
    assert (open_session(DATA) == make(), open_session({"a": 1}) == make()) == (True, False)
    assert (make() == open_session(DATA), make() != open_session(DATA)) == (True, False)
    assert open_session({"b": 2}) | make() == make() | open_session({"b": 2}) == {**DATA, "b": 2}


def test_a_session_is_updated_with_another_session(open_session: Open) -> None:
    session = open_session({"b": 2})
    session.update(open_session(DATA))
    assert dict(session) == {**DATA, "b": 2}


def test_keys_come_back_sorted_and_popitem_takes_the_last_that_was_set(open_session: Open) -> None:
    session = open_session({"b": 1, "c": 2, "a": 3})
    session["aa"] = 4
    assert (list(session), session.popitem(), session.popitem()) == (["a", "b", "c", "aa"], ("aa", 4), ("c", 2))


@pytest.mark.parametrize("remove", [lambda session: session.popitem(), lambda session: session.pop("absent")])
def test_nothing_can_be_removed_from_an_empty_session(remove: Operation, open_session: Open) -> None:
    session = open_session()
    with pytest.raises(KeyError):
        remove(session)
    assert not session.is_modified


def test_merging_in_place_keeps_the_session(session: Session[Any]) -> None:
    merged = session
    merged |= {"b": 2}
    assert merged is session


def test_an_empty_session_is_false(open_session: Open) -> None:
    assert not open_session()


def test_nested_values_of_a_copy_are_those_of_the_session(unopened: Session[Any]) -> None:
    unopened.copy()["cart"].append(2)
    assert (unopened["cart"], unopened.is_modified) == ([{"n": 1}, 2], True)


def test_json_of_a_session_in_a_template_shows_its_data(session: Session[Any]) -> None:
    template = flask.Flask(__name__).jinja_env.from_string("{{ session|tojson }}")
    assert json.loads(template.render(session=session)) == DATA


def test_json_of_a_session_in_a_response_shows_its_data(session: Session[Any]) -> None:
    assert json.loads(starlette.responses.JSONResponse(session).body) == DATA


# Opened at the first touch


def encode_orjson(session: Session[Any]) -> bytes:
    orjson = pytest.importorskip("orjson", reason="orjson is not installed; it also reads a dict's storage")
    octets: bytes = orjson.dumps(session)
    return octets


BYPASSES: dict[str, Callable[[Session[Any]], bytes]] = {
    "msgspec json": msgspec.json.encode,
    "msgspec to_builtins": lambda session: json.dumps(msgspec.to_builtins(session)).encode(),
    "orjson": encode_orjson,
}


@pytest.mark.parametrize("bypass", BYPASSES)
@pytest.mark.parametrize("data", [DATA, {}], ids=["data", "empty"])
def test_code_that_bypasses_the_methods_fails_on_a_session_that_is_not_opened(
    data: Any, bypass: str, open_session: Open
) -> None:
    with pytest.raises(TypeError):
        BYPASSES[bypass](open_session(data))


@pytest.mark.parametrize("bypass", BYPASSES)
@pytest.mark.parametrize("data", [DATA, {}], ids=["data", "empty"])
def test_code_that_bypasses_the_methods_reads_a_session_that_is_opened(
    data: Any, bypass: str, open_session: Open
) -> None:
    session = open_session(data)
    session.mark_accessed()
    assert json.loads(BYPASSES[bypass](session)) == data


def test_the_storage_of_a_session_that_is_not_opened_names_that(unopened: Session[Any]) -> None:
    assert repr([*dict.items(unopened)]) == "[(<session not opened>, None)]"


def test_an_opened_session_holds_its_data_alone(unopened: Session[Any]) -> None:
    unopened.mark_accessed()
    assert [*dict.items(unopened)] == [*DATA.items()]


def test_cookie_fields_of_an_asgi_scope_are_read(make_sessions: Make) -> None:
    sessions = make_sessions()
    name, token, _ = sessions.mint({"a": 1}, now=NOW)
    fields = [(b"cookie", b"other=1"), (b"host", b"app.example"), (b"Cookie", f"{name}={token}".encode())]
    session: Session[Any] = Session(sessions.settings, fields, float(LATER))
    assert dict(session) == {"a": 1}


def test_fractions_of_a_second_of_the_request_are_ignored(make_sessions: Make) -> None:
    sessions = make_sessions()
    session = sessions.begin(sessions.mint({"a": 1}, now=NOW).header, now=LATER + 0.9).session
    session.regenerate()
    assert session.created_at.timestamp() == LATER


def test_two_threads_that_open_a_session_at_once_see_one_state(make_sessions: Make) -> None:
    is_in_both_threads = threading.Barrier(2)

    def migrate(data: dict[str, Any]) -> dict[str, Any]:
        is_in_both_threads.wait(timeout=60)
        return {"n": 1, "list": []}

    events: list[str] = []
    sessions = make_sessions(data_type=Count, migrate=migrate, on_event=lambda event: events.append(event.kind))
    session = sessions.begin(make_sessions().mint({"n": "one"}, now=NOW).header, now=LATER).session
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: (session.data, session["list"]), range(2))
    assert (first, [*map(id, first)]) == ((Count(1), []), [*map(id, second)])
    assert events == ["opened"]


class ClosedMeanwhile(Session[Any]):
    """A session that another thread closes between the two steps of opening: after ``_closed`` was read."""

    @property
    def _closed(self) -> str | None:  # type: ignore[override]
        before: str | None = vars(self)["closed"]
        if self._state is not None and before is None:
            vars(self)["closed"] = self._state.closed = WRITTEN_LATE
        return before

    @_closed.setter
    def _closed(self, value: str | None) -> None:
        vars(self)["closed"] = value


def test_a_session_that_another_thread_closes_while_it_is_opened_stays_closed(make_sessions: Make) -> None:
    session = ClosedMeanwhile(make_sessions().settings, "", NOW)
    with pytest.raises(SessionCommittedError):
        session["lost"] = 1


def test_a_key_is_found_when_another_thread_opens_the_session_during_the_lookup(unopened: Session[Any]) -> None:
    unopened.mark_accessed()
    # Python calls this method after it has not found the key in the storage of a session that was not opened then.
    assert unopened.__missing__("a") == 1
    with pytest.raises(KeyError, match=r"^'absent'$"):
        unopened.__missing__("absent")


def test_a_migration_that_touches_the_session_fails_and_leaves_the_cookie(
    make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = make_sessions(data_type=Count, migrate=lambda data: {"n": len(exchange.session), **data})
    header = make_sessions().mint({"n": "one"}, now=NOW).header
    exchange = sessions.begin(header, now=LATER)
    assert (exchange.session.is_new, dict(exchange.session)) == (True, {})
    assert exchange.finish([]) == [("vary", "Cookie")]
    failures = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert failures == ["data_type or migrate raised RuntimeError; the cookie is left as it is"]


class TouchingFilter(logging.Filter):
    """Adds the session's log id to each log line, as applications do."""

    def __init__(self, session: Session[Any]) -> None:
        super().__init__()
        self._session = session
        self.log_ids: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        self.log_ids.append(self._session.log_id)
        return True


def fail_to_migrate(data: dict[str, Any]) -> dict[str, Any]:
    raise LookupError


@pytest.mark.parametrize(
    ("options", "data", "lines"),
    [
        ({}, DATA, 1),
        ({"data_type": Count}, {"n": "one"}, 1),
        ({"data_type": Count, "migrate": fail_to_migrate}, {"n": "one"}, 2),
    ],
    ids=["opened", "refused", "failed migration"],
)
def test_a_log_filter_may_touch_the_session_that_is_being_opened(
    options: dict[str, Any], data: dict[str, Any], lines: int, open_session: Open, caplog: pytest.LogCaptureFixture
) -> None:
    session = open_session(data, **options)
    touching = TouchingFilter(session)
    logger = logging.getLogger("cookiejar_session")
    caplog.set_level(logging.DEBUG, logger.name)
    logger.addFilter(touching)
    try:
        log_id = session.log_id
    finally:
        logger.removeFilter(touching)
    assert touching.log_ids == [log_id] * lines


def test_a_session_that_is_first_opened_late_is_reported_and_takes_no_changes(
    make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    exchange.finish([])
    assert exchange.session["a"] == 1
    with pytest.raises(SessionCommittedError):
        exchange.session["a"] = 2
    assert [record.getMessage() for record in caplog.records] == [
        "session first read after the response headers were sent: they lack Vary: Cookie"
    ]


def test_opening_a_read_only_session_reports_nothing(make_sessions: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    events: list[object] = []
    sessions = make_sessions(on_event=events.append)
    assert dict(sessions.read(sessions.mint(DATA, now=NOW).header, now=LATER).session) == DATA
    assert sessions.read("junk", now=LATER).session.is_new
    assert (events, caplog.records) == ([], [])


# Values


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("price", Decimal(1), r"^price: Decimal; a session holds None, bool, int, float, str, bytes, list and dict"),
        ("cart", [1, 2, {"price": Decimal(1)}], r"^cart\[2\]\.price: Decimal; .*: use a data_type, or str\(value\)$"),
        ("a", {"b": {1, 2}}, r"^a\.b: set; "),
        ("a", bytearray(b"x"), r"^a: bytearray; "),
        ("a", 1 << 63, r"^a: int outside"),
        ("a", -(1 << 63) - 1, r"^a: int outside"),
        ("a", [float("inf")], r"^a\[0\]: float that is not finite"),
        ("a", ["\ud800"], r"^a\[0\]: str with a lone surrogate"),
        ("a", {1: 2}, r"^a: key of type int; keys must be str"),
        ("a", {"__proto__": 1}, r'^a.*: key "__proto__"; use another name$'),
        ("__proto__", 1, r'^session: key "__proto__"; use another name$'),
        ("\ud800", 1, r"^session: key: str with a lone surrogate"),
        (5, 1, r"^session: key of type int"),
        (None, 1, r"^session: key of type NoneType"),
        ("form", MultiDict([("a", 1), ("a", 2)]), r"^form: MultiDict; "),
    ],
)
@pytest.mark.parametrize(
    "write",
    [
        lambda session, key, value: session.__setitem__(key, value),
        lambda session, key, value: session.update({"first": 1, key: value}),
        lambda session, key, value: session.__ior__([("first", 1), (key, value)]),
        lambda session, key, value: session.pop(key, None) or session.setdefault(key, value),
    ],
    ids=["assignment", "update", "|=", "setdefault"],
)
def test_a_value_that_cannot_be_sealed_is_refused_where_it_is_written_and_changes_nothing(
    write: Any, key: Any, value: Any, problem: str, open_session: Open
) -> None:
    session = open_session({"cart": [{"n": 1}], "name": "Ada"})
    session.pop("cart")
    before = dict(session)
    with pytest.raises(UnsupportedValueError, match=problem):
        write(session, key, value)
    assert dict(session) == before


def test_a_value_that_contains_itself_is_refused(unopened: Session[Any]) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(UnsupportedValueError, match="nests deeper than 16 levels; flatten it, or break the cycle"):
        unopened["a"] = cycle


def test_an_error_names_path_and_type_and_not_the_value(unopened: Session[Any]) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        unopened["price"] = [Decimal("123456789.25")]
    assert "123456789" not in str(caught.value)


@pytest.mark.parametrize("write", ["assignment", "update"])
def test_a_value_that_was_assigned_is_the_same_object(write: str, unopened: Session[Any]) -> None:
    cart = [1]
    if write == "update":
        unopened.update({"cart": cart})
    else:
        unopened["cart"] = cart
    cart.append(2)
    assert unopened["cart"] == [1, 2]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (Colour.RED, "red"),
        (Number.TWO, 2),
        (Markup("<b>"), "<b>"),
        (Pair(1, "a"), [1, "a"]),
        (OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
        ((1, (2,)), [1, [2]]),
        ([Markup("x"), {"k": Number.TWO}], ["x", {"k": 2}]),
    ],
)
def test_an_instance_of_a_subclass_comes_back_as_its_base_value(
    value: Any, stored: Any, make_sessions: Make, open_session: Open
) -> None:
    session = open_session()
    session["value"] = value
    session.check()
    assert session["value"] == value
    kept = open_session(dict(session))["value"]
    assert (type(kept), kept, json.dumps(kept)) == (type(stored), stored, json.dumps(stored))


@pytest.mark.parametrize("value", [Colour.RED, Number.TWO, Markup("x"), Pair(1, "a"), [Markup("x")], (1, (2,))])
def test_assigning_what_is_there_as_an_instance_of_a_subclass_is_no_change(value: Any, open_session: Open) -> None:
    session = open_session({"value": value})
    session["value"] = value
    assert not session.is_modified


@pytest.mark.parametrize("write", ["assignment", "update"])
def test_a_key_that_is_an_instance_of_a_subclass_is_stored_as_a_str(write: str, open_session: Open) -> None:
    session = open_session()
    if write == "update":
        session.update({Colour.RED: 1})
    else:
        session[Colour.RED] = 1
    assert [(type(key), key) for key in session] == [(str, "red")]


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0.0, -0.0), ("x", b"x"), (None, False), ([], {})])
def test_an_equal_value_of_another_type_is_a_change(before: Any, after: Any, open_session: Open) -> None:
    session = open_session({"a": before})
    session["a"] = after
    assert session.is_modified


@given(data=st.dictionaries(st.text("abcé😀", max_size=4), values, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_equal_values_put_back_are_no_change(open_session: Open, data: dict[str, Any]) -> None:
    session = open_session(data)
    for key in list(session):
        session[key] = copy.deepcopy(session.pop(key))
    assert (dict(session), session.is_modified) == (data, False)


@given(data=st.dictionaries(st.text("abc", min_size=1, max_size=4), values, min_size=1, max_size=4), value=values)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_nested_assignment_is_a_change(open_session: Open, data: dict[str, Any], value: Any) -> None:
    session = open_session({"list": [data]})
    session["list"][0]["new key"] = value
    assert session.is_modified


def clear_lists(session: Session[Any]) -> None:
    for value in session.values():
        if isinstance(value, list):
            value.clear()


NESTED: dict[str, tuple[Operation, Mapping[str, Any]]] = {
    "append": (lambda session: session["cart"].append(2), {**DATA, "cart": [{"n": 1}, 2]}),
    "assignment": (lambda session: session["cart"][0].update(n=2), {**DATA, "cart": [{"n": 2}]}),
    "through get": (lambda session: session.get("cart").clear(), {**DATA, "cart": []}),
    "through values": (clear_lists, {**DATA, "cart": []}),
    "through setdefault": (lambda session: session.setdefault("b", []).append(2), {**DATA, "b": [2]}),
}


@pytest.mark.parametrize("change", NESTED)
def test_every_nested_change_is_a_modification(change: str, unopened: Session[Any]) -> None:
    make_change, after = NESTED[change]
    make_change(unopened)
    assert (dict(unopened), unopened.is_modified) == (after, True)


# Closed


@pytest.mark.parametrize("when", ["opened before", "opened after"])
@pytest.mark.parametrize("name", WRITES)
def test_a_write_after_the_headers_is_refused_and_changes_nothing(name: str, when: str, make_sessions: Make) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    if when == "opened before":
        exchange.session.mark_accessed()
    exchange.finish([])
    with pytest.raises(SessionCommittedError, match=r"^session changed after its response headers were sent"):
        WRITES[name](exchange.session)
    assert dict(exchange.session) == DATA


@pytest.mark.parametrize("name", READS)
def test_a_session_can_be_read_after_the_headers(name: str, make_sessions: Make) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    exchange.finish([])
    assert observe(READS[name], exchange.session) == observe(READS[name], copy.deepcopy(DATA))


@pytest.mark.parametrize("name", WRITES)
def test_a_read_only_session_takes_no_changes(name: str, make_sessions: Make) -> None:
    session = make_sessions().read(make_sessions().mint(DATA, now=NOW).header, now=LATER).session
    with pytest.raises(SessionCommittedError, match=r"^session is read-only"):
        WRITES[name](session)
    assert dict(session) == DATA


# Keys of a data type

MESSAGE = "belongs to the data type Count; use session.data.{} instead"


@pytest.mark.parametrize("key", ["n", "step"])
def test_a_key_of_the_data_type_is_not_in_the_mapping(key: str, typed: Session[Any]) -> None:
    assert (key in typed, typed.get(key), typed.get(key, 5), typed.pop(key, 6)) == (False, None, 5, 6)
    assert (len(typed), list(typed), list(reversed(typed)), list(typed.values())) == (
        1,
        ["foreign"],
        ["foreign"],
        [[1]],
    )
    assert {**typed} == dict(typed) == typed.copy() == dict(typed.items()) == {"foreign": [1]}
    assert (typed == {"foreign": [1]}, typed | {}) == (True, {"foreign": [1]})
    assert json.loads(json.dumps(typed)) == {"foreign": [1]}


@pytest.mark.parametrize("key", ["n", "step"])
@pytest.mark.parametrize("read", [lambda session, key: session[key], lambda session, key: session.pop(key)])
def test_reading_a_key_of_the_data_type_names_the_way_to_read_it(read: Any, key: str, typed: Session[Any]) -> None:
    with pytest.raises(KeyError) as caught:
        read(typed, key)
    assert caught.value.args == (f"{key}: {MESSAGE.format(key)}",)


def test_an_absent_key_of_a_typed_session_is_an_ordinary_key_error(typed: Session[Any]) -> None:
    with pytest.raises(KeyError, match=r"^'absent'$"):
        _ = typed["absent"]


@pytest.mark.parametrize("key", ["n", "step"])
@pytest.mark.parametrize(
    "write",
    [
        lambda session, key: session.__setitem__(key, 6),
        lambda session, key: session.__delitem__(key),
        lambda session, key: session.update({"first": 1, key: 6}),
        lambda session, key: session.__ior__({"first": 1, key: 6}),
        lambda session, key: session.setdefault(key, 6),
    ],
    ids=["assignment", "deletion", "update", "|=", "setdefault"],
)
@pytest.mark.parametrize("data", [{"n": 5}, {}], ids=["value", "no value"])
def test_a_key_of_the_data_type_cannot_be_written(data: Any, write: Any, key: str, open_session: Open) -> None:
    session = open_session(data, data_type=Count)
    before = session.data
    with pytest.raises(UnsupportedValueError) as caught:
        write(session, key)
    assert str(caught.value) == f"{key}: {MESSAGE.format(key)}"
    assert (session.data, dict(session), session.is_modified) == (before, {}, False)


def test_other_keys_than_those_of_the_data_type_are_written_as_keys(typed: Session[Any]) -> None:
    typed["other"] = 2
    typed.update(third=3)
    del typed["foreign"]
    assert (dict(typed), typed.data, typed.is_modified) == ({"other": 2, "third": 3}, Count(5), True)


def test_popitem_takes_no_key_of_the_data_type(typed: Session[Any]) -> None:
    assert typed.popitem() == ("foreign", [1])
    with pytest.raises(KeyError):
        typed.popitem()
    assert typed.data == Count(5)


def test_clear_empties_the_mapping_and_the_typed_value(typed: Session[Any]) -> None:
    typed.clear()
    assert (dict(typed), typed.data) == ({}, None)


# All data at once, as frameworks replace it


@pytest.mark.parametrize("content", [{"b": [2]}, MappingProxyType({"b": [2]}), OrderedDict(b=[2])])
def test_data_that_replaces_the_session_are_adopted(content: Any, make_sessions: Make) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    exchange.adopt(content)
    assert (dict(exchange.session), exchange.session.is_modified) == ({"b": [2]}, True)


def test_equal_data_that_replace_the_session_are_no_change(make_sessions: Make) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    exchange.adopt(copy.deepcopy(DATA))
    assert not exchange.session.is_modified


def test_adopted_data_keep_their_objects_and_get_str_keys(make_sessions: Make) -> None:
    exchange = make_sessions().begin("", now=LATER)
    cart: list[int] = []
    exchange.adopt({Colour.RED: cart})
    cart.append(1)
    assert ([*map(type, exchange.session)], dict(exchange.session)) == ([str], {"red": [1]})


def test_adopted_data_are_split_between_the_data_type_and_the_mapping(make_sessions: Make) -> None:
    exchange = make_sessions(data_type=Count).begin(make_sessions().mint({"n": 5}, now=NOW).header, now=LATER)
    exchange.adopt({"n": 6, "foreign": 1})
    assert (exchange.session.data, dict(exchange.session)) == (Count(6), {"foreign": 1})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"foreign": [Decimal(1)]}, r"^foreign\[0\]: Decimal; "),
        ({"n": "secret"}, r"^session: data that does not fit Count; give its fields values of their types$"),
        ({"foreign": 1, 5: 2}, r"^session: key of type int"),
    ],
)
def test_data_that_cannot_be_adopted_are_refused_and_change_nothing(
    content: Any, problem: str, make_sessions: Make
) -> None:
    sessions = make_sessions(data_type=Count)
    exchange = sessions.begin(make_sessions().mint({"n": 5, "a": 1}, now=NOW).header, now=LATER)
    with pytest.raises(UnsupportedValueError, match=problem):
        exchange.adopt(content)
    session = exchange.session
    assert (session.data, dict(session), session.is_modified) == (Count(5), {"a": 1}, False)


def test_no_data_are_adopted_after_the_headers(make_sessions: Make) -> None:
    sessions = make_sessions()
    exchange = sessions.begin(sessions.mint(DATA, now=NOW).header, now=LATER)
    exchange.finish([])
    with pytest.raises(SessionCommittedError):
        exchange.adopt({"b": 2})
    assert dict(exchange.session) == DATA
