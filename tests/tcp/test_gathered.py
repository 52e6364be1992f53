"""Bytes in order leave as one chunk with the packets that carried them."""

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk
from dicomsniff.tcp.gathered import Gathered

OUT = Direction.TO_RESPONDER


def test_segments_and_runs_leave_as_one_chunk() -> None:
    gathered = Gathered()
    gathered.add(10, b"ab", 1, 100, 5)
    gathered.add_run([memoryview(b"c"), memoryview(b"de")], [12, 13], [2, 4], [200, 400], [6, 7])
    assert gathered.chunk(3, OUT) == Chunk(3, OUT, 10, b"abcde", [10, 12, 13], [1, 2, 4], [100, 200, 400], [5, 6, 7])


def test_what_nobody_wants_is_remembered_without_its_bytes() -> None:
    gathered = Gathered()
    gathered.add(10, None, 1, 100, -1)
    assert (gathered.starts, gathered.times) == ([10], [100])
    assert gathered.chunk(3, OUT) is None


def test_a_chunk_begins_where_it_was_first_wanted() -> None:
    gathered = Gathered()
    gathered.add(10, None, 1, 100, -1)
    gathered.add(20, b"x", 2, 200, -1)
    chunk = gathered.chunk(3, OUT)
    assert chunk is not None
    assert (chunk.start, chunk.data, chunk.starts) == (20, b"x", [10, 20])
