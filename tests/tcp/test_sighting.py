"""What looks at every packet alike: columns of each block, copies apart, the clock."""

import numpy as np

from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import End
from dicomsniff.tcp.sighting import Odd, Sighting
from tests.forge.field import sealed, twice
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp import wrappings
from tests.tcp.assembling import assemble, block, blocks


def _talk(client: tuple[str, int] = ("10.0.0.1", 40000)) -> list[Frame]:
    return Wire(client, ("10.0.0.2", 104)).connect().send(OUT, b"question" * 400).send(BACK, b"answer").close().frames


def test_copies_are_set_apart_from_the_segments() -> None:
    frames = twice(sealed(_talk()))
    seen = (sighting := Sighting()).sight(block(frames))
    assert len(seen.segments) == len(seen.copies) == sighting.copies == len(frames) // 2
    assert not set(seen.segments.number.tolist()) & set(seen.copies.number.tolist())


def test_the_clock_never_steps_back_even_between_blocks() -> None:
    frames = [(max(time, 5) if place != 4 else 3, data) for place, (time, data) in enumerate(_talk())]
    sighting = Sighting()
    clocks = np.concatenate([sighting.sight(each).clock for each in blocks(frames, 2)])
    assert (np.diff(clocks) >= 0).all()


def test_connections_may_be_followed_apart_from_each_other() -> None:
    """Each of two followers sees one of two conversations, and both give what one gives that sees them all."""
    frames = sorted([*_talk(), *_talk(("10.0.0.9", 41000))])
    sighting = Sighting()
    followers = Assembler(book=sighting.book), Assembler(book=sighting.book)
    found = {}
    nothing = np.empty(0, np.int64)
    for each in blocks(frames, 3):
        seen = sighting.sight(each)
        own = (seen.segments.source & 0xFFFF == 40000) | (seen.segments.target & 0xFFFF == 40000)
        for follower, rows in zip(followers, (np.flatnonzero(own), np.flatnonzero(~own)), strict=True):
            follower.follow(seen.take(rows, nothing))
    for follower in followers:
        [facts] = [event.facts for event in follower.finish() if isinstance(event, End)]
        found[facts.first_packet] = facts.to_responder, facts.to_initiator, facts.last_packet
    whole = {c.first_packet: (c.to_responder, c.to_initiator, c.last_packet) for c in assemble(frames).ends.values()}
    assert found == whole
    assert sorted(packet for follower in followers for packet in follower.begins) == sorted(whole)


def test_fragments_that_contradict_each_other_are_counted_and_what_came_first_is_shown() -> None:
    data = bytes(range(200)) * 6
    pieces = wrappings.fragments(wrappings.v4(data), 400)
    forged = pieces[1][:-1] + bytes([pieces[1][-1] ^ 1])
    for order, shown in (([pieces[0], pieces[1], forged, *pieces[2:]], True), ([forged, *pieces], False)):
        sighting = Sighting()
        seen = sighting.sight(block(list(enumerate(order))))
        [start], [length] = seen.segments.payload.tolist(), seen.segments.length.tolist()
        assert (seen.data[start : start + length].tobytes() == data) is shown
        assert sighting.odd == Odd(0, 1)
    assert Odd(1, 2).plus(Odd(3, 4)) == Odd(4, 6)
