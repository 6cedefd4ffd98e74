"""Shared defaults: defaults that two sessions would share are refused, others are accepted."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple, NotRequired, TypedDict

import attrs
import msgspec
import pydantic
import pytest

from cookiejar_session import ConfigError
from cookiejar_session.typed.data_type import DataType
from cookiejar_session.typed.shared_defaults import get_field

WHEN = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


class Level(Enum):
    HIGH = "high"


class PydanticAddress(pydantic.BaseModel):
    city: str
    since: date


class Defaults(msgspec.Struct):
    n: int = 1
    items: list[int] = []


class Sparse(TypedDict):
    n: NotRequired[int]


@attrs.define
class Prefs:
    theme: str = "light"


@attrs.define
class SharedModel:
    prefs: Prefs = Prefs()  # noqa: RUF009


@attrs.define
class SharedList:
    tags: list[str] = []  # noqa: RUF008


class SharedStruct(msgspec.Struct):
    prefs: Prefs = Prefs()


class FrozenTags(msgspec.Struct, frozen=True):
    tags: list[str] = []


@dataclasses.dataclass
class SharedFrozen:
    tags: FrozenTags = FrozenTags()  # noqa: RUF009


class SharedPair(NamedTuple):
    tags: list[str] = []  # noqa: RUF012


class Nested(msgspec.Struct):
    """Holds types that share a default at some depth, and itself."""

    others: dict[str, list[SharedList | None]] = {}
    parent: Nested | None = None


class NestedPair(msgspec.Struct):
    pair: SharedPair | None = None


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (SharedModel, "SharedModel: field prefs has a Prefs"),
        (SharedList, "SharedList: field tags has a list"),
        (SharedStruct, "SharedStruct: field prefs has a Prefs"),
        (SharedFrozen, "SharedFrozen: field tags has a FrozenTags"),
        (Nested, "SharedList: field tags has a list"),
        (NestedPair, "SharedPair: field tags has a list"),
    ],
)
def test_a_default_that_sessions_would_share_is_refused(kind: Any, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DataType(kind)
    assert str(caught.value) == (
        f"data_type {problem} as default that all sessions would share; "
        "use a factory (attrs: factory=, else default_factory=)"
    )


@dataclasses.dataclass(eq=False)
class HashedByIdentity:
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class SharedByIdentity:
    inner: HashedByIdentity = HashedByIdentity()  # noqa: RUF009


def test_a_default_whose_hash_is_its_identity_is_refused() -> None:
    with pytest.raises(ConfigError, match="SharedByIdentity: field inner has a HashedByIdentity as default that all"):
        DataType(SharedByIdentity)


@dataclasses.dataclass(unsafe_hash=True)
class Hashed:
    theme: str = "light"


@attrs.define(unsafe_hash=True)
class HashedAttrs:
    theme: str = "light"


class HashedStruct(msgspec.Struct):
    theme: str = "light"

    def __hash__(self) -> int:
        return hash(self.theme)


class HashedModel(pydantic.BaseModel):
    theme: str = "light"

    def __hash__(self) -> int:
        return hash(self.theme)


class HashedWithoutFields:
    def __hash__(self) -> int:
        return 1


@dataclasses.dataclass(frozen=True)
class FrozenOfHashed:
    inner: Hashed = Hashed()  # noqa: RUF009


@pytest.mark.parametrize(
    "default",
    [Hashed(), HashedAttrs(), HashedStruct(), HashedModel(), HashedWithoutFields(), FrozenOfHashed(), (Hashed(),)],
    ids=lambda default: type(default).__name__,
)
def test_a_default_that_can_change_is_refused_although_it_has_a_hash(default: Any) -> None:
    kind = dataclasses.make_dataclass("Holder", [("inner", type(default), dataclasses.field(default=default))])
    with pytest.raises(ConfigError, match="Holder: field inner has a "):
        DataType(kind)


ONE_LIST: list[Any] = []
ONE_PREFS = Prefs()


class ListFactory(msgspec.Struct):
    tags: list[str] = msgspec.field(default_factory=lambda: ONE_LIST)


@attrs.define
class NestedListFactory:
    groups: dict[str, list[list[str]]] = attrs.field(factory=lambda: {"a": [ONE_LIST]})


@dataclasses.dataclass
class ModelFactory:
    prefs: Prefs = dataclasses.field(default_factory=lambda: ONE_PREFS)


@attrs.define
class Groups:
    tags: list[str] = attrs.field(factory=lambda: ONE_LIST)


class NestedModelFactory(msgspec.Struct):
    groups: Groups = msgspec.field(default_factory=Groups)


@dataclasses.dataclass
class Plain:
    tags: list[str] = dataclasses.field(default_factory=lambda: ONE_LIST)


class PlainFactory(msgspec.Struct):
    plain: Plain = msgspec.field(default_factory=Plain)


class InnerListFactory(msgspec.Struct):
    inner: ListFactory = msgspec.field(default_factory=ListFactory)


class PydanticFactory(pydantic.BaseModel):
    tags: list[str] = pydantic.Field(default_factory=lambda: ONE_LIST)


class PairFactory(msgspec.Struct):
    pair: tuple[int, list[str]] = msgspec.field(default_factory=lambda: (1, ONE_LIST))


@pytest.mark.parametrize(
    ("kind", "field", "shared"),
    [
        (ListFactory, "tags", "list"),
        (NestedListFactory, "groups", "list"),
        (ModelFactory, "prefs", "Prefs"),
        (NestedModelFactory, "groups", "list"),
        (PlainFactory, "plain", "list"),
        (InnerListFactory, "inner", "list"),
        (PydanticFactory, "tags", "list"),
        (PairFactory, "pair", "list"),
    ],
)
def test_a_factory_that_returns_one_object_for_all_sessions_is_refused(kind: Any, field: str, shared: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DataType(kind)
    assert str(caught.value) == (
        f"data_type {kind.__name__}: field {field} has a factory that returns one {shared} for all sessions; "
        "let it make a new one at each call"
    )


@attrs.frozen
class FrozenPrefs:
    theme: str = "light"


@dataclasses.dataclass(frozen=True)
class FrozenDataclass:
    theme: str = "light"
    pair: tuple[int, str] = (1, "a")


class FrozenStruct(msgspec.Struct, frozen=True):
    prefs: FrozenDataclass = FrozenDataclass()


class FrozenModel(pydantic.BaseModel, frozen=True):
    theme: str = "light"


class Pair(NamedTuple):
    one: int = 1
    prefs: FrozenStruct = FrozenStruct()


@pytest.mark.parametrize(
    "default",
    [FrozenDataclass(), FrozenStruct(), FrozenModel(), Pair(), Level.HIGH, WHEN, frozenset({1}), 1.5, b"x"],
    ids=lambda default: type(default).__name__,
)
def test_a_default_that_is_immutable_is_accepted(default: Any) -> None:
    kind = dataclasses.make_dataclass("Holder", [("inner", type(default), dataclasses.field(default=default))])
    if isinstance(default, FrozenModel):
        kind = pydantic.create_model("Holder", inner=(FrozenModel, default))
    assert DataType(kind).read({}).inner == default  # type: ignore[union-attr]


class ImmutableDefaults(msgspec.Struct):
    frozen: FrozenPrefs = msgspec.field(default_factory=lambda: FROZEN_PREFS)
    text: str = "x"
    pair: tuple[int, str] = (1, "a")
    level: Level = Level.HIGH
    when: datetime = WHEN
    nothing: str | None = None


FROZEN_PREFS = FrozenPrefs()


def test_immutable_defaults_may_be_shared() -> None:
    assert DataType(ImmutableDefaults).default["frozen"] == {"theme": "light"}


class CopiedStruct(msgspec.Struct):
    tags: list[str] = []
    counts: dict[str, list[int]] = {}
    parent: CopiedStruct | None = None


class CopiedModel(pydantic.BaseModel):
    tags: list[str] = ["a"]
    counts: dict[str, list[int]] = {"a": [1]}
    address: PydanticAddress = PydanticAddress(city="Bern", since=date(2020, 2, 29))


@attrs.define
class CopiedAttrs:
    tags: list[str] = attrs.field(factory=list)
    prefs: Prefs = attrs.field(factory=Prefs)
    pair: tuple[int, str] = (1, "a")


@pytest.mark.parametrize("kind", [CopiedStruct, CopiedModel, CopiedAttrs, Defaults])
def test_accepted_defaults_are_not_shared(kind: Any) -> None:
    data_type: DataType[Any] = DataType(kind)
    one, other = data_type.read({}), data_type.read({})
    for name in ("tags", "items", "counts", "prefs", "address"):
        assert getattr(one, name, None) is None or getattr(one, name) is not getattr(other, name)


@pytest.mark.parametrize(
    ("value", "found"),
    [({"n": 1}, 1), ({}, None), (Defaults(n=2), 2), (object(), None)],
    ids=["dict", "no key", "struct", "no field"],
)
def test_a_field_is_read_from_a_model_or_a_dict(value: Any, found: Any) -> None:
    assert get_field(value, "n") == found


def test_a_typed_dict_without_required_keys_is_accepted() -> None:
    assert DataType(Sparse).default == {}
