"""Makes the captures that are measured: `python -m bench.captures DIR NAME...`. The bytes are the same every time, and
no capture is ever whole in memory."""

import gzip
import random
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tests.forge.dialogue import Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import BACK, OUT, Frame, Wire, pcap_head, pcap_record

CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
START_NS = 1_700_000_000_000_000_000
_PATIENT = data_set(PatientName="BENCH^MARK", PatientID="B1", StudyInstanceUID="1.2.3")


def bulk(path: Path, slices: int = 400) -> None:
    """One association, `slices` CT images of 512 x 512 at MTU 1500."""
    _stores(path, slices, random.Random(1).randbytes(512 * 512 * 2))


def small_stores(path: Path, count: int = 20_000) -> None:
    """One association, `count` objects of about 1 kB."""
    _stores(path, count, random.Random(2).randbytes(900))


def chatty(path: Path, associations: int = 5_000) -> None:
    """Many short associations: one C-ECHO and one C-FIND with four matches each."""
    keys = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="")
    match = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="1.2.3.4", PatientName="A^B")
    with path.open("wb") as stream:
        stream.write(pcap_head())
        for number in range(associations):
            client = (f"10.1.{number >> 8 & 255}.{number & 255}", 20_000 + number % 40_000)
            wire = _wire(stream, client, start_ns=START_NS + number * 20_000_000)
            _associate(wire, VERIFICATION, STUDY_FIND).echo().find(STUDY_FIND, keys, [match] * 4).release()


