"""A stream with holes, cut into chunks anywhere, through the framer.

Layout of the bytes: mode, number of edges, the edges (distance to the one before in two bytes, length of a hole in
one, 0 for a mere cut), then the stream.
"""

from collections.abc import Iterable
from dataclasses import replace

from dicomsniff.core import LIMITS, Anomaly
from dicomsniff.pdu.values import BrokenPdu, PData
from fuzz.choices import Choices
from fuzz.engine import run
from tests.pdu.streams import Result, comparable, read, with_holes
from tests.pdu.streams import run as run_framer

SMALL = replace(LIMITS, pdu_buffer_bytes=100, detect_bytes=600, associate_bytes=2000)
LATE, LITTLE = 1, 2
MOST_EDGES = 32


def _edges(choices: Choices) -> tuple[list[int], list[tuple[int, int]]]:
    """Cuts and holes, in order and apart."""
    at, cuts, holes = 0, [], []
    for _ in range(choices.byte() % (MOST_EDGES + 1)):
        at += choices.word() % 2000
        length = choices.byte()
        if length:
            holes.append((at, at + length))
            at += length + 1
        else:
            cuts.append(at)
    return cuts, holes


def invariant(data: bytes) -> None:
    """Cutting the chunks elsewhere never changes the PDUs, and every stream byte is accounted for exactly."""
    choices = Choices(data)
    mode = choices.byte()
    cuts, holes = _edges(choices)
    stream = choices.rest()
    late, limits = bool(mode & LATE), SMALL if mode & LITTLE else LIMITS
    lost = [(start, min(end, len(stream))) for start, end in holes if start < len(stream)]
    whole = run_framer(with_holes(stream, lost), joined_late=late, limits=limits)
    other = run_framer(with_holes(stream, lost, cuts), joined_late=late, limits=limits)
    assert _covered(whole) == _covered(other) == len(stream)
    if limits is LIMITS:
        assert comparable(other) == comparable(whole)
    if not lost and not late:
        _sent(read(stream, limits=limits), stream)


def _covered(result: Iterable[object]) -> int:
    """Bytes from the start of the stream that the results cover without a break."""
    reached = 0
    for value in result:
        if not isinstance(value, Anomaly):
            evidence = value.evidence  # type: ignore[attr-defined]
            assert evidence.start <= reached
            assert evidence.first_packet <= evidence.last_packet
            reached = max(reached, evidence.end)
    return reached


def _sent(result: Result, stream: bytes) -> None:
    """A PDU spans exactly its own bytes, and the values of its items are among them."""
    for value in result:
        if isinstance(value, Anomaly | BrokenPdu):
            continue
        start, end = value.evidence.start, value.evidence.end
        if isinstance(value, PData):
            if value.begins and value.ends:
                assert end - start == value.length + 6
            at = start
            for pdv in value.pdvs:
                at = stream.find(bytes(pdv.data), at, end)
                assert at >= 0
                at += len(pdv.data)
        else:
            length = int.from_bytes(stream[start + 2 : start + 6], "big")
            assert end - start <= length + 6


if __name__ == "__main__":
    run("fuzz.fuzz_framer")
