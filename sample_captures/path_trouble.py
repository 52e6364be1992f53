"""Networks that get in the way. `python -m sample_captures.path_trouble` rebuilds it.

Every third segment of CT01 is lost between the capture point and the archive. From MR02 to the archive long packets vanish and
short ones arrive. XA03 may only send segments of 536 bytes. A firewall forgets the connection of US01, which was silent for
a quarter of an hour.
"""

import random
from pathlib import Path

from tests.forge.dialogue import STORE, fragments
from tests.forge.field import sealed
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, US, US01, Device, Hospital, image, uid
from tests.forge.messages import command_bytes
from tests.forge.pdus import VERIFICATION, p_data, pdv
from tests.forge.wire import ACK, BACK, OUT, RST, Frame, Wire, write_pcap

HERE = Path(__file__).parent
ANGIOGRAPHY = "1.2.840.10008.5.1.4.1.1.12.1"
XA03 = Device("XA03", "192.168.10.8")
ORDINARY, SMALL = b"\x02\x04\x05\xb4", b"\x02\x04\x02\x18"  # maximum segment sizes of 1460 and 536
SIZES = (ORDINARY, ORDINARY)


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    lossy = hospital.talk(CT01, ARCHIVE, 0, CT, emit=None, options=SIZES)
    lossy.store(CT, uid(1), large(CT, 1, 240)).release()
    hospital.add(sent_again(sealed(lossy.wire.frames)))
    _black_hole(hospital)
    small = hospital.talk(XA03, ARCHIVE, 60, ANGIOGRAPHY, mss=536, options=(ORDINARY, SMALL))
    small.store(ANGIOGRAPHY, uid(3), large(ANGIOGRAPHY, 3, 128)).release()
    _forgotten(hospital)
    return hospital.frames


def large(sop_class: str, number: int, rows: int) -> bytes:
    """An image of noise."""
    return image(sop_class, number, Rows=rows, Columns=rows, PixelData=random.Random(number).randbytes(rows * rows))


def sent_again(frames: list[Frame]) -> list[Frame]:
    """Every third long packet comes again, as another packet, a fifth of a second later."""
    made: list[Frame] = []
    late, long = 0, 0
    for time, frame in frames:
        made.append((time + late, frame))
        if len(frame) > 1_000:
            long += 1
            if long % 3 == 0:
                late += 200_000_000
                made.append((time + late, frame[:18] + (60_000 + long).to_bytes(2, "big") + frame[20:]))
    return made


def _black_hole(hospital: Hospital) -> None:
    """An echo arrives, the first long segment of an image does not, however often it is sent."""
    talk = hospital.talk(MR02, ARCHIVE, 30, VERIFICATION, MR, options=SIZES).echo()
    command = command_bytes(
        AffectedSOPClassUID=MR, CommandField=STORE, MessageID=2, Priority=0, CommandDataSetType=1,
        AffectedSOPInstanceUID=uid(2),
    )  # fmt: skip
    segment = (p_data(pdv(command, 3, command=True)) + fragments(3, large(MR, 2, 64)))[:1448]
    _repeated(talk.wire, segment)
    talk.wire.packet(BACK, ACK)
    talk.wire.packet(OUT, RST | ACK)


def _forgotten(hospital: Hospital) -> None:
    """After the silence a reset answers that comes from nearer than the archive."""
    talk = hospital.talk(US01, ARCHIVE, 90, VERIFICATION, US, options=SIZES).echo()
    command = command_bytes(AffectedSOPClassUID=VERIFICATION, CommandField=0x30, MessageID=2, CommandDataSetType=0x0101)
    talk.wire.wait(900).packet(OUT, ACK, p_data(pdv(command, command=True)))
    talk.wire.packet(BACK, RST | ACK, ttl=63)


def _repeated(wire: Wire, data: bytes) -> None:
    """A segment and its repetitions, with a doubling timer."""
    wait = 0.3
    for _ in range(6):
        wire.packet(OUT, ACK, data)
        wire.wait(wait)
        wait *= 2


if __name__ == "__main__":
    write_pcap(HERE / "path_trouble.pcap", frames())
