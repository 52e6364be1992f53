"""AE titles that are wrong or in the wrong place. `python -m sample_captures.ae_titles` rebuilds it.

A table of the site's AEs lies beside it, in `ae_titles.toml`. WS09 calls the archive ARCHIV and is rejected. A gateway fills the
called title with NUL bytes and is rejected for it. Two hosts call themselves CT01; the table knows one of them.
"""

from pathlib import Path

from tests.forge.hospital import ARCHIVE, CT, CT01, STUDY_FIND, WS09, Device, Hospital, image, uid
from tests.forge.pdus import VERIFICATION
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
GATEWAY = Device("GATEWAY", "192.168.10.17")
CLONED = Device("CT01", "192.168.10.55")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.call(WS09, ARCHIVE, 0, VERIFICATION, STUDY_FIND, called="ARCHIV").request().reject(1, 1, 7)
    hospital.call(GATEWAY, ARCHIVE, 10, VERIFICATION, called="ARCHIVE".ljust(16, "\0")).request().reject(1, 1, 7)
    hospital.talk(CT01, ARCHIVE, 20, CT).store(CT, uid(1), image(CT, 1)).release()
    hospital.talk(CLONED, ARCHIVE, 30, CT).store(CT, uid(2), image(CT, 2)).release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "ae_titles.pcap", frames())
