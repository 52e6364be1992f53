"""Where segments are looked at one by one, their figures are those that columns give."""

from dicomsniff.core import DIRECTIONS
from tests.forge.wire import Wire
from tests.tcp.assembling import assemble
from tests.tcp.test_pace import BACK, OUT

DATA = bytes(200_000)


def test_figures_of_a_connection_with_a_hole_are_whole() -> None:
    frames = Wire().connect().send(OUT, DATA).send(BACK, bytes(5000)).frames
    swapped = [*frames[:20], frames[21], frames[20], *frames[22:]]
    for one in (frames, swapped):
        connection = assemble(one).only
        for direction in DIRECTIONS:
            carried = sum(count for _, count in connection.meters[direction].carried)
            assert carried == connection.facts(direction).bytes > 0


def test_a_few_segments_are_counted_one_by_one() -> None:
    connection = assemble(Wire().connect().send(OUT, b"a" * 10).send(BACK, b"b" * 20).frames).only
    assert [sum(count for _, count in connection.meters[d].carried) for d in DIRECTIONS] == [10, 20]
