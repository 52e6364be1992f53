"""The standard library's `NamedTuple`, cheap where a program starts.

The standard one checks every annotation and compiles a function a class when the class is made, a third of a millisecond
each, which for a hundred and sixty classes was a tenth of the time that a small capture took. Here that function is
compiled once a class has proved to have more than a few values.
"""

from __future__ import annotations

from _collections import _tuplegetter  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

_NOT_OF_THE_CLASS = ("__dict__", "__weakref__")
FEW = 40
"""Values of a class that are put together field by field: as long as that takes the compiling of its `__new__`."""


class _Named(type):
    """Makes a class a tuple of its annotated names."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        fields = _annotated(body)
        defaults = {field: body.pop(field) for field in fields if field in body}
        if tuple(defaults) != fields[len(fields) - len(defaults) :]:
            raise TypeError(f"{name}: a field without a default stands behind one that has one")
        whole: dict[str, Any] = {
            "__slots__": (),
            "__match_args__": fields,
            "_fields": fields,
            "_field_defaults": defaults,
            "__new__": _early_new,
        }
        whole |= {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
        whole |= {k: v for k, v in body.items() if k not in _NOT_OF_THE_CLASS}
        return type(name, (_Methods, *bases[1:]), whole)


def _annotated(body: dict[str, Any]) -> tuple[str, ...]:
    """The names that a class body annotates; Python 3.14 keeps them where only a class tells them."""
    if "__annotations__" in body:
        return tuple(body["__annotations__"])
    return tuple(type("", (), dict(body)).__annotations__)


class _Methods(tuple[Any, ...]):
    """What every such class has."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Any:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes: Any) -> Any:
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"Got unexpected field names: {list(changes)!r}")
        return made

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({values})"

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.__class__, self[:]


_early: dict[Any, int] = {}
"""How many values each class has so far, of those that have few."""


def _early_new(cls: Any, *given: Any, **named: Any) -> Any:
    """Stands in for the first few values, where nothing is missing and nothing too much: what is compiled says what."""
    made = next(base for base in cls.__mro__ if "__new__" in base.__dict__)
    count = _early[made] = _early.get(made, 0) + 1
    if count <= FEW:
        if len(given) == len(made._fields) and not named:
            return tuple.__new__(cls, given)
        own = {**dict(zip(made._fields, given, strict=False)), **named}
        values = {**made._field_defaults, **own}
        if len(own) == len(given) + len(named) and values.keys() == set(made._fields):
            return tuple.__new__(cls, map(values.__getitem__, made._fields))
    made.__new__ = _new(made)
    return made.__new__(cls, *given, **named)


def _new(made: Any) -> Callable[..., Any]:
    """The `__new__` of a class."""
    names = ", ".join(made._fields)
    values = f"({names}{',' if len(made._fields) == 1 else ''})"
    new: Callable[..., Any] = eval(f"lambda _cls, {names}: _tuple_new(_cls, {values})", {"_tuple_new": tuple.__new__})
    new.__name__, new.__qualname__ = "__new__", f"{made.__qualname__}.__new__"
    new.__defaults__ = tuple(made._field_defaults.values())
    return new


if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    NamedTuple = type.__new__(_Named, "NamedTuple", (), {"__doc__": "Base of a tuple with named fields."})
