"""An operation ended with a failure status.

What it sees
A final response whose status is of the failure class (PS3.7 Annex C) and that no rule of its service explains: a failed
C-ECHO, C-MOVE, C-GET or N-service, and the general refusals such as 0211 (unrecognized operation) or 0213 (resource
limitation). Whatever the performer added is quoted: Error Comment, Offending Element, Error ID, Attribute Identifier
List. For C-MOVE and C-GET the counters of the sub-operations are given.

Why it matters
The requestor did not get what it asked for. Some applications show this to nobody.

Likely causes
1. What the performer says in its Error Comment, or in its log at this time.
2. 0110: an exception in the performer's handler. 0112: the instance does not exist there (any more).
3. 0211: the performer does not implement this operation for this class. 0212: an argument it did not agree to.
4. C-MOVE A702: the performer could not deliver the objects to the move destination.

Fix
Read the Error Comment first; it is often the only clue. Then, or where there is none, look into the performer's log at the
time of the response. For a failed C-MOVE check that the destination listens where the performer believes it does.

Could be wrong when
Products use general codes for purposes of their own. Tables in PS3.2 templates list 0112 and 0214 where 0122 and 0124
are meant; the codes are read by PS3.7.

Reference
PS3.7 Annex C
PS3.4 §C.4.2.1.5
https://github.com/dcm4che/dcm4che/issues/217
"""

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.message import SubOperations
from dicomsniff.rules.clock import clock
from dicomsniff.rules.dimse.claims import finds_fault_with_request, told_by_service
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import brief, details, listed, peer, performer, side, status_words
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.tcp.events import Connection

_UNREACHED = 100  # of the connections tried during one C-MOVE, as many are told


def subjects(traffic: Traffic) -> Among[Exchange]:
    """Requests that were answered to their end, among them those that failed."""
    return Among(len(traffic.index.answered), traffic.index.failed)


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    if exchange.status is None or exchange.status_class != "failure":
        return None
    if told_by_service(exchange.service, exchange.status, exchange.sop_class if exchange.request else None):
        return None
    association = traffic.association(exchange.association)
    role = performer(exchange)
    server, said = peer(association, role), details(exchange)
    unreached = _unreached(exchange, traffic)
    whole = exchange.request is not None and exchange.request_complete  # else the fault may be in what was asked
    known = whole and not finds_fault_with_request(exchange.status)
    message = (
        f"{exchange.service} {_object(exchange)} to {server} failed: {status_words(exchange)}"
        f"{': ' + said if said else ''}{_counters(exchange.suboperations)}.{_told(unreached)}"
    )
    return Hit(
        message,
        packets_of(exchange.request, exchange.final)
        + tuple(p for c in unreached for p in (c.first_packet, c.refused_packet) if p is not None)[:4],
        exchange.final.first_ns if exchange.final else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role) if known else Side.UNKNOWN,
        actor=server if known else None,
        key=f"{association.id}|{exchange.service}|{exchange.status:04X}|{exchange.move_destination}",
        fix=None if said else _unexplained(exchange, server, bool(unreached), _tried_nothing(exchange, traffic)),
        facts={**_facts(exchange), "connections": [c.id for c in unreached]},
    )


def _tried_nothing(exchange: Exchange, traffic: Traffic) -> bool:
    """Whether nothing was seen that a C-MOVE delivered or tried to."""
    retrieval, counts = traffic.retrieval(exchange.id), exchange.suboperations
    if exchange.service != "C-MOVE" or not exchange.move_destination or (counts is not None and counts.completed):
        return False
    return retrieval is None or not retrieval.deliveries


def _unexplained(exchange: Exchange, server: str, unreached: bool, nothing: bool) -> str:
    """The performer said nothing but the status."""
    if unreached:
        return (
            f"See whether the move destination listens where {server} believes it does, and can be reached from there."
        )
    when = f" at {clock(exchange.final.first_ns)}" if exchange.final else ""
    if nothing:
        return (
            f"See whether '{exchange.move_destination}' is registered on {server} and whether it has what was asked for: some, as "
            f"Orthanc, answer so to either. Its log{when} tells."
        )
    return f"Look into the log of {server}{when}."


def _object(exchange: Exchange) -> str:
    """What the operation was about."""
    if exchange.service in ("C-MOVE", "C-GET"):
        return f"for '{exchange.move_destination}'" if exchange.move_destination else "request"
    return f"({brief(exchange.sop_class)})" if exchange.sop_class else "request"


def _counters(counts: SubOperations | None) -> str:
    """The sub-operations as far as the response counts them."""
    if counts is None:
        return ""
    named = {
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
        "remaining": counts.remaining,
    }
    known = [f"{number} {name}" for name, number in named.items() if number is not None]
    return f"; sub-operations: {', '.join(known)}" if known else ""


def _unreached(exchange: Exchange, traffic: Traffic) -> list[Connection]:
    """Connections that the performer of a C-MOVE tried to open meanwhile and that were refused or not answered."""
    retrieval = traffic.retrieval(exchange.id)
    deliveries = retrieval.deliveries[:_UNREACHED] if retrieval else ()
    tried = (traffic.conversation(delivery.connection).tcp for delivery in deliveries)
    return [tcp for tcp in tried if tcp.opened in ("refused", "unanswered")]


def _told(unreached: list[Connection]) -> str:
    if not unreached:
        return ""
    ends = {f"{c.responder} ({'refused' if c.opened == 'refused' else 'no answer'})" for c in unreached}
    return f" Meanwhile it tried to connect to {listed(sorted(ends))}."


def _facts(exchange: Exchange) -> dict[str, object]:
    counts = exchange.suboperations
    return {
        "status": f"0x{exchange.status:04X}",
        "status_text": exchange.status_text,
        "error_comment": exchange.error_comment,
        "error_id": exchange.error_id,
        "offending_elements": [f"{e:08X}" for e in exchange.offending_elements],
        "attribute_identifiers": [f"{e:08X}" for e in exchange.attribute_identifiers],
        "sop_instance": exchange.sop_instance,
        "move_destination": exchange.move_destination,
        "suboperations": {
            "remaining": counts.remaining,
            "completed": counts.completed,
            "failed": counts.failed,
            "warning": counts.warning,
        }
        if counts
        else None,
    }


RULE = Rule(
    id="DS-DIMSE-008",
    name="operation-failed",
    severity=Severity.ERROR,
    title="Operation failed",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=("DS-DIMSE-009",),
)
