"""Times of rows to numbers, exact to the nanosecond."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.convert import iso_time
from dicomsniff.report.html.times import apart, time_ns


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_a_time_comes_back_as_it_was_written(ns: int) -> None:
    assert time_ns(iso_time(ns)) == ns


def test_what_is_unknown_is_unknown() -> None:
    assert time_ns(None) is None and apart(None, iso_time(1)) is None
    assert apart(iso_time(1_000_000), iso_time(3_500_000)) == 2.5
