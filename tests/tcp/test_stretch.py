"""Rows that simply go on pass in one piece, also before and behind a loss, and tell what they tell one by one."""

from collections.abc import Callable

import pytest

from dicomsniff.tcp.connection import Row, Tracker
from tests.forge.wire import ACK, BACK, OUT, RST, Frame, Wire
from tests.tcp.assembling import assemble, both_ways

LENGTH = 256_000


def transfer() -> list[Frame]:
    return Wire().connect().send(OUT, bytes(range(256)) * 1000).close().frames


def without(frames: list[Frame], place: int) -> list[Frame]:
    return frames[:place] + frames[place + 1 :]


def late(frames: list[Frame], place: int) -> list[Frame]:
    """One segment comes twenty packets and 300 ms later."""
    after = [(time_ns + 300_000_000, data) for time_ns, data in frames[place + 20 :]]
    return [*without(frames, place)[: place + 19], (after[0][0] - 1000, frames[place][1]), *after]


def silent(frames: list[Frame], place: int) -> list[Frame]:
    return frames[:place] + [(time_ns + 60_000_000_000, data) for time_ns, data in frames[place:]]


def shut(frames: list[Frame], place: int) -> list[Frame]:
    """The receiver's window is shut for one packet."""
    time_ns, data = frames[place]
    return [*frames[:place], (time_ns, data[:48] + b"\0\0" + data[50:]), *frames[place + 1 :]]


Change = Callable[[list[Frame], int], list[Frame]]


@pytest.mark.parametrize("change", [without, late, silent, shut])
@pytest.mark.parametrize("place", [60, 61])
def test_what_is_told_is_the_same_one_by_one(change: Change, place: int) -> None:
    outcome = both_ways(change(transfer(), place))
    said = outcome.only.to_responder.bytes + outcome.only.to_responder.lost_bytes
    assert said == outcome.line(1, OUT).length == LENGTH


@pytest.mark.parametrize("change", [late, silent, shut])
def test_what_lies_before_and_behind_passes_in_columns(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Row] = []
    add = Tracker.add

    def watched(tracker: Tracker, row: Row, measured: bool = False) -> None:
        seen.append(row)
        add(tracker, row, measured)

    monkeypatch.setattr(Tracker, "add", watched)
    frames = change(transfer(), 100)
    assemble(frames)
    assert len(frames) > 250 and 0 < len(seen) < len(frames) / 2


def test_a_stretch_ends_before_a_reset() -> None:
    frames = transfer()[:80]
    wire = Wire()
    wire.seq = [0, 0]
    outcome = both_ways([*frames, (frames[-1][0] + 1, wire.frame(BACK, RST | ACK))])
    assert (outcome.only.closed, outcome.only.to_responder.packets) == (
        "rst",
        assemble(frames).only.to_responder.packets,
    )
