"""An archive that takes a second and a half for each image. `python -m sample_captures.slow_server` rebuilds it."""

from pathlib import Path

from tests.forge.dialogue import STORE
from tests.forge.hospital import ARCHIVE, CT, CT01, Hospital, image, uid
from tests.forge.wire import OUT, Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    talk = hospital.talk(CT01, ARCHIVE, 0, CT)
    for number in range(1, 9):
        talk.ask(STORE, CT, image(CT, number), AffectedSOPInstanceUID=uid(number))
        talk.wire.acknowledge(OUT)
        talk.answer(STORE, CT, 0, after=1.5, AffectedSOPInstanceUID=uid(number))
    talk.release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "slow_server.pcap", frames())
