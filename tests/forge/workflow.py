"""A hospital's day as calls: worklist, procedure step, objects, commitment; forged traffic out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydicom.dataset import Dataset

from dicomsniff.association.values import Traffic
from dicomsniff.core import Endpoint
from tests.forge.traffic import ARCHIVE, CT, IMPLICIT, MODALITY, WORKLIST, TrafficForge, data_set

COMMITMENT, COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
MPPS = "1.2.840.10008.3.1.2.3.3"
STUDY, SERIES = "1.2.3", "1.2.3.1"
LISTENER = Endpoint(MODALITY.ip, 11112)


def item(**elements: Any) -> Dataset:
    """A sequence item, by keyword."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def references(instances: Iterable[str], reason: int | None = None) -> list[Dataset]:
    extra = {} if reason is None else {"FailureReason": reason}
    return [item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=uid, **extra) for uid in instances]


class Day:
    """Builds one `Traffic` of a modality and an archive. Every call but `store` on an open association opens one of its
    own; `forge` is there for what these calls do not say."""

    def __init__(self) -> None:
        self.forge = TrafficForge()

    def wait(self, seconds: float) -> Day:
        self.forge.wait(seconds)
        return self

    def traffic(self) -> Traffic:
        return self.forge.traffic()

    def associate(self, sop_class: str, *, result: int = 0, **fields: Any) -> int:
        """Of the modality with the archive."""
        return self.forge.association(contexts=[(sop_class, [IMPLICIT], result)], **fields)

    def call_back(self, *, result: int = 0, listener: Endpoint = LISTENER, **fields: Any) -> int:
        """An association that the archive opens to the modality for storage commitment."""
        connection = self.forge.connection(initiator=Endpoint(ARCHIVE.ip, 50001), responder=listener)
        named = {"calling": "PACS", "called": "CT01"} | fields
        return self.forge.association(connection, contexts=[(COMMITMENT, [IMPLICIT], result)], **named)

    def store(
        self, association: int, instance: str, number: int | None = 1, status: int | None = 0, **fields: Any
    ) -> int:
        """A C-STORE; elements of its data set and fields of the exchange by name."""
        elements: dict[str, Any] = {
            "SOPClassUID": CT, "SOPInstanceUID": instance, "Modality": "CT", "PatientID": "P1",
            "StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "InstanceNumber": number,
        }  # fmt: skip
        elements |= {name: fields.pop(name) for name in list(fields) if name[0].isupper()}
        body = data_set(**{name: value for name, value in elements.items() if value is not None})
        return self.forge.exchange(association, "C-STORE", status=status, data=body, sop_instance=instance, **fields)

    def stores(self, *instances: str, **fields: Any) -> int:
        """An association of C-STOREs, numbered from 1; its id."""
        association = self.associate(CT)
        for number, instance in enumerate(instances, 1):
            self.store(association, instance, number, **fields)
        return association

    def request(
        self, *instances: str, transaction: str = "9.1", association: int | None = None, status: int | None = 0,
        body: bytes | None = None, **fields: Any,
    ) -> int:  # fmt: skip
        """An N-ACTION that asks for commitment; its exchange."""
        own = self.associate(COMMITMENT) if association is None else association
        data = (
            data_set(TransactionUID=transaction, ReferencedSOPSequence=references(instances)) if body is None else body
        )
        made: dict[str, Any] = {"sop_instance": COMMITMENT_INSTANCE, "action_type_id": 1} | fields
        return self.forge.exchange(own, "N-ACTION", status=status, data=data, **made)

    def result(
        self, committed: Sequence[str] = (), failed: Sequence[str] = (), *, transaction: str = "9.1",
        association: int | None = None, requested_by: str | None = None, status: int | None = 0, reason: int = 0x0112,
        **fields: Any,
    ) -> int:  # fmt: skip
        """An N-EVENT-REPORT with the result, on an association of the archive unless one is given; its exchange."""
        own = self.call_back() if association is None else association
        elements: dict[str, Any] = {"TransactionUID": transaction}
        if committed:
            elements["ReferencedSOPSequence"] = references(committed)
        if failed:
            elements["FailedSOPSequence"] = references(failed, reason)
        by = requested_by or ("requestor" if association is None else "acceptor")
        made: dict[str, Any] = {"sop_instance": COMMITMENT_INSTANCE, "event_type_id": 2 if failed else 1} | fields
        return self.forge.exchange(
            own, "N-EVENT-REPORT", status=status, data=data_set(**elements), requested_by=by, **made
        )

    def create(
        self, instance: str = "5.1", status: int | None = 0, *, association: int | None = None, study: str | None = STUDY,
        fields: dict[str, Any] | None = None, **elements: Any,
    ) -> int:  # fmt: skip
        """An MPPS N-CREATE; elements of its data set by keyword, None leaves one out."""
        own = self.associate(MPPS) if association is None else association
        scheduled = item(AccessionNumber="A1", ScheduledProcedureStepID="SPS1")
        if study:
            scheduled.StudyInstanceUID = study
        made: dict[str, Any] = {
            "PerformedProcedureStepStatus": "IN PROGRESS", "PatientID": "P1", "Modality": "CT",
            "PerformedStationAETitle": "CT01", "PerformedProcedureStepStartDate": "20260102",
            "PerformedProcedureStepStartTime": "101112", "PerformedProcedureStepID": "PPS1",
            "ScheduledStepAttributesSequence": [scheduled],
        }  # fmt: skip
        made |= elements
        body = data_set(**{name: value for name, value in made.items() if value is not None})
        return self.forge.exchange(
            own, "N-CREATE", status=status, data=body, **({"sop_instance": instance} | (fields or {}))
        )

    def set(
        self, instance: str = "5.1", status: int | None = 0, *, to: str = "COMPLETED", association: int | None = None,
        images: Sequence[str] | None = None, fields: dict[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """An MPPS N-SET, with a Performed Series Sequence of these images where they are given."""
        own = self.associate(MPPS) if association is None else association
        elements: dict[str, Any] = {"PerformedProcedureStepStatus": to}
        if images is not None:
            series = item(SeriesInstanceUID=SERIES, ReferencedImageSequence=references(images))
            elements["PerformedSeriesSequence"] = [series]
        made: dict[str, Any] = {"sop_instance": instance} | (fields or {})
        return self.forge.exchange(own, "N-SET", status=status, data=data_set(**elements), **made)

    def worklist(
        self, *items: Dataset, association: int | None = None, status: int | None = 0, station: str = "CT01",
        modality: str = "CT", date: str = "20260102", keys: Dataset | None = None, calling: str = "CT01", **fields: Any,
    ) -> int:  # fmt: skip
        """A worklist query and its answers; its exchange."""
        own = self.associate(WORKLIST, calling=calling) if association is None else association
        step = item(Modality=modality, ScheduledStationAETitle=station, ScheduledProcedureStepStartDate=date)
        asked = keys or item(ScheduledProcedureStepSequence=[step])
        return self.forge.exchange(
            own, "C-FIND", status=status, data=encode(asked), answers=[encode(one) for one in items], **fields
        )


def encode(made: Dataset) -> bytes:
    return data_set(**{element.keyword: element.value for element in made})


def scheduled(**elements: Any) -> Dataset:
    """A worklist item with everything that a modality needs; None leaves an element out, also of the step."""
    step: dict[str, Any] = {
        "Modality": "CT", "ScheduledStationAETitle": "CT01", "ScheduledProcedureStepStartDate": "20260102",
        "ScheduledProcedureStepStartTime": "0930", "ScheduledProcedureStepID": "SPS1",
    }  # fmt: skip
    top: dict[str, Any] = {
        "AccessionNumber": "A1", "PatientName": "DOE^JANE", "PatientID": "P1", "StudyInstanceUID": STUDY,
        "RequestedProcedureID": "RP1",
    }  # fmt: skip
    for name, value in elements.items():
        (step if name in step else top)[name] = value
    given = {name: value for name, value in step.items() if value is not None}
    top.setdefault("ScheduledProcedureStepSequence", [item(**given)])
    return item(**{name: value for name, value in top.items() if value is not None})
