"""Clocks of captures: what steps, leaps, lacks or is coarse is said, and what comes out never runs backwards."""

import struct
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dicomsniff.capture import CaptureFacts, open_captures
from dicomsniff.capture.block import I64, PacketBlock
from dicomsniff.capture.clock import Clock
from dicomsniff.core import Limits
from tests.capture.reading import Row, read, rows
from tests.forge.capture_files import NS, Packet, enhanced, interface, option, packets, pcap, pcapng, section, simple

START = 1_700_000_000 * NS
HOUR = 3600 * NS


def _read(directory: Path, *times_ns: int) -> tuple[list[int], CaptureFacts]:
    """The times that come out for packets written with these times after the start."""
    written = [Packet(START + t, b"x") for t in times_ns]
    found, facts = read(directory, pcap(written, magic=0xA1B23C4D))
    return [row.time_ns - START for row in found], facts


def test_an_ordinary_clock_is_left_alone_and_not_spoken_of(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, 1, 1, 5 * NS, HOUR, 2 * HOUR)
    assert times == [0, 1, 1, 5 * NS, HOUR, 2 * HOUR]
    assert (facts.notes, facts.clock_breaks) == ((), ())


def test_packets_a_little_out_of_order_keep_their_times_and_are_counted(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, 30_000, 10_000, 20_000, 40_000)
    assert times == [0, 30_000, 10_000, 20_000, 40_000]
    assert facts.notes == ("2 packets stand out of the order of time, by up to 0.02 ms",)
    assert facts.clock_breaks == ()


def test_after_a_step_back_time_goes_on_from_where_it_was(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, 100, 200 - HOUR, 300 - HOUR)
    assert times == [0, 100, 100, 200]
    assert facts.clock_breaks == ((3, 3),)
    assert facts.notes[0].startswith("the clock steps back once, first at packet 3, by up to 3600 s")
    assert facts.last_ns == START + 200


def test_a_clock_that_steps_back_and_returns_is_followed_both_ways(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, 10, 20 - HOUR, 30 - HOUR, 40, 50)
    assert times == [0, 10, 10, 20, 40, 50]
    assert facts.clock_breaks == ((3, 3), (5, 5))


def test_a_quiet_hour_after_a_step_back_is_a_jump_not_a_return(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, -10 * HOUR, -8 * HOUR, -8 * HOUR + 5)
    assert times == [0, 0, 2 * HOUR, 2 * HOUR + 5]
    assert [note.split(",")[0] for note in facts.notes] == [
        "the clock steps back once",
        "the time jumps forward once",
    ]


def test_a_leap_of_more_than_an_hour_is_shown_as_it_is_and_doubted(tmp_path: Path) -> None:
    times, facts = _read(tmp_path, 0, HOUR + 1, HOUR + 2)
    assert times == [0, HOUR + 1, HOUR + 2]
    assert facts.clock_breaks == ((2, 2),)
    assert "durations across it prove nothing" in facts.notes[0]


def test_a_packet_without_time_counts_as_late_as_the_one_before(tmp_path: Path) -> None:
    first, second = packets(2)
    data = section() + interface() + enhanced(first) + simple(first) * 2 + enhanced(second)
    found, facts = read(tmp_path, data)
    assert [row.time_ns for row in found] == [first.time_ns] * 3 + [second.time_ns]
    assert facts.clock_breaks == ((2, 4),)
    assert facts.notes[0].startswith("2 packets carry no time")


def test_where_no_packet_has_a_time_none_is_made_up(tmp_path: Path) -> None:
    data = section() + interface() + simple(Packet(0, b"x")) * 3
    found, facts = read(tmp_path, data)
    assert [row.time_ns for row in found] == [-1, -1, -1]
    assert (facts.first_ns, facts.last_ns, facts.clock_breaks) == (None, None, ((1, 4),))


def test_zero_times_are_no_times(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([Packet(0, b"x")] * 3))
    assert [row.time_ns for row in found] == [-1, -1, -1]
    assert (facts.first_ns, facts.notes[0].split(" and ")[0]) == (None, "3 packets carry no time")
    one = Packet(START, b"x")
    found, facts = read(tmp_path, pcap([Packet(0, b"x"), one, Packet(0, b"x"), one]))
    assert [row.time_ns for row in found] == [-1, START, START, START]
    assert facts.clock_breaks == ((1, 2), (3, 4))


def test_times_counted_from_the_start_of_the_capture_begin_at_zero(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([Packet(t, b"x") for t in (0, 0, 5000, 9000)]))
    assert [row.time_ns for row in found] == [0, 0, 5000, 9000]
    assert (facts.first_ns, facts.notes, facts.clock_breaks) == (0, (), ())


def test_a_clock_that_stands_still_is_told(tmp_path: Path) -> None:
    _, facts = _read(tmp_path, *[7] * 20)
    assert facts.notes == ("all 20 packets with a time carry the same one: how long anything took is unknown",)
    assert _read(tmp_path, *[7] * 19)[1].notes == ()


def test_a_coarse_clock_is_told_with_its_resolution(tmp_path: Path) -> None:
    _, facts = _read(tmp_path, *(i * 10_000_000 for i in range(300)))
    assert facts.notes == ("times are whole multiples of 10 ms: shorter durations are lost",)
    _, facts = _read(tmp_path, *(i * 10_000_000 + (i == 299) for i in range(300)))
    assert facts.notes == ()


