"""Caps are positive, cannot be changed by accident, and fit together."""

import ast
import dataclasses
import inspect

import pytest

from dicomsniff.core import LIMITS, Limits, limits


def test_every_cap_is_a_positive_number() -> None:
    assert all(value > 0 for value in dataclasses.asdict(LIMITS).values())


def test_every_cap_says_why_it_is_what_it_is() -> None:
    [body] = [node.body for node in ast.parse(inspect.getsource(limits)).body if isinstance(node, ast.ClassDef)]
    for field, reason in zip(body[1::2], body[2::2], strict=True):
        assert isinstance(field, ast.AnnAssign)
        assert isinstance(reason, ast.Expr) and isinstance(reason.value, ast.Constant), ast.unparse(field)


def test_caps_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        LIMITS.block_bytes = 1  # type: ignore[misc]


def test_a_cap_can_be_set_for_one_run() -> None:
    assert Limits(reorder_segments=3).reorder_segments == 3
    assert LIMITS.reorder_segments > 3


def test_what_must_fit_into_something_fits() -> None:
    assert LIMITS.first_bytes < LIMITS.detect_bytes
    assert LIMITS.associate_bytes <= LIMITS.pdu_length
    assert LIMITS.payload_head_bytes < LIMITS.payload_memory_bytes
