"""Data types: every kind of class, every type that is stored as text, defaults, unfit data, migration."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NewType, NotRequired, TypedDict, TypeVar
from uuid import UUID

import attrs
import msgspec
import pydantic
import pytest

from cookiejar_session import ConfigError, UnsupportedValueError
from cookiejar_session.typed.data_type import DataType, UnfitDataError, read_migrated, to_map

T = TypeVar("T")


class Level(Enum):
    HIGH = "high"


class Number(IntEnum):
    TWO = 2


ID = UUID("12345678-1234-5678-1234-567812345678")
WHEN = datetime(2026, 1, 1, 12, 30, 15, 250000, tzinfo=UTC)


class StructAddress(msgspec.Struct):
    city: str
    since: date


class StructUser(msgspec.Struct):
    uid: UUID
    when: datetime
    level: Level
    number: Number
    price: Decimal
    took: timedelta
    address: StructAddress
    counts: dict[int, str]
    pair: tuple[int, str]
    raw: bytes
    name: str = "anon"
    tags: list[str] = []


class RenamedStruct(StructUser, rename=lambda name: f"x-{name}"):
    """The same fields under other keys."""


@dataclasses.dataclass
class DataclassAddress:
    city: str
    since: date


@dataclasses.dataclass
class DataclassUser:
    uid: UUID
    when: datetime
    level: Level
    number: Number
    price: Decimal
    took: timedelta
    address: DataclassAddress
    counts: dict[int, str]
    pair: tuple[int, str]
    raw: bytes
    name: str = "anon"
    tags: list[str] = dataclasses.field(default_factory=list)


@attrs.define
class AttrsAddress:
    city: str
    since: date


@attrs.define
class AttrsUser:
    uid: UUID
    when: datetime
    level: Level
    number: Number
    price: Decimal
    took: timedelta
    address: AttrsAddress
    counts: dict[int, str]
    pair: tuple[int, str]
    raw: bytes
    name: str = "anon"
    tags: list[str] = attrs.field(factory=list)


class PydanticAddress(pydantic.BaseModel):
    city: str
    since: date


class PydanticUser(pydantic.BaseModel):
    uid: UUID
    when: datetime
    level: Level
    number: Number
    price: Decimal
    took: timedelta
    address: PydanticAddress
    counts: dict[int, str]
    pair: tuple[int, str]
    raw: bytes
    name: str = "anon"
    tags: list[str] = []


class StrictPydanticUser(PydanticUser):
    model_config = pydantic.ConfigDict(strict=True)


class TypedDictAddress(TypedDict):
    city: str
    since: date


class TypedDictUser(TypedDict):
    uid: UUID
    when: datetime
    level: Level
    number: Number
    price: Decimal
    took: timedelta
    address: TypedDictAddress
    counts: dict[int, str]
    pair: tuple[int, str]
    raw: bytes
    name: NotRequired[str]
    tags: NotRequired[list[str]]


USERS: list[tuple[Any, Any]] = [
    (StructUser, StructAddress),
    (RenamedStruct, StructAddress),
    (DataclassUser, DataclassAddress),
    (AttrsUser, AttrsAddress),
    (PydanticUser, PydanticAddress),
    (StrictPydanticUser, PydanticAddress),
    (TypedDictUser, TypedDictAddress),
]
each_kind = pytest.mark.parametrize(("kind", "address"), USERS, ids=[kind.__name__ for kind, _ in USERS])


def make_user(kind: Any, address: Any, **more: Any) -> Any:
    return kind(
        uid=ID,
        when=WHEN,
        level=Level.HIGH,
        number=Number.TWO,
        price=Decimal("9.90"),
        took=timedelta(seconds=90),
        address=address(city="Bern", since=date(2020, 2, 29)),
        counts={1: "one"},
        pair=(1, "a"),
        raw=b"\x00raw",
        **more,
    )


class One(msgspec.Struct):
    n: int


class Box(msgspec.Struct, Generic[T]):
    item: T


class Defaults(msgspec.Struct):
    n: int = 1
    items: list[int] = []


def refuse(value: Any) -> Any:
    raise LookupError("secret of the validator")


# What is written


@each_kind
def test_a_written_value_is_read_back_equal(kind: Any, address: Any) -> None:
    data_type, user = DataType(kind), make_user(kind, address, name="Ada", tags=["a"])
    assert data_type.read(data_type.write(user)) == user


@each_kind
def test_a_value_is_written_with_plain_types(kind: Any, address: Any) -> None:
    data_type = DataType(kind)
    written = data_type.write(make_user(kind, address))
    assert {type(item) for item in written.values()} <= {str, int, list, dict, tuple, bytes}


@each_kind
def test_dates_ids_enums_and_decimals_are_written_as_text(kind: Any, address: Any) -> None:
    written = DataType(kind).write(make_user(kind, address))
    told = {key.removeprefix("x-"): item for key, item in written.items()}
    assert told["took"] in ("PT90S", "PT1M30S")
    assert {name: told[name] for name in ("uid", "when", "level", "number", "price", "address", "counts")} == {
        "uid": str(ID),
        "when": "2026-01-01T12:30:15.250000Z",
        "level": "high",
        "number": 2,
        "price": "9.90",
        "address": {"city": "Bern", "since": "2020-02-29"},
        "counts": {"1": "one"},
    }


@each_kind
def test_the_keys_are_the_written_ones(kind: Any, address: Any) -> None:
    data_type = DataType(kind)
    assert data_type.keys == data_type.write(make_user(kind, address, name="Ada", tags=["a"])).keys()


@pytest.mark.parametrize("kind", [StructUser, DataclassUser, AttrsUser, TypedDictUser])
def test_bytes_are_written_as_bytes(kind: Any) -> None:
    address = dict(USERS)[kind]
    assert DataType(kind).write(make_user(kind, address))["raw"] == b"\x00raw"


def test_bytes_of_a_pydantic_model_are_written_as_text() -> None:
    assert DataType(PydanticUser).write(make_user(PydanticUser, PydanticAddress))["raw"] == "\x00raw"


def test_bytes_that_a_pydantic_model_cannot_write_are_refused() -> None:
    user = make_user(PydanticUser, PydanticAddress).model_copy(update={"raw": b"\xff"})
    with pytest.raises(UnsupportedValueError, match="PydanticUser whose values can be encoded"):
        DataType(PydanticUser).write(user)


def test_renamed_fields_have_the_new_keys() -> None:
    class Camel(msgspec.Struct, rename="camel"):
        user_id: int

    assert (DataType(Camel).keys, DataType(Camel).write(Camel(user_id=1))) == ({"userId"}, {"userId": 1})


def test_the_tag_of_a_struct_is_one_of_its_keys() -> None:
    class Tagged(msgspec.Struct, tag_field="kind", tag="user"):
        n: int

    data_type = DataType(Tagged)
    assert (data_type.keys, data_type.read(data_type.write(Tagged(1)))) == ({"kind", "n"}, Tagged(1))


def test_fields_that_a_struct_leaves_out_are_keys_nonetheless() -> None:
    class Sparse(msgspec.Struct, omit_defaults=True):
        n: int = 1

    assert (DataType(Sparse).keys, DataType(Sparse).write(Sparse())) == ({"n"}, {})


# Pydantic's own ways


class Aliased(pydantic.BaseModel):
    user_id: int = pydantic.Field(alias="userId")


class CopiedAliased(pydantic.BaseModel):
    user_id: int = pydantic.Field(5, alias="userId")


class Generated(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=str.upper)
    user_id: int


class ByName(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    user_id: int = pydantic.Field(validation_alias="uid")


class Choices(pydantic.BaseModel):
    user_id: int = pydantic.Field(
        validation_alias=pydantic.AliasChoices("userId", "uid", pydantic.AliasPath("old", 0)),
        serialization_alias="userId",
    )


@pytest.mark.parametrize(
    ("kind", "given", "written", "keys"),
    [
        (Aliased, {"userId": 1}, {"userId": 1}, {"userId"}),
        (Generated, {"USER_ID": 1}, {"USER_ID": 1}, {"USER_ID"}),
        (ByName, {"uid": 1}, {"user_id": 1}, {"user_id", "uid"}),
        (Choices, {"uid": 1}, {"userId": 1}, {"userId", "uid"}),
    ],
)
def test_aliases_are_the_keys(kind: Any, given: dict[str, Any], written: dict[str, Any], keys: set[str]) -> None:
    data_type = DataType(kind)
    value: Any = data_type.read(given)
    assert (data_type.write(value), data_type.keys) == (written, keys)
    assert data_type.read(written) == value


def test_a_field_that_is_written_where_it_is_not_read_is_refused() -> None:
    class Torn(pydantic.BaseModel):
        n: int = pydantic.Field(validation_alias="a", serialization_alias="b")

    with pytest.raises(ConfigError, match=r"Torn: field n is written as b but not read from there; give it one alias"):
        DataType(Torn)


def test_computed_fields_are_not_written() -> None:
    class Computed(pydantic.BaseModel):
        n: int

        @pydantic.computed_field  # type: ignore[prop-decorator]
        @property
        def double(self) -> int:
            return 2 * self.n

    assert DataType(Computed).write(Computed(n=1)) == {"n": 1}


def test_extra_fields_of_a_model_belong_to_no_key_and_are_refused() -> None:
    class Open(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        n: int

    with pytest.raises(UnsupportedValueError, match=r"session\.data: "):
        DataType(Open).write(Open(n=1, more=2))  # type: ignore[call-arg]


def test_a_strict_field_is_read_from_text() -> None:
    class Strict(pydantic.BaseModel):
        when: Annotated[datetime, pydantic.Field(strict=True)]

    assert DataType(Strict).read({"when": "2026-01-01T00:00:00Z"}) == Strict(when=datetime(2026, 1, 1, tzinfo=UTC))


# Reading


@each_kind
def test_nothing_reads_as_none_where_a_field_is_needed(kind: Any, address: Any) -> None:
    assert DataType(kind).read({}) is None


@each_kind
def test_foreign_keys_alone_read_as_none_where_a_field_is_needed(kind: Any, address: Any) -> None:
    assert DataType(kind).read({"_flashes": [], "csrf": "x"}) is None


def test_nothing_reads_as_the_defaults_where_all_have_one() -> None:
    assert DataType(Defaults).read({}) == Defaults(1, [])


def test_missing_fields_get_their_defaults() -> None:
    assert DataType(Defaults).read({"n": 5}) == Defaults(5, [])


def test_foreign_keys_are_not_shown_to_the_type() -> None:
    class Closed(msgspec.Struct, forbid_unknown_fields=True):
        n: int

    assert DataType(Closed).read({"n": 1, "foreign": 2}) == Closed(1)


@each_kind
def test_data_of_another_type_is_unfit(kind: Any, address: Any) -> None:
    data_type = DataType(kind)
    written = data_type.write(make_user(kind, address))
    key = next(key for key in written if key.endswith("when"))
    with pytest.raises(UnfitDataError):
        data_type.read({**written, key: "yesterday"})


@each_kind
def test_data_without_a_required_field_are_unfit(kind: Any, address: Any) -> None:
    data_type = DataType(kind)
    written = data_type.write(make_user(kind, address))
    key = next(key for key in written if key.endswith("uid"))
    with pytest.raises(UnfitDataError):
        data_type.read({key: written[key]})


def test_data_are_unfit_whatever_a_validator_raises_and_the_error_shows_none_of_it() -> None:
    @dataclasses.dataclass
    class Picky:
        n: int

        def __post_init__(self) -> None:
            refuse(self.n)

    with pytest.raises(UnfitDataError) as caught:
        DataType(Picky).read({"n": 1})
    assert (str(caught.value), caught.value.__cause__, caught.value.__suppress_context__) == ("", None, True)


# Writing


@pytest.mark.parametrize(
    "value",
    [None, 5, "text", [1], [["n", 1]], {"x": 1}, {1: 2}, One, object(), Decimal(1), StructAddress("x", WHEN)],
)
def test_a_value_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^session\.data: .*; assign a One whose values can be encoded$"):
        DataType(One).write(value)


class Twin(msgspec.Struct):
    n: int


class TypedDictOne(TypedDict):
    n: int


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (One, {"n": 1}),
        (One, Twin(1)),
        (DataclassAddress, {"city": "Bern", "since": "2020-02-29"}),
        (DataclassAddress, StructAddress("Bern", date(2020, 2, 29))),
        (TypedDictOne, One(1)),
        (TypedDictOne, MappingProxyType({"n": 1})),
    ],
)
def test_a_value_of_another_type_with_the_same_fields_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=rf"; assign a {kind.__name__} whose values can be encoded$"):
        DataType(kind).write(value)


def test_a_value_of_a_subclass_is_written() -> None:
    class Same(One):
        """With the same fields."""

    assert DataType(One).write(Same(1)) == {"n": 1}


def test_a_generic_type_takes_values_of_its_class() -> None:
    data_type: DataType[Any] = DataType(Box[int])
    assert data_type.read(data_type.write(Box(1))) == Box(1)


@pytest.mark.parametrize("value", [None, 5, {"n": 1}, One(1)])
def test_a_value_that_is_no_model_is_refused_by_a_model_type(value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"; assign a Aliased whose"):
        DataType(Aliased).write(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    class Cyclic(msgspec.Struct):
        items: list[Any]

    value = Cyclic([])
    value.items.append(value)
    with pytest.raises(UnsupportedValueError, match=r"^session\.data: "):
        DataType(Cyclic).write(value)


def test_a_field_that_cannot_be_encoded_is_refused() -> None:
    class Odd(msgspec.Struct):
        item: Any

    with pytest.raises(UnsupportedValueError, match=r"^session\.data: "):
        DataType(Odd).write(Odd(object()))


@each_kind
def test_a_value_that_can_be_read_back_passes_the_check(kind: Any, address: Any) -> None:
    DataType(kind).check(make_user(kind, address))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (One, One("secret")),  # type: ignore[arg-type]
        (DataclassAddress, DataclassAddress(5, WHEN)),  # type: ignore[arg-type]
        (TypedDictAddress, {"city": "x"}),
        (Aliased, Aliased.model_construct(user_id="secret")),
    ],
)
def test_a_value_that_could_not_be_read_back_fails_the_check_at_once(
    kind: Any, value: Any, recwarn: pytest.WarningsRecorder
) -> None:
    data_type: DataType[Any] = DataType(kind)
    with pytest.raises(UnsupportedValueError, match="not of their declared types; it could not be read back") as caught:
        data_type.check(value)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


class Anything(msgspec.Struct):
    item: Any


class Address(msgspec.Struct):
    city: str


class StreetAddress(Address):
    street: str = ""


class Home(msgspec.Struct):
    address: Address


class Secret(pydantic.BaseModel):
    password: pydantic.SecretStr


class TwiceEncoded(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(ser_json_bytes="base64")
    raw: bytes


class PydanticAnything(pydantic.BaseModel):
    item: Any


class TypedDictAnything(TypedDict):
    item: Any


@dataclasses.dataclass
class HoldsUncomparable:
    n: int
    item: Any = None

    def __eq__(self, other: object) -> bool:
        raise ArithmeticError("secret")


@pytest.mark.parametrize(
    ("value", "field", "held"),
    [
        (Anything(WHEN), "item", "datetime"),
        (Anything({1: "one"}), "item", "dict"),
        # A tuple comes back as a list, unless the field is declared as a tuple.
        (Anything((1, 2)), "item", "tuple"),
        (Anything(Level.HIGH), "item", "Level"),
        (Anything([ID]), "item", "list"),
        (Home(StreetAddress("Bern", "Gasse 1")), "address", "StreetAddress"),
        (Secret(password=pydantic.SecretStr("secret")), "password", "SecretStr"),
        (TwiceEncoded(raw=b"secret"), "raw", "bytes"),
        (PydanticAnything(item=WHEN), "item", "datetime"),
        (PydanticAnything(item={1: "one"}), "item", "dict"),
        (TypedDictAnything(item=Decimal(1)), "item", "Decimal"),
    ],
)
def test_a_value_that_would_not_come_back_equal_is_refused_with_its_field(value: Any, field: str, held: str) -> None:
    kind = TypedDictAnything if isinstance(value, dict) else type(value)
    with pytest.raises(UnsupportedValueError) as caught:
        DataType(kind).check(value)
    assert str(caught.value) == (
        f"session.data.{field}: {held} that would not come back equal; "
        "declare its exact type, and one that can be written without loss"
    )
    assert caught.value.__context__ is None


@dataclasses.dataclass(eq=False)
class ComparedByIdentity:
    n: int
    address: DataclassAddress | None = None
    item: Any = None


class WithPrivate(pydantic.BaseModel):
    n: int
    _cache: list[int] = pydantic.PrivateAttr(default_factory=list)


def make_with_private() -> WithPrivate:
    value = WithPrivate(n=1)
    value._cache.append(1)
    return value


@pytest.mark.parametrize(
    "value",
    [
        ComparedByIdentity(1, DataclassAddress("Bern", date(2020, 2, 29))),
        make_with_private(),
        HoldsUncomparable(1),
        Anything(None),
        Anything({"a": [1.5, True, "x", b"x"]}),
    ],
    ids=["no __eq__", "private attribute", "__eq__ that raises", "None", "plain values"],
)
def test_a_value_whose_fields_come_back_equal_passes_the_check(value: Any) -> None:
    DataType(type(value)).check(value)


@pytest.mark.parametrize("kind", [ComparedByIdentity, HoldsUncomparable])
def test_a_changed_field_is_found_in_a_value_that_cannot_be_compared_as_a_whole(kind: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^session\.data\.item: datetime that would not come back equal"):
        DataType(kind).check(kind(1, item=WHEN))


def test_a_field_that_cannot_be_compared_is_refused() -> None:
    class Holder(msgspec.Struct):
        inner: HoldsUncomparable

    with pytest.raises(
        UnsupportedValueError, match=r"^session\.data\.inner: HoldsUncomparable that would not"
    ) as caught:
        DataType(Holder).check(Holder(HoldsUncomparable(1)))
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", [float("nan"), "\ud800", 1 << 63], ids=["nan", "surrogate", "int"])
def test_a_value_that_no_token_can_hold_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^item\[0\]: "):
        DataType(Anything).check(Anything([value]))


def test_a_default_that_would_not_come_back_equal_is_refused_at_construction() -> None:
    class Hidden(pydantic.BaseModel):
        password: pydantic.SecretStr = pydantic.SecretStr("secret")

    with pytest.raises(ConfigError) as caught:
        DataType(Hidden)
    problem = "session.data.password: SecretStr that would not come back equal; "
    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_merging_changes_the_keys_of_the_type_alone() -> None:
    assert DataType(Defaults).merge({"n": 1, "foreign": 2, "items": [9]}, Defaults(5)) == {
        "n": 5,
        "items": [],
        "foreign": 2,
    }


def test_merging_drops_keys_that_the_value_leaves_out() -> None:
    class Sparse(msgspec.Struct, omit_defaults=True):
        n: int = 1

    assert DataType(Sparse).merge({"n": 5, "foreign": 2}, Sparse()) == {"foreign": 2}


def test_merging_no_value_changes_nothing() -> None:
    data = {"foreign": 2}
    assert DataType(One).merge(data, None) is data


# Types that are refused


class Pair(NamedTuple):
    n: int


class ArrayStruct(msgspec.Struct, array_like=True):
    n: int


class Root(pydantic.RootModel[list[int]]):
    """A model without fields."""


@dataclasses.dataclass
class Unresolved:
    n: Nowhere  # type: ignore[name-defined] # noqa: F821


class Impossible(msgspec.Struct):
    n: str | datetime


class BadDefault(msgspec.Struct):
    n: int = 1

    def __post_init__(self) -> None:
        refuse(self.n)


WANTED = "data_type must be a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class, got "


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (int, f"^{WANTED}<class 'int'>$"),
        (dict, f"^{WANTED}<class 'dict'>$"),
        (dict[str, int], WANTED),
        (object, WANTED),
        (Pair, WANTED),
        (StructUser | DataclassUser, "^data_type "),
        (One | None, WANTED),
        (Box[datetime] | None, "^data_type must be a "),
        (ArrayStruct, "^data_type ArrayStruct is array_like; its fields must be keys$"),
        (Root, "^data_type Root is a RootModel; its fields must be keys$"),
        (Unresolved, "Unresolved.*'Nowhere' is not defined; correct its annotations$"),
        (Impossible, "Impossible.* cannot be used: .*; correct its annotations$"),
        (BadDefault, "^data_type BadDefault refuses its own defaults; leave them out$"),
    ],
)
def test_an_unusable_data_type_is_refused_at_construction(kind: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        DataType(kind)


def name_type(value: Any) -> str:
    return value if isinstance(value, str) else type(value).__name__


WRITE_CLASS = "; write the class itself, without parentheses or quotation marks, such as data_type=User"


@each_kind
def test_a_value_in_the_place_of_its_class_is_refused_without_being_shown(kind: Any, address: Any) -> None:
    user = make_user(kind, address, name="secret")
    with pytest.raises(ConfigError) as caught:
        DataType(user)
    assert str(caught.value) == f"data_type must be a class, got an instance of {type(user).__name__}{WRITE_CLASS}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        (5, "an instance of int"),
        (["secret"], "an instance of list"),
        (object(), "an instance of object"),
        (Root([1]), "an instance of Root"),
        (Box(1), "an instance of Box"),
        (refuse, "an instance of function"),
        (T, "an instance of TypeVar"),
        (NewType("NewUser", One), "an instance of NewType"),
        (Annotated[One, "note"], repr(Annotated[One, "note"])),
        (Annotated[Aliased, "note"], repr(Annotated[Aliased, "note"])),
        (Literal["a"], repr(Literal["a"])),
    ],
    ids=name_type,
)
def test_what_is_no_class_is_refused_with_what_to_write(wrong: Any, shown: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DataType(wrong)
    assert str(caught.value) == f"data_type must be a class, got {shown}{WRITE_CLASS}"


@pytest.mark.parametrize(
    ("default", "problem"),
    [
        (float("nan"), "n: float that is not finite; use None or a str"),
        ("\ud800", "n: str with a lone surrogate; only well-formed text can be stored"),
        (1 << 63, "n: int outside -2^63 to 2^63-1; use a str"),
    ],
    ids=["nan", "surrogate", "int"],
)
def test_a_default_that_cannot_be_sealed_is_refused_at_construction(default: Any, problem: str) -> None:
    kind = msgspec.defstruct("Unsealable", [("n", Any, default)])
    with pytest.raises(ConfigError) as caught:
        DataType(kind)
    assert str(caught.value) == f"data_type Unsealable has a default that cannot be sealed: {problem}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("kind", "default"),
    [(One, {}), (Defaults, {"n": 1, "items": []}), (TypedDictOne, {}), (CopiedAliased, {"userId": 5})],
)
def test_the_default_is_what_an_empty_session_writes(kind: Any, default: dict[str, Any]) -> None:
    assert DataType(kind).default == default


# Migration


def add_one(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "n": 1}


def test_data_that_fits_is_not_migrated() -> None:
    data = {"n": 5, "foreign": 2}
    assert read_migrated(DataType(One), data, refuse) == (data, One(5))


def test_data_that_does_not_fit_is_migrated() -> None:
    assert read_migrated(DataType(One), {"n": "x", "foreign": 2}, add_one) == ({"n": 1, "foreign": 2}, One(1))


def test_data_without_any_of_the_keys_is_migrated() -> None:
    assert read_migrated(DataType(One), {"old": 2}, add_one) == ({"old": 2, "n": 1}, One(1))


def test_no_data_is_not_migrated() -> None:
    assert read_migrated(DataType(One), {}, refuse) == ({}, None)


def test_data_without_any_of_the_keys_is_left_alone_where_there_is_no_migration() -> None:
    assert read_migrated(DataType(One), {"foreign": 2}, None) == ({"foreign": 2}, None)


@pytest.mark.parametrize("migrate", [None, lambda data: data, lambda data: {"n": None}])
def test_data_that_does_not_fit_after_migration_is_unfit(migrate: Callable[[Any], Any] | None) -> None:
    with pytest.raises(UnfitDataError):
        read_migrated(DataType(One), {"n": "x"}, migrate)


def test_an_error_of_a_migration_is_passed_on() -> None:
    with pytest.raises(LookupError):
        read_migrated(DataType(One), {"n": "x"}, refuse)


# Whole sessions


class Seen(TypedDict, total=False):
    when: datetime
    counts: dict[int, str]


@pytest.mark.parametrize(
    ("kind", "data", "written"),
    [
        (One, One(1), {"n": 1}),
        (One, {"n": 1, "foreign": 2}, {"n": 1, "foreign": 2}),
        (One, MappingProxyType({"foreign": 2}), {"foreign": 2}),
        (Box[dict[int, str]], Box({1: "one"}), {"item": {"1": "one"}}),
        (
            Seen,
            {"when": datetime(2026, 1, 1, tzinfo=UTC), "counts": {1: "one"}, "foreign": 2},
            {"when": "2026-01-01T00:00:00Z", "counts": {"1": "one"}, "foreign": 2},
        ),
        (Seen, {"foreign": 2}, {"foreign": 2}),
        (TypedDictOne, {"foreign": 2}, {"foreign": 2}),
    ],
)
def test_all_data_is_written_as_the_typed_view_would_write_it(kind: Any, data: Any, written: dict[str, Any]) -> None:
    assert DataType(kind).write_all(data) == written


@pytest.mark.parametrize("data", [One("secret"), Twin(1), 5])  # type: ignore[arg-type]
def test_a_value_that_could_not_be_assigned_is_not_written(data: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^session\.data: "):
        DataType(One).write_all(data)


class Secretive(pydantic.BaseModel):
    token: pydantic.SecretStr


class SecretOctets(pydantic.BaseModel):
    token: pydantic.SecretBytes


@dataclasses.dataclass
class Anything:
    item: Any


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (Box({1: "one"}), "item"),
        (Box(date(2020, 2, 29)), "item"),
        (Anything({1: "one"}), "item"),
        (Anything(date(2020, 2, 29)), "item"),
        (Secretive(token=pydantic.SecretStr("hidden")), "token"),
        (SecretOctets(token=pydantic.SecretBytes(b"hidden")), "token"),
    ],
    ids=["struct keys", "struct date", "dataclass keys", "dataclass date", "SecretStr", "SecretBytes"],
)
def test_a_model_that_would_not_come_back_equal_is_refused(value: Any, field: str) -> None:
    with pytest.raises(UnsupportedValueError, match=rf"^session: \w+, whose field {field} would not come back equal"):
        to_map(value)


def test_a_model_that_is_not_of_its_types_is_refused_and_not_shown(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        to_map(Aliased.model_construct(user_id="secret"))
    assert (recwarn.list, "secret" in str(caught.value)) == ([], False)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": 1}, {"a": 1}),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (One(1), {"n": 1}),
        (DataclassAddress("Bern", date(2020, 2, 29)), {"city": "Bern", "since": "2020-02-29"}),
        (AttrsAddress("Bern", date(2020, 2, 29)), {"city": "Bern", "since": "2020-02-29"}),
        (Aliased(userId=1), {"userId": 1}),
    ],
)
def test_mappings_and_models_become_plain_maps(value: Any, written: dict[str, Any]) -> None:
    assert to_map(value) == written


def test_extra_fields_of_a_model_are_kept_in_a_whole_session() -> None:
    class Open(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")

    assert to_map(Open(more=2)) == {"more": 2}  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [None, 5, "text", [1], [("a", 1)], ["ab"], object(), Root([1]), ArrayStruct(1)])
def test_a_value_that_is_neither_mapping_nor_model_is_refused(value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^session: \w+; use a dict or a model$"):
        to_map(value)


def test_a_model_that_cannot_be_written_is_refused() -> None:
    user = make_user(PydanticUser, PydanticAddress).model_copy(update={"raw": b"\xff"})
    with pytest.raises(UnsupportedValueError, match=r"^session: PydanticUser; "):
        to_map(user)


def test_a_dataclass_default_is_written_also_if_the_data_lacked_it() -> None:
    @dataclasses.dataclass
    class Themed:
        user: int
        theme: str = "light"
        kind: ClassVar[str] = "visitor"

    data_type = DataType(Themed)
    value = data_type.read({"user": 1})
    assert value is not None
    assert data_type.write(value) == {"user": 1, "theme": "light"}
