"""A query and a C-MOVE with its delivery, all well. `python -m sample_captures.healthy_retrieve` rebuilds it.

The workstation looks for a study, asks the archive to send it, and the archive opens an association of its own to do that.
"""

from pathlib import Path

from sample_captures.retrieves import Retrieve
from tests.forge.dialogue import data_set
from tests.forge.hospital import ARCHIVE, ROOT, STUDY_FIND, Hospital
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
STUDY = f"{ROOT}.1"


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    retrieve = Retrieve(hospital, 1)
    query = hospital.talk(retrieve.station, ARCHIVE, 60, STUDY_FIND)
    keys = data_set(QueryRetrieveLevel="STUDY", PatientID="S0001", StudyInstanceUID="")
    found = data_set(QueryRetrieveLevel="STUDY", PatientID="S0001", StudyInstanceUID=STUDY)
    query.find(STUDY_FIND, keys, [found]).release()
    delivery = retrieve.deliver(0.1).request().accept()
    for place in (1, 2, 3):
        retrieve.send(delivery, place, wait=0.05)
    delivery.release()
    retrieve.answer(0xFF00, 0.16, 2, 1, 0, 0)
    retrieve.answer(0x0000, 0.3, None, 3, 0, 0).release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "healthy_retrieve.pcap", frames())
