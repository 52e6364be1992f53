"""The acceptance does not fit the request: contexts that were not proposed, not answered, or accepted in another syntax.

What it sees
In an A-ASSOCIATE-AC: a context ID that was not proposed; a proposed one without a result; one accepted with a transfer
syntax that was not in its list, or with none; an ID that is answered twice; an illegal UID as accepted syntax.

Why it matters
The two sides mean different things by the same context ID. Objects sent on it cannot be read, or are refused, or stored
wrongly.

Likely causes
1. A fault in the acceptor.
2. A proxy or gateway that rewrites the contexts.

Fix
Report it to the acceptor's maker with both packets. Until then, propose one transfer syntax for each context.

Could be wrong when
The transfer syntax of a refused context is not significant and not judged. Where parts of either PDU could not be read,
what seems missing may be there; the malformed PDU is told by another finding.

Reference
PS3.8 §7.1.1.14
PS3.8 §9.3.3.2
https://github.com/pydicom/pynetdicom/issues/131
https://github.com/fo-dicom/fo-dicom/issues/543
"""

from collections import Counter
from collections.abc import Iterator

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AnsweredContext, AssociateAc, AssociateRq, ProposedContext
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.holes import another_answer
from dicomsniff.rules.naming import brief, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds


class _Fault(NamedTuple):
    """What is wrong with the answer to one context; `spoils`: what is sent on it cannot be trusted."""

    context_id: int
    detail: str
    spoils: bool


def negotiated(traffic: Traffic) -> Iterator[Association]:
    return (a for a in traffic.associations if a.request is not None and a.accept is not None)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    request, accept = association.request, association.accept
    if request is None or accept is None or (_fits(request, accept) and not association.anomalies):
        return None
    if another_answer(association, traffic):
        return Inconclusive("bytes before the acceptance are missing: it may answer another request")
    faults, illegal = list(_faults(request, accept)), list(_illegal(association))
    if not faults:
        return _hit(association, request, accept, illegal, Severity.NOTE) if illegal else None
    return _hit(association, request, accept, [*faults, *illegal], None)


def _fits(request: AssociateRq, accept: AssociateAc) -> bool:
    """The ordinary case, cheaply: each proposed context answered once, in order, with a syntax of its list."""
    asked, answered = request.contexts, accept.contexts
    return (
        len(asked) == len(answered)
        and all(
            a.context_id == p.context_id and (a.result != 0 or a.transfer_syntax in p.transfer_syntaxes)
            for p, a in zip(asked, answered, strict=True)
        )
        and len({p.context_id for p in asked}) == len(asked)
    )


def _faults(request: AssociateRq, accept: AssociateAc) -> Iterator[_Fault]:
    proposed: dict[int, list[ProposedContext]] = {}
    for asked in request.contexts:
        proposed.setdefault(asked.context_id, []).append(asked)
    times = Counter(c.context_id for c in accept.contexts)
    told: set[int] = set()
    for context in accept.contexts:
        id = context.context_id
        if id not in proposed:
            yield _Fault(id, f"context {id} is answered, but was not proposed", context.result == 0)
        elif times[id] > len(proposed[id]) and id not in told:
            told.add(id)
            yield _Fault(id, f"context {id} is answered {times[id]} times", True)
        elif context.result == 0:
            yield from _accepted(context, proposed[id])
    for id in proposed:
        if (
            id not in times and id % 2
        ):  # an even ID is the requestor's fault (PS3.8 §9.3.2.2), and is left alone with reason
            yield _Fault(id, f"context {id} ({brief(proposed[id][0].abstract_syntax)}) got no answer", False)


def _accepted(context: AnsweredContext, proposed: list[ProposedContext]) -> Iterator[_Fault]:
    id, syntax = context.context_id, context.transfer_syntax
    if not syntax:
        yield _Fault(id, f"context {id} is accepted without a transfer syntax", True)
    elif not any(syntax in p.transfer_syntaxes for p in proposed):
        offered = listed((brief(s) for p in proposed for s in p.transfer_syntaxes), 3)
        yield _Fault(id, f"context {id} is accepted with {brief(syntax)}, where {offered} was offered", True)


def _illegal(association: Association) -> Iterator[_Fault]:
    for anomaly in association.anomalies:
        own = association.role(anomaly.evidence.direction) == "acceptor"
        if own and anomaly.code is AnomalyCode.CONTEXT_UID_INVALID:
            yield _Fault(0, anomaly.detail.partition(": ")[2] or anomaly.detail, False)


def _hit(
    association: Association, request: AssociateRq, accept: AssociateAc, faults: list[_Fault], mild: Severity | None
) -> Hit:
    used = {e.context_id for e in association.exchanges}
    spoilt = [f for f in faults if f.spoils and f.context_id in used]
    server = peer(association, "acceptor")
    then = (
        f" Messages were sent on {listed(dict.fromkeys(f'context {f.context_id}' for f in spoilt), 3)} all the same."
        if spoilt
        else ""
    )
    return Hit(
        f"The acceptance of {server} is inconsistent: {listed((f.detail for f in faults), 3)}.{then}",
        packets_of(request.evidence, accept.evidence),
        accept.evidence.last_ns,
        Severity.ERROR if spoilt else mild,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=server,
        key=f"{association.acceptor}|{bool(spoilt)}|{sorted({f.detail for f in faults})[:5]}",
        facts={"details": [f.detail for f in faults[:20]], "contexts": sorted({f.context_id for f in faults})[:20]},
    )


RULE = Rule(
    id="DS-PC-005",
    name="accept-pdu-inconsistent",
    severity=Severity.WARNING,
    title="Acceptance does not fit the request",
    subjects=negotiated,
    check=check,
    page=__doc__,
    claims=frozenset({AnomalyCode.CONTEXT_UID_INVALID}),
)
