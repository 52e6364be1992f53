"""Whatever the bytes: nothing raises but CaptureError, a cut file gives a prefix, blocks of any size give the same."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dicomsniff.capture import CaptureError
from dicomsniff.core import Limits
from tests.capture.reading import read
from tests.forge.capture_files import (
    NS,
    Packet,
    comment,
    enhanced,
    interface,
    obsolete,
    option,
    packets,
    pcap,
    pcap_header,
    pcapng,
    secrets,
    section,
    simple,
    statistics,
)

ONE = Packet(1_700_000_000 * NS, b"x" * 21)
RICH = (
    section(comment("file"))
    + interface(113, 40, comment("port"))
    + enhanced(ONE, options=comment("here") + option(4, bytes(8)))
    + secrets(b"CLIENT_RANDOM")
    + simple(ONE)
    + obsolete(ONE, drops=2)
    + statistics(0, option(5, b"\7" + bytes(7)))
    + section(order=">")
    + interface(order=">", options=option(9, b"\x8a", ">"))
    + enhanced(ONE, order=">", options=comment("there", ">"))
)
SMALL = [pcap(packets(4)), pcap(packets(4), ">", 0xA1B2CD34), pcapng(packets(4)), RICH]
anywhere = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("whole", SMALL)
def test_any_cut_gives_a_prefix_of_the_packets_and_is_told(tmp_path: Path, whole: bytes) -> None:
    expected, facts = read(tmp_path, whole)
    assert not facts.cut
    counts = []
    for end in range(4, len(whole)):
        found, facts = read(tmp_path, whole[:end])
        assert found == expected[: len(found)]
        assert facts.packets == len(found)
        counts.append(len(found))
    assert counts == sorted(counts)
    assert set(counts) == set(range(4))


@pytest.mark.parametrize("whole", SMALL)
@pytest.mark.parametrize("block_bytes", [1, 2, 17, 33, 64, 100, 1000])
def test_block_size_does_not_change_what_comes_out(tmp_path: Path, whole: bytes, block_bytes: int) -> None:
    assert read(tmp_path, whole, Limits(block_bytes=block_bytes)) == read(tmp_path, whole)


@given(data=st.binary(max_size=400), head=st.sampled_from([pcap_header(), pcap_header(">", 0xA1B2CD34), *SMALL]))
@example(data=b"\xff" * 64, head=pcap_header())
@anywhere
def test_garbage_behind_a_capture_never_raises(tmp_path: Path, data: bytes, head: bytes) -> None:
    known, _ = read(tmp_path, head)
    found, facts = read(tmp_path, head + data)
    assert found[: len(known)] == known
    assert facts.packets == len(found)


@given(
    whole=st.sampled_from(SMALL),
    at=st.integers(4, 10_000),
    value=st.binary(min_size=1, max_size=8),
    block_bytes=st.integers(1, 200),
)
@anywhere
def test_damage_anywhere_never_raises_and_is_seen_alike_in_blocks_of_any_size(
    tmp_path: Path, whole: bytes, at: int, value: bytes, block_bytes: int
) -> None:
    at %= len(whole)
    damaged = whole[:at] + value + whole[at + len(value) :]
    try:
        found, facts = read(tmp_path, damaged)
    except CaptureError:
        return
    again, facts_again = read(tmp_path, damaged, Limits(block_bytes=block_bytes))
    assert again == found
    assert facts_again.packets == facts.packets
    assert facts_again.dropped == facts.dropped


@given(st.binary(max_size=300))
@anywhere
def test_any_bytes_are_a_capture_or_a_capture_error(tmp_path: Path, data: bytes) -> None:
    try:
        found, facts = read(tmp_path, data)
    except CaptureError as error:
        assert "\n" not in str(error)
    else:
        assert facts.packets == len(found)
