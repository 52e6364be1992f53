"""An echo, a query and a study of three images, all well. `python -m sample_captures.healthy_study` rebuilds it."""

from pathlib import Path

from sample_captures.troubled_morning import ARCHIVE, CT, EIGHT, ROOT, STUDY_FIND, image
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import Frame, Wire, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    wire = Wire(("192.168.10.5", 50010), ARCHIVE, start_ns=EIGHT)
    proposals = [(abstract, (IMPLICIT_LITTLE,), 0) for abstract in (VERIFICATION, STUDY_FIND, CT)]
    dialogue = Dialogue(wire, "CT01", "ARCHIVE", *proposals).request().accept().echo()
    match = data_set(QueryRetrieveLevel="STUDY", PatientID="S0001", StudyInstanceUID=f"{ROOT}.900")
    dialogue.find(STUDY_FIND, data_set(QueryRetrieveLevel="STUDY", PatientID="S0001", StudyInstanceUID=""), [match])
    for number in (1, 2, 3):
        dialogue.store(CT, f"{ROOT}.{number}", image(CT, number, 40_000))
    dialogue.release()
    return wire.frames


if __name__ == "__main__":
    write_pcap(HERE / "healthy_study.pcap", frames())
