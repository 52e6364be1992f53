"""What pcapng says beside the packets: drop counters, comments, secrets."""

import struct
from pathlib import Path

from dicomsniff.capture import open_captures
from dicomsniff.capture.pcapng_blocks import options
from tests.capture.reading import read, rows
from tests.forge.capture_files import (
    NS,
    Packet,
    comment,
    enhanced,
    interface,
    option,
    pcapng,
    secrets,
    section,
    statistics,
)

ONE = Packet(1_700_000_000 * NS, b"x" * 61)


def _count(code: int, value: int) -> bytes:
    return option(code, struct.pack("<Q", value))


def test_the_last_statistics_of_each_interface_are_added_up(tmp_path: Path) -> None:
    early = statistics(0, _count(5, 2))
    late = statistics(0, _count(4, 1000) + _count(5, 3) + _count(7, 4)) + statistics(1, _count(7, 10))
    _, facts = read(tmp_path, section() + interface() * 2 + enhanced(ONE) + early + late + statistics(9, _count(5, 99)))
    assert facts.dropped == 3 + 4 + 10


def test_statistics_of_two_sections_are_those_of_two_interfaces(tmp_path: Path) -> None:
    one = section() + interface() + enhanced(ONE) + statistics(0, _count(5, 2))
    assert read(tmp_path, one + one)[1].dropped == 4


def test_no_drops_is_not_the_same_as_no_counter(tmp_path: Path) -> None:
    quiet = statistics(0, _count(5, 0) + _count(7, 0))
    assert read(tmp_path, pcapng([ONE]) + quiet)[1].dropped == 0
    assert read(tmp_path, pcapng([ONE]) + statistics(0, _count(4, 7)))[1].dropped is None


def test_drops_noted_packet_by_packet_are_added_up(tmp_path: Path) -> None:
    data = section() + interface() + b"".join(enhanced(ONE, options=_count(4, n)) for n in (0, 5, 6))
    assert read(tmp_path, data)[1].dropped == 11


def test_the_same_drops_told_twice_count_once(tmp_path: Path) -> None:
    data = section() + interface() + enhanced(ONE, options=_count(4, 5)) + statistics(0, _count(5, 5))
    assert read(tmp_path, data)[1].dropped == 5


def test_comments_of_file_interface_packets_and_statistics_are_kept(tmp_path: Path) -> None:
    flags = option(2, bytes(4))
    data = (
        section(comment("ward 3"))
        + interface(options=comment("mirror port"))
        + enhanced(ONE, options=flags)
        + enhanced(ONE, options=flags + comment("here it stalls") + comment("naïve"))
        + statistics(0, comment("stopped by hand"))
    )
    expected = {(0, "ward 3"), (0, "mirror port"), (2, "here it stalls"), (2, "naïve"), (0, "stopped by hand")}
    assert set(read(tmp_path, data)[1].comments) == expected


def test_a_comment_longer_than_its_block_is_ignored(tmp_path: Path) -> None:
    broken = struct.pack("<HH", 1, 4000) + b"abcd"
    found, facts = read(tmp_path, section(broken) + interface(options=broken) + enhanced(ONE, options=broken))
    assert len(found) == 1
    assert facts.comments == ()


def test_a_packet_with_thousands_of_options_is_read_no_further_than_believable(tmp_path: Path) -> None:
    found, facts = read(tmp_path, section() + interface() + enhanced(ONE, options=comment("a") * 5000))
    assert len(found) == 1
    assert 0 < len(facts.comments) < 100


def test_a_file_of_comments_keeps_a_bounded_number(tmp_path: Path) -> None:
    _, facts = read(tmp_path, section() + interface() + enhanced(ONE, options=comment("again")) * 3000)
    assert len(facts.comments) == 1000


def test_options_end_at_the_end_mark() -> None:
    body = option(9, b"\6") + option(0, b"") + option(2, b"eth0")
    assert [(code, bytes(value)) for code, value in options(memoryview(body), "<")] == [(9, b"\6")]


def test_tls_key_logs_are_kept_and_other_secrets_are_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    logs = secrets(b"CLIENT_RANDOM aa bb") + secrets(b"not tls", kind=0x57474B4C) + secrets(b"CLIENT_RANDOM cc dd\n")
    path.write_bytes(section() + logs + interface() + enhanced(ONE))
    with open_captures([path]) as source:
        assert len(rows(source)) == 1
        assert source.secrets == b"CLIENT_RANDOM aa bb\nCLIENT_RANDOM cc dd\n"
