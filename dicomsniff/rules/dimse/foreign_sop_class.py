"""A request was sent on a presentation context of another SOP class.

What it sees
A C-service request whose Affected SOP Class UID differs from the abstract syntax of its presentation context; for
N-services the same, unless the context is that of a Meta SOP Class (print) or of another unified procedure step class,
which may carry it.

Why it matters
The context was negotiated for another class: the transfer syntax and the permission agreed on are not those of this
request. Strict performers answer 0122H or A9xxH; lenient ones store the object and nobody notices.

Likely causes
1. The sender takes any accepted context instead of that of the class.
2. The class of the object was changed after the negotiation (by a router or a conversion).

Fix
Let the sender propose a context for this class. This is a fault of the sending software where its configuration has no
list of classes.

Could be wrong when
The negotiation was not captured; then nothing is claimed. Meta SOP classes that are not in the standard are not judged.

Reference
PS3.7 §10.1
PS3.4 §B.3
https://github.com/dcm4che/dcm4che/issues/333
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.dimse.uids import service_class_of
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.holes import maybe_renegotiated
from dicomsniff.rules.naming import called, how_often, peer, side
from dicomsniff.rules.rule import Rule, Thresholds

_FAMILIES = frozenset({"print", "ups", "other"})  # one context may carry several classes; others are not known well


def subjects(traffic: Traffic) -> Iterator[Association]:
    """Associations of which the proposal was seen and something was asked for."""
    return (a for a in traffic.associations if a.request is not None and a.exchanges)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    negotiated = {c.id: c.abstract_syntax for c in association.contexts if c.accepted and not c.inferred}
    wrong: dict[tuple[str, str, str], list[Exchange]] = {}
    for exchange in association.exchanges:
        abstract, sop_class = negotiated.get(exchange.context_id), exchange.sop_class
        if abstract == sop_class or not abstract or not sop_class or exchange.request is None:
            continue
        if maybe_renegotiated(exchange, association, traffic):
            continue
        if not exchange.service.startswith("N-") or not _may_carry(abstract, sop_class):
            wrong.setdefault((exchange.service, sop_class, abstract), []).append(exchange)
    return [_hit(association, abstract, exchanges) for (_, _, abstract), exchanges in wrong.items()]


def _may_carry(abstract: str, sop_class: str) -> bool:
    """Whether a context of `abstract` may carry N-services of `sop_class` (PS3.7 §10.1)."""
    family = service_class_of(abstract)
    return family == "other" or (family in _FAMILIES and service_class_of(sop_class) in (family, "other"))


def _hit(association: Association, abstract: str, exchanges: list[Exchange]) -> Hit:
    first = exchanges[0]
    sender = first.requested_by
    refused = tuple(e.id for e in exchanges if e.status_class == "failure" and not _out_of_resources(e))
    more = f" ({how_often(len(exchanges))} in this association)" if len(exchanges) > 1 else ""
    return Hit(
        f"{first.service} for {called(first.sop_class)} was sent by {peer(association, sender)} on the context of "
        f"{called(abstract)}{more}.",
        packets_of(association.request.evidence if association.request else None, first.request, first.final),
        first.request.first_ns if first.request else None,
        Severity.ERROR if refused else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        tells_of=tuple(e.id for e in exchanges),
        explained=refused,
        act=side(sender),
        actor=peer(association, sender),
        key=f"{association.end(sender).ip}|{association.called_ae}|{first.service}|{first.sop_class}|{abstract}",
        facts={
            "service": first.service,
            "sop_class": first.sop_class,
            "abstract_syntax": abstract,
            "context": first.context_id,
            "count": len(exchanges),
            "sop_instance": first.sop_instance,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
        },
    )


def _out_of_resources(exchange: Exchange) -> bool:
    """Whether the answer gives another reason (PS3.4 §B.2.3)."""
    return exchange.status is not None and 0xA700 <= exchange.status <= 0xA7FF


RULE = Rule(
    id="DS-DIMSE-005",
    name="sop-class-differs-from-context",
    severity=Severity.WARNING,
    title="Request on a context of another SOP class",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=("DS-DIMSE-008", "DS-STORE-002", "DS-FIND-001"),
)
