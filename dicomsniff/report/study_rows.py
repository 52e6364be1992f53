"""The ledger of studies as rows of the report, what names a patient masked."""

from __future__ import annotations

from dicomsniff.association.commitment import Commitment, Result
from dicomsniff.association.delivery import Delivery, Fate
from dicomsniff.association.ledger import Series, Study
from dicomsniff.association.parties import Party
from dicomsniff.association.procedure_steps import ProcedureStep
from dicomsniff.association.worklist import WorklistItem, WorklistQuery
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.dimse.status import failure_reason
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.convert import iso_time
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Row

_SHOWN = 100  # instances named in one list; counts are of all


def study_row(study: Study, redaction: Redaction) -> Row:
    committed, refused = study.committed, study.not_committed
    return {
        "study_instance_uid": study.uid,
        "accession_numbers": [redaction.identifier(number) for number in study.accession_numbers],
        "patient_ids": [redaction.identifier(number) for number in study.patient_ids],
        "modalities": list(study.modalities),
        "first_time": iso_time(study.first_ns),
        "last_time": iso_time(study.last_ns),
        "instances": len(study.instances),
        "sent": _total(study, None),
        **{str(fate): _total(study, fate) for fate in Fate},
        "retried": sum(delivery.retried for delivery in study.deliveries if not delivery.retrieved),
        "committed": len(committed),
        "not_committed": len(refused),
        "commitment_pending": _pending(study),
        "named_but_not_sent": len(study.unsent),
        "named_but_not_sent_instances": list(study.unsent[:_SHOWN]),
        "worklist": [_item_row(how, query, item, redaction) for how, query, item in study.worklist],
        "procedure_steps": [_step_row(how, step, study, redaction) for how, step in study.steps],
        "deliveries": [_delivery_row(delivery) for delivery in study.deliveries],
        "series": [_series_row(series) for series in study.series],
        "commitments": [
            *(_commitment_row(one) for one in study.commitments),
            *(_stray_row(result) for result in study.results),
        ],
    }


def _total(study: Study, fate: Fate | None) -> int:
    """Over every delivery of the sender's own accord; where there is none, over the retrieves."""
    own = [delivery for delivery in study.deliveries if not delivery.retrieved] or study.deliveries
    return sum(delivery.instances if fate is None else delivery.fates[fate] for delivery in own)


def _pending(study: Study) -> int:
    """Instances whose commitment was asked for, and for which no result was seen."""
    asked = {r.sop_instance for one in study.commitments for r in one.references}
    return len(asked - study.committed - study.not_committed)


def _party_row(party: Party) -> Row:
    return {"ip": party.ip, "ae_title": party.ae_title}


def _delivery_row(delivery: Delivery) -> Row:
    return {
        "sender": _party_row(delivery.sender),
        "receiver": _party_row(delivery.receiver),
        "retrieved": delivery.retrieved,
        "associations": list(delivery.associations),
        "attempts": delivery.attempts,
        "instances": delivery.instances,
        **{str(fate): delivery.fates[fate] for fate in Fate},
        "retried": delivery.retried,
        "examples": {str(fate): list(told) for fate, told in delivery.examples.items()},
        "refused_classes": [{"sop_class": uid, "sop_class_name": uid_name(uid)} for uid in delivery.refused],
    }


def _series_row(series: Series) -> Row:
    numbers = series.numbers
    return {
        "series_instance_uid": series.uid,
        "modality": series.modality,
        "instances": series.instances,
        "first_number": numbers.first,
        "last_number": numbers.last,
        "missing_numbers": [list(gap) for gap in numbers.missing],
        "numbers_unclear": numbers.unclear,
    }


def _item_row(how: str, query: WorklistQuery, item: WorklistItem | None, redaction: Redaction) -> Row:
    step = item.step if item else DataSet(())
    return {
        "exchange": query.exchange.id,
        "match": item.place + 1 if item else None,
        "joined_by": how,
        "accession_number": redaction.identifier(item.accession_number) if item else None,
        "scheduled_procedure_step_id": redaction.identifier(step.get("ScheduledProcedureStepID")),
        "scheduled_station_ae": step.get("ScheduledStationAETitle"),
        "modality": step.get("Modality"),
    }


def _step_row(how: str, step: ProcedureStep, study: Study, redaction: Redaction) -> Row:
    patients = set(step.values("PatientID"))
    return {
        "sop_instance": step.instance,
        "joined_by": how or None,
        "server": _party_row(step.server),
        "creates": [update.exchange.id for update in step.creates],
        "sets": [update.exchange.id for update in step.sets],
        "created": step.created is not None if step.creates else None,
        "status": step.status,
        "performed_procedure_step_id": redaction.identifier(next(iter(step.values("PerformedProcedureStepID")), None)),
        "scheduled_procedure_step_ids": [redaction.identifier(one) for one in step.values("ScheduledProcedureStepID")],
        "same_patient": bool(patients & study.patient_ids.keys()) if patients and study.patient_ids else None,
    }


def _commitment_row(one: Commitment) -> Row:
    return {
        "request": one.request.id,
        "transaction_uid": one.transaction,
        "status": None if one.request.status is None else f"0x{one.request.status:04X}",
        "requested": len(one.references) if one.whole else None,
        "committed": len(one.committed),
        "failed": len(one.failed),
        "results": [_result_row(result) for result in one.results],
    }


def _stray_row(result: Result) -> Row:
    return {
        "request": None,
        "transaction_uid": result.transaction,
        "status": None,
        "requested": None,
        "committed": len(result.committed),
        "failed": len(result.failed),
        "results": [_result_row(result)],
    }


def _result_row(result: Result) -> Row:
    return {
        "exchange": result.exchange.id,
        "way": None if result.way is None else str(result.way),
        "delivered": result.delivered,
        "committed": len(result.committed),
        "failed": len(result.failed),
        "failures": [
            {
                "sop_instance": one.sop_instance,
                "reason": None if one.reason is None else f"0x{one.reason:04X}",
                "text": None if one.reason is None else failure_reason(one.reason),
            }
            for one in result.failed[:_SHOWN]
        ],
    }
