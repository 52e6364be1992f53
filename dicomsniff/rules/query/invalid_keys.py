"""A query lacks the keys that its level wants.

What it sees
A C-FIND without Query/Retrieve Level (0008,0052); with a level that its information model does not have; without a single
value for the unique key of a level above, unless relational queries were negotiated by both sides; or with a value for
the unique key of a level below. Where matches came nevertheless it is a note: many servers are lenient.

Why it matters
Other servers answer A900 or Cxxx, or nothing at all, and the user believes that there is no such study.

Likely causes
1. The client assumes that the server searches relationally.
2. It uses one template of keys for all levels.

Fix
Give the unique keys from the top level down to the one above that of the query (Study Instance UID for SERIES and IMAGE,
Series Instance UID for IMAGE), or negotiate relational queries where both products can.

Could be wrong when
The server's documentation promises relational queries without negotiation. Worklist queries have no levels.

Reference
PS3.4 §C.4.1.2.1
PS3.4 §C.2.2
PS3.4 §C.5.1
https://github.com/dcm4che/dcm4che/issues/587
https://github.com/pydicom/pynetdicom/issues/685
"""

from collections.abc import Sequence

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import listed, peer
from dicomsniff.rules.query.keys import Query, hierarchical, query_of
from dicomsniff.rules.rule import Rule, Thresholds

_PATIENT_ROOT, _STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1"
_PATIENT_STUDY_ONLY = "1.2.840.10008.5.1.4.1.2.3.1"
_LEVELS = {
    _PATIENT_ROOT: ("PATIENT", "STUDY", "SERIES", "IMAGE"),
    _STUDY_ROOT: ("STUDY", "SERIES", "IMAGE"),
    _PATIENT_STUDY_ONLY: ("PATIENT", "STUDY"),
}
_UNIQUE = {
    "PATIENT": "PatientID",
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}


def subjects(traffic: Traffic) -> Sequence[Exchange]:
    """Queries in one of the query/retrieve models."""
    return [e for e in traffic.index.of("C-FIND") if e.sop_class in _LEVELS and e.request_complete]


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    query = query_of(exchange)
    levels = _LEVELS.get(exchange.sop_class or "", ())
    if not query.whole or not levels:
        return None
    association = traffic.association(exchange.association)
    fault = _fault(query, levels, association, exchange)
    return _hit(exchange, association, query, *fault) if fault else None


def _fault(
    query: Query, levels: tuple[str, ...], association: Association, exchange: Exchange
) -> tuple[str, list[str]] | None:
    """What is wrong, and the keys it is about."""
    if not query.level:
        return "Query without Query/Retrieve Level (0008,0052)", ["QueryRetrieveLevel"]
    if query.level not in levels:
        return f"Query at level '{query.level}', which its model does not have ({', '.join(levels)})", []
    place = levels.index(query.level)
    above = [_UNIQUE[level] for level in levels[:place] if not _is_single(query.value(_UNIQUE[level]))]
    if above and hierarchical(association, exchange.sop_class):
        return f"Query at {query.level} level without a single value for {listed(above)}", above
    below = [_UNIQUE[level] for level in levels[place + 1 :] if query.value(_UNIQUE[level])]
    if below:
        return f"Query at {query.level} level with a value for {listed(below)}, which belongs to a level below", below
    return None


def _is_single(value: str) -> bool:
    return bool(value) and not any(mark in value for mark in "*?\\")


def _hit(exchange: Exchange, association: Association, query: Query, fault: str, keys: list[str]) -> Hit:
    server = peer(association, "acceptor")
    result = "it answered with matches nevertheless" if exchange.pending else "many servers reject it or find nothing"
    return Hit(
        f"{fault}, at {server}: {result}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        Severity.NOTE if exchange.pending else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=Side.REQUESTOR,
        actor=peer(association, "requestor"),
        key=f"{association.requestor.ip}|{association.acceptor}|{fault}|{bool(exchange.pending)}",
        facts={
            "level": query.level or None,
            "lacking": keys,
            "keys": query.facts,
            "sop_class": exchange.sop_class,
            "matches": exchange.pending,
        },
    )


RULE = Rule(
    id="DS-FIND-002",
    name="query-keys-invalid-for-level",
    severity=Severity.WARNING,
    title="Query without the keys of its level",
    subjects=subjects,
    check=check,
    page=__doc__,
)
