"""The standard library's `dataclass` and `replace` for frozen or slotted values, cheap where a program starts.

The standard decorator writes and compiles six methods a class when the class is made: a millisecond each, which for a
hundred classes was a quarter of the time that a small capture took. Here `__init__` is compiled once a class has proved
to have more than a few values, and the other methods, which need no text of their own, are closures. `dataclasses.fields`
and all that rests on it work on these classes too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

_NOT_OF_THE_CLASS = ("__dict__", "__weakref__")
_NOT_GIVEN: Any = object()
FEW = 40
"""Values of a class that are filled field by field: as long as that takes the compiling of its `__init__`."""


def _dataclass(
    *, frozen: bool = False, slots: bool = True, eq: bool = True, kw_only: bool = False
) -> Callable[[type[Any]], type[Any]]:
    """As `dataclasses.dataclass`, always with slots. A class must have no dataclass among its bases and no annotation but
    of fields (no ClassVar, no InitVar)."""
    assert slots

    def make(plain: type[Any]) -> type[Any]:
        left = FEW

        def early_init(self: Any, *given: Any, **named: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0 or not _fill(self, fields, given, named, frozen):
                made.__init__ = _init(made, fields, frozen, kw_only)
                made.__init__(self, *given, **named)

        fields = {name: _field(plain.__dict__.get(name, _NOT_GIVEN)) for name in plain.__annotations__}
        given = tuple(name for name, field in fields.items() if field.init)
        body = {k: v for k, v in plain.__dict__.items() if k not in fields and k not in _NOT_OF_THE_CLASS}
        body |= {
            "__slots__": tuple(fields),
            "__match_args__": () if kw_only else given,
            "__dataclass_fields__": _Fields(plain, frozen, kw_only),
            "__record__": (given, _values_of(given)),
            "__init__": early_init,
        }
        body.setdefault("__repr__", _repr([name for name, field in fields.items() if field.repr]))
        if eq:
            compared = _values_of([name for name, field in fields.items() if field.compare])
            _add_equality(body, compared, frozen)
        if frozen:
            body |= _frozen(tuple(fields))
        if len(given) == len(fields) and not (kw_only or hasattr(plain, "__post_init__")):
            body["__reduce__"] = _reduce(body["__record__"][1])
        metaclass: Any = type(plain)
        made: Any = metaclass(plain.__name__, plain.__bases__, body)
        made.__qualname__ = plain.__qualname__
        return made  # type: ignore[no-any-return]

    return make


def _replace(value: Any, /, **changes: Any) -> Any:
    """A value like this one but for these fields. Raises TypeError for a field that is none or that nobody can give."""
    names, values = value.__record__
    if not value.__match_args__ or not changes.keys() <= set(names):
        return value.__class__(**{**dict(zip(names, values(value), strict=True)), **changes})
    given = list(values(value))  # by their places: half the time
    for name, change in changes.items():
        given[names.index(name)] = change
    return value.__class__(*given)


def field_names(of: Any) -> tuple[str, ...]:
    """The names of the fields of a class or value made by `dataclass`, in their order."""
    names: tuple[str, ...] = of.__slots__
    return names


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:
    dataclass, replace = _dataclass, _replace


class _Fields:
    """What `dataclasses` keeps of a class it made, asked of it when somebody wants to know."""

    def __init__(self, plain: type[Any], frozen: bool, kw_only: bool) -> None:
        self._plain, self._frozen, self._kw_only = plain, frozen, kw_only

    def __get__(self, _value: object, owner: Any) -> Any:
        make = dataclasses.dataclass(init=False, repr=False, eq=False, frozen=self._frozen, kw_only=self._kw_only)
        made: Any = make(self._plain)
        owner.__dataclass_fields__, owner.__dataclass_params__ = made.__dataclass_fields__, made.__dataclass_params__
        return made.__dataclass_fields__


_REQUIRED: dataclasses.Field[Any] = dataclasses.field()


def _field(default: Any) -> dataclasses.Field[Any]:
    if default is _NOT_GIVEN:
        return _REQUIRED
    if isinstance(default, dataclasses.Field):
        return default
    field: dataclasses.Field[Any] = dataclasses.field(default=default)
    return field


def _values_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives these attributes of a value."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _fill(
    value: Any,
    fields: Mapping[str, dataclasses.Field[Any]],
    given: tuple[Any, ...],
    named: Mapping[str, Any],
    frozen: bool,
) -> bool:
    """Do what `__init__` does; False, and nothing is done, where something is missing or too much: it says what."""
    values = {**dict(zip(value.__match_args__, given, strict=False)), **named}
    if len(values) != len(given) + len(named) or not values.keys() <= fields.keys():
        return False
    for name, field in fields.items():
        if name not in values:
            values[name] = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            if values[name] is dataclasses.MISSING:
                return False
        elif not field.init:
            return False
    put = object.__setattr__ if frozen else setattr
    for name in fields:
        put(value, name, values[name])
    if hasattr(value, "__post_init__"):
        value.__post_init__()
    return True


def _init(cls: Any, fields: Mapping[str, dataclasses.Field[Any]], frozen: bool, kw_only: bool) -> Callable[..., None]:
    """The `__init__` of a class; that of a frozen one goes past its `__setattr__`, straight to the slots."""
    scope: dict[str, Any] = {"_NOT_GIVEN": _NOT_GIVEN}
    parameters, lines = ["self", "*"] if kw_only else ["self"], []
    for name, field in fields.items():
        value = name
        if field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            value = f"(_make_{name}() if {name} is _NOT_GIVEN else {name})" if field.init else f"_make_{name}()"
            default = " = _NOT_GIVEN"
        else:
            scope[f"_default_{name}"] = field.default
            default = f" = _default_{name}" if field.default is not dataclasses.MISSING else ""
        if field.init:
            parameters.append(name + default)
        scope[f"_set_{name}"] = cls.__dict__[name].__set__
        lines.append(f"_set_{name}(self, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"]), scope)
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(names: Sequence[str]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _add_equality(body: dict[str, Any], compared: Callable[[Any], tuple[Any, ...]], frozen: bool) -> None:
    """`__eq__` by the compared fields, and `__hash__` by the same where they cannot change."""

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(compared(self))

    body.setdefault("__eq__", __eq__)
    if body.get("__hash__") is None:
        body["__hash__"] = __hash__ if frozen else None


def _reduce(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    """How a value is pickled whose fields are all given when it is made: by making it again."""

    def __reduce__(self: Any) -> tuple[Any, ...]:  # noqa: N807
        return self.__class__, values(self)

    return __reduce__


def _frozen(names: tuple[str, ...]) -> dict[str, Any]:
    """The methods of a class whose values do not change once they are made."""

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    methods = (_refuse_to_set, _refuse_to_delete, __getstate__, __setstate__)
    return dict(zip(("__setattr__", "__delattr__", "__getstate__", "__setstate__"), methods, strict=True))


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
