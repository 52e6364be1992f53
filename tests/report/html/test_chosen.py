"""How much the page shows: the first, the failed and the last, in order."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.html.chosen import DETAILED, detailed, drawn, share
from tests.forge.traffic import TrafficForge
from tests.report.forged import report_of


def test_few_are_drawn_all_and_of_many_the_first_the_failed_and_the_last() -> None:
    assert drawn([1, 2, 3], [2], 20) == [1, 2, 3]
    made = drawn(list(range(1, 1001)), [500, 700], 20)
    assert made[:10] == list(range(1, 11)) and {500, 700} < set(made) and made[-1] == 1000 and len(made) == 20


@given(st.lists(st.integers(1, 500), unique=True).map(sorted), st.lists(st.integers(1, 500)), st.integers(4, 100))
def test_never_more_than_there_is_room_for(ids: list[int], failed: list[int], limit: int) -> None:
    made = drawn(ids, failed, limit)
    assert len(made) <= limit and set(made) <= set(ids) and made == sorted(made)


def test_the_more_associations_the_less_of_each() -> None:
    assert share(6000, 500, 1) == 500 and share(6000, 500, 100) == 60 and share(6000, 500, 100_000) == 20


def test_a_page_of_very_many_associations_tells_of_fewer_in_detail() -> None:
    forge = TrafficForge()
    for _ in range(201):
        forge.association()
    assert len(detailed(report_of(forge.traffic()))) == DETAILED
