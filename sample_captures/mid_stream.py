"""A capture that was begun too late. `python -m sample_captures.mid_stream` rebuilds it.

MR02 sends three images. When the capture begins, the association has been accepted and the first image is under way.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, MR, MR02, Hospital, image, uid
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time, but for those before the capture."""
    hospital = Hospital()
    talk = hospital.talk(MR02, ARCHIVE, 0, MR)
    before = len(hospital.frames) + 1
    for number in (1, 2, 3):
        talk.store(MR, uid(number), image(MR, number, Rows=64, Columns=64, PixelData=bytes(64 * 64)))
    talk.release()
    return hospital.frames[before:]


if __name__ == "__main__":
    write_pcap(HERE / "mid_stream.pcap", frames())
