"""Segment columns: taking rows and joining tables keep every column in step."""

from dataclasses import fields

import numpy as np

from dicomsniff.tcp.segments import Segments, join_segments, no_segments


def _numbered(*numbers: int) -> Segments:
    """Each column holds the packet number plus its own place times 1000."""
    return Segments(*(np.array(numbers, np.int64) + place * 1000 for place in range(len(fields(Segments)))))


def _equal(one: Segments, other: Segments) -> bool:
    return all((getattr(one, f.name) == getattr(other, f.name)).all() for f in fields(Segments)) and len(one) == len(
        other
    )


def test_take_keeps_the_order_asked_for() -> None:
    assert _equal(_numbered(5, 6, 7).take(np.array([2, 0])), _numbered(7, 5))


def test_joined_tables_are_in_packet_order() -> None:
    assert _equal(
        join_segments([_numbered(1, 4, 5), _numbered(2, 9), no_segments(), _numbered(3)]), _numbered(1, 2, 3, 4, 5, 9)
    )


def test_one_table_joins_to_itself() -> None:
    table = _numbered(1, 2)
    assert join_segments([table]) is table


def test_no_segments_have_no_rows() -> None:
    assert len(no_segments()) == 0
