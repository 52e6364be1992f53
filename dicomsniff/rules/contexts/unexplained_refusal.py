"""A presentation context that was needed was refused without a usable reason.

What it sees
Every context of one abstract syntax was refused, at least one with result 1 (user-rejection) or 2 (no-reason), or with a
number that the standard does not define, and the capture shows that the class was wanted.

Why it matters
Nothing of the class can be sent or asked for, and the answer does not say what to change.

Likely causes
1. Permissions by AE title: storing is allowed, querying is not.
2. The acceptor takes only one role or one transfer syntax and reports 2 where 4 or 3 is meant.
3. The archive is read-only, or in maintenance.

Fix
Look at the rights of the calling AE title on the acceptor; if they are right, offer other transfer syntaxes, with
Implicit VR Little Endian among them.

Could be wrong when
The requestor offers the class only as part of a catalogue: then it is a fact, not a fault.

Reference
PS3.8 §9.3.3.2, Table 9-18
https://github.com/ClearCanvas/ClearCanvas/issues/189
"""

from collections.abc import Sequence

from dicomsniff.association.values import ContextResult, Traffic
from dicomsniff.pdu.tables import context_result_text
from dicomsniff.rules.contexts.offers import CATALOGUE, Offer, unseen
from dicomsniff.rules.contexts.usage import Negotiation, negotiations
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import called, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds

_DEFINED = range(5)
_VAGUE = frozenset({ContextResult.USER_REJECTION, ContextResult.NO_REASON})


def check(negotiation: Negotiation, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    vague = [
        o
        for o in negotiation.offers
        if not o.accepted and o.results & _VAGUE and ContextResult.TRANSFER_SYNTAXES not in o.results
    ]
    if not vague:
        return None
    reasons = {o.sop_class: negotiation.need(o) for o in vague}
    needed = [o for o in vague if o.sop_class == negotiation.purpose] or [o for o in vague if reasons[o.sop_class]]
    hits = []
    if needed:
        why = listed(dict.fromkeys(reason for o in needed if (reason := reasons[o.sop_class])))
        sure = Severity.ERROR if needed[0].sop_class == negotiation.purpose else None
        hits.append(_hit(negotiation, needed, f"; it was needed: {why}", sure))
    elif not negotiation.association.exchanges and unseen(negotiation.association):
        return Inconclusive("contexts were refused, but whether the requestor asked for anything else was not captured")
    rest = [o for o in vague if o not in needed]
    few = len(negotiation.offers) <= CATALOGUE
    if rest:
        undefined = any(c.result_code not in _DEFINED for o in rest for c in o.contexts)
        severity = Severity.NOTE if few or undefined else Severity.INFO
        hits.append(_hit(negotiation, rest, ". Nothing shows that it was wanted", severity))
    return hits


def _hit(negotiation: Negotiation, made: Sequence[Offer], why: str, severity: Severity | None) -> Hit:
    association = negotiation.association
    request, accept = association.request, association.accept
    server = peer(association, "acceptor")
    codes = sorted({c.result_code for o in made for c in o.contexts if c.result_code is not None})
    said = listed(f"result {code}: {context_result_text(code)}" for code in codes)
    return Hit(
        f"{server} refused {listed(called(o.sop_class) for o in made)} to '{association.calling_ae}' without a usable reason "
        f"({said}){why}.",
        packets_of(request.evidence if request else None, accept.evidence if accept else None),
        accept.evidence.last_ns if accept else None,
        severity,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=server,
        key="|".join((str(association.acceptor), str(severity), *sorted(o.sop_class for o in made))),
        hides=None if negotiation.came_for(made) else (),
        facts={
            "sop_classes": [o.sop_class for o in made],
            "transfer_syntaxes": sorted({s for o in made for s in o.proposed}),
            "results": codes,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
        },
    )


RULE = Rule(
    id="DS-PC-004",
    name="context-rejected-without-reason",
    severity=Severity.WARNING,
    title="Context refused without a reason",
    subjects=negotiations,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-ASSOC-007", "DS-TCP-005"),
)
