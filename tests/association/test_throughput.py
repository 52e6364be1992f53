"""What real connections carried by time, and at what rate."""

import pytest

from dicomsniff.association.throughput import POINTS, curve, rates
from dicomsniff.association.timing import timing
from dicomsniff.core import DIRECTIONS, Direction
from tests.captures import real

OUT = Direction.TO_RESPONDER


@real.here
@pytest.mark.parametrize("name", ["slow_link", "slow_server", "lossy_network", "query_retrieve"])
@pytest.mark.parametrize("most", [POINTS, 7])
def test_the_curve_holds_every_byte_that_was_carried(name: str, most: int) -> None:
    for conversation in real.analysis(name).traffic.conversations:
        for direction in DIRECTIONS:
            made, facts = curve(conversation.tcp, direction, most), conversation.tcp.facts(direction)
            carried = sum(made.counts) if made else 0
            assert facts.bytes <= carried <= facts.bytes + facts.retransmitted_bytes + 1460 * facts.duplicates
            assert made is None or len(made.counts) <= most


@real.here
def test_a_narrow_line_is_seen_in_rate_and_curve() -> None:
    traffic = real.analysis("slow_link").traffic
    found = rates(traffic.associations[0], timing(traffic))[OUT]
    assert found.bytes_per_second is not None and found.ceiling is not None and found.needed is not None
    assert 200_000 < found.bytes_per_second < 260_000 < found.ceiling and found.needed < 30_000
    made = curve(traffic.conversations[0].tcp, OUT)
    assert made is not None
    assert max(made.counts) * 1e9 / made.step_ns < 500_000


@real.here
def test_short_messages_tell_no_rate() -> None:
    traffic = real.analysis("echo_ok").traffic
    assert rates(traffic.associations[0], timing(traffic)) == {}