def test_breaks_have_the_numbers_of_the_timeline(tmp_path: Path) -> None:
    stepping = [Packet(START + t, b"x") for t in (0, 10 * NS, 2 * HOUR)]
    other = [Packet(START + t * NS, b"y") for t in (1, 2, 3)]
    for name, written in (("a", stepping), ("b", other)):
        (tmp_path / name).write_bytes(pcap(written))
    with open_captures([tmp_path]) as source:
        assert "".join(chr(row.data[0]) for row in rows(source)) == "xyyyxx"
        assert [f.clock_breaks for f in source.facts()] == [((6, 6),), ()]
        assert "first at packet 6," in source.facts()[0].notes[0]


def test_breaks_without_end_are_taken_together(tmp_path: Path) -> None:
    _, facts = _read(tmp_path, *(i % 2 * 2 * HOUR for i in range(3000)))
    assert len(facts.clock_breaks) == 1000
    assert facts.clock_breaks[-1][1] == 3000


def test_two_interfaces_count_in_their_own_resolutions(tmp_path: Path) -> None:
    first, second, third = (Packet(START + i * 250_000_000, b"x") for i in range(3))
    fine, coarse = (
        interface(options=option(9, b"\x09")),
        interface(options=option(9, b"\x82")),
    )  # 1 ns, a quarter second
    ticks = (first.time_ns, second.time_ns // 250_000_000, third.time_ns)
    data = section() + fine + coarse
    data += enhanced(first, 0, ticks[0]) + enhanced(second, 1, ticks[1]) + enhanced(third, 0, ticks[2])
    found, facts = read(tmp_path, data)
    assert [row.time_ns for row in found] == [p.time_ns for p in (first, second, third)]
    assert facts.notes == ()


@given(
    steps=st.lists(st.sampled_from([0, 1, 10**6, NS - 1, 2 * NS, -NS, -NS - 1, HOUR + 1, -HOUR, -START]), max_size=30),
    block_bytes=st.integers(1, 400),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_time_never_falls_back_by_more_than_disorder_and_blocks_do_not_matter(
    tmp_path: Path, steps: list[int], block_bytes: int
) -> None:
    times = [START]
    for step in steps:
        times.append(max(1, times[-1] + step))
    data = pcap([Packet(t, b"x") for t in times], magic=0xA1B23C4D)
    found, facts = read(tmp_path, data)
    again, facts_again = read(tmp_path, data, Limits(block_bytes=block_bytes))
    assert (again, facts_again) == (found, facts)
    latest = 0
    for row, written in zip(found, times, strict=True):
        assert row.time_ns >= latest - NS
        latest = max(latest, row.time_ns)
        assert row.time_ns == written or facts.clock_breaks
    _distances_hold(found, times, facts)


def _distances_hold(found: list[Row], written: list[int], facts: CaptureFacts) -> None:
    """Between two breaks every distance is the one that was written."""
    for at in range(1, len(found)):
        if not any(first <= at + 1 <= last for first, last in facts.clock_breaks):
            assert found[at].time_ns - found[at - 1].time_ns == written[at] - written[at - 1]


@given(st.lists(st.integers(0, 2**32 - 1), max_size=12), st.lists(st.integers(0, 2**32 - 1), max_size=12))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_times_at_all_are_survived(tmp_path: Path, seconds: list[int], highs: list[int]) -> None:
    records = b"".join(struct.pack("<IIII", s, s, 1, 1) + b"x" for s in seconds)
    found, facts = read(tmp_path, pcap([]) + records)
    assert facts.packets == len(found) == len(seconds)
    blocks = b"".join(enhanced(Packet(0, b"x"), ticks=h << 32 | h) for h in highs)
    found, facts = read(tmp_path, pcapng([]) + blocks)
    assert len(found) == len(highs)
    assert all(note for note in facts.notes)


@given(
    st.lists(st.integers(-2, 40) | st.integers(-3 * NS, 3 * NS) | st.sampled_from([-5 * HOUR, 5 * HOUR]), min_size=1),
    st.integers(1, 9),
    st.booleans(),
)
def test_times_in_columns_are_those_of_one_packet_after_the_other(moves: list[int], size: int, from_zero: bool) -> None:
    times = np.cumsum(np.array(moves, np.int64)) + (0 if from_zero else START)
    clocks = Clock(), Clock()
    clocks[1]._behind = lambda _times: None  # type: ignore[method-assign, assignment]
    for begin in range(0, len(times), size):
        blocks = [clock.steady(_block(times[begin : begin + size], begin + 1)) for clock in clocks]
        assert blocks[0].time_ns.tolist() == blocks[1].time_ns.tolist()
    assert clocks[0].notes() == clocks[1].notes()
    assert list(clocks[0].breaks()) == list(clocks[1].breaks())


def _block(times: I64, number: int) -> PacketBlock:
    nothing = np.zeros(len(times), np.int64)
    numbers = np.arange(number, number + len(times))
    return PacketBlock(np.empty(0, np.uint8), numbers, times, nothing, nothing, nothing, nothing)
