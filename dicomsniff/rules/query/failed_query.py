"""A query failed.

What it sees
A final C-FIND response with any status but success, cancel and B001 (response limit reached). The level and the keys of
the query are quoted, with the archive's comment and the elements it points at. Where the identifier itself shows a
likely reason (no level, no unique key of a higher level), that is said.

Why it matters
The user sees an error, or an empty list that looks like "no such patient".

Likely causes
1. A900 or C000: the unique key of a higher level is missing, empty or a wildcard; (0008,0052) is missing or wrong; the
   level is not part of the information model.
2. A700: the archive's limit of results is exceeded, the query is too broad.
3. Cxxx: an internal error of the archive.
4. 0122: the archive accepts the context but does not serve this model.

Fix
Look into the archive's log at the time of the response for what its comment says. Complete the unique keys from the top
level down to that of the query, or narrow the query.

Could be wrong when
The same mistake is answered with A900 or C000, depending on product and version. Archives with relational queries need
no higher keys.

Reference
PS3.4 §C.4.1.1.4
PS3.4 §C.4.1.2.1
PS3.7 §9.1.2
https://github.com/dcm4che/dcm4chee-arc-light/issues/4252
https://github.com/dcm4che/dcm4chee-arc-light/issues/1581
"""

from collections.abc import Iterator

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.clock import clock
from dicomsniff.rules.dimse.claims import finds_fault_with_request
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import details, peer, performer, side, status_words
from dicomsniff.rules.query.keys import Query, hierarchical, query_of
from dicomsniff.rules.rule import Rule, Thresholds

_TOO_MUCH = 0xA700
_FINE = frozenset({0x0000, 0xFE00, 0xB001, 0xFF00, 0xFF01})
_ABOVE = {"SERIES": ("StudyInstanceUID",), "IMAGE": ("StudyInstanceUID", "SeriesInstanceUID")}
_LEVELS = frozenset({"PATIENT", "STUDY", "SERIES", "IMAGE"})


def subjects(traffic: Traffic) -> Iterator[Exchange]:
    """Queries that were answered to their end."""
    return (e for e in traffic.index.of("C-FIND") if e.final is not None)


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    if exchange.status is None or exchange.status in _FINE:
        return None
    association, query = traffic.association(exchange.association), query_of(exchange)
    role = performer(exchange)
    server, said = peer(association, role), details(exchange)
    doubt = suspicion(query, exchange, association) if _about_identifier(exchange.status) else None
    if doubt and (association.acceptor, query.level, doubt) in _borne(traffic):
        doubt = None
    open_who = not doubt and (finds_fault_with_request(exchange.status) or exchange.status == _TOO_MUCH)
    message = (
        f"{query.words} failed at {server}: {status_words(exchange)}{': ' + said if said else ''}."
        f"{f' Note: {doubt}.' if doubt else ''}"
    )
    return Hit(
        message,
        packets_of(exchange.request, exchange.final),
        exchange.final.first_ns if exchange.final else None,
        Severity.ERROR if exchange.status_class == "failure" else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=Side.UNKNOWN if open_who else Side.REQUESTOR if doubt else side(role),
        actor=None if open_who else peer(association, exchange.requested_by) if doubt else server,
        key=f"{association.acceptor}|{exchange.status:04X}|{query.level}|{exchange.error_comment}",
        fix=_COMPLETE if doubt else _remedy(exchange, server, bool(said), bool(query.facts)),
        facts={
            "status": f"0x{exchange.status:04X}",
            "status_text": exchange.status_text,
            "error_comment": exchange.error_comment,
            "offending_elements": [f"{e:08X}" for e in exchange.offending_elements],
            "level": query.level or None,
            "keys": query.facts,
            "matches_before": exchange.pending,
        },
    )


_COMPLETE = (
    "Give the level and the unique keys from the top level down to it, or negotiate relational queries where the archive has"
    " them."
)


def _remedy(exchange: Exchange, server: str, explained: bool, keyed: bool) -> str | None:
    """Where the identifier is not to blame by itself."""
    if exchange.status == _TOO_MUCH:
        return f"Narrow the query, or raise the limit of results on {server}."
    when = f" at {clock(exchange.final.first_ns)}" if exchange.final else ""
    what = "for what its comment says" if explained else "for the reason, which it did not send"
    other = "fewer keys" if keyed else "a key, such as a Study Date"
    return f"Look into the log of {server}{when} {what}; then try the query with {other}."


def _about_identifier(status: int) -> bool:
    """Codes by which archives complain of the identifier."""
    return status == 0xA900 or 0xC000 <= status <= 0xCFFF


def suspicion(query: Query, exchange: Exchange, association: Association) -> str | None:
    """What a hierarchical query must have and this identifier has not (PS3.4 §C.4.1.1.3.1)."""
    if not query.hierarchical or not query.whole:
        return None
    if not query.level:
        return "the identifier has no Query/Retrieve Level (0008,0052)"
    if query.level not in _LEVELS:
        return f"'{query.level}' is no level of the query/retrieve models"
    if not hierarchical(association, exchange.sop_class):
        return None
    lacking = [keyword for keyword in _ABOVE.get(query.level, ()) if not query.value(keyword)]
    return f"the identifier has no value for {' and '.join(lacking)}" if lacking else None


@once
def _borne(traffic: Traffic) -> frozenset[tuple[Endpoint, str, str]]:
    """What each archive answered all the same, with matches, though its identifier lacked something."""
    found = set()
    for exchange in traffic.index.of("C-FIND"):
        if exchange.pending and exchange.request is not None:
            association, query = traffic.association(exchange.association), query_of(exchange)
            if doubt := suspicion(query, exchange, association):
                found.add((association.acceptor, query.level, doubt))
    return frozenset(found)


RULE = Rule(
    id="DS-FIND-001",
    name="find-failed",
    severity=Severity.ERROR,
    title="Query failed",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=("DS-DIMSE-009", "DS-FIND-002", "DS-FIND-005"),
)
