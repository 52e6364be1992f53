"""The move destination did not let the archive deliver: it rejected, aborted or left unanswered the archive's association.

What it sees
An association that the archive of a failed or waiting C-MOVE opened to the move destination, and that ended before the
first C-STORE: by a rejection, an abort, without an answer or by a closed connection.

Why it matters
The archive was willing and found the way; it is the destination's door that stayed shut. The requestor is told only that
sub-operations could not be performed, or even that the destination is unknown.

Likely causes
1. The destination does not know the AE title by which the archive calls: often another than that of its query service.
2. The archive calls the destination by another title than its listener has.
3. The destination has reached its limit of associations.

Fix
Register the archive's calling AE title on the destination; let the archive call the destination by the title of its
storage listener.

Could be wrong when
The association was opened for another purpose, such as routing; whether it follows from the C-MOVE is concluded from
title, address and time, and the message says how surely.

Reference
PS3.8 §9.3.4
PS3.4 §C.4.2
https://github.com/pydicom/pynetdicom/issues/227
"""

from dicomsniff.association.values import Association, Blind, Delivery, Outcome, Traffic
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import departures, left_by, left_ns
from dicomsniff.rules.naming import SECOND, how_often, peer
from dicomsniff.rules.negotiation.rejections import codes
from dicomsniff.rules.retrieve.mismatch import nothing_accepted
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, moves
from dicomsniff.rules.retrieve.unreachable_callback import HIDES
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.servers import homes

_SHUT = (Outcome.REJECTED, Outcome.ABORTED, Outcome.UNANSWERED, Outcome.CLOSED)
_FULL = 3  # source: service-provider, presentation related (PS3.8 Table 9-21)


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs; suspects are those that lack something and have a delivery without an object."""
    every = moves(traffic)
    return Among(len(every), (one for one in every if one.retrieval.deliveries and one.lacking))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    shut: dict[str, list[Delivery]] = {}
    unseen = False
    for delivery in move.retrieval.deliveries:
        if delivery.association is None or delivery.stores:
            continue
        association = traffic.association(delivery.association)
        if association.outcome not in _SHUT or nothing_accepted(association):
            continue
        if association.outcome is not Outcome.REJECTED and association.blind - {Blind.END}:
            unseen = True
        else:
            shut.setdefault(_how(association), []).append(delivery)
    if unseen and not shut:
        return Inconclusive("how the archive's association to the destination went was not captured")
    return [_hit(move, tried, traffic) for tried in shut.values()]


def _how(association: Association) -> str:
    """ "rejected the delivery" and the reason, said of the destination."""
    if association.reject is not None:
        return f"rejected the delivery: {codes(association.reject)}"
    if association.outcome is Outcome.UNANSWERED:
        return "did not answer the request for an association"
    before = "before the first object" if association.accept else "before the association was accepted"
    verb = "aborted" if association.abort else "closed the connection"
    return f"{verb} {before}" if left_by(association) == "acceptor" else f"saw the archive leave {before}"


def _hit(move: Retrieve, tried: list[Delivery], traffic: Traffic) -> Hit:
    association = traffic.association(tried[0].association or 0)
    request, reject = association.request, association.reject
    destination, caller = peer(association, "acceptor"), association.calling_ae
    side, actor, fix = _remedy(move, association, tried[0])
    times = f" ({how_often(len(tried))})" if len(tried) > 1 else ""
    return hit(
        move,
        f"{destination} {_how(association)}{times}. '{caller}' ({association.requestor.ip}) wanted to deliver what "
        f"{move.requestor} asked for; {move.result}.{doubt(*tried)}",
        tuple(tried),
        *packets_of(*(p.evidence for p in (request, association.accept, reject) if p), *departures(association)),
        act=side,
        actor=actor,
        severity=Severity.WARNING if move.exchange.final is None else None,
        key=f"{move.association.acceptor}|{move.destination}|{association.acceptor}|{_how(association)}",
        fix=fix,
        attempts=len(tried),
        callback_calling_ae=caller,
        callback_called_ae=association.called_ae,
        result=reject.result if reject else None,
        source=reject.source if reject else None,
        reason=reject.reason if reject else None,
        why=list(tried[0].why),
    )


def _remedy(move: Retrieve, association: Association, delivery: Delivery) -> tuple[Side, str, str]:
    """Who must act on it, and how."""
    side, receiver = move.receiver(delivery)
    reject, caller = association.reject, association.calling_ae
    if reject is not None and (reject.source, reject.reason) == (1, 7):
        if association.acceptor in homes(move.traffic).get(association.called_ae or "", ()):
            return (
                Side.UNKNOWN,
                receiver,
                f"Register '{caller}' with address {association.requestor.ip} on {receiver}: it takes the title "
                f"'{association.called_ae}' from others.",
            )
        return (
            Side.ACCEPTOR,
            move.archive,
            f"Let {move.archive} call {association.acceptor} by the title of its listener, which is not "
            f"'{association.called_ae}'; or give the listener that title.",
        )
    if reject is not None and (reject.source, reject.reason) == (1, 3):
        return side, receiver, f"Register '{caller}' with address {association.requestor.ip} on {receiver}."
    if reject is not None and reject.source == _FULL:
        return (
            side,
            receiver,
            f"Raise the limit of associations of {receiver}, or let the archive open fewer at a time.",
        )
    when = clock(association.last_ns)
    if _archive_left(association, move.traffic):
        return (
            Side.ACCEPTOR,
            move.archive,
            f"Look into the log of {move.archive} at {when}: it gave the delivery up.",
        )
    return side, receiver, f"Look into the log of {receiver} at {when}; check that it knows the title '{caller}'."


def _archive_left(association: Association, traffic: Traffic) -> bool:
    """Whether the archive went, and not because it had waited in vain for the answer to its request."""
    if association.reject is not None or left_by(association) != "requestor" or association.request is None:
        return False
    if association.outcome is not Outcome.UNANSWERED:
        return True
    return left_ns(association, traffic) - association.request.evidence.last_ns < SECOND


RULE = Rule(
    id="DS-RET-004",
    name="move-callback-rejected",
    severity=Severity.ERROR,
    title="Delivery rejected by the move destination",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    hides=(*HIDES, *(f"DS-ASSOC-{number:03}" for number in range(1, 10)), "DS-ASSOC-012", "DS-TCP-005"),
)
