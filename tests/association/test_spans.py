"""What several stretches of time share counts once."""

import pytest

from dicomsniff.association.spans import union


@pytest.mark.parametrize(
    ("spans", "busy"),
    [
        ([], 0),
        ([(0, 5)], 5),
        ([(0, 5), (3, 8)], 8),
        ([(10, 12), (0, 5)], 7),
        ([(0, 9), (2, 3), (9, 10)], 10),
        ([(5, 2)], 0),
    ],
)
def test_shared_time_counts_once(spans: list[tuple[int, int]], busy: int) -> None:
    assert union(spans) == busy
