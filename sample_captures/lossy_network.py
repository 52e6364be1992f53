"""Packets that are lost behind the capture point, and sent again. `python -m sample_captures.lossy_network` rebuilds it.

Every third full segment of CT01 does not reach the archive, which takes both images all the same: late, but whole.
"""

from pathlib import Path

from sample_captures.path_trouble import SIZES, large, sent_again
from tests.forge.field import sealed
from tests.forge.hospital import ARCHIVE, CT, CT01, Hospital, uid
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    talk = hospital.talk(CT01, ARCHIVE, 0, CT, emit=None, options=SIZES)
    for number in (1, 2):
        talk.store(CT, uid(number), large(CT, number, 200))
    hospital.add(sent_again(sealed(talk.release().wire.frames)))
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "lossy_network.pcap", frames())
