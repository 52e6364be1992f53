"""A capture that holds only the first 200 bytes of each packet. `python -m sample_captures.short_packets` rebuilds it.

CT01 sends two images and all is well; what was in them cannot be said.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, CT, CT01, Hospital, image, uid
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
SNAP_LENGTH = 200


def frames() -> list[Frame]:
    """Every packet in the order of time, whole."""
    hospital = Hospital()
    hospital.talk(CT01, ARCHIVE, 0, CT).store(CT, uid(1), image(CT, 1)).store(CT, uid(2), image(CT, 2)).release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "short_packets.pcap", frames(), snap_length=SNAP_LENGTH)
