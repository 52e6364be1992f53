"""Which of two packets a sender sent first: its clock, its count of packets, and where neither tells."""

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.marks import FAR, NEAR, UNMARKED, Mark, by_clock, by_count, mark_of
from dicomsniff.tcp.stamps import WRITTEN
from tests.forge.wire import ACK, OUT, Wire
from tests.tcp.assembling import block

STAMP = struct.pack(">III", WRITTEN, 0xFFFFFFF0, 7)


def counted(*numbers: int, swap: bool = False) -> list[Mark]:
    kept = [number % 65536 for number in numbers]
    return [Mark(-1, (n & 0xFF) << 8 | n >> 8 if swap else n) for n in kept]


def marked(wire: Wire, options: bytes) -> Mark:
    packets = block([(1, wire.frame(OUT, ACK, b"bytes", options=options))])
    decoded = Decoder(EndpointBook()).decode(packets)
    return mark_of(decoded.segments, 0, decoded.data.data)


def test_a_mark_is_read_from_both_headers() -> None:
    assert marked(Wire(), STAMP) == (0xFFFFFFF0, 1)
    assert marked(Wire(), b"") == (-1, 1)
    assert marked(Wire(("2001:db8::1", 4000), ("2001:db8::2", 104)), STAMP) == (0xFFFFFFF0, 0)
    assert marked(Wire(("2001:db8::1", 4000), ("2001:db8::2", 104)), b"\1\1\1\1") == UNMARKED


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**31 - 1))
def test_a_clock_that_went_on_is_later_also_where_it_began_again(first: int, since: int) -> None:
    early, late = Mark(first, 0), Mark((first + since) % 2**32, 0)
    assert (by_clock(late, early), by_clock(early, late), by_clock(early, early)) == (1, -1, 0)
    assert by_clock(late, UNMARKED) == by_clock(UNMARKED, early) == 0


@given(st.integers(0, 65535), st.integers(1, 8), st.integers(1, 8), st.booleans())
def test_a_count_of_packets_tells_what_came_late_from_what_was_sent_again(
    number: int, before: int, between: int, swap: bool
) -> None:
    late, behind, last, again = counted(number, number + before, number + before + between, number + 17, swap=swap)
    if 0 in (late.identification, behind.identification, last.identification, again.identification):
        return
    assert by_count(late, behind, last) == -1
    assert by_count(again, behind, last) == 1


def test_a_count_shared_with_other_connections_tells_as_long_as_not_much_else_was_sent() -> None:
    late, behind, last, again = counted(65500, 65500 + NEAR, 65510 + NEAR, 65510 + NEAR + FAR)
    assert (by_count(late, behind, last), by_count(again, behind, last)) == (-1, 1)


@pytest.mark.parametrize("number", [0, 1, 0xFFFF])
def test_a_number_that_is_always_the_same_tells_nothing(number: int) -> None:
    assert by_count(*counted(number, number, number)) == 0


def test_one_packet_does_not_show_that_its_sender_counts() -> None:
    behind, again = counted(100, 150)
    assert by_count(again, behind, behind) == 0


def test_numbers_drawn_at_random_hardly_ever_tell_anything() -> None:
    rng = Random(1)
    told = [by_count(*counted(*(rng.randrange(1, 65536) for _ in range(3)))) for _ in range(10_000)]
    assert told.count(-1) < 80 and told.count(1) < 20
