"""Real captures: numbers, times and lengths are those that tshark gives."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dicomsniff.capture import open_captures
from tests.capture.reading import rows
from tests.forge.capture_files import (
    NS,
    Packet,
    block,
    enhanced,
    interface,
    obsolete,
    option,
    packets,
    pcap,
    pcapng,
    section,
    simple,
)

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
NAMES = [
    "echo_ok/capture.pcap",
    "store_series/capture.pcapng",
    "tls/capture.pcapng",
    "lossy_network/capture.pcap",
    "ipv6_any_interface/capture.pcap",
    "edge/e13_ooo.pcap",
]
ONE = Packet(1_700_000_000 * NS + 987_654_000, b"\0" * 60)
FORGED = {
    "big-endian": pcap(packets(9), ">"),
    "nanoseconds": pcap([ONE._replace(time_ns=ONE.time_ns + 321)], magic=0xA1B23C4D),
    "modified": pcap(packets(9), magic=0xA1B2CD34),
    "sections": pcapng(packets(3)) + pcapng(packets(3), ">"),
    "blocks": section() + interface() + enhanced(ONE) + simple(ONE) + block(0xBAD, bytes(8)) + obsolete(ONE),
    "binary": section() + interface(options=option(9, b"\x94")) + enhanced(ONE, ticks=(1_700_000_000 << 20) + 77777),
    "offset": section() + interface(options=option(14, bytes([60]) + bytes(7))) + enhanced(ONE),
}


def _tshark(path: Path) -> list[tuple[int, int, int, int]]:
    """Number, time in ns (-1 where none), wire and captured length of each frame that is a packet."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    fields = ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.encap_type"]
    command = [tshark, "-r", str(path), "-T", "fields", *(word for field in fields for word in ("-e", field))]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    frames = [line.split("\t") for line in lines]
    return [(int(n), _ns(t), int(w), int(c)) for n, t, w, c, encapsulation in frames if encapsulation]


def _ns(text: str) -> int:
    seconds, _, fraction = text.partition(".")
    return int(seconds) * NS + int(fraction.ljust(9, "0")) if seconds else -1


def _ours(path: Path) -> list[tuple[int, int, int, int]]:
    with open_captures([path]) as source:
        return [(row.number, row.time_ns, row.wire, len(row.data)) for row in rows(source)]


@pytest.mark.parametrize("name", NAMES)
def test_packets_of_a_real_capture_are_those_of_tshark(name: str) -> None:
    path = CAPTURES / name
    if not path.exists():
        pytest.skip("the shared captures are not here")
    assert _ours(path) == _tshark(path)


@pytest.mark.parametrize("name", FORGED)
def test_packets_of_a_forged_capture_are_those_of_tshark(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FORGED[name])
    theirs = _tshark(path)
    for at, (number, time_ns, wire, captured) in enumerate(theirs):
        if time_ns < 0:  # one without a time counts as late as the one before
            theirs[at] = number, theirs[at - 1][1], wire, captured
    assert _ours(path) == theirs
