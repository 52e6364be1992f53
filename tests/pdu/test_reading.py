"""The small states of a framer: what is waited for, skipped and given up."""

from dicomsniff.core import LIMITS, Evidence
from dicomsniff.pdu.reading import Lost, Pending, Skip, joined, truncation
from dicomsniff.pdu.search import BoundarySearch
from dicomsniff.pdu.trace import PacketTrace
from tests.pdu.streams import TO


def seen(start: int, end: int) -> Evidence:
    return Evidence(TO, start, end, 1, 1, 0, 0)


def test_joined_starts_with_the_first_where_there_is_one() -> None:
    assert joined(None, seen(4, 9)) == seen(4, 9)
    assert joined(seen(1, 4), seen(4, 9)) == seen(1, 9)


def test_pending_takes_no_more_than_it_needs() -> None:
    pending = Pending(0, 6, bytearray(b"abcd"))
    assert not pending.ready
    assert pending.fill(memoryview(b"efgh")) == 2
    assert pending.ready and pending.data == b"abcdef"


def test_a_skip_is_over_at_its_end() -> None:
    skip = Skip(9, None, "malformed", 4, 3)
    assert skip.broken() == [] and not skip.over
    skip.add(seen(4, 6))
    assert not skip.over
    skip.add(seen(6, 9))
    assert skip.over
    assert [(b.evidence.start, b.evidence.end, b.reason) for b in skip.broken()] == [(4, 9, "malformed")]


def test_lost_framing_gives_up_each_byte_once() -> None:
    trace = PacketTrace(TO)
    trace.add([0, 10], [1, 2], [0, 0])
    lost = Lost(BoundarySearch(0, LIMITS), None, 0, "lost")
    lost.give_up_to(5, trace)
    lost.give_up_to(3, trace)
    lost.give_up_to(15, trace)
    assert [b.evidence for b in lost.broken()] == [Evidence(TO, 0, 15, 1, 2, 0, 0)]


def test_a_truncation_says_how_much_of_what_was_seen() -> None:
    assert truncation(seen(0, 50), 4, 94).detail == "the stream ends after 50 bytes of P-DATA-TF of 100 bytes"
    assert truncation(seen(0, 2), None, None).detail == "the stream ends after 2 bytes of a PDU of unknown length"
