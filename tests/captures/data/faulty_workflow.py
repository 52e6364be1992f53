"""Rebuilds the captures beside it: a modality and an archive of pynetdicom, each with faults to order, in the traffic lab.

Needs root, tcpdump, pynetdicom and the lab (its folder is the first argument; LAB_PY may name a Python with pynetdicom):

    python tests/captures/data/faulty_workflow.py ../shared/lab

The same file plays both hosts: `archive` and `modality` as first argument. What happens is in the words of the tests.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"


def _pynetdicom() -> tuple[Any, Any]:
    return import_module("pynetdicom"), import_module("pynetdicom.sop_class")


def archive(call_back: str) -> None:
    """Stores, commits (to all but the last object), keeps procedure steps, and serves a worklist with one bad item.
    `call_back`: "same" answers a commitment on its association, a port number calls the modality there."""
    from pydicom.dataset import Dataset

    net, sop = _pynetdicom()

    ae, asked = net.AE(ae_title="ARCHIVE"), []
    steps: dict[str, str] = {}
    for abstract in (sop.CTImageStorage, sop.ModalityPerformedProcedureStep, sop.ModalityWorklistInformationFind):
        ae.add_supported_context(abstract)
    ae.add_supported_context(sop.StorageCommitmentPushModel, scu_role=False, scp_role=True)

    def result(information: Any) -> Any:
        made = Dataset()
        made.TransactionUID = information.TransactionUID
        *good, bad = information.ReferencedSOPSequence
        bad.FailureReason = 0x0112
        made.ReferencedSOPSequence, made.FailedSOPSequence = good, [bad]
        return made

    def on_action(event: Any) -> tuple[int, Any]:
        asked.append((event.assoc.requestor.address, event.action_information))
        if call_back == "same":
            threading.Timer(0.3, report, (event.assoc,)).start()
        return 0x0000, None

    def report(association: Any) -> None:
        association.send_n_event_report(result(asked.pop()[1]), 2, sop.StorageCommitmentPushModel, COMMITMENT_INSTANCE)

    def on_released(event: Any) -> None:
        if call_back == "same" or not asked:
            return
        back = net.AE(ae_title="ARCHIVE")
        back.add_requested_context(sop.StorageCommitmentPushModel)
        role = net.build_role(sop.StorageCommitmentPushModel, scp_role=True)
        made = back.associate(asked[-1][0], int(call_back), ae_title="CT01", ext_neg=[role])
        if made.is_established:
            report(made)
            made.release()

    def on_create(event: Any) -> tuple[int, Any]:
        uid, given = event.request.AffectedSOPInstanceUID, event.attribute_list
        if uid in steps:
            return 0x0111, None
        if given.PerformedProcedureStepStatus != "IN PROGRESS":
            return 0x0106, None
        steps[uid] = "IN PROGRESS"
        return 0x0000, given

    def on_set(event: Any) -> tuple[int, Any]:
        uid, given = event.request.RequestedSOPInstanceUID, event.modification_list
        if steps.get(uid) != "IN PROGRESS":
            return 0x0110 if uid in steps else 0x0112, None
        steps[uid] = given.PerformedProcedureStepStatus
        return 0x0000, given

    def on_find(event: Any) -> Iterator[tuple[int, Any]]:
        for number in range(3):
            found, step = Dataset(), Dataset()
            found.AccessionNumber, found.PatientName, found.PatientID = f"ACC{number}", f"WORK^{number}", f"MW{number}"
            found.StudyInstanceUID = "" if number == 1 else f"1.2.826.0.1.3680043.10.77.{number}"
            step.Modality, step.ScheduledStationAETitle = "CT", "CT01"
            step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepID = "20261125", f"SPS{number}"
            found.ScheduledProcedureStepSequence = [step]
            time.sleep(0.2)
            yield 0xFF00, found

    handlers = [
        (net.evt.EVT_C_STORE, lambda event: 0x0000), (net.evt.EVT_N_ACTION, on_action), (net.evt.EVT_RELEASED, on_released),
        (net.evt.EVT_N_CREATE, on_create), (net.evt.EVT_N_SET, on_set), (net.evt.EVT_C_FIND, on_find),
    ]  # fmt: skip
    ae.start_server(("", 104), evt_handlers=handlers)


def listener(port: str) -> None:
    """The modality's listener for results, which does not know the archive."""
    net, sop = _pynetdicom()

    ae = net.AE(ae_title="CT01")
    ae.require_calling_aet = ["OTHER"]
    ae.add_supported_context(sop.StorageCommitmentPushModel, scu_role=True, scp_role=False)
    ae.start_server(("", int(port)))


