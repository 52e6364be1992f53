"""Streams cut into records, whatever the pieces; and where records are missing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.records import Hole, Record, RecordReader
from tests.forge.wire import OUT

BODIES = [bytes([place]) * length for place, length in enumerate((5, 300, 1, 2000, 40, 700, 64))]
STREAM = b"".join(b"\x17\x03\x03" + len(body).to_bytes(2, "big") + body for body in BODIES)


def read(cuts: list[int], gone: range = range(0)) -> list[Record | Hole]:
    """The stream in pieces; the bytes of `gone` were not captured."""
    reader, out = RecordReader(), list[Record | Hole]()
    edges = sorted({0, len(STREAM), *cuts, gone.start, gone.stop} if gone else {0, len(STREAM), *cuts})
    for number, (begin, end) in enumerate(pairwise(edges), 1):
        if gone and begin in gone:
            out += reader.feed(Gap(1, OUT, begin, end - begin, GapCause.LOST, number + 1, number))
        else:
            out += reader.feed(Chunk(1, OUT, begin, STREAM[begin:end], [begin], [number], [number]))
    return out + reader.close()


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_the_pieces_never_matter(cuts: list[int]) -> None:
    found = [item for item in read(cuts) if isinstance(item, Record)]
    assert [bytes(record.body) for record in found] == BODIES


def test_a_hole_within_a_record_costs_that_record_and_the_next_is_certain() -> None:
    start = STREAM.index(BODIES[3])
    found = read([], range(start + 10, start + 100))
    holes = [item for item in found if isinstance(item, Hole)]
    records = [item for item in found if isinstance(item, Record)]
    assert [(hole.start, hole.end, hole.whole) for hole in holes] == [(start - 5, start + 2000, True)]
    assert [bytes(record.body) for record in records] == [*BODIES[:3], *BODIES[4:]]
    assert all(record.certain for record in records)


def test_a_hole_over_a_header_is_bridged_by_a_chain_of_headers() -> None:
    start = STREAM.index(BODIES[1]) - 3
    found = read([], range(start, start + 10))
    [hole] = [item for item in found if isinstance(item, Hole)]
    records = [item for item in found if isinstance(item, Record)]
    assert not hole.whole and [bytes(record.body) for record in records] == [BODIES[0], *BODIES[2:]]
    assert [record.certain for record in records][:3] == [True, False, True]


@given(st.lists(st.integers(0, len(STREAM)), max_size=10), st.integers(0, len(STREAM) - 1), st.integers(1, 900))
def test_what_comes_out_behind_a_hole_was_sent(cuts: list[int], start: int, length: int) -> None:
    found = read(cuts, range(start, min(len(STREAM), start + length)))
    assert all(bytes(item.body) in BODIES for item in found if isinstance(item, Record))
    ends = [item.end for item in found]
    assert ends == sorted(ends)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_any_bytes_are_survived(noise: bytes, cuts: list[int]) -> None:
    reader, edges = RecordReader(), sorted({0, len(noise), *(cut for cut in cuts if cut < len(noise))})
    for begin, end in pairwise(edges):
        reader.feed(Chunk(1, OUT, begin, noise[begin:end], [begin], [1], [1]))
    reader.close()


def test_bytes_that_are_no_records_are_told_as_a_hole() -> None:
    reader = RecordReader()
    out = reader.feed(Chunk(1, OUT, 0, STREAM[:10] + b"GET / HTTP/1.1\r\n", [0], [4], [9]))
    assert reader.broken and isinstance(out[-1], Hole) and out[-1].cause is GapCause.UNREADABLE
    assert isinstance(reader.feed(Chunk(1, OUT, 26, b"more", [26], [5], [10]))[0], Hole)
