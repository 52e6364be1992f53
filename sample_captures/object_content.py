"""Objects whose content is not as it should be. `python -m sample_captures.object_content` rebuilds it.

A converter negotiates explicit VR and sends implicit; it makes UIDs that are none, images with fewer pixels than they have
rows and columns, elements out of their order, names in another character set than they declare, and leaves out what
identifies an examination.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, ROOT, SC, Device, Hospital, image, uid
from tests.forge.messages import element
from tests.forge.pdus import EXPLICIT_LITTLE
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
CONVERTER = Device("CONVERT", "192.168.10.19")
NAME = element(0x00100010, "MÜLLER^JÖRG ".encode("latin-1"))
PIXELS = element(0x7FE00010, bytes(256))


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    other = hospital.talk(CONVERTER, ARCHIVE, 0, (SC, (EXPLICIT_LITTLE,), 0))
    other.store(SC, uid(1), image(SC, 1), 0xC000, ErrorComment="cannot parse").release()
    bodies = (
        image(SC, 2, SeriesInstanceUID=f"{ROOT}.007"),
        image(SC, 3, PixelData=bytes(128)),
        image(SC, 4, PixelData=None) + element(0x00200011, b"1 ") + PIXELS,
        _renamed(image(SC, 5)),
        image(SC, 6, PatientID=None, StudyDate=None, AccessionNumber=None),
    )
    for number, body in enumerate(bodies, 2):
        hospital.talk(CONVERTER, ARCHIVE, 10 * number, SC).store(SC, uid(number), body).release()
    return hospital.frames


def _renamed(body: bytes) -> bytes:
    """With a name in Latin-1 and no character set declared."""
    start = body.index(b"\x10\x00\x10\x00")
    length = int.from_bytes(body[start + 4 : start + 8], "little")
    return body[:start] + NAME + body[start + 8 + length :]


if __name__ == "__main__":
    write_pcap(HERE / "object_content.pcap", frames())
