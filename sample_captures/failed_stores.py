"""Images that an archive does not take as they are. `python -m sample_captures.failed_stores` rebuilds it.

The archive's disk fills up under a study of CT01. It cannot read an image of US01 that has no Patient ID. It corrects the patient's
name in an image of MR02. A gateway announces one object and sends another, and sends it again with other content. A study of XA03
breaks off when the archive closes the connection.
"""

from pathlib import Path

from tests.forge import pdus
from tests.forge.dialogue import Dialogue, fragments
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, ROOT, SC, US, US01, Device, Hospital, image, uid
from tests.forge.messages import command_bytes
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent
ANGIOGRAPHY = "1.2.840.10008.5.1.4.1.1.12.1"
GATEWAY = Device("GATEWAY", "192.168.10.17")
XA03 = Device("XA03", "192.168.10.8")


def study(number: int) -> dict[str, str]:
    """The UIDs of a study and its only series."""
    return {"StudyInstanceUID": f"{ROOT}.{number}", "SeriesInstanceUID": f"{ROOT}.{number}.1"}


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    full = hospital.talk(CT01, ARCHIVE, 0, CT)
    for number in range(1, 6):
        comment = {"ErrorComment": "quota of pool CT exceeded"} if number > 2 else {}
        full.store(CT, uid(number), image(CT, number, **study(901)), 0xA700 if number > 2 else 0, **comment)
    full.release()
    nobody = image(US, 11, PatientID="", **study(902))
    hospital.talk(US01, ARCHIVE, 20, US).store(US, uid(11), nobody, 0xC000, ErrorComment="no patient").release()
    changed = {"OffendingElement": 0x00100010, "ErrorComment": "name taken from the order"}
    hospital.talk(MR02, ARCHIVE, 40, MR).store(MR, uid(21), image(MR, 21, **study(903)), 0xB000, **changed).release()
    other = hospital.talk(GATEWAY, ARCHIVE, 60, SC)
    other.store(SC, uid(31), image(SC, 32, **study(904)))
    other.store(SC, uid(33), image(SC, 33, **study(904))).store(SC, uid(33), image(SC, 33, Rows=8, **study(904)))
    other.release()
    _broken_off(hospital.talk(XA03, ARCHIVE, 80, ANGIOGRAPHY))
    return hospital.frames


def _broken_off(talk: Dialogue) -> None:
    """Two images arrive, the third is cut off."""
    for number in (41, 42):
        talk.store(ANGIOGRAPHY, uid(number), image(ANGIOGRAPHY, number, Modality="XA", **study(905)))
    command = command_bytes(
        AffectedSOPClassUID=ANGIOGRAPHY, CommandField=1, MessageID=3, Priority=0, CommandDataSetType=1,
        AffectedSOPInstanceUID=uid(43),
    )  # fmt: skip
    large = image(ANGIOGRAPHY, 43, Modality="XA", Rows=128, Columns=128, PixelData=bytes(128 * 128), **study(905))
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(command, command=True)))
    talk.wire.send(OUT, fragments(1, large)[:9_000]).acknowledge(OUT)
    talk.wire.reset(BACK)


if __name__ == "__main__":
    write_pcap(HERE / "failed_stores.pcap", frames())
