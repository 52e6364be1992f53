"""A live source: blocks come as they fill, facts belong to what was taken, what is no capture is refused."""

from pathlib import Path

import pytest

from dicomsniff.capture import CaptureError
from dicomsniff.capture.live import LiveSource
from dicomsniff.capture.live.source import LAG_NS
from dicomsniff.capture.live.taps import StreamTap
from tests.cli.running import dialogue
from tests.live.replaying import Pieces, piped


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    return dialogue(0, 0).save(tmp_path / "two.pcap").read_bytes()


def drained(source: LiveSource) -> list[int]:
    counts = []
    while not source.ended:
        if (block := source.take(1)) is not None:
            counts += block.number.tolist()
    return counts


def test_every_packet_comes_once_and_in_order(data: bytes) -> None:
    for piece in (1, 50, 1 << 20):
        source = LiveSource(StreamTap("x", Pieces(data, piece)))
        numbers = drained(source)
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == source.facts().packets
        assert source.error is None and not source.facts().cut
    assert len(drained(piped(data, 100))) == len(numbers)


def test_facts_are_those_of_the_packets_taken_although_more_were_read(data: bytes) -> None:
    source = LiveSource(StreamTap("x", Pieces(data, 300)))
    taken = 0
    while not source.ended:
        if (block := source.take(1)) is not None:
            taken += len(block)
            assert source.facts().packets == taken and source.facts().last_ns == block.time_ns[-1]


def test_time_goes_on_only_where_silence_is_silence(data: bytes) -> None:
    tap = StreamTap("x", Pieces(data, 1 << 20))
    tap.prompt = True
    source = LiveSource(tap)
    assert source.take(1) is not None
    late = source.facts().last_ns
    drained(source)
    assert late is not None and source.facts().last_ns is not None
    assert late >= (source.facts().last_ns or 0) and LAG_NS > 0


def test_what_is_no_capture_is_refused_in_one_line() -> None:
    source = LiveSource(StreamTap("standard input", Pieces(b"hello, this is no capture at all, no", 10)))
    assert drained(source) == []
    assert isinstance(source.error, CaptureError) and "standard input is not a pcap" in str(source.error)


def test_a_stream_without_a_byte_and_one_that_is_cut_are_told() -> None:
    empty = LiveSource(StreamTap("x", Pieces(b"", 10)))
    assert drained(empty) == [] and empty.error is None
    assert "no packets" in empty.facts().notes[0]


def test_a_cut_stream_says_so(data: bytes) -> None:
    source = LiveSource(StreamTap("x", Pieces(data[:-20], 1000)))
    drained(source)
    assert source.facts().cut


def test_closing_ends_a_stream_in_the_middle(data: bytes) -> None:
    source = piped(data, 10, pause=0.2)
    source.take(0.5)
    source.close()
    assert source.ended
