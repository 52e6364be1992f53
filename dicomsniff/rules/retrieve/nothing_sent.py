"""A C-MOVE ended in success, and nothing was sent.

What it sees
A final response with status 0000 and no object counted as completed, or, where nothing is counted, no delivery within a
minute in a capture that would show it; or an association to the destination that was opened and released without an object.
Objects that are counted but whose delivery is not in the capture are stated as a fact, not as a fault.

Why it matters
The requestor believes that it has what it asked for.

Likely causes
1. The keys match nothing: wrong level, an empty or mistyped UID, a patient ID of another issuer.
2. The destination does not exist on the archive, which answers success all the same.
3. The archive has queued the request and delivers later.

Fix
Ask with C-FIND for the same keys at the IMAGE level; check the destination in the archive's table.

Could be wrong when
The objects are delivered over TLS, by another interface or node, or later than the capture lasts; or there was nothing to
send and the requestor knows.

Reference
PS3.4 §C.4.2.3.1
PS3.4 §C.4.2.1.7
https://github.com/pydicom/pynetdicom/issues/828
https://github.com/pydicom/pynetdicom/issues/358
https://github.com/pydicom/pynetdicom/issues/436
"""

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.dimse.identifier import identifier_values
from dicomsniff.rules.clock import CAPTURE_END, watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import SECOND, counted, seconds
from dicomsniff.rules.query.keys import Query, query_of
from dicomsniff.rules.retrieve.mismatch import nothing_accepted
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, moves
from dicomsniff.rules.rule import Among, Rule, Thresholds

