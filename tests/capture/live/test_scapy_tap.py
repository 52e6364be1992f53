"""Packets through scapy: the stream is a pcap, whatever the socket gave."""

import os
import struct
from typing import Any

import pytest

from dicomsniff.capture.live import LiveSource
from dicomsniff.capture.live.scapy_tap import ScapyTap

pytest.importorskip("scapy.all")


class Socket:
    """Gives some packets, then fails."""

    def __init__(self, packets: list[tuple[Any, bytes | None, float | None]]) -> None:
        self._packets = packets
        self._reading, writing = os.pipe()
        os.close(writing)  # always ready
        self.closed = False

    def fileno(self) -> int:
        return self._reading

    def recv_raw(self, size: int) -> tuple[Any, bytes | None, float | None]:
        if not self._packets:
            raise OSError(100, "Network is down")
        return self._packets.pop(0)

    def close(self) -> None:
        self.closed = True
        os.close(self._reading)


def test_what_the_socket_gives_comes_as_packets_and_its_fault_as_a_complaint() -> None:
    frame = bytes(12) + b"\x08\x00" + bytes(50)
    socket = Socket([(None, frame, 1_700_000_000.25), (None, None, None), (None, frame, None)])
    tap = ScapyTap("lo", socket)
    source = LiveSource(tap)
    lengths, times = [], []
    while not source.ended:
        if (block := source.take(1)) is not None:
            lengths += block.captured.tolist()
            times += block.time_ns.tolist()
    assert lengths == [64, 64] and times[0] == 1_700_000_000_250_000_000 and times[1] > times[0]
    assert source.complaint() == "scapy: Network is down" and socket.closed
    source.close()


def test_the_header_is_that_of_a_pcap_with_nanoseconds() -> None:
    tap = ScapyTap("lo", Socket([]))
    head = os.read(tap.stream._descriptor, 24)
    assert struct.unpack("<IHHiIII", head)[0] == 0xA1B23C4D
    tap.close()
