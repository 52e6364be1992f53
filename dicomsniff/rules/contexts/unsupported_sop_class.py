"""The acceptor does not support a SOP class that the requestor needed.

What it sees
All contexts of one abstract syntax were answered with result 3 (abstract-syntax-not-supported), and the capture shows
that the class was wanted: it was the only one offered (besides Verification); or the requestor ended the association
without asking for anything; or a C-MOVE or C-GET then listed objects of the class as failed; or the same requestor
uses the class in another association. A refused class without such a sign is stated as a fact, not as a fault.

Why it matters
No object or operation of a refused class can cross this association. Senders often skip such objects and report the
rest as sent, so a part of a study stays behind without an error on the screen.

Likely causes
1. The class is missing in the acceptor's configuration for this AE.
2. The acceptor's software is older than the class (enhanced images, structured reports, dose, segmentations).
3. It is a private SOP class.
4. The query or retrieve model is not offered by the acceptor (Patient Root, C-GET).

Fix
Add the class on the acceptor. For a query or retrieve, choose a model it offers: Study Root instead of Patient Root,
C-MOVE instead of C-GET. For a private class, let the sender convert or not send such objects there.

Could be wrong when
The requestor offers everything it knows and wanted nothing of this class just now. Some acceptors answer 3 although
they know the class and dislike the transfer syntaxes.

Reference
PS3.8 §9.3.3.2, Table 9-18
PS3.6 Table A-1
https://github.com/pydicom/pynetdicom/issues/591
https://github.com/pydicom/pynetdicom/issues/99
"""

from collections.abc import Sequence

from dicomsniff.association.values import ContextResult, Traffic
from dicomsniff.dimse.uids import is_storage_class
from dicomsniff.rules.contexts.offers import CATALOGUE, Offer, ended_idle, unseen
from dicomsniff.rules.contexts.usage import Negotiation, negotiations
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import called, counted, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds


def check(negotiation: Negotiation, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    refused = [o for o in negotiation.offers if o.results == {ContextResult.ABSTRACT_SYNTAX}]
    if not refused:
        return None
    reasons = {offer.sop_class: negotiation.need(offer) for offer in refused}
    needed = [o for o in refused if o.sop_class == negotiation.purpose] or [o for o in refused if reasons[o.sop_class]]
    hits = []
    if needed:
        hits.append(_fault(negotiation, needed, reasons))
    elif not negotiation.association.exchanges and unseen(negotiation.association):
        return Inconclusive("classes were refused, but whether the requestor asked for anything else was not captured")
    rest = [o for o in refused if o not in needed]
    if rest:
        hits.append(_fact(negotiation, rest))
    return hits


def _fault(negotiation: Negotiation, needed: Sequence[Offer], reasons: dict[str, str | None]) -> Hit:
    association = negotiation.association
    server = peer(association, "acceptor")
    classes = listed(called(o.sop_class) for o in needed)
    why = listed(dict.fromkeys(reason for o in needed if (reason := reasons[o.sop_class])))
    return _hit(
        negotiation,
        needed,
        f"{server} does not support {classes} for '{association.calling_ae}'; it was needed: {why}.",
        _severity(negotiation, needed),
        {"needed_because": [reasons[o.sop_class] for o in needed]},
    )


def _severity(negotiation: Negotiation, needed: Sequence[Offer]) -> Severity:
    """A catalogue mostly accepted and then not used shows less than the refusal of one class that was asked for."""
    if needed[0].sop_class == negotiation.purpose:
        return Severity.ERROR
    catalogue = len(negotiation.offers) > CATALOGUE and any(o.accepted for o in negotiation.offers)
    return Severity.WARNING if catalogue and ended_idle(negotiation.association) else Severity.ERROR


def _fact(negotiation: Negotiation, rest: Sequence[Offer]) -> Hit:
    association = negotiation.association
    server = peer(association, "acceptor")
    classes = listed(called(o.sop_class) for o in rest)
    few = len(negotiation.offers) <= CATALOGUE
    storage = any(is_storage_class(o.sop_class) for o in rest)
    consequence = "no object of it could be sent" if storage else "nothing could be asked of it"
    message = (
        f"{server} refused {classes} to '{association.calling_ae}' (abstract syntax not supported): {consequence} on "
        "this association. If such objects or requests were waiting, they were skipped."
        if few
        else f"{server} refused {counted(len(rest), 'class', 'classes')} of {len(negotiation.offers)} offered: "
        f"{classes}. Nothing shows that they were wanted."
    )
    return _hit(negotiation, rest, message, Severity.NOTE if few else Severity.INFO, {"needed_because": None})


def _hit(
    negotiation: Negotiation, refused: Sequence[Offer], message: str, severity: Severity, facts: dict[str, object]
) -> Hit:
    association = negotiation.association
    request, accept = association.request, association.accept
    return Hit(
        message,
        packets_of(request.evidence if request else None, accept.evidence if accept else None),
        accept.evidence.last_ns if accept else None,
        severity,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=peer(association, "acceptor"),
        key="|".join((str(association.acceptor), severity, *sorted(o.sop_class for o in refused))),
        hides=None if negotiation.came_for(refused) else (),
        facts={"classes": [o.sop_class for o in refused], "offered_classes": len(negotiation.offers), **facts},
    )


RULE = Rule(
    id="DS-PC-002",
    name="needed-sop-class-not-supported",
    severity=Severity.ERROR,
    title="SOP class not supported by the acceptor",
    subjects=negotiations,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-ASSOC-007", "DS-TCP-005"),
)
