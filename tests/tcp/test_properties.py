"""Any order, any loss, any bytes: what comes out is what was sent, or is marked as missing."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.core import Direction
from dicomsniff.tcp.events import GapCause
from tests.forge.wire import ACK, BACK, OUT, Frame, Wire
from tests.tcp import wrappings
from tests.tcp.assembling import Outcome, assemble

WINDOW = 6
LINK_TYPES = (0, 1, 9, 101, 105, 108, 113, 127, 147, 276)
WRAPPED = sorted(wrappings.packets().values())
numbers = st.one_of(st.integers(0, 2**32 - 1), st.integers(2**32 - 5000, 2**32 - 1))


@dataclass
class Talk:
    """A conversation: what each side said, and the packets of it."""

    said: dict[Direction, bytes]
    frames: list[Frame]


@st.composite
def talks(draw: Callable[[st.SearchStrategy[int]], int], turns: int = 6) -> Talk:
    """Both sides in turn, segments of random size, every stretch acknowledged, handshake and FIN."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    wire = Wire(isn=(draw(numbers), draw(numbers)), step_ns=1500, round_trip_ns=50_000).connect()
    said = {OUT: b"", BACK: b""}
    for _ in range(draw(st.integers(1, turns))):
        direction = OUT if rng.random() < 0.7 else BACK
        text = rng.randbytes(rng.randrange(1, 4000))
        while text:
            wire.mss = rng.choice((1, 30, 536, 1448))
            piece, text = text[: wire.mss * 4], text[wire.mss * 4 :]
            wire.send(direction, piece)
            said[direction] += piece
        wire.acknowledge(direction)
    return Talk(said, wire.close().frames)


def _resent(talk: Talk, rng: random.Random) -> list[Frame]:
    """Some packets doubled at once, and some stretches sent again later with other boundaries."""
    isn = {d: int.from_bytes(talk.frames[d][1][38:42], "big") for d in Direction}
    reached, frames = {OUT: 0, BACK: 0}, []
    for time, frame in talk.frames:
        frames += [(time, frame)] * (1 + (rng.random() < 0.1))
        direction = OUT if frame[29] == 1 else BACK
        reached[direction] += len(frame) - 54
        if rng.random() < 0.1 and reached[direction] > 1:
            start, stop = sorted(rng.sample(range(reached[direction] + 1), 2))
            stop = min(stop, start + 1448)
            wire = Wire(isn=(isn[OUT] + 1 + start, isn[BACK] + 1 + start))
            frames.append((time, wire.frame(direction, ACK, talk.said[direction][start:stop])))
            frames[-1] = (time, _acknowledging(frames[-1][1], frame))
    return frames


def _acknowledging(frame: bytes, other: bytes) -> bytes:
    """The frame with the acknowledgement number of another one."""
    return frame[:42] + other[42:46] + frame[46:]


def _jumbled(frames: list[Frame], rng: random.Random) -> list[Frame]:
    """Captured in another order: no packet moves farther than a small window; times stay in order."""
    keys = [number + rng.uniform(0, WINDOW) for number in range(len(frames))]
    data = [frame for _, (_, frame) in sorted(zip(keys, frames, strict=True), key=lambda pair: pair[0])]
    return [(time, frame) for (time, _), frame in zip(frames, data, strict=True)]


def _never_wrong(outcome: Outcome, talk: Talk) -> None:
    """Every byte is the one that was sent there, and bytes and gaps together are all there was."""
    for direction in Direction:
        position, sent = 0, talk.said[direction]
        for part in outcome.parts(direction):
            if isinstance(part, bytes):
                assert sent[position : position + len(part)] == part
                position += len(part)
            else:
                assert part[:1] == (position,)
                position += part[1]
        assert position == len(sent)


@settings(max_examples=200, deadline=None)
@given(talks(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_exactly_the_bytes_sent(talk: Talk, rng: random.Random) -> None:
    outcome = assemble(_jumbled(_resent(talk, rng), rng), rng.choice((None, 1, 7, 30)))
    assert outcome.only.initiator.port == 40000
    for direction in Direction:
        assert outcome.data(direction) == talk.said[direction]
        facts = outcome.only.facts(direction)
        assert (facts.bytes, facts.acknowledged) == (len(talk.said[direction]),) * 2


@settings(max_examples=200, deadline=None)
@given(talks(), st.randoms(use_true_random=False), st.sampled_from([0.02, 0.2, 0.6]))
def test_any_loss_gives_the_other_bytes_in_place_and_gaps_for_the_rest(
    talk: Talk, rng: random.Random, rate: float
) -> None:
    kept = [frame for frame in talk.frames if len(frame[1]) <= 54 or rng.random() >= rate]
    outcome = assemble(kept, rng.choice((None, 1, 7, 30)))
    _never_wrong(outcome, talk)
    lost = {d: len(talk.said[d]) - outcome.only.facts(d).bytes for d in Direction}
    assert lost == {d: outcome.only.facts(d).lost_bytes for d in Direction}
    assert {hole[2] for d in Direction for hole in outcome.holes(d)} <= {GapCause.LOST}


@settings(max_examples=100, deadline=None)
@given(talks(), st.randoms(use_true_random=False), st.integers(54, 900))
def test_any_snap_length_gives_the_beginnings_in_place(talk: Talk, rng: random.Random, snap: int) -> None:
    outcome = assemble(_jumbled(talk.frames, rng), rng.choice((None, 1, 7)), snap=snap)
    _never_wrong(outcome, talk)
    assert {hole[2] for d in Direction for hole in outcome.holes(d)} <= {GapCause.SNAPLEN}


@settings(max_examples=100, deadline=None)
@given(talks(), st.randoms(use_true_random=False))
def test_events_do_not_depend_on_the_size_of_blocks(talk: Talk, rng: random.Random) -> None:
    frames = _jumbled([f for f in _resent(talk, rng) if rng.random() < 0.97], rng)
    if rng.random() < 0.3:
        frames = [(time + rng.choice((0, 0, -10_000, 3_000_000_000)), frame) for time, frame in frames]
    whole = assemble(frames)
    for size in (1, 7, 40):
        assert assemble(frames, size) == whole


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(LINK_TYPES), st.lists(st.binary(max_size=100), max_size=8), st.sampled_from([None, 1]))
def test_random_packets_never_raise(link_type: int, packets: list[bytes], size: int | None) -> None:
    assemble([(number, packet) for number, packet in enumerate(packets)], size, link_type)


@settings(max_examples=200, deadline=None)
@given(talks(turns=3), st.randoms(use_true_random=False))
def test_corrupted_packets_never_raise_nor_depend_on_the_size_of_blocks(talk: Talk, rng: random.Random) -> None:
    frames = []
    for time, frame in talk.frames:
        broken = bytearray(frame)
        if rng.random() < 0.2:
            broken[rng.randrange(12, 54)] = rng.randrange(256)
        frames.append((time, bytes(broken[: rng.choice((len(broken), len(broken), 60, 20))])))
    whole = assemble(frames)
    for size in (1, 7):
        assert assemble(frames, size) == whole


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_corrupted_wrappings_never_raise_nor_depend_on_the_size_of_blocks(data: st.DataObject) -> None:
    link_type, packet = data.draw(st.sampled_from(WRAPPED))
    frames: list[Frame] = []
    for time in range(4):
        broken = bytearray(packet)
        for at in data.draw(st.lists(st.integers(0, min(len(packet) - 1, 120)), max_size=4)):
            broken[at] = data.draw(st.integers(0, 255))
        frames.append((time, bytes(broken)))
    assert assemble(frames, 1, link_type) == assemble(frames, None, link_type)
