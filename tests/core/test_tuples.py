"""`NamedTuple` of `core.tuples` does what that of the standard library does."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import typing
from typing import Any, Generic, TypeVar

import pytest

from dicomsniff.core.tuples import NamedTuple

T = TypeVar("T")


class Place(NamedTuple):
    """Where something is."""

    host: str
    port: int = 104
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def known(self) -> bool:
        return self.port == 104


class Boxed(NamedTuple, Generic[T]):
    value: T


class Nothing(NamedTuple):
    pass


class Standard(typing.NamedTuple):
    host: str
    port: int = 104
    notes: tuple[str, ...] = ()


def test_fields_are_given_by_place_or_name_and_have_their_defaults() -> None:
    assert Place("a") == ("a", 104, ()) == Place(host="a")
    assert Place("a", notes=("b",)).notes == ("b",)
    assert Place("a", 5).port == 5


def test_it_is_a_tuple_with_the_methods_of_its_class() -> None:
    place = Place("a", 5)
    host, port, notes = place
    assert (host, port, notes, place[1], len(place)) == ("a", 5, (), 5, 3)
    assert (str(place), place.known, Place("a").known) == ("a:5", False, True)
    assert isinstance(place, tuple) and hash(place) == hash(("a", 5, ()))
    assert Place.__doc__ == "Where something is."


@pytest.mark.parametrize("name", ["_fields", "_field_defaults", "__match_args__"])
def test_the_class_tells_of_itself_as_the_standard_one_does(name: str) -> None:
    assert getattr(Place, name) == getattr(Standard, name)


def test_values_are_made_changed_and_shown_as_the_standard_ones_are() -> None:
    ours: Any = Place("a", 5)
    theirs: Any = Standard("a", 5)
    assert ours._replace(port=6) == theirs._replace(port=6) and type(ours._replace(port=6)) is Place
    assert ours._asdict() == theirs._asdict()
    assert tuple(Place._make(["b", 1, ()])) == Standard._make(["b", 1, ()])
    assert repr(ours) == repr(theirs).replace("Standard", "Place")
    with pytest.raises(ValueError, match="nobody"):
        ours._replace(nobody=1)
    with pytest.raises(TypeError):
        Place._make(["too few"])


def test_wrong_arguments_are_refused_also_the_first_time() -> None:
    class Fresh(NamedTuple):
        one: int

    make: Any = Fresh
    for _ in range(2):
        with pytest.raises(TypeError):
            make()
        with pytest.raises(TypeError):
            make(1, 2)
        with pytest.raises(TypeError):
            make(two=1)
    assert make(one=3) == (3,)


def test_a_field_cannot_be_set() -> None:
    place: Any = Place("a")
    with pytest.raises(AttributeError):
        place.port = 5
    with pytest.raises(AttributeError):
        place.other = 5


def test_generic_and_empty_ones_work() -> None:
    assert Boxed[int](3).value == 3 == Boxed(3)[0]
    assert Nothing() == ()


def test_a_subclass_is_made_as_itself() -> None:
    class Near(Place):
        __slots__ = ()

    class First(Place):
        __slots__ = ()

    assert type(Near("a")) is Near and type(First("a")) is First and type(Place("a")) is Place


def test_values_are_copied_and_pickled() -> None:
    place = Place("a", 5, ("b",))
    for again in (copy.copy(place), copy.deepcopy(place), pickle.loads(pickle.dumps(place))):
        assert again == place and type(again) is Place


def test_a_subclass_may_make_the_first_value_of_all() -> None:
    program = (
        "from dicomsniff.core.tuples import NamedTuple\n"
        "class A(NamedTuple):\n    x: int\n"
        "class B(A):\n    __slots__ = ()\n"
        "assert type(B(1)) is B and type(A(2)) is A and B(x=3) == (3,)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_field_without_a_default_behind_one_with_is_refused() -> None:
    with pytest.raises(TypeError, match="default"):

        class _Wrong(NamedTuple):
            port: int = 104
            host: str  # type: ignore[misc]
