"""Facts as JSON values: times exact to the nanosecond, unknown as null, anything plain."""

import json

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Direction, Endpoint, Evidence
from dicomsniff.report.convert import between, iso_time, milliseconds, packet_range, plain


def test_a_time_keeps_its_nanoseconds() -> None:
    assert iso_time(1_767_323_045_123_456_789) == "2026-01-02T03:04:05.123456789Z"
    assert iso_time(0) == "1970-01-01T00:00:00.000000000Z"


def test_an_unknown_or_impossible_time_is_null() -> None:
    assert iso_time(None) is None
    assert iso_time(-1) is None
    assert iso_time(10**30) is None


def test_durations_are_exact_to_the_nanosecond() -> None:
    assert milliseconds(1_234_567) == 1.234567
    assert milliseconds(None) is None
    assert between(1_000_000, 1_500_000) == 0.5
    assert between(1_000_000, 500_000) is None
    assert between(-1, 500_000) is None


def test_a_packet_range_is_always_two_numbers() -> None:
    one = Evidence(Direction.TO_RESPONDER, 0, 10, 7, 7, 0, 0)
    assert packet_range(one) == [7, 7]
    assert packet_range(None) is None


def test_facts_become_plain_values() -> None:
    facts = {"a": (1, b"\x01"), 2: {3, 1}, "at": Endpoint("::1", 104), "way": Direction.TO_INITIATOR, "x": float("nan")}
    assert plain(facts) == {"a": [1, "01"], "2": [1, 3], "at": {"ip": "::1", "port": 104}, "way": 1, "x": None}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    )
)
def test_any_facts_can_be_written_as_json(facts: object) -> None:
    json.dumps(plain(facts), allow_nan=False)


def test_endless_nesting_ends() -> None:
    endless: list[object] = []
    endless.append(endless)
    json.dumps(plain(endless))
