"""The acceptor took the association but none of the presentation contexts it was offered.

What it sees
An A-ASSOCIATE-AC in which every presentation context has a result other than 0 (acceptance). The association exists,
but no message may be sent on it. What the requestor does next differs by toolkit: release, abort, or just close TCP;
those endings follow from this fault and are shown with it.

Why it matters
Nothing can be done on this association. The requestor's log often says no more than "no acceptable presentation
contexts", and its user sees an object that is never sent or a query that never runs.

Likely causes
1. The SOP class is not configured on the acceptor for this calling AE.
2. The wrong service or port: objects sent to a worklist server, a query sent to a storage-only node.
3. Only compressed transfer syntaxes were offered to an acceptor that takes uncompressed ones.
4. A licence or option for the service is missing on the acceptor.

Fix
Compare what was offered with the acceptor's conformance statement. Enable the SOP class for this AE on the acceptor, or
point the requestor at the node and port that serve it. Where the result is 4, let the requestor also offer
Implicit VR Little Endian.

Could be wrong when
The acceptance was damaged on the way or not captured whole. A conformance probe may offer only unsupported classes on
purpose.

Reference
PS3.8 §7.1.1.14
PS3.8 §9.3.3.2, Table 9-18
https://github.com/dcm4che/dcm4che/issues/840
https://github.com/pydicom/pynetdicom/issues/37
"""

from collections import Counter

from dicomsniff.association.values import Association, ContextResult, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.contexts.offers import CATALOGUE, Offer, ending, syntax_names
from dicomsniff.rules.contexts.usage import Negotiation, negotiations
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import brief as name_of
from dicomsniff.rules.naming import called, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds

IMPLICIT = "1.2.840.10008.1.2"


def check(negotiation: Negotiation, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    association = negotiation.association
    answered = [c for c in association.contexts if c.result_code is not None]
    if not answered or any(c.accepted for c in association.contexts):
        return None
    server = peer(association, "acceptor")
    elsewhere = negotiation.usage.accepted.get(association.acceptor, {})
    offered = listed(called(o.sop_class) for o in negotiation.offers)
    number = len(association.contexts)
    message = (
        f"{server} accepted the association but {f'none of the {number} proposed contexts' if number > 1 else 'not the only proposed context'} "
        f"({_reasons(association)}), so nothing of {offered} can be done on it. "
        + _followed(association)
        + _hint(negotiation.offers, elsewhere)
    )
    return Hit(
        message,
        packets_of(*_proof(association)),
        association.accept.evidence.last_ns if association.accept else association.first_ns,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=server,
        gist=_gist(association, negotiation.offers),
        causes=_causes(negotiation.offers, elsewhere),
        fix=_fix(association, negotiation.offers),
        facts={
            "contexts": [
                {
                    "id": c.id,
                    "abstract_syntax": c.abstract_syntax,
                    "proposed": list(c.proposed),
                    "result": c.result_code,
                }
                for c in association.contexts
            ],
            "accepted_elsewhere": sorted(elsewhere),
        },
    )


def _gist(association: Association, offers: tuple[Offer, ...]) -> str | None:
    """For a headline, where the names of a whole catalogue would fill it."""
    if len(offers) <= CATALOGUE:
        return None
    return (
        f"{peer(association, 'acceptor')} accepted the association but none of the {len(association.contexts)} proposed contexts "
        f"({_reasons(association)}), so nothing can be done on it with any of {len(offers)} SOP classes"
    )


def _reasons(association: Association) -> str:
    counts = Counter(
        c.result.value if c.result_code in range(5) else f"unknown result {c.result_code}"
        for c in association.contexts
        if c.result_code is not None
    )
    return listed(reason if len(counts) == 1 else f"{n} × {reason}" for reason, n in counts.items())


def _followed(association: Association) -> str:
    if association.outcome is Outcome.ABORTED and association.abort:
        return f"The {association.role(association.abort.evidence.direction)} then aborted. "
    if association.outcome in (Outcome.RELEASED, Outcome.CLOSED):
        return f"The requestor then {ending(association)}. " if association.closed_by is association.to_acceptor else ""
    return ""


def _hint(offers: tuple[Offer, ...], elsewhere: dict[str, set[str]]) -> str:
    """What the results suggest, and what the capture shows that this acceptor does take."""
    if _only(offers, ContextResult.TRANSFER_SYNTAXES):
        return f"It refused only the encodings offered: {_encodings(offers)}."
    if elsewhere:
        return f"Elsewhere in this capture it accepted {listed(name_of(uid) for uid in sorted(elsewhere))}."
    if _only(offers, ContextResult.ABSTRACT_SYNTAX):
        return "It knows none of these classes for this caller: is this the right service and port?"
    return ""


def _encodings(offers: tuple[Offer, ...]) -> str:
    return listed(syntax_names(tuple(dict.fromkeys(syntax for offer in offers for syntax in offer.proposed))))


def _fix(association: Association, offers: tuple[Offer, ...]) -> str | None:
    """The setting that would help, where the results leave no doubt which."""
    requestor, acceptor = peer(association, "requestor"), peer(association, "acceptor")
    if _only(offers, ContextResult.TRANSFER_SYNTAXES):
        other = "" if any(IMPLICIT in offer.proposed for offer in offers) else " Implicit VR Little Endian or"
        return (
            f"Enable {_encodings(offers)} on {acceptor}, or let {requestor} also offer{other} a syntax that it takes."
        )
    if _only(offers, ContextResult.ABSTRACT_SYNTAX):
        many = len(offers) > CATALOGUE  # what it offers shows no longer what it wants
        classes = "the classes that are wanted" if many else listed(name_of(offer.sop_class) for offer in offers)
        return f"Enable {classes} for '{association.calling_ae}' on {acceptor}, or point {requestor} at the node and port that serve them."
    return None


def _only(offers: tuple[Offer, ...], result: ContextResult) -> bool:
    return all(offer.results == {result} for offer in offers)


def _causes(offers: tuple[Offer, ...], elsewhere: dict[str, set[str]]) -> tuple[str, ...] | None:
    """The likeliest cause first, where results or other associations of this capture tell it."""
    service = "The wrong service or port: this node serves other SOP classes."
    configured = "The SOP class is not configured on the acceptor for this calling AE."
    licence = "A licence or option for the service is missing on the acceptor."
    if _only(offers, ContextResult.ABSTRACT_SYNTAX):
        served = {offer.sop_class for offer in offers} & set(elsewhere)
        return (configured, licence) if served else (service, configured, licence)
    if _only(offers, ContextResult.TRANSFER_SYNTAXES):
        return ("The acceptor takes the class, but only in other transfer syntaxes than those offered.", licence)
    return None


def _proof(association: Association) -> list[Evidence | None]:
    ends = (association.release_request, association.abort)
    return [
        association.request.evidence if association.request else None,
        association.accept.evidence if association.accept else None,
        *(end.evidence for end in ends if end),
    ]


RULE = Rule(
    id="DS-PC-001",
    name="all-contexts-rejected",
    severity=Severity.ERROR,
    title="Association accepted, every presentation context refused",
    subjects=negotiations,
    check=check,
    page=__doc__,
    hides=("DS-PC-002", "DS-PC-003", "DS-PC-004", "DS-ASSOC-007", "DS-ASSOC-008", "DS-ASSOC-009", "DS-TCP-005"),
)
