"""A query asks for everything, or for more than anybody can use.

What it sees
A query at PATIENT or STUDY level, or of the worklist, without any matching key; more than 2000 matches; a result that the
server cut at a limit (B001, A700), or that has exactly 100, 200, 500, 1000, 5000, 10000 or 50000 matches, as if it had;
and a client that gives up (cancel, abort) after more than 500 matches. Without a matching key but with few matches it is
only mentioned.

Why it matters
Such queries keep the database of the archive busy, time out as it grows, and hide what the user looked for behind a limit
that nobody sees.

Likely causes
1. The client's search form starts without a date.
2. A script polls without narrowing.
3. The server caps its results.

Fix
Add Study Date with a range, or the modality, to the query; let scripts page by date.

Could be wrong when
A small archive is asked for all it has on purpose. A round number of matches may be chance.

Reference
PS3.4 §C.4.1.1.4
PS3.4 §C.2.2.2.3
https://github.com/pydicom/pynetdicom/issues/178
https://github.com/dcm4che/dcm4chee-arc-light/issues/828
"""

from collections.abc import Sequence

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.rules.clock import elapsed, milliseconds
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import counted, peer, seconds
from dicomsniff.rules.query.keys import Query, query_of
from dicomsniff.rules.rule import Rule, Thresholds

_MANY, _SOME, _GIVEN_UP = 2000, 100, 500
_CAPS = frozenset({100, 200, 500, 1000, 5000, 10000, 50000})
_CUT = frozenset({0xB001, 0xA700})
_TOP = frozenset({"PATIENT", "STUDY"})


def subjects(traffic: Traffic) -> Sequence[Exchange]:
    """Queries that were seen from their beginning."""
    return [e for e in traffic.index.of("C-FIND") if e.request is not None]


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    query = query_of(exchange)
    association = traffic.association(exchange.association)
    open_ended = query.whole and not query.keys and (query.worklist or query.level in _TOP)
    found = _severity(exchange, association, open_ended)
    return _hit(exchange, association, traffic, query, open_ended, *found) if found else None


def _severity(exchange: Exchange, association: Association, open_ended: bool) -> tuple[Severity, str] | None:
    """How bad it is, and how it ended."""
    number = exchange.pending
    if exchange.status in _CUT and exchange.final:
        return Severity.WARNING, ", cut at a limit of the server"
    gave_up = exchange.cancel is not None or (exchange.final is None and bool(association.aborts))
    if number > _GIVEN_UP and gave_up:
        return Severity.WARNING, ", then the client gave up"
    if number > _MANY or (open_ended and number > _SOME):
        return Severity.WARNING, ", perhaps cut at a limit" if number in _CAPS else ""
    if number in _CAPS and exchange.status == 0:
        return Severity.NOTE, ": a round number, perhaps a limit of the server"
    return (Severity.INFO, "") if open_ended else None


def _hit(
    exchange: Exchange,
    association: Association,
    traffic: Traffic,
    query: Query,
    open_ended: bool,
    severity: Severity,
    end: str,
) -> Hit:
    last = exchange.last_response
    took = elapsed(traffic, exchange.request, last.last_packet, last.last_ns) if last and exchange.request else None
    client, server = peer(association, exchange.requested_by), peer(association, "acceptor")
    what = "everything" if open_ended else "very much" if severity is Severity.WARNING else "much"
    level = f" ({query.level})" if query.level else ""
    got = f"{counted(exchange.pending, 'answer')} in {seconds(took)}" if last else "no answer"
    return Hit(
        f"{client} asks {server} for {what}{level}: {got}{end}.",
        packets_of(exchange.request, exchange.first_response, exchange.last_response, exchange.cancel),
        exchange.request.first_ns if exchange.request else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=Side.REQUESTOR,
        actor=client,
        key=f"{association.requestor.ip}|{association.acceptor}|{open_ended}|{severity}",
        facts={
            "level": query.level or None,
            "keys": query.facts,
            "matches": exchange.pending,
            "took_ms": milliseconds(took),
            "status": f"0x{exchange.status:04X}" if exchange.status is not None else None,
            "worklist": query.worklist,
        },
    )


RULE = Rule(
    id="DS-FIND-005",
    name="query-too-broad",
    severity=Severity.WARNING,
    title="Query that asks for too much",
    subjects=subjects,
    check=check,
    page=__doc__,
)
