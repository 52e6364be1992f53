"""Stream bytes that somebody wants to see."""

import os
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.api import analyze
from dicomsniff.association.transcript import PduFacts
from dicomsniff.capture import CaptureError
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.limits import Limits
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tcp.excerpts import Excerpts
from tests.captures import real
from tests.cli.running import dialogue

STREAM = bytes(range(256))


def where(start: int, end: int, direction: Direction = Direction.TO_RESPONDER) -> Evidence:
    return Evidence(direction, start, end, 1, 1, 0, 0)


def chunk(start: int, data: bytes) -> Chunk:
    return Chunk(1, Direction.TO_RESPONDER, start, data, [start], [1], [0])


@given(
    st.lists(st.integers(0, 256), max_size=6), st.lists(st.tuples(st.integers(0, 255), st.integers(1, 90)), max_size=6)
)
def test_ranges_come_out_as_they_went_in_however_the_stream_is_cut(
    cuts: list[int], ranges: list[tuple[int, int]]
) -> None:
    wanted = [where(start, min(start + length, 256)) for start, length in ranges]
    excerpts = Excerpts([(1, each) for each in wanted], 50)
    edges = sorted({0, 256, *cuts})
    for start, end in pairwise(edges):
        excerpts.take([chunk(start, STREAM[start:end])])
    longest = {each.start: max(w.end for w in wanted if w.start == each.start) for each in wanted}
    for each in wanted:
        if each.end == longest[each.start]:
            assert excerpts.of(1, each).data == STREAM[each.start : each.end][:50]


def test_a_hole_stays_a_hole() -> None:
    excerpts = Excerpts([(1, where(0, 20))], 100)
    gap = Gap(1, Direction.TO_RESPONDER, 5, 5, GapCause.LOST, 2, 0)
    excerpts.take([chunk(0, b"abcde"), gap, chunk(10, b"klmnopqrstu")])
    found = excerpts.of(1, where(0, 20))
    assert (found.data, found.pieces) == (None, ((0, b"abcde"), (10, b"klmnopqrst")))


def test_other_streams_and_bytes_beyond_the_limit_are_not_kept() -> None:
    excerpts = Excerpts([(1, where(0, 10)), (1, where(20, 30))], 100, Limits(excerpt_bytes=10))
    excerpts.take([chunk(0, STREAM)])
    assert (excerpts.of(1, where(0, 10)).data, excerpts.of(1, where(20, 30)).pieces) == (STREAM[:10], ())
    assert excerpts.of(1, where(0, 10, Direction.TO_INITIATOR)).pieces == ()
    assert excerpts.of(2, where(0, 10)).pieces == ()


@real.here
@pytest.mark.parametrize("name", ["echo_ok", "lossy_network", "query_retrieve", "edge/e27_two_assoc"])
def test_the_bytes_of_every_pdu_begin_with_its_type_and_length(name: str) -> None:
    read = analyze(real.capture(name), transcribe="pdus", rules=False)
    pdus = [
        (a.connection, entry)
        for a in read.associations
        if a.transcript
        for entry in a.transcript.entries()
        if isinstance(entry, PduFacts) and not entry.broken and entry.begins
    ]
    excerpts = read.stream_bytes(((connection, pdu.evidence) for connection, pdu in pdus), 16)
    assert pdus
    for connection, pdu in pdus:
        data = excerpts.of(connection, pdu.evidence).data
        assert data is not None and (data[0], int.from_bytes(data[2:6], "big")) == (pdu.type, pdu.length)
    read.close()


def test_a_pipe_cannot_be_read_again(tmp_path: Path) -> None:
    content = dialogue(0).save(tmp_path / "c.pcap").read_bytes()
    pipe = tmp_path / "pipe.pcap"
    os.mkfifo(pipe)

    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    read = analyze(pipe, transcribe="messages")
    with pytest.raises(CaptureError, match="is a pipe"):
        read.stream_bytes([(1, where(0, 10))])
    writer.join(5)
