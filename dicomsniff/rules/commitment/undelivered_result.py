"""An archive could not hand over the result of a storage commitment.

What it sees
An association that the archive opened for storage commitment and that the requester rejected, or on which it refused the
presentation context of the class; or an N-EVENT-REPORT that was answered with a failure, or never, because the requester
aborted, closed or left. The message gives address and port, and the reason. Where the archive handed a result over
later, that is said and this is only a remark.

Why it matters
The archive has taken responsibility and the requester does not know: it keeps the objects until its disk is full, or
somebody deletes them by hand.

Likely causes
1. The requester's listener does not offer the Storage Commitment class, or not in the role of the user: the archive is
   the provider and must be able to say so when it calls.
2. The listener does not know the archive's AE title, or is called by a title that is not its own.
3. The handler of the requester failed (0110), or an element that it wants is missing.
4. Another program, which knows nothing of commitments, listens on that port.

Fix
Enable storage commitment results in the requester's listener, accept the archive's AE title there, and check that the
archive calls the right port. The archive should try again; its next attempts are in its log.

Could be wrong when
The requester released the association on which it had asked before the result came: that is legal, and the archive must
use another one. Attempts after the capture are not seen.

Reference
PS3.4 §J.3.3
PS3.7 §D.3.3.4
https://github.com/dcm4che/dcm4chee-arc-light/issues/4263
https://github.com/dcm4che/dcm4che/issues/663
https://github.com/fo-dicom/fo-dicom/issues/323
"""

from dicomsniff.association.commitment import PUSH_MODEL, Result, Way, commitments
from dicomsniff.association.parties import asking, performing
from dicomsniff.association.values import Association, Exchange, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.core.records import dataclass, replace
from dicomsniff.pdu.tables import reject_text
from dicomsniff.rules.commitment.call_backs import call_backs, delivered_after
from dicomsniff.rules.dimse.claims import finds_fault_with_request
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import departures, leaving, left_by, left_ns, still_open
from dicomsniff.rules.naming import SECOND, details, peer, performer, side, status_words
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.servers import homes

_NO_SUCH_TITLE = (1, 7)
_PATIENCE = 5 * SECOND


@dataclass(frozen=True, slots=True)
class Attempt:
    """An association on which a result was to be handed over, and the N-EVENT-REPORT where it came that far."""

    association: Association
    result: Result | None = None


def subjects(traffic: Traffic) -> Among[Attempt]:
    """Every attempt to hand a result over; those that were not acknowledged are looked at."""
    requests, strays = commitments(traffic)
    results = [*(result for one in requests for result in one.results), *strays]
    opened = call_backs(traffic)
    suspects = [Attempt(association) for association in opened.suspects]
    suspects += [Attempt(traffic.association(r.exchange.association), r) for r in results if not r.delivered]
    return Among(len(results) + len(list(opened.suspects)), suspects)


