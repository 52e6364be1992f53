"""Procedure steps in, words and facts about them out, for every rule on MPPS."""

from __future__ import annotations

from dicomsniff.association.procedure_steps import ProcedureStep, Update
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.dataset import DataSet

# Attributes of type 1 in an N-CREATE (PS3.4 Table F.7.2-1).
NEEDED = {
    "ScheduledStepAttributesSequence": 0x00400270,
    "PerformedStationAETitle": 0x00400241,
    "PerformedProcedureStepStartDate": 0x00400244,
    "PerformedProcedureStepStartTime": 0x00400245,
    "PerformedProcedureStepID": 0x00400253,
    "Modality": 0x00080060,
}
STUDY = 0x0020000D


def missing(data: DataSet | None) -> list[int]:
    """The attributes that an N-CREATE must carry and does not; none where it was not read to its end."""
    if data is None or data.error is not None or data.truncated:
        return []
    found = [tag for keyword, tag in NEEDED.items() if not (data.get(keyword) or data.items(keyword))]
    steps = data.items("ScheduledStepAttributesSequence")
    if steps and not all(step.get("StudyInstanceUID") for step in steps):
        found.append(STUDY)
    return found


def named(step: ProcedureStep) -> str:
    """ "for accession number ⟦1⟧" or the ID of the step; "" where neither is known."""
    if numbers := step.values("AccessionNumber"):
        return f" for accession number ⟦{numbers[0]}⟧"
    ids = step.values("PerformedProcedureStepID")
    return f" ⟦{ids[0]}⟧" if ids else ""


def facts(step: ProcedureStep, update: Update, traffic: Traffic) -> dict[str, object]:
    exchange = update.exchange
    association = traffic.association(exchange.association)
    return {
        "sop_instance": step.instance,
        "status": _code(exchange),
        "status_text": exchange.status_text,
        "error_comment": exchange.error_comment,
        "error_id": exchange.error_id,
        "attribute_identifiers": [f"{tag:08X}" for tag in exchange.attribute_identifiers],
        "step_status": update.status,
        "sop_class": exchange.sop_class,
        "called_ae": association.called_ae,
        "calling_ae": association.calling_ae,
        "history": [
            f"{u.exchange.service} {u.status or ''} {_code(u.exchange) or 'unanswered'}" for u in step.updates[:20]
        ],
    }


def _code(exchange: Exchange) -> str | None:
    return None if exchange.status is None else f"0x{exchange.status:04X}"