def modality(linger: str) -> None:
    """A day at the modality; it stays associated for so many seconds after it asked for commitment."""
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

    net, sop = _pynetdicom()

    def associate(abstract: str, **handlers: Any) -> Any:
        ae = net.AE(ae_title="CT01")
        ae.add_requested_context(abstract)
        return ae.associate("10.77.0.2", 104, ae_title="ARCHIVE", **handlers)

    keys, step = Dataset(), Dataset()
    keys.AccessionNumber = keys.PatientName = keys.PatientID = keys.StudyInstanceUID = ""
    step.Modality, step.ScheduledStationAETitle = "CT", "CT01"
    step.ScheduledProcedureStepStartDate = step.ScheduledProcedureStepID = ""
    keys.ScheduledProcedureStepSequence = [step]
    found = associate(sop.ModalityWorklistInformationFind)
    for place, _ in enumerate(found.send_c_find(keys, sop.ModalityWorklistInformationFind)):
        if place == 1:  # the item without a study is too much for this modality
            found.abort()
            break

    study, uid = "1.2.826.0.1.3680043.10.77.0", "1.2.826.0.1.3680043.10.78.1"
    begun, scheduled = Dataset(), Dataset()
    scheduled.StudyInstanceUID, scheduled.AccessionNumber, scheduled.ScheduledProcedureStepID = study, "ACC0", "SPS0"
    begun.ScheduledStepAttributesSequence = [scheduled]
    begun.PerformedProcedureStepStatus, begun.PerformedProcedureStepID = "IN PROGRESS", "PPS0"
    begun.PerformedStationAETitle, begun.Modality, begun.PatientID = "CT01", "CT", "MW0"
    begun.PerformedProcedureStepStartDate, begun.PerformedProcedureStepStartTime = "20261125", "101500"
    performed = associate(sop.ModalityPerformedProcedureStep)
    performed.send_n_create(begun, sop.ModalityPerformedProcedureStep, uid)

    objects = []
    sending = associate(sop.CTImageStorage)
    for number in (1, 2, 4):
        image = Dataset()
        image.SOPClassUID, image.SOPInstanceUID = sop.CTImageStorage, f"1.2.826.0.1.3680043.10.79.{number}"
        image.StudyInstanceUID, image.SeriesInstanceUID = study, study + ".1"
        image.AccessionNumber, image.PatientID, image.PatientName = "ACC0", "MW0", "WORK^0"
        image.Modality, image.InstanceNumber = "CT", number
        image.ensure_file_meta()
        image.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2")
        sending.send_c_store(image)
        objects.append(image)
    sending.release()

    ended = Dataset()
    ended.PerformedProcedureStepStatus = "COMPLETED"
    for _ in range(2):
        performed.send_n_set(ended, sop.ModalityPerformedProcedureStep, uid)
    begun.PerformedProcedureStepStatus = "COMPLETED"
    performed.send_n_create(begun, sop.ModalityPerformedProcedureStep, uid + "1")
    performed.release()

    request = Dataset()
    request.TransactionUID = "1.2.826.0.1.3680043.10.80.1"
    request.ReferencedSOPSequence = []
    for image in objects:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
        request.ReferencedSOPSequence.append(one)
    handlers = {"evt_handlers": [(net.evt.EVT_N_EVENT_REPORT, lambda event: (0x0000, None))]}
    asking = associate(sop.StorageCommitmentPushModel, **handlers)
    asking.send_n_action(request, 1, sop.StorageCommitmentPushModel, COMMITMENT_INSTANCE)
    time.sleep(float(linger))
    asking.release()
    time.sleep(1)


# How the archive answers, how long the modality stays, and where its listener listens.
SCENARIOS: dict[str, tuple[str, str, str | None]] = {
    "commitment_on_the_same_association": ("same", "1", None),
    "call_back_rejected": ("1235", "0", "1235"),
    "call_back_refused": ("1236", "0", None),
}


def play(folder: Path) -> None:
    """Every scenario in the lab of this folder."""
    sys.path.insert(0, str(folder))
    lab_of: Any = import_module("lab")
    me = f"{os.environ.get('LAB_PY', sys.executable)} {HERE}"
    for name, (call_back, linger, port) in SCENARIOS.items():
        with lab_of.Lab(Path("/tmp") / "faulty-workflow") as lab:
            lab.bg(lab_of.B, f"{me} archive {call_back}", "archive.log", 2)
            if port:
                lab.bg(lab_of.A, f"{me} listener {port}", "listener.log", 2)
            capture = lab.capture(f"{name}.pcap", extra="-s 0")
            lab.fg(lab_of.A, f"{me} modality {linger}", "modality.log")
            capture.stop().replace(HERE.with_name(f"{name}.pcap"))


if __name__ == "__main__":
    roles = {"archive": archive, "modality": modality, "listener": listener}
    if sys.argv[1] in roles:
        roles[sys.argv[1]](sys.argv[2])
    else:
        play(Path(sys.argv[1]))
