"""Where streams begin of which the SYN was not captured."""

from dicomsniff.core import Direction
from dicomsniff.tcp.beginning import begun_before, first_seen, numbered
from dicomsniff.tcp.connection import Row
from dicomsniff.tcp.segments import ACK, FIN, RST, SYN

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR


def row(direction: Direction, seq: int, ack: int, length: int = 0, flags: int = ACK) -> Row:
    return Row(1, 0, 0, direction, seq, ack, flags, 1000, length, memoryview(bytes(length)))


def test_the_lowest_number_of_the_first_packets_is_the_beginning() -> None:
    early = [row(OUT, 500, 90, 100), row(OUT, 400, 90, 100), row(BACK, 90, 600)]
    assert first_seen(OUT, early, met=False) == 400
    assert first_seen(BACK, early, met=False) == 90


def test_what_the_answer_to_the_syn_confirms_is_the_beginning() -> None:
    assert first_seen(OUT, [row(OUT, 500, 90, 100), row(BACK, 90, 301, flags=SYN | ACK)], met=True) == 301


def test_numbers_wrap_and_a_keep_alive_is_no_beginning() -> None:
    wrapped = [row(OUT, 5, 90, 10), row(OUT, (1 << 32) - 20, 90, 25)]
    assert first_seen(OUT, wrapped, met=False) == (1 << 32) - 20
    assert first_seen(OUT, [row(OUT, 499, 90), row(BACK, 90, 500)], met=False) == 500


def test_of_a_direction_without_packets_only_what_is_confirmed_is_known() -> None:
    assert first_seen(OUT, [row(BACK, 90, 500)], met=False) == 500
    assert first_seen(OUT, [row(BACK, 90, 500, flags=RST | ACK)], met=False) is None


def test_a_packet_before_the_first_that_waits_for_earlier_bytes_shows_that_some_are_missing() -> None:
    assert begun_before(OUT, 500, [row(BACK, 90, 400), row(OUT, 500, 90, 100)])
    assert not begun_before(OUT, 500, [row(BACK, 90, 500), row(OUT, 500, 90, 100)])


def test_an_older_acknowledgement_behind_the_first_packet_shows_nothing() -> None:
    assert not begun_before(OUT, 500, [row(OUT, 500, 90, 100), row(BACK, 90, 400)])


def test_but_it_does_where_the_direction_or_the_acknowledgement_is_out_of_order() -> None:
    shuffled = [row(OUT, 700, 90, flags=FIN | ACK), row(BACK, 90, 400), row(OUT, 500, 90, 200)]
    assert begun_before(OUT, 500, shuffled)
    late = [row(OUT, 500, 190, 100), row(BACK, 190, 600), row(BACK, 90, 400, 100)]
    assert begun_before(OUT, 500, late)


def test_a_syn_from_the_other_side_of_a_firewall_is_not_that_of_the_packets_behind_it() -> None:
    near, far = row(OUT, 1001, 90, 100), row(OUT, 2_000_000_000, 90, 100)
    assert numbered(OUT, 1000, [row(OUT, 1000, 0, flags=SYN)]) == 1000
    assert numbered(OUT, 1000, [near, far]) == 1000
    assert numbered(OUT, 1000, [far]) is None
    assert numbered(OUT, 1000, [far, row(BACK, 90, 2_000_000_000, flags=SYN | ACK)]) == 1_999_999_999
    assert numbered(OUT, 1000, [row(BACK, 90, 0, flags=RST | ACK)]) == 1000
    assert numbered(OUT, None, [far]) is None
