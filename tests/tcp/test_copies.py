"""Packets that the capture holds twice count once; packets that were sent twice count twice."""

from dataclasses import replace

import pytest

from dicomsniff.core import LIMITS, Direction
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.segment_facts import SegmentFacts
from tests.forge.field import behind_router, cooked, merged, sealed, twice
from tests.forge.wire import ACK, BACK, OUT, PSH, Frame, Wire
from tests.tcp.assembling import Outcome, assemble, block, blocks, both_ways

QUESTION, ANSWER = bytes(range(256)) * 60, b"understood" * 20
ETHERNET, SLL2 = 1, 276
V4 = ("10.0.0.1", 40000), ("10.0.0.2", 104)
V6 = ("fd00::1", 40000), ("fd00::2", 104)


def _talk(ends: tuple[tuple[str, int], tuple[str, int]] = V4) -> list[Frame]:
    wire = Wire(*ends).connect()
    return wire.send(OUT, QUESTION).acknowledge(OUT).send(BACK, ANSWER).acknowledge(BACK).close().frames


def _copies(outcome: Outcome) -> int:
    return sum(outcome.only.facts(direction).duplicates for direction in Direction)


def _unnumbered(facts: SegmentFacts) -> SegmentFacts:
    return facts._replace(copies=(), last_packet=0, growing=tuple(large._replace(packet=0) for large in facts.growing))


def _but_for_copies(outcome: Outcome) -> Connection:
    """The facts without packet numbers and counts of copies."""
    tcp = outcome.only
    return replace(
        tcp,
        first_packet=0,
        last_packet=0,
        syn_packets=(0,) * len(tcp.syn_packets),
        syn_ack_packet=0,
        closings=tuple(closing._replace(packet=0) for closing in tcp.closings),
        segments=(_unnumbered(tcp.segments[0]), _unnumbered(tcp.segments[1])),
        to_responder=replace(tcp.to_responder, duplicates=0),
        to_initiator=replace(tcp.to_initiator, duplicates=0),
    )


def _dropped(frames: list[Frame], link_type: int = ETHERNET, size: int | None = None) -> int:
    assembler = Assembler()
    for each in blocks(frames, size, link_type):
        assembler.feed(each)
    return assembler.copies


MIRRORED = {
    "a mirror of two ports": (twice(sealed(_talk())), ETHERNET),
    "a mirror that lags behind": (twice(sealed(_talk()), 1_500_000), ETHERNET),
    "both sides of a router": (merged(sealed(_talk()), behind_router(sealed(_talk()))), ETHERNET),
    "two VLANs": (merged(sealed(_talk()), behind_router(sealed(_talk()), 900_000, vlan=7)), ETHERNET),
    "both sides, no identifications": (
        merged(sealed(_talk(), None), behind_router(sealed(_talk(), None), 700_000)),
        ETHERNET,
    ),
    "both sides, IPv6": (merged(sealed(_talk(V6)), behind_router(sealed(_talk(V6)), 700_000)), ETHERNET),
    "two interfaces": (merged(cooked(sealed(_talk()), 2), cooked(sealed(_talk()), 5)), SLL2),
    "two interfaces, IPv6": (merged(cooked(sealed(_talk(V6)), 2), cooked(sealed(_talk(V6)), 5)), SLL2),
}


@pytest.mark.parametrize("name", MIRRORED)
def test_a_packet_captured_twice_is_counted_once_whatever_the_block(name: str) -> None:
    frames, link_type = MIRRORED[name]
    outcome = both_ways(frames, link_type)
    clean = assemble(sealed(_talk(V6 if "IPv6" in name else V4)))
    assert _copies(outcome) == len(frames) // 2
    assert _but_for_copies(outcome) == _but_for_copies(clean)
    assert (outcome.data(OUT), outcome.data(BACK)) == (QUESTION, ANSWER)


def test_three_interfaces_give_two_copies_of_each_packet() -> None:
    frames = sealed(_talk())
    outcome = both_ways(merged(*(cooked(frames, interface) for interface in (1, 2, 3))), SLL2)
    assert _copies(outcome) == 2 * len(frames)


def test_packet_numbers_are_those_of_the_first_copy() -> None:
    outcome = both_ways(twice(sealed(_talk())))
    assert (outcome.only.first_packet, outcome.only.syn_packets, outcome.only.syn_ack_packet) == (1, (1,), 3)
    assert all(number % 2 for _, number, _ in outcome.line(1, OUT).segments)


