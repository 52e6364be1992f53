"""What senders' clocks tell of silences: confirmed, denied, or nothing, whatever the clocks' pace and the size of blocks."""

from collections.abc import Sequence

import pytest

from dicomsniff.tcp.sighting import Sighting
from dicomsniff.tcp.silences import PICKED, Silence
from tests.forge.wire import BACK, OUT, Frame, StampedWire, Wire
from tests.tcp.assembling import blocks

HOUR = 3600


def _told(frames: Sequence[Frame], size: int | None = None) -> tuple[Silence, ...]:
    sighting = Sighting()
    for each in blocks(frames, size):
        sighting.sight(each)
    return sighting.odd.silences


def _talk(wire: Wire, times: int = 20, size: int = 100) -> Wire:
    for _ in range(times):
        wire.send(OUT, b"x" * size).wait(0.01).send(BACK, b"y" * size).wait(0.01)
    return wire


def _wire(pace: int = 1_000_000) -> StampedWire:
    wire = StampedWire()
    wire.pace = pace
    _talk(wire.connect())
    return wire


@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize("pace", [1_000_000, 4_000_000, 10_000_000, 1_234_567])
def test_a_long_silence_in_which_the_senders_clocks_went_on_is_one(size: int | None, pace: int) -> None:
    wire = _wire(pace)
    wire.wait(1.5 * HOUR)
    number = len(wire.frames) + 1
    (silence,) = _told(_talk(wire).frames, size)
    assert (silence.packet, silence.sender_ns) == (number, None)
    assert silence.clock_ns == pytest.approx(1.5 * HOUR * 1e9, rel=1e-3)


@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize("seconds", [3, 600, 2 * HOUR])
def test_a_clock_that_was_set_is_denied(size: int | None, seconds: int) -> None:
    wire = _wire()
    wire.set_clock(seconds)
    number = len(wire.frames) + 1
    (silence,) = _told(_talk(wire).frames, size)
    assert silence.packet == number
    assert silence.sender_ns is not None and silence.sender_ns < 100_000_000


@pytest.mark.parametrize("seconds", [5, 60, 3_000])
def test_a_clock_too_slow_to_be_measured_denies_no_pause(seconds: int) -> None:
    """Two ticks a second, as old stacks have them."""
    assert _told(_talk(_wire(500_000_000).wait(seconds)).frames) == ()


def test_an_ordinary_pause_is_not_worth_telling() -> None:
    wire = _wire()
    for _ in range(5):
        _talk(wire.wait(60))
    assert _told(wire.frames) == ()


def test_without_time_stamps_nothing_is_told() -> None:
    assert _told(_talk(_talk(Wire().connect()).wait(2 * HOUR)).frames) == ()


def test_where_one_denies_what_another_confirms_nothing_is_told() -> None:
    """A host that stood still, as one that sleeps."""
    asleep = _wire()
    other = StampedWire(("10.0.0.8", 40000))
    _talk(other.connect())
    for wire in (asleep, other):
        wire.wait(2 * HOUR)
    asleep.set_ns += 2 * HOUR * 10**9
    frames = sorted([*_talk(asleep).frames, *_talk(other).frames])
    assert _told(frames) == ()


def test_a_connection_idle_since_before_another_tells_too() -> None:
    """In blocks so small that it is known from long ago, and in one so large that not every segment is looked at."""
    idle = _wire()
    other = Wire(("10.0.0.8", 41000), start_ns=idle.now)
    _talk(other.connect(), 4 * PICKED)
    idle.now = other.now
    _talk(idle.wait(2 * HOUR))
    frames = sorted([*idle.frames, *other.frames])
    for size in (None, 64):
        assert [silence.sender_ns for silence in _told(frames, size)] == [None]


def test_ports_used_again_begin_anew() -> None:
    """The stamps of the connection before have nothing to do with those of the next."""
    first, second = _wire(), StampedWire(start_ns=1_700_000_000_000_000_000 + 2 * HOUR * 10**9)
    second.set_ns = 2 * HOUR * 10**9
    _talk(second.connect())
    assert _told([*first.frames, *second.frames]) == ()
