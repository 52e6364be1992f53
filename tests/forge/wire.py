"""A TCP conversation as Ethernet frames: bytes to send in, packets with times out, as an honest sender would cut them."""

import struct
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from dicomsniff.core import Direction

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR
SNAP_LENGTH = 262144
Frame = tuple[int, bytes]  # time in ns, bytes from the Ethernet header on


class Wire:
    """One connection between two hosts; every method adds frames to `frames` or hands them to `emit`."""

    def __init__(
        self,
        client: tuple[str, int] = ("10.0.0.1", 40000),
        server: tuple[str, int] = ("10.0.0.2", 104),
        *,
        start_ns: int = 1_700_000_000_000_000_000,
        step_ns: int = 20_000,
        round_trip_ns: int = 1_000_000,
        mss: int = 1448,
        isn: tuple[int, int] = (1000, 9000),
        options: tuple[bytes, bytes] = (b"", b""),
        emit: Callable[[Frame], None] | None = None,
    ) -> None:
        self.ends = (client, server)
        self.now, self.step_ns, self.round_trip_ns, self.mss = start_ns, step_ns, round_trip_ns, mss
        self.seq = list(isn)
        self.options = options  # the TCP options of both SYNs
        self.frames: list[Frame] = []
        self._emit = emit or self.frames.append
        self._unacknowledged = 0
        addresses = [ip_address(host).packed for host, _ in self.ends]
        self._ports = [port for _, port in self.ends]
        self._v6 = len(addresses[0]) == 16
        self._addresses = (addresses[0] + addresses[1], addresses[1] + addresses[0])

    def frame(
        self,
        direction: Direction,
        flags: int,
        data: bytes = b"",
        *,
        seq: int | None = None,
        window: int = 65535,
        ttl: int = 64,
        options: bytes = b"",
    ) -> bytes:
        """The bytes of one packet as it would be sent now; `options` are a whole number of 4 bytes."""
        source, target = self._ports[direction], self._ports[direction.opposite]
        ack = self.seq[direction.opposite] if flags & ACK else 0
        number = self.seq[direction] if seq is None else seq
        size = 5 + len(options) // 4
        tcp = struct.pack(">HHIIBBHHH", source, target, number % 2**32, ack % 2**32, size << 4, flags, window, 0, 0)
        tcp += options + data
        macs = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" if direction is BACK else b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
        if self._v6:
            return (
                macs + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(tcp), 6, ttl) + self._addresses[direction] + tcp
            )
        header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, ttl, 6, 0) + self._addresses[direction]
        return macs + b"\x08\0" + header + tcp

    def packet(
        self,
        direction: Direction,
        flags: int,
        data: bytes = b"",
        *,
        seq: int | None = None,
        window: int = 65535,
        ttl: int = 64,
        options: bytes = b"",
    ) -> None:
        """One packet now, exactly as told; sequence numbers do not move."""
        self._emit((self.now, self.frame(direction, flags, data, seq=seq, window=window, ttl=ttl, options=options)))
        self.now += self.step_ns

    def wait(self, seconds: float) -> "Wire":
        self.now += int(seconds * 1e9)
        return self

    def connect(self) -> "Wire":
        """The three-way handshake."""
        self.packet(OUT, SYN, seq=self.seq[OUT], options=self.options[0])
        self.seq[OUT] += 1
        self.now += self.round_trip_ns
        self.packet(BACK, SYN | ACK, options=self.options[1])
        self.seq[BACK] += 1
        self.packet(OUT, ACK)
        return self

    def send(self, direction: Direction, data: bytes) -> "Wire":
        """Bytes in segments of the maximum size; the receiver acknowledges every second one."""
        for start in range(0, len(data), self.mss):
            piece = data[start : start + self.mss]
            self.packet(direction, ACK | (PSH if start + self.mss >= len(data) else 0), piece)
            self.seq[direction] += len(piece)
            self._unacknowledged += 1
            if self._unacknowledged == 2:
                self._unacknowledged = 0
                self.packet(direction.opposite, ACK)
        return self

    def acknowledge(self, direction: Direction) -> "Wire":
        """The receiver of this direction confirms everything sent in it."""
        self._unacknowledged = 0
        self.packet(direction.opposite, ACK)
        return self

    def close(self, first: Direction = OUT) -> "Wire":
        """FIN from both sides."""
        for direction in (first, first.opposite):
            self.packet(direction, FIN | ACK)
            self.seq[direction] += 1
        self.packet(first, ACK)
        return self

    def reset(self, direction: Direction) -> "Wire":
        self.packet(direction, RST | ACK)
        return self


def pcap_record(frame: Frame, snap_length: int = SNAP_LENGTH) -> bytes:
    """A record of a nanosecond pcap."""
    time_ns, data = frame
    held = data[:snap_length]
    return struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9, len(held), len(data)) + held


def pcap_head(link_type: int = 1, snap_length: int = SNAP_LENGTH) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snap_length, link_type)


def write_pcap(path: Path, frames: list[Frame], link_type: int = 1, snap_length: int = SNAP_LENGTH) -> Path:
    """A nanosecond pcap of these frames, in this order, of each as much as the snap length holds."""
    records = b"".join(pcap_record(frame, snap_length) for frame in frames)
    path.write_bytes(pcap_head(link_type, snap_length) + records)
    return path


class StampedWire(Wire):
    """The same between hosts that send time stamps (RFC 7323); `set_ns` is how far the clock of the capture, which tells
    `now`, has been set forward, and `pace` how many ns a tick of the hosts' clocks takes."""

    set_ns = 0
    pace = 1_000_000

    def frame(
        self,
        direction: Direction,
        flags: int,
        data: bytes = b"",
        *,
        seq: int | None = None,
        window: int = 65535,
        ttl: int = 64,
        options: bytes = b"",
    ) -> bytes:
        ticks = (self.now - self.set_ns) // self.pace
        stamps = struct.pack(">IQ", 0x0101080A, ((ticks + (777, 4_000_000_000)[direction]) % 2**32) << 32 | 1)
        return super().frame(direction, flags, data, seq=seq, window=window, ttl=ttl, options=options or stamps)

    def set_clock(self, seconds: float) -> "StampedWire":
        """The clock of the capture is set forward."""
        self.set_ns += int(seconds * 1e9)
        self.now += int(seconds * 1e9)
        return self
