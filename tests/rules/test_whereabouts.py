"""Packets are said to be a connection's own only where no other one can hold them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.values import Traffic
from dicomsniff.rules.whereabouts import alone_on
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge


def traffic(*spans: tuple[int, int]) -> Traffic:
    forge = TrafficForge()
    for first, last in spans:
        forge.connection(first_packet=first, last_packet=last)
    return forge.traffic()


@pytest.mark.parametrize(
    ("packets", "own"),
    [((1, 4), True), ((4, 5), False), ((8,), False), ((11, 20), True), ((20, 21), False), ((), True)],
)
def test_packets_in_the_span_of_another_connection_may_be_its(packets: Sequence[int], own: bool) -> None:
    assert alone_on(traffic((1, 20), (5, 10)), 1, packets) is own


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 20)), min_size=1, max_size=6), st.integers(1, 50))
def test_it_is_what_going_through_all_would_say(spans: list[tuple[int, int]], packet: int) -> None:
    ends = [(first, first + length) for first, length in spans]
    holders = [number for number, (first, last) in enumerate(ends, 1) if first <= packet <= last]
    for number in range(1, len(ends) + 1):
        assert alone_on(traffic(*ends), number, (packet,)) is (holders == [number])


@here
def test_a_filter_shows_the_proof_on_every_connection_that_holds_some_of_it() -> None:
    """Twelve associations one after the other, each with one packet of the proof."""
    [finding] = [one for one in analysis("association_per_image").findings if one.rule == "DS-PERF-009"]
    assert len(finding.packets) == 12
    assert finding.display_filter == f"frame.number in {{{', '.join(map(str, finding.packets))}}}"