def check(attempt: Attempt, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    association, result = attempt.association, attempt.result
    if result is None:
        return _refused(association, traffic)
    exchange = result.exchange
    if exchange.final is not None:
        said = details(exchange)
        why = f"it answered {status_words(exchange)}{': ' + said if said else ''}"
        hit = _hit(association, traffic, why, Severity.ERROR, exchange, result, (exchange.request, exchange.final))
        return replace(hit, act=Side.UNKNOWN, actor=None) if finds_fault_with_request(exchange.status) else hit
    doubt = _doubt(exchange, association, traffic)
    if doubt:
        return Inconclusive(doubt)
    legal = result.way is Way.SAME and association.release_request is not None
    why = f"it never answered; {leaving(association, traffic)}"
    if legal:
        why += ", which is legal: the archive must use another association"
    severity = Severity.WARNING if legal else Severity.ERROR
    hit = _hit(association, traffic, why, severity, exchange, result, (exchange.request, *departures(association)))
    archive = peer(association, exchange.requested_by)
    if not legal:
        hasty = _hasty(exchange, association, traffic)
        return replace(hit, act=side(exchange.requested_by), actor=archive, fix=_WAIT) if hasty else hit
    fix = f"Let {archive} open an association of its own for the result where the requester has left."
    return replace(hit, act=side(exchange.requested_by), actor=archive, fix=fix)


_WAIT = "Let the archive wait for the answer to its N-EVENT-REPORT before it leaves."


def _hasty(exchange: Exchange, association: Association, traffic: Traffic) -> bool:
    """Whether the archive itself left before anybody could have answered."""
    if left_by(association) != exchange.requested_by or exchange.request is None:
        return False
    return left_ns(association, traffic) - exchange.request.last_ns < _PATIENCE


def _doubt(exchange: Exchange, association: Association, traffic: Traffic) -> str | None:
    """Why the missing answer proves nothing."""
    if exchange.unseen or association.blind_towards(exchange.direction.opposite):
        return "the answer to a result may have been sent in a stretch that was not captured"
    if still_open(association):
        return "the capture ended before a result was answered"
    if any(
        e.request is None and (e.service, e.message_id) == (exchange.service, exchange.message_id)
        for e in association.exchanges
    ):
        return "an answer was seen before its result: the capture does not keep the order of packets"
    if not exchange.request_finished or not exchange.request_complete:
        return "parts of a result were not sent or not captured"
    acknowledged = traffic.conversation(association.connection).tcp.facts(exchange.direction).acknowledged
    if exchange.request and (acknowledged is None or acknowledged < exchange.request.end):
        return "TCP did not acknowledge the whole result: it may never have arrived (network)"
    return None


def _refused(association: Association, traffic: Traffic) -> Hit | None:
    """The association itself was refused, or its context."""
    reject, asked = association.reject, association.request.evidence if association.request else None
    if association.outcome is Outcome.REJECTED and reject is not None:
        why = f"it rejected the association ({reject_text(reject.result, reject.source, reject.reason)})"
        hit = _hit(association, traffic, why, Severity.ERROR, None, None, (asked, reject.evidence))
        if (reject.source, reject.reason) != _NO_SUCH_TITLE:
            return hit
        known = association.acceptor in homes(traffic).get(association.called_ae or "", ())
        archive = peer(association, "requestor")
        return replace(hit, act=Side.UNKNOWN if known else side("requestor"), actor=None if known else archive)
    if association.accept is not None:
        result = next((str(c.result) for c in association.contexts if c.abstract_syntax == PUSH_MODEL), "refused")
        why = f"it refused the presentation context of storage commitment ({result.replace('-', ' ')})"
        proof = (asked, association.accept.evidence)
    else:
        return None
    return _hit(association, traffic, why, Severity.ERROR, None, None, proof)


def _hit(
    association: Association,
    traffic: Traffic,
    why: str,
    severity: Severity,
    exchange: Exchange | None,
    result: Result | None,
    proof: tuple[Evidence | None, ...],
) -> Hit:
    archive = exchange.requested_by if exchange else "requestor"
    client = performer(exchange) if exchange else "acceptor"
    pair = (association.end(archive).ip, association.end(client).ip)
    if exchange is not None:
        pair = asking(exchange, association).ip, performing(exchange, association).ip
    when = next((e.last_ns for e in proof if e is not None), association.first_ns)
    later = delivered_after(when, pair, traffic)
    again = " A later attempt handed a result over." if later else ""
    return Hit(
        f"{peer(association, archive)} could not hand the commitment result to {peer(association, client)}: {why}.{again}",
        packets_of(*proof),
        when,
        Severity.NOTE if later else severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id if exchange else None,
        act=side(client),
        actor=peer(association, client),
        key=f"{pair}|{association.called_ae}|{why.partition(';')[0]}|{later}",
        facts={
            "transaction_uid": result.transaction if result else None,
            "status": None if exchange is None or exchange.status is None else f"0x{exchange.status:04X}",
            "sop_class": PUSH_MODEL,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
            "host": association.acceptor.ip,
            "port": association.acceptor.port,
            "delivered_later": later,
        },
    )


RULE = Rule(
    id="DS-SC-003",
    name="commitment-result-not-delivered",
    severity=Severity.ERROR,
    title="Commitment result not delivered",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    hides=(
        "DS-ASSOC-001",
        "DS-ASSOC-002",
        "DS-ASSOC-003",
        "DS-ASSOC-005",
        "DS-ASSOC-007",
        "DS-ASSOC-008",
        "DS-PC-001",
        "DS-PC-002",
        "DS-DIMSE-001",
        "DS-TCP-005",
    ),
)
