"""Makes the captures that are measured: `python -m bench.captures DIR`. The bytes are the same every time."""

import random
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from tests.forge.dialogue import Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import BACK, OUT, Frame, Wire, pcap_head, pcap_record

CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"


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
            wire = _wire(stream, client, start_ns=1_700_000_000_000_000_000 + number * 20_000_000)
            _associate(wire, VERIFICATION, STUDY_FIND).echo().find(STUDY_FIND, keys, [match] * 4).release()


def foreign(path: Path, megabytes: int = 200) -> None:
    """Mostly not DICOM: a TLS download beside one small C-ECHO association."""
    record = b"\x17\x03\x03\x40\x00" + random.Random(3).randbytes(0x4000)
    with path.open("wb") as stream:
        stream.write(pcap_head())
        wire = _wire(stream)
        _associate(wire, VERIFICATION).echo().release()
        web = _wire(stream, ("10.0.0.9", 50_000), ("10.0.0.8", 443), start_ns=wire.now).connect()
        web.send(OUT, b"\x16\x03\x01\x00\x05hello")
        for _ in range(megabytes * 61):
            web.send(BACK, record)
        web.close()


CAPTURES = {"bulk": bulk, "small_stores": small_stores, "chatty": chatty, "foreign": foreign}


def _wire(
    stream: BinaryIO,
    client: tuple[str, int] = ("10.0.0.1", 40000),
    server: tuple[str, int] = ("10.0.0.2", 104),
    start_ns: int = 1_700_000_000_000_000_000,
) -> Wire:
    def write(frame: Frame) -> None:
        stream.write(pcap_record(frame))

    return Wire(client, server, start_ns=start_ns, emit=write)


def _associate(wire: Wire, *classes: str) -> Dialogue:
    proposals = [(abstract, (IMPLICIT_LITTLE,), 0) for abstract in classes]
    return Dialogue(wire, "BENCH", "ARCHIVE", *proposals).request().accept()


def _stores(path: Path, count: int, pixels: bytes) -> None:
    patient = data_set(PatientName="BENCH^MARK", PatientID="B1", StudyInstanceUID="1.2.3")
    image = struct.pack("<HHI", 0x7FE0, 0x0010, len(pixels)) + pixels
    with path.open("wb") as stream:
        stream.write(pcap_head())
        dialogue = _associate(_wire(stream), CT)
        for number in range(1, count + 1):
            instance = f"1.2.826.0.1.3680043.10.1.{number}"
            uid = instance.encode() + b"\0" * (len(instance) % 2)
            head = struct.pack("<HHI", 8, 0x16, len(CT) + 1) + CT.encode() + b"\0"
            head += struct.pack("<HHI", 8, 0x18, len(uid)) + uid
            dialogue.store(CT, instance, head + patient + image)
        dialogue.release()


def make(directory: Path) -> dict[str, Path]:
    """Every capture, made where it is not there yet."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = {name: directory / f"{name}.pcap" for name in CAPTURES}
    for name, path in paths.items():
        if not path.exists():
            part = path.with_suffix(".part")
            CAPTURES[name](part)
            part.rename(path)
    return paths


if __name__ == "__main__":
    for name, path in make(Path(sys.argv[1])).items():
        print(f"{name}: {path.stat().st_size / 1e6:.0f} MB")
