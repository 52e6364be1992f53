"""What a security officer wants to know. `python -m sample_captures.security` rebuilds it.

A portal sends a user name and a passcode in the clear. The archive answers to any title. A host tries the DICOM port of a dozen
addresses. Somebody stores an object whose UID is a path.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, CT, CT01, SC, STUDY_FIND, Device, Hospital, image, uid
from tests.forge.pdus import VERIFICATION, user_identity
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
PORTAL = Device("PORTAL", "192.168.10.60")
STRANGER = Device("TEST", "192.168.10.66")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    identity = user_identity(2, b"portal", b"opensesame")
    hospital.call(PORTAL, ARCHIVE, 0, STUDY_FIND, VERIFICATION).request(identity).accept().echo().release()
    hospital.talk(CT01, ARCHIVE, 10, CT, called="STORE").store(CT, uid(1), image(CT, 1)).release()
    for number in range(12):
        hospital.refused(STRANGER, (f"192.168.10.{100 + number}", 104), 30 + number)
    path = "../../inetpub/upload"
    hospital.talk(STRANGER, ARCHIVE, 60, SC).store(SC, path, image(SC, 2, SOPInstanceUID=path)).release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "security.pcap", frames())