def test_one_request_for_a_connection_captured_often_is_one_attempt() -> None:
    wire = Wire()
    wire.packet(OUT, 0x02)
    outcome = both_ways([(time + late, frame) for time, frame in sealed(wire.frames) for late in (0, 2_000, 4_000)])
    assert (outcome.only.opened, len(outcome.only.syn_packets)) == ("unanswered", 1)
    assert (outcome.only.to_responder.packets, _copies(outcome)) == (1, 2)


def _resent_at_once(identification: int | None, ends: tuple[tuple[str, int], tuple[str, int]] = V4) -> list[Frame]:
    """A segment repeated 300 µs later, after three duplicate acknowledgements as a fast retransmission is."""
    wire = Wire(*ends, round_trip_ns=100_000).connect()
    first = wire.seq[OUT]
    for place in range(4):
        wire.packet(OUT, ACK | PSH, bytes([place]) * 1000, seq=first + place * 1000)
    for _ in range(3):
        wire.packet(BACK, ACK)
    wire.packet(OUT, ACK | PSH, bytes(1000), seq=first)
    return sealed(wire.frames, identification)


@pytest.mark.parametrize(
    "frames",
    [_resent_at_once(1), _resent_at_once(None), _resent_at_once(None, V6)],
    ids=["counting", "zero", "IPv6"],
)
def test_a_fast_retransmission_is_no_copy(frames: list[Frame]) -> None:
    assert _dropped(frames) == 0


def test_an_identification_that_never_changes_proves_nothing() -> None:
    frames = [(time, frame[:18] + b"\x12\x34" + frame[20:]) for time, frame in _resent_at_once(1)]
    assert _dropped(frames) == 0


def test_duplicate_acknowledgements_are_no_copies() -> None:
    for ends in (V4, V6):
        wire = Wire(*ends).connect()
        for _ in range(5):
            wire.packet(BACK, ACK)
        assert _dropped(sealed(wire.frames, None)) == 0
        assert _dropped(sealed(wire.frames)) == 0


def test_the_same_packet_later_than_copies_come_is_none() -> None:
    frames = sealed(_talk())
    assert _dropped(twice(frames, LIMITS.copy_ns)) == len(frames)
    assert _dropped(twice(frames, LIMITS.copy_ns + 1)) == 0


def test_how_late_copies_come_can_be_set() -> None:
    frames = twice(sealed(_talk()), 3_000_000)
    assert _copies(assemble(frames, limits=replace(LIMITS, copy_ns=5_000_000))) == len(frames) // 2


def test_other_payload_under_the_same_identification_is_no_copy() -> None:
    wire = Wire().connect()
    wire.packet(OUT, ACK, b"one")
    wire.packet(OUT, ACK, b"two")
    frames = sealed(wire.frames)
    changed = (frames[-1][0], frames[-1][1][:18] + frames[-2][1][18:20] + frames[-1][1][20:])
    assert _dropped([*frames[:-1], changed]) == 0


def test_a_copy_that_shows_more_of_the_packet_is_kept() -> None:
    frames = sealed(_talk())
    whole = next(frame for frame in frames if len(frame[1]) > 1000)
    cut = block([whole], snap=100)
    assembler = Assembler()
    assembler.feed(cut)
    assembler.feed(block([whole], first=2))
    assert assembler.copies == 0


def test_packets_without_a_time_are_never_copies() -> None:
    assert _dropped([(0, frame) for _, frame in twice(sealed(_talk()))]) == 0


def test_copies_are_counted_for_the_direction_that_held_them_also_where_the_roles_show_late() -> None:
    frames = sealed(_talk())
    syn, rest = frames[0], frames[1:]
    mixed = [rest[0], rest[0], syn, *rest[1:]]
    mixed = [(frames[0][0] + place * 1000, frame) for place, (_, frame) in enumerate(mixed)]
    outcome = both_ways(mixed)
    assert (outcome.only.to_responder.duplicates, outcome.only.to_initiator.duplicates) == (0, 1)


def test_a_copy_counts_for_the_connection_that_held_the_4_tuple_at_that_packet() -> None:
    wire = Wire().connect().send(OUT, b"one").reset(OUT).wait(100)
    wire.send(OUT, b"another, its SYN not captured")
    wire.frames.append((wire.now, wire.frames[-1][1]))
    connections = both_ways(wire.frames).connections
    assert [(c.first_packet, c.to_initiator.duplicates) for c in connections] == [(1, 0), (6, 1)]
