"""A text in, an expression that can be asked of anything with names out: comparisons, and, or, not, in, like().

The text is read by Python's parser and then walked by this module, node by node; what is not in the list below is refused.
Nothing of it is ever run.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from dicomsniff.core.tuples import NamedTuple

Value = str | int | float | bool | None | tuple["Value", ...]
Lookup = Callable[[str], Value]
Node = Callable[[Lookup], Value]

LONGEST = 10_000
"""Characters of an expression: more is no question that a person asks."""
_DEEPEST = 60
_PATTERN = 200  # characters of a pattern, of which many stars would cost time

_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(Exception):
    """The expression cannot be asked: one line with what is wrong."""


class Expression(NamedTuple):
    """`names` are those it asks about, sequences in data sets as "Sequence.Keyword"."""

    names: frozenset[str]
    test: Node

    def holds(self, lookup: Lookup) -> bool:
        """Whether it is true where `lookup` gives the value of a name, None for what is absent."""
        return bool(self.test(lookup))


def parse(text: str) -> Expression:
    """Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text):,} characters; at most {LONGEST:,} are read")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise ExpressionError(f"the expression cannot be read{where}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("the expression cannot be read") from error
    names: set[str] = set()
    test = _node(tree.body, names, 0)
    return Expression(frozenset(names), test)


def _node(tree: ast.expr, names: set[str], depth: int) -> Node:
    if depth > _DEEPEST:
        raise ExpressionError("the expression is nested too deeply")
    match tree:
        case ast.BoolOp(op=op, values=values):
            parts = [_node(value, names, depth + 1) for value in values]
            test = all if isinstance(op, ast.And) else any
            return lambda lookup: test(bool(part(lookup)) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _node(operand, names, depth + 1)
            return lambda lookup: not inner(lookup)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            negative = -number
            return lambda _: negative
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _comparison([left, *others], ops, names, depth)
        case ast.Constant(value=str() | int() | float() | None as constant):
            return lambda _: constant
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            members = [_node(item, names, depth + 1) for item in items]
            return lambda lookup: tuple(member(lookup) for member in members)
        case ast.Name() | ast.Attribute():
            name = _dotted(tree)
            names.add(name)
            return lambda lookup: lookup(name)
        case ast.Call(func=ast.Name(id="like"), args=[subject, ast.Constant(value=str() as pattern)], keywords=[]):
            return _like(_node(subject, names, depth + 1), pattern)
    raise ExpressionError(f"{ast.unparse(tree)[:80]!r} is not part of the language: names, values, comparisons, in, and, or, not, like(name, 'PAT*')")  # fmt: skip


def _dotted(tree: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(tree, ast.Attribute):
        parts.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        raise ExpressionError("a dot stands between names only")
    return ".".join((tree.id, *reversed(parts)))


def _like(subject: Node, pattern: str) -> Node:
    """With * and ? as in a query of DICOM."""
    if len(pattern) > _PATTERN or pattern.count("*") > 10:
        raise ExpressionError("the pattern is too long")
    plain = pattern.replace("[", "[[]")
    return lambda lookup: any(isinstance(v, str) and fnmatchcase(v.strip(), plain) for v in _each(subject(lookup)))


def _comparison(sides: list[ast.expr], ops: list[ast.cmpop], names: set[str], depth: int) -> Node:
    nodes = [_node(side, names, depth + 1) for side in sides]
    tests = [_test(op) for op in ops]

    def holds(lookup: Lookup) -> bool:
        values = [node(lookup) for node in nodes]
        return all(test(*pair) for test, pair in zip(tests, pairwise(values), strict=True))

    return holds


def _test(op: ast.cmpop) -> Callable[[Value, Value], bool]:
    match op:
        case ast.Eq() | ast.Is():
            return _equal
        case ast.NotEq() | ast.IsNot():
            return lambda left, right: not _equal(left, right)
        case ast.In():
            return _within
        case ast.NotIn():
            return lambda left, right: not _within(left, right)
    compare = _ORDER[type(op)]
    return lambda left, right: _ordered(left, right, compare)


def _each(value: Value) -> Iterator[Value]:
    """A name may have several values: those of a multi-valued element, of the answers of a query, of items."""
    yield from value if isinstance(value, tuple) else (value,)


def _equal(left: Value, right: Value) -> bool:
    """Of several values any; None is equal to nothing but None; spaces that pad a text do not count, "0xA700" is a number."""
    if left is None or right is None:
        return left is right
    return any(_alike(a, b) for a in _each(left) for b in _each(right))


def _alike(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.strip() == right.strip()
    number, other = _number(left), _number(right)
    return number == other if number is not None and other is not None else left == right


def _within(left: Value, right: Value) -> bool:
    """In a list of values, or as a part of a text."""
    if isinstance(right, str):
        return any(isinstance(value, str) and value in right for value in _each(left))
    return right is not None and any(_equal(left, value) for value in _each(right))


def _ordered(left: Value, right: Value, compare: Callable[[Any, Any], bool]) -> bool:
    """Numbers as numbers, texts (dates, times) as texts; what cannot be compared is neither above nor below."""
    for a in _each(left):
        for b in _each(right):
            if isinstance(a, str) and isinstance(b, str):
                pair: tuple[object, object] = a.strip(), b.strip()
            else:
                pair = _number(a), _number(b)
            if None not in pair and compare(*pair):
                return True
    return False


def _number(value: Value) -> float | int | None:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        try:
            return int(value, 16) if value[:2].lower() == "0x" else float(value)
        except ValueError:
            return None
    return None
