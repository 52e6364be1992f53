"""Conversations taken as a whole, in columns, give what their packets give one by one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.tcp import assembler as module
from dicomsniff.tcp.connection import Tracker
from dicomsniff.tcp.runs import Runs
from tests.forge.wire import ACK, BACK, FIN, OUT, SYN, Frame, Wire
from tests.tcp.assembling import Outcome, assemble


def slowly(frames: list[Frame], size: int | None = None, snap: int | None = None) -> Outcome:
    """Packet by packet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runs, "follow", lambda *_: 0)
        patch.setattr(module, "RUN", 1 << 60)
        return assemble(frames, size, snap=snap)


def talk(port: int = 40000, start_ns: int = 1_700_000_000_000_000_000) -> Wire:
    wire = Wire(("10.0.0.1", port), start_ns=start_ns, isn=(2**32 - 700, 5)).connect()
    return wire.send(OUT, b"ask" * 300).send(BACK, b"answer").send(OUT, b"more" * 900).close()


def crowd() -> list[Frame]:
    """Thirty short conversations at once."""
    wires = [talk(40000 + number, 1_700_000_000_000_000_000 + number * 7_000) for number in range(30)]
    return sorted(frame for wire in wires for frame in wire.frames)


@pytest.mark.parametrize("size", [None, 1, 3, 40, 311])
def test_many_short_conversations_give_what_their_packets_give(size: int | None) -> None:
    assert assemble(crowd(), size) == slowly(crowd(), size)


@pytest.mark.parametrize("snap", [54, 60, 400])
@pytest.mark.parametrize("size", [None, 1, 40])
def test_cut_conversations_give_what_their_packets_give(size: int | None, snap: int) -> None:
    assert assemble(crowd(), size, snap=snap) == slowly(crowd(), size, snap)


@pytest.mark.parametrize("snap", [None, 70])
def test_a_short_conversation_is_really_taken_as_a_whole(snap: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    real = Runs.follow

    def counted(runs: Runs, place: int, tracker: Tracker, up: bool) -> int:
        taken.append(real(runs, place, tracker, up))
        return taken[-1]

    monkeypatch.setattr(Runs, "follow", counted)
    assemble(crowd(), snap=snap)
    assert taken == [-1] * 30


def odd(name: str) -> list[Frame]:
    """A conversation with one thing that must not be passed over."""
    wire = Wire()
    match name:
        case "data in the SYN":
            wire.packet(OUT, SYN, b"early")
            wire.seq[OUT] += 1
            wire.packet(BACK, SYN | ACK)
            wire.seq[BACK] += 1
        case "data behind a FIN":
            wire.connect().send(OUT, b"x" * 3000).packet(OUT, FIN | ACK)
            wire.seq[OUT] += 1
            wire.packet(OUT, ACK)
            wire.send(OUT, b"behind")
        case "a second FIN":
            wire.connect().send(OUT, b"x" * 3000)
            for _ in range(2):
                wire.packet(OUT, FIN | ACK)
                wire.seq[OUT] += 1
        case "packets long after the end":
            wire = talk().wait(3)
            wire.packet(BACK, ACK)
        case "an answer to another SYN":
            wire.packet(OUT, SYN)
            wire.seq[OUT] += 5000
            wire.packet(BACK, SYN | ACK)
            wire.seq[OUT] -= 4999
            wire.seq[BACK] += 1
            wire.packet(OUT, ACK)
        case "a SYN in the middle":
            wire.connect().send(OUT, b"x" * 3000)
            wire.packet(BACK, SYN | ACK, seq=wire.seq[BACK] - 1)
    return wire.send(BACK, b"y" * 2000).send(OUT, b"z" * 2000).frames


ODD = ["data in the SYN", "data behind a FIN", "a second FIN", "packets long after the end", "an answer to another SYN"]


@pytest.mark.parametrize("name", [*ODD, "a SYN in the middle"])
def test_what_is_odd_is_looked_at_packet_by_packet(name: str) -> None:
    assert assemble(odd(name)) == slowly(odd(name))


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_packets_lost_doubled_and_exchanged_give_what_they_give_one_by_one(seed: int) -> None:
    rng, frames = random.Random(seed), crowd()[:400]
    for _ in range(rng.randrange(6)):
        at = rng.randrange(len(frames) - 3)
        match rng.randrange(3):
            case 0:
                del frames[at]
            case 1:
                frames.insert(at + rng.randrange(3), frames[at])
            case _:
                (one, first), (other, second) = frames[at], frames[at + 2]
                frames[at], frames[at + 2] = (one, second), (other, first)
    snap = rng.choice((None, None, 54, 70, 300))
    assert assemble(frames, rng.choice((None, 7, 90)), snap=snap) == slowly(frames, snap=snap)
