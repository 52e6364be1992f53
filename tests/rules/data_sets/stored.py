"""Data sets in, the traffic of an association that stores or asks for them out."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from dicomsniff.association.values import Traffic
from tests.forge import pdus
from tests.forge.dialogue import FIND, Dialogue, data_set
from tests.forge.messages import element, store_rq
from tests.forge.wire import OUT
from tests.rules.spoken import CT, EXPLICIT, IMPLICIT, STUDY_FIND, traffic_of

INSTANCE = "1.2.3.4"


def ct(**elements: Any) -> bytes:
    """An object with everything that one must have, by keyword; None leaves an element out."""
    whole: dict[str, Any] = {
        "SOPClassUID": CT,
        "SOPInstanceUID": INSTANCE,
        "StudyDate": "20240101",
        "AccessionNumber": "A1",
        "PatientName": "DOE^JANE",
        "PatientID": "P1",
        "StudyInstanceUID": "1.2.3.1",
        "SeriesInstanceUID": "1.2.3.2",
    }
    return data_set(**{name: value for name, value in (whole | elements).items() if value is not None})


def pixels(length: int, rows: int = 8, columns: int = 8, bits: int = 16) -> bytes:
    """The image module and that many bytes of pixels, implicit VR."""
    image = b"".join(
        element(tag, struct.pack("<H", value))
        for tag, value in ((0x00280002, 1), (0x00280010, rows), (0x00280011, columns), (0x00280100, bits))
    )
    return image + element(0x7FE00010, bytes(length))


def stored(*objects: bytes, status: int = 0, syntax: str = IMPLICIT, instances: Sequence[str] = ()) -> Traffic:
    """An association that stores these objects."""

    def talk(d: Dialogue) -> None:
        for place, data in enumerate(objects):
            d.store(CT, instances[place] if instances else INSTANCE, data, status)

    return traffic_of(talk, syntax=syntax)


def found(keys: bytes, *matches: bytes, status: int = 0) -> Traffic:
    """An association that asks for something and gets these matches."""
    return traffic_of(lambda d: d.find(STUDY_FIND, keys, list(matches), status))


def cut(data: bytes) -> Traffic:
    """An object of which the capture ends in the middle."""

    def talk(d: Dialogue) -> None:
        d.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(instance=INSTANCE), 3, command=True)))
        d.wire.send(OUT, pdus.p_data(pdus.pdv(data, 3, last=False)))

    return traffic_of(talk, end="")


Talk = Callable[[Dialogue], Any]
__all__ = ["CT", "EXPLICIT", "FIND", "IMPLICIT", "INSTANCE", "STUDY_FIND", "ct", "cut", "found", "pixels", "stored"]
