"""Queries that do not bring what was wanted. `python -m sample_captures.queries` rebuilds it.

The archive's database is down when WS09 asks first. Then WS09 asks for series without naming their study, for a date that is
written the wrong way, and for one study and gets another. A report server asks for everything, and then for each of
twenty studies in a query of its own.
"""

from pathlib import Path

from tests.forge.dialogue import FIND, data_set
from tests.forge.hospital import ARCHIVE, ROOT, STUDY_FIND, WS09, Device, Hospital
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent
REPORTS = Device("REPORTS", "192.168.10.31")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    keys = data_set(QueryRetrieveLevel="STUDY", StudyDate="20260106", PatientID="", StudyInstanceUID="")
    failed = hospital.talk(WS09, ARCHIVE, 0, STUDY_FIND).ask(FIND, STUDY_FIND, keys)
    failed.answer(FIND, STUDY_FIND, 0xC001, ErrorComment="database not available").release()
    asked = hospital.talk(WS09, ARCHIVE, 10, STUDY_FIND)
    asked.find(STUDY_FIND, data_set(QueryRetrieveLevel="SERIES", Modality="CT", SeriesInstanceUID=""), [])
    asked.find(STUDY_FIND, data_set(QueryRetrieveLevel="STUDY", StudyDate="06.01.2026", StudyInstanceUID=""), [])
    one = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": f"{ROOT}.900", "PatientID": ""}
    other = data_set(**(one | {"StudyInstanceUID": f"{ROOT}.901", "PatientID": "S0002"}))
    asked.find(STUDY_FIND, data_set(**one), [other]).release()
    _reports(hospital)
    return hospital.frames


def _reports(hospital: Hospital) -> None:
    """A list of everything, and one query for each match."""
    asked = hospital.talk(REPORTS, ARCHIVE, 60, STUDY_FIND)
    studies = [f"{ROOT}.{number}" for number in range(1, 121)]
    matches = [data_set(QueryRetrieveLevel="STUDY", PatientID="S0001", StudyInstanceUID=study) for study in studies]
    asked.find(STUDY_FIND, data_set(QueryRetrieveLevel="STUDY", PatientID="", StudyInstanceUID=""), matches)
    for study in studies[:22]:
        asked.wire.wait(0.3)
        keys = {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": study}
        series = data_set(**keys, SeriesInstanceUID=f"{study}.1")
        asked.find(STUDY_FIND, data_set(**keys, SeriesInstanceUID=""), [series])
    asked.release()


if __name__ == "__main__":
    write_pcap(HERE / "queries.pcap", frames())
