"""An operation was cancelled: at once, as it should be, or long after.

What it sees
A C-CANCEL and what came after it: pending responses (those sent within one round trip are not counted, they were on
their way) and the time to the final response. More than five responses or more than five seconds are a note; a cancel
that was honoured is only told, and so is an operation that was complete before the cancel could be read.

Why it matters
Users cancel because a query is too broad or takes too long. An archive that goes on keeps its database and the line busy
and lets the user wait.

Likely causes
1. The performer reads the connection only after it has sent everything.
2. It does not implement C-CANCEL.

Fix
Narrow the query. Where it must stop at once, let the requestor abort the association instead.

Could be wrong when
Ending in success before the cancel was processed is legal. Responses that were in flight are counted by the round trip of
the connection's beginning, which may have grown.

Reference
PS3.7 §9.3.2.3
PS3.4 §C.4.1.2.1
PS3.4 §C.4.1.3
https://github.com/fo-dicom/fo-dicom/issues/624
https://github.com/pydicom/pynetdicom/issues/553
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.rules.clock import elapsed, milliseconds, on_the_way_ns
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import SECOND, counted, peer, performer, seconds, side, status_words
from dicomsniff.rules.rule import Rule, Thresholds

_RESPONSES = 5
_PATIENCE_NS = 5 * SECOND


def subjects(traffic: Traffic) -> Iterator[Exchange]:
    """Requests that were cancelled and answered."""
    return (e for e in traffic.exchanges if e.cancel is not None and e.final is not None)


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    cancel, final = exchange.cancel, exchange.final
    if cancel is None or final is None:
        return None
    association = traffic.association(exchange.association)
    took = elapsed(traffic, cancel, final.first_packet, final.first_ns)
    tcp = traffic.conversation(association.connection).tcp
    late_ns = on_the_way_ns(cancel, tcp)
    arrived_ns = cancel.last_ns + (tcp.rtt_ns or 0) + late_ns
    late = sum(t > arrived_ns for t in exchange.pending_after_cancel_ns) if took is not None else 0
    ignored = late > _RESPONSES or (took or 0) - late_ns > _PATIENCE_NS
    return _hit(exchange, association, took, late, ignored)


def _hit(exchange: Exchange, association: Association, took: int | None, late: int, ignored: bool) -> Hit:
    role = performer(exchange)
    server, client = peer(association, role), peer(association, exchange.requested_by)
    if ignored:
        message = (
            f"{server} went on for {counted(late, 'response')} and {seconds(took)} after {client} had cancelled the "
            f"{exchange.service}; it ended with {status_words(exchange)}."
        )
    else:
        got = counted(exchange.pending, "response")
        message = (
            f"{client} cancelled the {exchange.service} after {got}; {server} ended it {seconds(took)} later with "
            f"{status_words(exchange)}."
        )
    return Hit(
        message,
        packets_of(exchange.request, exchange.cancel, exchange.final),
        exchange.cancel.first_ns if exchange.cancel else None,
        Severity.NOTE if ignored else Severity.INFO,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role if ignored else exchange.requested_by),
        actor=server if ignored else client,
        causes=None if ignored else ("A user, or a limit of the requesting software, stopped the operation.",),
        fix=None if ignored else "Nothing: this is how an operation is cancelled.",
        key=f"{association.acceptor}|{exchange.service}|{ignored}",
        facts={
            "service": exchange.service,
            "pending": exchange.pending,
            "responses_after_cancel": late,
            "ended_after_ms": milliseconds(took),
            "status": f"0x{exchange.status:04X}" if exchange.status is not None else None,
        },
    )


RULE = Rule(
    id="DS-DIMSE-010",
    name="cancel-ignored",
    severity=Severity.NOTE,
    title="Operation cancelled",
    subjects=subjects,
    check=check,
    page=__doc__,
)
