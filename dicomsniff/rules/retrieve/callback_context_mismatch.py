"""The move destination accepted the archive's association, but not the contexts that the objects needed.

What it sees
A C-MOVE with failed objects, or that failed, and the archive's association to the destination: no storage context of it was
accepted; or a class was refused of which the capture shows that failed objects are; or one of a few classes was refused and
failed objects were never sent.

Why it matters
These objects cannot be delivered, today or tomorrow, and the requestor is told only that sub-operations failed.

Likely causes
1. The destination's listener is configured for too few SOP classes or transfer syntaxes.
2. The archive offers only the syntax in which it holds the objects, and does not convert.

Fix
Let the destination accept the class and the syntax, or let the archive decompress for this destination.

Could be wrong when
Objects failed for another reason and the refused class was a mere offer: then the message says "probably".

Reference
PS3.4 §C.4.2.3.1
PS3.5 §10.1
https://github.com/dcm4che/dcm4chee-arc-light/issues/1210
https://github.com/pydicom/pynetdicom/issues/992
https://github.com/dcm4che/dcm4che/issues/995
"""

from dicomsniff.association.values import Association, Delivery, Traffic
from dicomsniff.rules.contexts.offers import syntax_names
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.leaving import departures
from dicomsniff.rules.naming import called, listed, peer
from dicomsniff.rules.retrieve.mismatch import Mismatch, mismatch
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, moves, objects
from dicomsniff.rules.retrieve.unreachable_callback import HIDES
from dicomsniff.rules.rule import Among, Rule, Thresholds


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs; suspects are those that lack something and whose delivery was let in."""
    every = moves(traffic)
    return Among(len(every), (one for one in every if one.retrieval.deliveries and one.lacking))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    hits = []
    for delivery in move.retrieval.deliveries:
        if delivery.association is not None:
            association = traffic.association(delivery.association)
            found = mismatch(move, delivery, association)
            if found is not None:
                hits.append(_hit(move, delivery, association, found))
    return hits


def _hit(move: Retrieve, delivery: Delivery, association: Association, found: Mismatch) -> Hit:
    destination, classes = peer(association, "acceptor"), [offer.sop_class for offer in found.offers]
    proposed = list(dict.fromkeys(syntax for offer in found.offers for syntax in offer.proposed))
    side, receiver = move.receiver(delivery)
    syntaxes = f" in {listed(syntax_names(proposed))}" if found.syntaxes_only else ""
    could = "could" if found.sure else "probably could"
    return hit(
        move,
        f"{objects(found.objects)} {could} not be delivered to {destination}: it does not accept "
        f"{listed(map(called, classes))}{syntaxes} from '{association.calling_ae}'; {move.result}.{doubt(delivery)}",
        (delivery,),
        *packets_of(
            association.request.evidence if association.request else None,
            association.accept.evidence if association.accept else None,
            *departures(association),
        ),
        act=side,
        actor=receiver,
        severity=Severity.ERROR if found.sure and move.ended_badly else Severity.WARNING,
        key=f"{move.association.acceptor}|{association.acceptor}|{classes}|{proposed if found.syntaxes_only else ''}",
        fix=f"Let {receiver} accept {listed(map(called, classes))}"
        + (f" in {listed(syntax_names(proposed))}, or let {move.archive} convert for it." if syntaxes else "."),
        sop_classes=classes,
        transfer_syntaxes=proposed,
        callback_calling_ae=association.calling_ae,
        callback_called_ae=association.called_ae,
        failed_instances=list(move.failed[:100]),
        why=list(delivery.why),
    )


RULE = Rule(
    id="DS-RET-005",
    name="move-callback-context-mismatch",
    severity=Severity.ERROR,
    title="Move destination does not accept the objects' contexts",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=(*HIDES, *(f"DS-PC-{number:03}" for number in range(1, 5)), "DS-ASSOC-007", "DS-ASSOC-008", "DS-TCP-005"),
)
