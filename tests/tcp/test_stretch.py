"""Rows that simply go on pass in columns, also between losses, and what they give is what single packets give."""

import random

import numpy as np
import pytest

from dicomsniff.core import Direction
from dicomsniff.tcp import assembler as module
from dicomsniff.tcp import stretch
from dicomsniff.tcp.assembler import AHEAD, RUN, Assembler
from dicomsniff.tcp.flows import Flow
from dicomsniff.tcp.runs import Runs
from dicomsniff.tcp.segments import Segments
from dicomsniff.tcp.sighting import Sighted
from dicomsniff.tcp.stretch import going_on
from tests.forge.wire import ACK, BACK, OUT, Frame, Wire
from tests.tcp.assembling import assemble, block

BULK = random.Random(8).randbytes(1_200_000)


def talk(length: int = len(BULK)) -> Wire:
    """Pieces of an object, each confirmed."""
    wire = Wire().connect()
    for start in range(0, length, 20_000):
        wire.send(OUT, BULK[start : start + 20_000]).acknowledge(BACK)
    return wire


class Counted:
    """How many rows passed in columns and how many one by one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.together = self.singly = 0
        add, one = stretch.add_stretch, Assembler._one_by_one

        def added(flow: Flow, segments: Segments, decoded: Sighted, measured: bool) -> None:
            self.together += len(segments)
            add(flow, segments, decoded, measured)

        def single(
            self_: Assembler, flow: Flow, segments: Segments, decoded: Sighted, clock: np.ndarray, measured: bool
        ) -> None:
            self.singly += len(segments)
            one(self_, flow, segments, decoded, clock, measured)

        monkeypatch.setattr(module, "add_stretch", added)
        monkeypatch.setattr(Assembler, "_one_by_one", single)


def late(frames: list[Frame], at: int, by: int) -> list[Frame]:
    """One frame comes later than it should, as after a loss."""
    frames = list(frames)
    frame = frames.pop(at)
    frames.insert(at + by, (frames[at + by - 1][0], frame[1]))
    return frames


def test_only_the_neighbourhood_of_a_loss_is_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = talk().close().frames
    counted = Counted(monkeypatch)
    outcome = assemble(late(frames, len(frames) // 2, 30))
    assert outcome.data(OUT) == BULK
    assert counted.together + counted.singly == len(frames)
    assert counted.together > len(frames) - 8 * RUN > AHEAD


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_conversation_gives_what_single_packets_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, snap = random.Random(seed), (None, 66, None, 200)[seed % 4]
    frames = talk().send(BACK, b"stored" * 300).close().frames
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(3, len(frames) - 200)
        match chance.randrange(4):
            case 0:
                frames = late(frames, at, chance.randrange(1, 150))
            case 1:
                del frames[at : at + chance.randrange(1, 4)]
            case 2:
                frames.insert(at + 20, (frames[at + 19][0], frames[at][1]))
            case 3:
                frames = [(time + (at < place) * 40_000_000, data) for place, (time, data) in enumerate(frames)]
    with monkeypatch.context() as patch:
        patch.setattr(module, "RUN", 1 << 60)
        patch.setattr(Runs, "follow", lambda *_: 0)
        slowly = assemble(frames, snap=snap)
    outcome = assemble(frames, snap=snap)
    assert outcome == slowly
    for size in (90, 333):
        assert assemble(frames, size, snap=snap) == slowly


def follow(wire: Wire) -> tuple[Flow, Assembler]:
    assembler = Assembler()
    assembler.feed(block(wire.frames))
    [flow] = assembler._flows.flows.values()
    wire.frames.clear()
    return flow, assembler


def count(wire: Wire, flow: Flow, assembler: Assembler) -> int:
    return going_on(flow, assembler._sighting.sight(block(wire.frames, first=1000)).segments)


@pytest.mark.parametrize("what", ["nothing", "hole", "again", "window", "reset", "old", "wild"])
def test_the_first_row_that_does_not_go_on_ends_it(what: str) -> None:
    wire = talk(40_000)
    flow, assembler = follow(wire)

    def rows(number: int) -> None:
        for _ in range(number):
            wire.send(OUT, bytes(100))

    rows(19)
    before = len(wire.frames)
    match what:
        case "hole":
            wire.seq[OUT] += 100
        case "again":
            wire.packet(OUT, ACK, bytes(100), seq=wire.seq[OUT] - 100)
        case "window":
            wire.packet(BACK, ACK, window=0)
        case "reset":
            wire.packet(BACK, 0x14)
        case "old" | "wild":
            by = -1000 if what == "old" else 1 << 30
            wire.wait(1)  # soon after it would be taken for one in other numbers
            wire.seq[OUT] += by
            wire.packet(BACK, ACK)
            wire.seq[OUT] -= by
    rows(30)
    assert count(wire, flow, assembler) == (before if what != "nothing" else len(wire.frames))


@pytest.mark.parametrize("snap", [54, 200])
def test_packets_that_were_cut_short_go_on_too(snap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = talk().close().frames
    counted = Counted(monkeypatch)
    outcome = assemble(late(frames, len(frames) // 2, 30), snap=snap)
    assert len(outcome.holes(OUT)) > len(frames) // 2
    assert counted.together > len(frames) - 8 * RUN > AHEAD


def test_directions_are_counted_in_the_order_of_packets() -> None:
    wire = talk(40_000)
    flow, assembler = follow(wire)
    wire.send(BACK, b"one").send(OUT, b"two")
    assert count(wire, flow, assembler) == len(wire.frames) > 1
    assert flow.tracker.streams[Direction.TO_INITIATOR].next == 0
