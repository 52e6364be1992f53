"""Packets of a capture made at the server in; what a second capture of the same, made elsewhere, would hold out."""

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from dicomsniff.capture import open_captures
from tests.capture.reading import rows
from tests.forge.capture_files import Packet, pcap
from tests.forge.conditions import NANO


def packets_of(path: Path) -> list[Packet]:
    """The packets of an Ethernet capture."""
    with open_captures([path]) as source:
        return [Packet(row.time_ns, row.data, row.wire) for row in rows(source)]


@dataclass(frozen=True)
class Elsewhere:
    """A second point of capture: `delay_ns` before the first on the way to `server` (IPv4), with a clock that is
    `ahead_ns` and runs `drift` faster; it sees routed packets with other hardware addresses and `hops` more TTL, `snap`
    bytes of each, not those in `missed` (places), and with `one_way` only what goes to the server."""

    server: str
    delay_ns: int = 0
    ahead_ns: int = 0
    drift: float = 0.0
    hops: int = 0
    snap: int | None = None
    missed: Collection[int] = ()
    one_way: bool = False

    def view(self, packets: Sequence[Packet]) -> list[Packet]:
        address = bytes(map(int, self.server.split(".")))
        seen = []
        for place, p in enumerate(packets):
            there = p.data[30:34] == address
            if place in self.missed or (self.one_way and not there):
                continue
            time = p.time_ns + (-self.delay_ns if there else self.delay_ns)
            time += self.ahead_ns + round(self.drift * (time - packets[0].time_ns))
            data = _routed(p.data, self.hops) if self.hops else p.data
            seen.append(Packet(time, data[: self.snap], p.wire_length))
        return sorted(seen, key=lambda p: p.time_ns)


def _routed(frame: bytes, hops: int) -> bytes:
    return b"\x02\0\0\0\1\2\x02\0\0\0\1\1" + frame[12:22] + struct.pack("B", frame[22] + hops) + frame[23:]


def write(path: Path, packets: Sequence[Packet]) -> Path:
    path.write_bytes(pcap(packets, magic=NANO))
    return path
