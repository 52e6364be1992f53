"""Associations that are rejected, each for another reason. `python -m sample_captures.rejected_associations` rebuilds it.

CT01 calls the archive by a title that it does not have. A new ultrasound device is not entered in the archive. An old
workstation is rejected without a reason. A gateway proposes an application context that is none of DICOM. Two viewers hold
so many connections that the archive has no place for MR02. A dose server tries its wrong title every twenty seconds.
"""

from pathlib import Path

from tests.forge import pdus
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, STUDY_FIND, US, WS09, Device, Hospital, image, uid
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent
NEW = Device("US_NEW", "192.168.10.15")
OLD = Device("WS_OLD", "192.168.10.16")
GATEWAY = Device("GATEWAY", "192.168.10.17")
VIEWER = Device("WS10", "192.168.10.10")
DOSE = Device("DOSE", "192.168.10.18")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.call(CT01, ARCHIVE, 0, CT, called="PACS_OLD").request().reject(1, 1, 7)
    hospital.talk(CT01, ARCHIVE, 5, CT).store(CT, uid(1), image(CT, 1)).release()
    hospital.call(NEW, ARCHIVE, 10, US).request().reject(1, 1, 3)
    hospital.call(OLD, ARCHIVE, 20, STUDY_FIND).request().reject(1, 1, 1)
    _gateway(hospital)
    for number in range(4):
        for viewer in (WS09, VIEWER):
            idle = hospital.talk(viewer, ARCHIVE, 40 + number, pdus.VERIFICATION).echo()
            idle.wire.wait(200)
            idle.release()
    hospital.call(MR02, ARCHIVE, 100, MR).request().reject(2, 3, 2)
    for number in range(6):
        hospital.call(DOSE, ARCHIVE, 110 + 20 * number, CT, called="ANY").request().reject(1, 1, 7)
    return hospital.frames


def _gateway(hospital: Hospital) -> None:
    """A request with an application context of its own."""
    wire = hospital.wire(GATEWAY, ARCHIVE.listener, 30).connect()
    context = pdus.proposed_context(1, pdus.VERIFICATION, pdus.IMPLICIT_LITTLE)
    items = (pdus.uid(0x10, "1.2.840.10008.3.1.1.2"), context, pdus.user_information())
    wire.send(OUT, pdus.associate(1, *items, called=b"ARCHIVE", calling=b"GATEWAY"))
    wire.wait(0.0005).send(BACK, pdus.rejection(1, 1, 2)).close(BACK)


if __name__ == "__main__":
    write_pcap(HERE / "rejected_associations.pcap", frames())
