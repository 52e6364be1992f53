"""`dataclass` and `replace` of `core.records` do what those of the standard library do."""

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any, Generic, TypeVar

import pytest

from dicomsniff.core.records import dataclass, replace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen value."""

    name: str
    count: int = 3
    notes: list[str] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def twice(self) -> int:
        return self.count * 2


@dataclass(slots=True)
class Open:
    total: int = 0
    parts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.total += 1


@dataclass(slots=True, eq=False)
class Itself:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    port: int
    host: str = "localhost"


@dataclass(frozen=True, slots=True)
class Boxed(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


def test_fields_are_given_by_place_or_name_and_have_their_defaults() -> None:
    value = Frozen("a", notes=["x"])
    assert (value.name, value.count, value.notes, value.hidden, value.twice) == ("a", 3, ["x"], {}, 6)


def test_a_default_that_is_made_is_made_for_each_value() -> None:
    assert Frozen("a").notes is not Frozen("a").notes
    assert Frozen("a").hidden is not Frozen("a").hidden


@pytest.mark.parametrize(
    "make",
    [
        lambda: Frozen(),  # type: ignore[call-arg]
        lambda: Frozen("a", 1, [], {}),  # type: ignore[call-arg]
        lambda: Frozen("a", colour=1),  # type: ignore[call-arg]
        lambda: Named(1),  # type: ignore[call-arg]
        lambda: replace(Frozen("a"), colour=1),  # type: ignore[call-arg]
    ],
)
def test_a_missing_or_unknown_field_is_refused(make: Any) -> None:
    for _ in range(2):  # the first value of a class is made in another way than the others
        with pytest.raises(TypeError):
            make()


def test_a_frozen_value_does_not_change() -> None:
    value = Frozen("a")
    for name in ("name", "colour"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.name


def test_an_open_value_changes_and_has_no_other_attributes() -> None:
    value = Open()
    value.total = 7
    assert value.total == 7
    with pytest.raises(AttributeError):
        value.colour = 1  # type: ignore[attr-defined]


def test_what_follows_the_making_is_run() -> None:
    assert Open().total == 1
    assert Open(4).total == 5


def test_values_of_one_class_are_equal_by_the_fields_that_are_compared() -> None:
    one, other = Frozen("a"), Frozen("a")
    one.hidden["seen"] = 1
    assert one == other
    assert one != Frozen("b")
    assert Boxed(1) == Boxed(1)
    assert hash(Boxed("x")) == hash(Boxed("x"))
    assert Nothing() == Nothing()
    other_class: object = Boxed(1)
    assert Named(port=1) != other_class
    assert Named.__hash__ is not None


def test_what_may_change_has_no_hash_and_what_compares_as_itself_has_one() -> None:
    with pytest.raises(TypeError):
        hash(Open())
    one = Itself(1)
    assert one == one
    assert one != Itself(1)
    assert {one: 1}[one] == 1


def test_a_value_shows_its_fields() -> None:
    assert repr(Frozen("a")) == "Frozen(name='a', count=3, notes=[])"
    assert repr(Nothing()) == "Nothing()"


def test_replace_makes_another_value_and_leaves_the_first() -> None:
    value = Frozen("a", 1, ["x"])
    value.hidden["seen"] = 1
    assert replace(value, count=2) == Frozen("a", 2, ["x"])
    assert replace(value).hidden == {}
    assert value.count == 1
    assert replace(Named(port=1), host="b") == Named(port=1, host="b")


@pytest.mark.parametrize("value", [Frozen("a", 1, ["x"]), Open(3, [1]), Named(port=1), Boxed(1), Nothing()])
def test_values_survive_copying_and_pickling(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
    assert copy.copy(value) == value


def test_the_standard_library_knows_these_classes() -> None:
    assert dataclasses.is_dataclass(Frozen)
    assert [f.name for f in dataclasses.fields(Frozen)] == ["name", "count", "notes", "hidden"]
    assert dataclasses.asdict(Open(1, [2])) == {"total": 2, "parts": [2]}
    assert dataclasses.replace(Frozen("a"), count=9) == Frozen("a", 9)
    assert dataclasses.replace(Named(port=1), port=2) == Named(port=2)


def test_a_standard_dataclass_may_be_made_of_one() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Wider(Frozen):
        width: int = 0

    value = Wider("a", 2, width=4)
    assert (value.name, value.count, value.width, value.twice) == ("a", 2, 4, 4)
    assert Frozen("a", 2) != value


def test_a_class_of_which_another_is_made_first_is_none_the_worse() -> None:
    @dataclass(frozen=True, slots=True)
    class One:
        number: int

    class Special(One):
        __slots__ = ()

    assert Special(3).number == 3
    assert One(4) == One(4)


def test_values_match_by_place() -> None:
    match Frozen("a", 5):
        case Frozen(name, count):
            assert (name, count) == ("a", 5)
        case _:
            pytest.fail("no match")