_STUDY = 0x0020000D
_QUERIES, _ANSWERS = 1000, 100


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs that ended in success; suspects are those of which no object was seen on its way."""
    every = [one for one in moves(traffic) if one.exchange.final is not None and one.exchange.status == 0]
    return Among(len(every), (one for one in every if not one.retrieval.stores))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    counts = move.counts
    if counts.failed or counts.warning:
        return None
    if counts.completed:
        return _elsewhere(move, counts.completed)
    idle = _idle(move)
    if idle is not None:
        return _released(move, idle)
    if move.lacking:
        return None  # the archive tried in vain: DS-RET-002 to DS-RET-005 say how
    if counts.completed == 0 and not move.retrieval.deliveries and not move.retrieval.forwarded:
        return _nothing(move, f"it counts no object{'' if _waited(move, thresholds) else ', unless it delivers later'}")
    doubts = _doubt(move, thresholds)
    if doubts:
        return Inconclusive(doubts)
    return _nothing(move, f"it counts nothing, and nothing was sent in {seconds(int(thresholds.move_grace * SECOND))}")


def _idle(move: Retrieve) -> Association | None:
    """An association to the destination that was opened and released without an object."""
    for delivery in move.retrieval.deliveries:
        association = move.traffic.association(delivery.association) if delivery.association else None
        released = association is not None and association.outcome is Outcome.RELEASED and not association.blind
        if released and association is not None and not nothing_accepted(association):
            return association
    return None


def _doubt(move: Retrieve, thresholds: Thresholds) -> str | None:
    """Why a delivery may have gone unseen; None where the capture would show it."""
    traffic = move.traffic
    if move.retrieval.deliveries:
        return "the archive opened a connection during the C-MOVE whose content was not seen"
    if move.retrieval.forwarded:
        return "the archive asked another archive to deliver"
    if not move.to_itself and move.destination not in _served(traffic).get(move.association.acceptor.ip, ()):
        return "deliveries to another host than the requestor need not pass where the capture was taken"
    if any(capture.dropped_since or capture.cut for capture in traffic.captures):
        return "packets are missing from the capture"
    return None if _waited(move, thresholds) else "the capture ended before a queued delivery could be expected"


def _waited(move: Retrieve, thresholds: Thresholds) -> bool:
    """Whether the capture lasts long enough behind the final response to show what the archive queues."""
    final, traffic = move.exchange.final, move.traffic
    if final is None or traffic.last_ns - final.last_ns < thresholds.move_grace * SECOND:
        return False
    return watched(traffic, final.last_packet, CAPTURE_END)


@once
def _served(traffic: Traffic) -> dict[str, set[str | None]]:
    """The titles that each host called in this capture."""
    found: dict[str, set[str | None]] = {}
    for association in traffic.associations:
        found.setdefault(association.requestor.ip, set()).add(association.called_ae)
    return found


def _nothing(move: Retrieve, why: str) -> Hit:
    query = query_of(move.exchange)
    there = query.value("StudyInstanceUID") in _found(move.traffic).get(move.association.acceptor, ())
    known = f" Yet {move.archive} lists that study in an answer to C-FIND." if there else ""
    return hit(
        move,
        f"C-MOVE to '{move.destination}' succeeded with 0 objects: nothing matched {_keys(query)} on {move.archive} "
        f"({why}). The requester is {move.requestor}.{known}",
        (),
        act=Side.UNKNOWN if there else Side.REQUESTOR,
        actor=None if there else move.requestor,
        key=f"{move.association.acceptor}|{move.destination}|{query.level}|nothing",
        level=query.level or None,
        keys=query.facts,
    )


@once
def _found(traffic: Traffic) -> dict[Endpoint, set[str]]:
    """The studies that each archive listed in the first of its answers to queries."""
    found: dict[Endpoint, set[str]] = {}
    for exchange in traffic.index.of("C-FIND")[:_QUERIES]:
        own = found.setdefault(traffic.association(exchange.association).acceptor, set())
        for answer in exchange.answers[:_ANSWERS]:
            own.add(identifier_values(answer.head(), exchange.transfer_syntax).get(_STUDY, ""))
    for own in found.values():
        own.discard("")
    return found


def _keys(query: Query) -> str:
    words = query.words
    return f"the {words[0].lower()}{words[1:]}" if query.whole else "the keys (which were not captured whole)"


def _released(move: Retrieve, association: Association) -> Hit:
    delivery = next(d for d in move.retrieval.deliveries if d.association == association.id)
    proof = (association.request, association.accept, association.release_request)
    return hit(
        move,
        f"C-MOVE to '{move.destination}' succeeded, but the association that {move.archive} opened to "
        f"{association.acceptor} for it was released without a single C-STORE.{doubt(delivery)}",
        (delivery,),
        *packets_of(*(pdu.evidence for pdu in proof if pdu)),
        act=Side.ACCEPTOR,
        actor=move.archive,
        key=f"{move.association.acceptor}|{move.destination}|released",
        fix=f"Look into the log of {move.archive} for this C-MOVE; ask with C-FIND for the same keys at the IMAGE level.",
    )


def _elsewhere(move: Retrieve, completed: int) -> Hit:
    encrypted = any(not delivery.stores for delivery in move.retrieval.deliveries)
    how = "over an encrypted connection" if encrypted else "outside this capture"
    if move.retrieval.forwarded:
        how = "by another archive, or outside this capture"
    return hit(
        move,
        f"{move.archive} says that it delivered {counted(completed, 'object')} to '{move.destination}'; that delivery does "
        f"not show here: it went {how}.",
        (),
        act=Side.CAPTURE,
        actor=None,
        severity=Severity.INFO,
        key=f"{move.association.acceptor}|{move.destination}|elsewhere",
        causes=(
            "The destination is another host, and its traffic does not pass where the capture was taken.",
            "The archive delivers by another interface or node.",
            "The delivery is encrypted.",
        ),
        fix="To judge the delivery, capture at the archive or at the destination.",
    )


RULE = Rule(
    id="DS-RET-007",
    name="move-success-but-nothing-sent",
    severity=Severity.WARNING,
    title="Successful C-MOVE without objects",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
)
