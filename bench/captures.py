"""Makes the captures that are measured: `python -m bench.captures DIR`. The bytes are the same every time."""

import random
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from tests.forge import pdus
from tests.forge.messages import command_bytes, encode
from tests.forge.wire import BACK, OUT, Frame, Wire, pcap_head, pcap_record

CT = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
IMPLICIT = "1.2.840.10008.1.2"
PDU_LENGTH = 16384


def bulk(path: Path, slices: int = 400) -> None:
    """One association, `slices` CT images of 512 x 512 at MTU 1500."""
    pixels = random.Random(1).randbytes(512 * 512 * 2)
    with path.open("wb") as stream:
        wire = _open(stream, CT)
        for number in range(1, slices + 1):
            _store(wire, number, struct.pack("<HHI", 0x7FE0, 0x0010, len(pixels)) + pixels)
        _release(wire)


def small_stores(path: Path, count: int = 20_000) -> None:
    """One association, `count` objects of about 1 kB."""
    pixels = random.Random(2).randbytes(900)
    with path.open("wb") as stream:
        wire = _open(stream, CT)
        for number in range(1, count + 1):
            _store(wire, number, struct.pack("<HHI", 0x7FE0, 0x0010, len(pixels)) + pixels)
        _release(wire)


def chatty(path: Path, associations: int = 5_000) -> None:
    """Many short associations: one C-ECHO and one C-FIND with four matches each."""
    keys = _data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="")
    match = _data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="1.2.3.4", PatientName="A^B")
    with path.open("wb") as stream:
        stream.write(pcap_head())
        for number in range(associations):
            client = (f"10.1.{number >> 8 & 255}.{number & 255}", 20_000 + number % 40_000)
            start = 1_700_000_000_000_000_000 + number * 20_000_000
            wire = Wire(client, start_ns=start, emit=lambda frame: _write(stream, frame))
            _negotiate(wire, (VERIFICATION, STUDY_FIND))
            _exchange(wire, 1, _command(0x0030, VERIFICATION, MessageID=1))
            _exchange(wire, 1, _command(0x8030, VERIFICATION, MessageIDBeingRespondedTo=1, Status=0), back=True)
            _exchange(wire, 3, _command(0x0020, STUDY_FIND, MessageID=2, Priority=0, data=True), keys)
            for _ in range(4):
                pending = _command(0x8020, STUDY_FIND, MessageIDBeingRespondedTo=2, Status=0xFF00, data=True)
                _exchange(wire, 3, pending, match, back=True)
            _exchange(wire, 3, _command(0x8020, STUDY_FIND, MessageIDBeingRespondedTo=2, Status=0), back=True)
            _release(wire)


def foreign(path: Path, megabytes: int = 200) -> None:
    """Mostly not DICOM: a TLS download beside one small C-ECHO association."""
    record = b"\x17\x03\x03\x40\x00" + random.Random(3).randbytes(0x4000)
    with path.open("wb") as stream:
        wire = _open(stream, VERIFICATION)
        _exchange(wire, 1, _command(0x0030, VERIFICATION, MessageID=1))
        _exchange(wire, 1, _command(0x8030, VERIFICATION, MessageIDBeingRespondedTo=1, Status=0), back=True)
        _release(wire)
        web = Wire(("10.0.0.9", 50_000), ("10.0.0.8", 443), start_ns=wire.now, emit=lambda f: _write(stream, f)).connect()
        web.send(OUT, b"\x16\x03\x01\x00\x05hello")
        for _ in range(megabytes * 61):
            web.send(BACK, record)
        web.close()


CAPTURES = {"bulk": bulk, "small_stores": small_stores, "chatty": chatty, "foreign": foreign}


def _write(stream: BinaryIO, frame: Frame) -> None:
    stream.write(pcap_record(frame))


def _open(stream: BinaryIO, abstract: str) -> Wire:
    stream.write(pcap_head())
    wire = Wire(emit=lambda frame: _write(stream, frame))
    _negotiate(wire, (abstract,))
    return wire


def _negotiate(wire: Wire, classes: tuple[str, ...]) -> None:
    ids = range(1, 2 * len(classes), 2)
    wire.connect()
    wire.send(OUT, pdus.request(*(pdus.proposed_context(i, c, IMPLICIT) for i, c in zip(ids, classes, strict=True))))
    wire.wait(0.0005).send(BACK, pdus.acceptance(*(pdus.answered_context(i, 0, IMPLICIT) for i in ids)))


def _release(wire: Wire) -> None:
    wire.send(OUT, pdus.release_request()).send(BACK, pdus.release_response()).close()


def _data_set(**elements: str) -> bytes:
    from pydicom.dataset import Dataset

    data_set = Dataset()
    data_set.update(elements)
    return encode(data_set)


def _command(field: int, sop_class: str, *, data: bool = False, **elements: object) -> bytes:
    return command_bytes(
        CommandField=field, AffectedSOPClassUID=sop_class, CommandDataSetType=1 if data else 0x0101, **elements
    )


def _exchange(wire: Wire, context: int, command: bytes, data: bytes | None = None, *, back: bool = False) -> None:
    """One message; an answer comes half a millisecond later."""
    direction = BACK if back else OUT
    if back:
        wire.wait(0.0005)
    wire.send(direction, pdus.p_data(pdus.pdv(command, context, command=True)))
    if data is not None:
        wire.send(direction, _fragments(context, data))


def _fragments(context: int, data: bytes) -> bytes:
    size = PDU_LENGTH - 6
    cuts = range(0, len(data), size)
    return b"".join(pdus.p_data(pdus.pdv(data[c : c + size], context, last=c + size >= len(data))) for c in cuts)


_HEAD: dict[str, bytes] = {}


def _store(wire: Wire, number: int, pixels: bytes) -> None:
    instance = f"1.2.826.0.1.3680043.10.1.{number}"
    head = _HEAD.get("ct") or _HEAD.setdefault("ct", _data_set(PatientName="BENCH^MARK", PatientID="B1", StudyInstanceUID="1.2.3"))
    uid = instance.encode() + b"\0" * (len(instance) % 2)
    start = struct.pack("<HHI", 8, 0x16, len(CT) + 1) + CT.encode() + b"\0" + struct.pack("<HHI", 8, 0x18, len(uid)) + uid
    request = _command(0x0001, CT, data=True, MessageID=number % 65536, Priority=0, AffectedSOPInstanceUID=instance)
    _exchange(wire, 1, request, start + head + pixels)
    answer = _command(0x8001, CT, MessageIDBeingRespondedTo=number % 65536, Status=0, AffectedSOPInstanceUID=instance)
    _exchange(wire, 1, answer, back=True)


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
