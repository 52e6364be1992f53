"""Worklists and procedure steps that go wrong. `python -m sample_captures.worklist` rebuilds it.

CT01 asks for its worklist and gets nothing, because the orders are for CT_01. MR02 gets an item without a Patient ID and aborts.
US01 aborts in the middle of its list. The RIS refuses the start of a procedure step of US01 and the change of one that CT01 had
finished, and the finished step does not list one of the images that CT01 had stored.
"""

from pathlib import Path
from typing import Any

from tests.forge.dialogue import FIND, N_CREATE, N_SET, Dialogue, data_set
from tests.forge.hospital import ARCHIVE, CT, CT01, MPPS, MR02, RIS, ROOT, US01, WORKLIST, Device, Hospital, image, uid
from tests.forge.wire import OUT, Frame, write_pcap
from tests.forge.workflow import encode, item, references, scheduled

HERE = Path(__file__).parent
CT02 = Device("CT_01", "192.168.10.25")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.talk(CT02, RIS, 0, WORKLIST).find(WORKLIST, keys("CT_01", "CT"), [entry("CT_01", "CT")]).release()
    for second in (10, 20, 30):
        hospital.talk(CT01, RIS, second, WORKLIST).find(WORKLIST, keys("CT01", "CT"), []).release()
    odd = hospital.talk(MR02, RIS, 40, WORKLIST)
    odd.find(WORKLIST, keys("MR02", "MR"), [entry("MR02", "MR"), entry("MR02", "MR", PatientID="")]).release()
    cut = hospital.talk(US01, RIS, 50, WORKLIST).ask(FIND, WORKLIST, keys("US01", "US"))
    for number in (1, 2):
        cut.answer(FIND, WORKLIST, 0xFF00, entry("US01", "US", AccessionNumber=f"A{number}"))
    cut.abort(OUT)
    refused = hospital.talk(US01, RIS, 60, MPPS)
    begin(refused, 1, "US01", "US", 0x0110, ErrorComment="unknown accession number").release()
    _finished(hospital)
    return hospital.frames


def keys(station: str, modality: str) -> bytes:
    """What a modality asks its worklist for."""
    step = item(
        Modality=modality, ScheduledStationAETitle=station, ScheduledProcedureStepStartDate="20260106",
        ScheduledProcedureStepID="", ScheduledProcedureStepStartTime="",
    )  # fmt: skip
    asked = dict.fromkeys(
        ("AccessionNumber", "PatientName", "PatientID", "StudyInstanceUID", "RequestedProcedureID"), ""
    )
    return data_set(**asked, ScheduledProcedureStepSequence=[step])


def entry(station: str, modality: str, **elements: Any) -> bytes:
    """An order for a station."""
    patient = {"PatientName": "SAMPLE^PATIENT", "PatientID": "S0001", "StudyInstanceUID": f"{ROOT}.900"}
    step = {
        "Modality": modality, "ScheduledStationAETitle": station, "ScheduledProcedureStepStartDate": "20260106",
    }  # fmt: skip
    return encode(scheduled(**(patient | step | elements)))


def begin(talk: Dialogue, number: int, station: str, modality: str, status: int = 0, **answered: Any) -> Dialogue:
    """The N-CREATE of a procedure step."""
    order = item(AccessionNumber="A1", ScheduledProcedureStepID="SPS1", StudyInstanceUID=f"{ROOT}.900")
    body = data_set(
        PerformedProcedureStepStatus="IN PROGRESS", PatientID="S0001", Modality=modality, PerformedStationAETitle=station,
        PerformedProcedureStepStartDate="20260106", PerformedProcedureStepStartTime="080000",
        PerformedProcedureStepID=f"PPS{number}", ScheduledStepAttributesSequence=[order],
    )  # fmt: skip
    step = {"AffectedSOPInstanceUID": f"{ROOT}.80.{number}"}
    return talk.ask(N_CREATE, MPPS, body, **step).answer(N_CREATE, MPPS, status, **step, **answered)


def _finished(hospital: Hospital) -> None:
    """A step of three images that lists two, and is changed afterwards."""
    begin(hospital.talk(CT01, RIS, 70, MPPS), 2, "CT01", "CT").release()
    stored = hospital.talk(CT01, ARCHIVE, 80, CT)
    for number in (1, 2, 3):
        stored.store(CT, uid(number), image(CT, number))
    stored.release()
    series = item(SeriesInstanceUID=f"{ROOT}.901", ReferencedImageSequence=references([uid(1), uid(2)]))
    done = data_set(PerformedProcedureStepStatus="COMPLETED", PerformedSeriesSequence=[series])
    again = data_set(PerformedProcedureStepDescription="ABDOMEN")
    talk = hospital.talk(CT01, RIS, 90, MPPS)
    for body, status in ((done, 0), (again, 0x0110)):
        talk.ask(N_SET, MPPS, body, RequestedSOPInstanceUID=f"{ROOT}.80.2")
        comment = {"ErrorComment": "step may no longer be updated", "ErrorID": 0xA710} if status else {}
        talk.answer(N_SET, MPPS, status, AffectedSOPInstanceUID=f"{ROOT}.80.2", **comment)
    talk.release()


if __name__ == "__main__":
    write_pcap(HERE / "worklist.pcap", frames())
