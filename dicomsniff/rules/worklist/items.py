"""Worklist queries in, what they asked for and what each item lacks of it out; items that were met are judged once."""

from __future__ import annotations

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic
from dicomsniff.association.worklist import WorklistItem, WorklistQuery, worklist_queries
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet

SEQUENCE = "ScheduledProcedureStepSequence"
# Return keys of type 1 (PS3.4 Table K.6-1): of the step, and of the item that holds it.
STEP_KEYS = {
    "ScheduledStationAETitle": 0x00400001,
    "ScheduledProcedureStepStartDate": 0x00400002,
    "ScheduledProcedureStepStartTime": 0x00400003,
    "Modality": 0x00080060,
    "ScheduledProcedureStepID": 0x00400009,
}
ITEM_KEYS = {
    "StudyInstanceUID": 0x0020000D,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "RequestedProcedureID": 0x00401001,
}
TAGS = {**STEP_KEYS, **ITEM_KEYS, SEQUENCE: 0x00400100}


class Flawed(NamedTuple):
    """A query and the first of its items that lack the same: keywords, and what else is wrong with their sequence."""

    query: WorklistQuery
    item: WorklistItem
    lacking: tuple[str, ...]
    odd: str | None
    items: int


def step_keys(keys: DataSet | None) -> DataSet:
    """What was asked of the step."""
    return next(iter(keys.items(SEQUENCE)), DataSet(())) if keys else DataSet(())


def asked(keys: DataSet) -> frozenset[str]:
    """The keywords of type 1 that a query asks to be returned. A sequence of length zero asks for all of its step."""
    top = {element.keyword for element in keys.elements}
    inner = {element.keyword for element in step_keys(keys).elements}
    if SEQUENCE in top and not inner:
        inner = set(STEP_KEYS)
    return frozenset((top & (ITEM_KEYS.keys() | {SEQUENCE})) | (inner & STEP_KEYS.keys()))


def lacks(data: DataSet, wanted: frozenset[str]) -> tuple[tuple[str, ...], str | None]:
    """What an item lacks of it, and what is odd about its sequence."""
    missing = [keyword for keyword in ITEM_KEYS if keyword in wanted and not (data.get(keyword) or "").strip()]
    steps = data.items(SEQUENCE)
    inner = [keyword for keyword in STEP_KEYS if keyword in wanted]
    odd = None
    if len(steps) == 1:
        missing += [keyword for keyword in inner if not (steps[0].get(keyword) or "").strip()]
    elif SEQUENCE in wanted:
        outside = [keyword for keyword in inner if data.get(keyword)]
        if outside:
            odd = "the attributes of the step lie beside the Scheduled Procedure Step Sequence (0040,0100), not in it"
        elif steps:
            odd = f"its Scheduled Procedure Step Sequence (0040,0100) has {len(steps)} items, not 1"
        else:
            missing.append(SEQUENCE)
    return tuple(missing), odd


@once
def flawed_items(traffic: Traffic) -> tuple[Flawed, ...]:
    """Of every query the items that lack something, those that lack the same as one."""
    judged: dict[tuple[int, frozenset[str]], tuple[tuple[str, ...], str | None]] = {}
    found: list[Flawed] = []
    for query in worklist_queries(traffic):
        if query.keys is None or query.keys.error is not None or query.keys.truncated:
            continue
        wanted = asked(query.keys)
        groups: dict[tuple[tuple[str, ...], str | None], list[WorklistItem]] = {}
        for item in query.items if wanted else ():
            if item.data.error is not None or item.data.truncated:
                continue
            key = id(item.data), wanted
            if key not in judged:
                judged[key] = lacks(item.data, wanted)
            if any(judged[key]):
                groups.setdefault(judged[key], []).append(item)
        found += [Flawed(query, own[0], missing, odd, len(own)) for (missing, odd), own in groups.items()]
    return tuple(found)
