"""An invented hospital: its devices and patients, conversations between them at told times in, their packets out."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.forge.dialogue import Dialogue, Proposal, data_set
from tests.forge.pdus import IMPLICIT_LITTLE
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Frame, Wire

CT, MR, US, SC = (f"1.2.840.10008.5.1.4.1.1.{tail}" for tail in ("2", "4", "6.1", "7"))
STUDY_FIND, STUDY_MOVE, STUDY_GET = (f"1.2.840.10008.5.1.4.1.2.2.{tail}" for tail in "123")
PATIENT_FIND = "1.2.840.10008.5.1.4.1.2.1.1"
WORKLIST, MPPS = "1.2.840.10008.5.1.4.31", "1.2.840.10008.3.1.2.3.3"
COMMITMENT, COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
JPEG_BASELINE, JPEG_LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70"
ROOT = "1.2.826.0.1.3680043.10.1"
EIGHT = 1_767_686_400_000_000_000  # 2026-01-06 08:00 UTC
MINUTE, HOUR = 60, 3600


class Device(NamedTuple):
    """An AE and where it listens."""

    title: str
    ip: str
    port: int = 104

    @property
    def listener(self) -> tuple[str, int]:
        return self.ip, self.port


ARCHIVE = Device("ARCHIVE", "192.168.10.20", 11112)
RIS = Device("RIS", "192.168.10.30")
PRINTER = Device("PRINTER", "192.168.10.40")
CT01, MR02, US01 = Device("CT01", "192.168.10.5"), Device("MR02", "192.168.10.6"), Device("US01", "192.168.10.7")
WS09 = Device("WS09", "192.168.10.9")


def proposals(*classes: str | Proposal) -> list[Proposal]:
    """Classes that are accepted in Implicit VR Little Endian, unless told otherwise."""
    return [(each, (IMPLICIT_LITTLE,), 0) if isinstance(each, str) else each for each in classes]


class Hospital:
    """Everything that its devices say, by the second after eight o'clock; each conversation gets a port of its own."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._port = 50_000

    @property
    def frames(self) -> list[Frame]:
        """Every packet in the order of time."""
        return sorted(self._frames, key=lambda frame: frame[0])

    def wire(self, client: Device, server: tuple[str, int], second: float, **options: Any) -> Wire:
        self._port += 1
        start = EIGHT + round(second * 1e9)
        return Wire((client.ip, self._port), server, start_ns=start, **{"emit": self._frames.append, **options})

    def call(
        self, client: Device, server: Device, second: float, *classes: str | Proposal, called: str = "", **options: Any
    ) -> Dialogue:
        """An association that is about to be requested."""
        wire = self.wire(client, server.listener, second, **options)
        return Dialogue(wire, client.title, called or server.title, *proposals(*classes))

    def talk(self, client: Device, server: Device, second: float, *classes: str | Proposal, **options: Any) -> Dialogue:
        """An association that was accepted."""
        return self.call(client, server, second, *classes, **options).request().accept()

    def refused(self, client: Device, server: tuple[str, int], second: float) -> None:
        """A connection to a port on which nobody listens."""
        wire = self.wire(client, server, second)
        wire.packet(OUT, SYN)
        wire.seq[OUT] += 1
        wire.wait(0.0005).packet(BACK, RST | ACK, seq=0)

    def silent(self, client: Device, server: tuple[str, int], second: float, tries: int = 4) -> None:
        """SYNs that nobody answers, one, two and four seconds apart."""
        wire = self.wire(client, server, second)
        for number in range(tries):
            wire.packet(OUT, SYN)
            wire.wait(2**number)

    def add(self, frames: list[Frame]) -> None:
        """What was made elsewhere."""
        self._frames += frames


def image(sop_class: str, number: int, **elements: Any) -> bytes:
    """An invented image of an invented patient, 16 x 16 pixels, with all that an object must have; None leaves out."""
    whole: dict[str, Any] = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": uid(number),
        "StudyDate": "20260106",
        "AccessionNumber": "A0001",
        "Modality": {CT: "CT", MR: "MR", US: "US"}.get(sop_class, "OT"),
        "PatientName": "SAMPLE^PATIENT",
        "PatientID": "S0001",
        "StudyInstanceUID": f"{ROOT}.900",
        "SeriesInstanceUID": f"{ROOT}.901",
        "InstanceNumber": number,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 16,
        "Columns": 16,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": bytes(place * 7 % 251 for place in range(256)),
    }
    return data_set(**{name: value for name, value in (whole | elements).items() if value is not None})


def uid(number: int) -> str:
    """The SOP Instance UID of an image."""
    return f"{ROOT}.{number}"