def interleaved(path: Path, slices: int = 400, connections: int = 10) -> None:
    """The same images over ten associations at once, their packets mixed."""
    pixels = random.Random(1).randbytes(512 * 512 * 2)
    frames: list[Frame] = []
    wires = [
        Wire((f"10.0.1.{n}", 40_000 + n), ("10.0.0.2", 104), start_ns=START_NS + n * 7_001, emit=frames.append)
        for n in range(1, connections + 1)
    ]
    dialogues = [_associate(wire, CT) for wire in wires]
    with path.open("wb") as stream:
        stream.write(pcap_head())
        for number in range(1, slices // connections + 1):
            for place, dialogue in enumerate(dialogues):
                instance = f"1.2.826.0.1.3680043.10.2.{place}.{number}"
                dialogue.store(CT, instance, _object(instance, pixels))
            _write_sorted(frames, stream)
        for dialogue in dialogues:
            dialogue.release()
        _write_sorted(frames, stream)


def foreign(path: Path, megabytes: int = 205) -> None:
    """95 % not DICOM: a download over HTTPS and one over SMB beside one association with a few images."""
    record = b"\x17\x03\x03\x40\x00" + random.Random(3).randbytes(0x4000)
    block = b"\x00\x00\x40\x40\xfeSMB" + random.Random(4).randbytes(0x403C)
    with path.open("wb") as stream:
        stream.write(pcap_head())
        wire = _wire(stream)
        dialogue = _associate(wire, CT)
        _send_objects(dialogue, max(1, megabytes // 20), random.Random(1).randbytes(512 * 512 * 2))
        dialogue.release()
        web = _wire(stream, ("10.0.0.9", 50_000), ("10.0.0.8", 443), start_ns=wire.now).connect()
        web.send(OUT, b"\x16\x03\x01\x00\x05hello")
        for _ in range(megabytes * 28):
            web.send(BACK, record)
        share = _wire(stream, ("10.0.0.9", 50_001), ("10.0.0.7", 445), start_ns=web.close().now).connect()
        share.send(OUT, b"\x00\x00\x00\x44\xfeSMB" + bytes(64))
        for _ in range(megabytes * 28):
            share.send(BACK, block)
        share.close()


def tiny(path: Path) -> None:
    """Some refused associations, about 10 kB: what somebody sends who asks for help."""
    with path.open("wb") as stream:
        stream.write(pcap_head())
        for number in range(10):
            wire = _wire(stream, ("10.0.0.1", 40_000 + number), start_ns=START_NS + number * 1_000_000_000)
            proposal = [(CT, (IMPLICIT_LITTLE,), 0)]
            Dialogue(wire, "CT01", "ARCHIV", *proposal).request().reject(1, 1, 7)
            wire.close(BACK)


def as_pcapng(source: Path, path: Path) -> None:
    """The same packets in Enhanced Packet Blocks of one interface with nanoseconds."""
    with source.open("rb") as pcap, path.open("wb") as stream:
        pcap.seek(24)
        stream.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
        stream.write(struct.pack("<IIHHIHHB3xII", 1, 32, 1, 0, 262144, 9, 1, 9, 0, 32))
        while head := pcap.read(16):
            seconds, fraction, captured, wire = struct.unpack("<IIII", head)
            ticks = seconds * 10**9 + fraction
            length = 32 + captured + -captured % 4
            stream.write(struct.pack("<IIIIIII", 6, length, 0, ticks >> 32, ticks & 0xFFFFFFFF, captured, wire))
            stream.write(pcap.read(captured) + bytes(-captured % 4) + struct.pack("<I", length))


def as_gzip(source: Path, path: Path) -> None:
    """The same file packed as tcpdump users pack theirs."""
    with source.open("rb") as plain, gzip.open(path, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)


def as_vxlan(source: Path, path: Path) -> None:
    """The same frames, each in a VXLAN packet between two switches (RFC 7348)."""

    def wrapped(frame: bytes, number: int) -> Iterator[bytes]:
        udp = struct.pack(">HHHHII", 49152 + number % 1024, 4789, 16 + len(frame), 0, 8 << 24, 42 << 8)
        yield _ETHERNET + _ipv4(len(udp) + len(frame), number, 0, 17) + udp + frame

    _rewrite(source, path, wrapped)


def as_fragments(source: Path, path: Path) -> None:
    """The same packets, those with data in two fragments each, as a path of a small MTU makes them (RFC 791)."""

    def cut(frame: bytes, number: int) -> Iterator[bytes]:
        ethernet, header, rest = frame[:14], frame[14:34], frame[34:]
        size = len(rest) // 2 & ~7
        if size < 64:
            yield frame
            return
        for offset, piece, more in ((0, rest[:size], 0x2000), (size, rest[size:], 0)):
            ends = struct.pack(">HHH", 20 + len(piece), number & 0xFFFF, more | offset // 8)
            yield ethernet + header[:2] + ends + header[8:] + piece

    _rewrite(source, path, cut)


_ETHERNET = bytes.fromhex("020000000003020000000004 0800")


def _ipv4(length: int, number: int, flags: int, protocol: int) -> bytes:
    addresses = bytes((192, 0, 2, 1, 192, 0, 2, 2))
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, number & 0xFFFF, flags, 64, protocol, 0) + addresses


def _rewrite(source: Path, path: Path, frames: Callable[[bytes, int], Iterator[bytes]]) -> None:
    """Every record of a pcap file with what `frames` makes of its frame and number."""
    with source.open("rb") as pcap, path.open("wb") as stream:
        stream.write(pcap.read(24))
        number = 0
        while head := pcap.read(16):
            seconds, fraction, captured, _ = struct.unpack("<IIII", head)
            number += 1
            for frame in frames(pcap.read(captured), number):
                stream.write(struct.pack("<IIII", seconds, fraction, len(frame), len(frame)) + frame)


SLICES_PER_GB = 1780
GROWTH = (0.1, 0.3, 1.0, 3.0)
"""Sizes in GB at which time and memory are drawn against size."""


def _bulk_of(gigabytes: float) -> Callable[[Path], None]:
    return lambda path: bulk(path, int(gigabytes * SLICES_PER_GB))


MAKERS: dict[str, Callable[[Path], None]] = {
    "bulk": bulk,
    "bulk_1gb": _bulk_of(1),
    "bulk_4gb": _bulk_of(4),
    "interleaved": interleaved,
    "small_stores": small_stores,
    "small_stores_200k": lambda path: small_stores(path, 200_000),
    "chatty": chatty,
    "foreign": foreign,
    "tiny": tiny,
    **{f"growth_{size:g}": _bulk_of(size) for size in GROWTH},
}
DERIVED: dict[str, tuple[str, str, Callable[[Path, Path], None]]] = {
    "bulk_pcapng": ("bulk", ".pcapng", as_pcapng),
    "bulk_vxlan": ("bulk", ".vxlan.pcap", as_vxlan),
    "bulk_fragments": ("bulk", ".fragments.pcap", as_fragments),
    "bulk_gz": ("bulk", ".pcap.gz", as_gzip),
}
"""Made from another capture: which, the suffix, how."""


def _wire(
    stream: BinaryIO,
    client: tuple[str, int] = ("10.0.0.1", 40000),
    server: tuple[str, int] = ("10.0.0.2", 104),
    start_ns: int = START_NS,
) -> Wire:
    def write(frame: Frame) -> None:
        stream.write(pcap_record(frame))

    return Wire(client, server, start_ns=start_ns, emit=write)


def _associate(wire: Wire, *classes: str) -> Dialogue:
    proposals = [(abstract, (IMPLICIT_LITTLE,), 0) for abstract in classes]
    return Dialogue(wire, "BENCH", "ARCHIVE", *proposals).request().accept()


def _stores(path: Path, count: int, pixels: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(pcap_head())
        dialogue = _associate(_wire(stream), CT)
        _send_objects(dialogue, count, pixels)
        dialogue.release()


def _send_objects(dialogue: Dialogue, count: int, pixels: bytes) -> None:
    for number in range(1, count + 1):
        instance = f"1.2.826.0.1.3680043.10.1.{number}"
        dialogue.store(CT, instance, _object(instance, pixels))


def _object(instance: str, pixels: bytes) -> bytes:
    """A data set in implicit little-endian."""
    uid = instance.encode() + b"\0" * (len(instance) % 2)
    head = struct.pack("<HHI", 8, 0x16, len(CT) + 1) + CT.encode() + b"\0"
    head += struct.pack("<HHI", 8, 0x18, len(uid)) + uid
    return head + _PATIENT + struct.pack("<HHI", 0x7FE0, 0x0010, len(pixels)) + pixels


def _write_sorted(frames: list[Frame], stream: BinaryIO) -> None:
    """The frames gathered so far in the order of time."""
    stream.writelines(map(pcap_record, sorted(frames, key=lambda frame: frame[0])))
    frames.clear()


def make(directory: Path, name: str) -> Path:
    """The capture of this name, made where it is not there yet."""
    directory.mkdir(parents=True, exist_ok=True)
    source, suffix, derive = DERIVED.get(name, ("", ".pcap", None))
    path = directory / f"{source or name}{suffix}"
    if not path.exists():
        part = path.with_suffix(".part")
        if derive is None:
            MAKERS[name](part)
        else:
            derive(make(directory, source), part)
        part.rename(path)
    return path


if __name__ == "__main__":
    for name in sys.argv[2:]:
        print(make(Path(sys.argv[1]), name))
