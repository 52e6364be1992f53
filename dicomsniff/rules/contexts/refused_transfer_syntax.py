"""The acceptor takes the SOP class, but not in the transfer syntaxes it was offered.

What it sees
Of one abstract syntax no context was accepted and at least one was answered with result 4
(transfer-syntaxes-not-supported), and the capture shows that the class was wanted. Also, as a warning: the class was
accepted in another context, but every context that carried a compressed syntax was refused, and the requestor ended
the association without sending anything: what it holds is compressed.

Why it matters
Objects kept in a compressed syntax cannot be sent unless the acceptor takes that syntax or the sender decompresses
them. Many senders do neither: they skip the object or end the association, and nothing arrives.

Likely causes
1. The requestor offers only the syntax in which its file is stored.
2. The acceptor lacks the codec, or the licence for it, or has the syntax switched off.
3. The requestor put compressed and uncompressed syntaxes into one context and the acceptor picked none.

Fix
Let the requestor also offer Explicit VR Little Endian or Implicit VR Little Endian and decompress what it sends, or
enable the refused syntax on the acceptor.

Could be wrong when
The requestor offers the class only as part of a catalogue. One context per transfer syntax is normal; therefore all
contexts of a class are judged together.

Reference
PS3.5 §10.1
PS3.8 §9.3.3.2, Table 9-18
https://github.com/pydicom/pynetdicom/issues/922
https://github.com/pydicom/pynetdicom/issues/992
"""

from collections.abc import Sequence

from dicomsniff.association.values import ContextResult, Traffic
from dicomsniff.dimse.uids import is_compressed
from dicomsniff.rules.contexts.offers import CATALOGUE, Offer, ended_idle, ending, offers, syntax_names, unseen
from dicomsniff.rules.contexts.usage import Negotiation, negotiations
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import brief, called, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds

_SYNTAX = ContextResult.TRANSFER_SYNTAXES
# Where the class itself is accepted in another context, the other numbers can only speak of the syntax too (DCMTK's archive
# answers 3, others 1 or 2).
_REFUSED = frozenset({_SYNTAX, ContextResult.ABSTRACT_SYNTAX, ContextResult.USER_REJECTION, ContextResult.NO_REASON})


def check(negotiation: Negotiation, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    refused = [o for o in negotiation.offers if not o.accepted and _SYNTAX in o.results and o.proposed]
    partly = [o for o in negotiation.offers if o.accepted and refused_compressions(o)]
    if not refused and not partly:
        return None
    reasons = {o.sop_class: negotiation.need(o) for o in refused}
    hits = [*_faults(negotiation, refused, reasons), *_warnings(negotiation, partly)]
    if not hits and not negotiation.association.exchanges and unseen(negotiation.association):
        return Inconclusive("encodings were refused, but whether the requestor sent anything else was not captured")
    return hits + _facts(negotiation, [o for o in refused if not reasons[o.sop_class]])


def refused_compressions(offer: Offer) -> list[str]:
    """The compressed syntaxes of a class of which every context that carried them was refused for its syntaxes."""
    return [
        syntax
        for syntax in offer.proposed
        if is_compressed(syntax) and all(c.result in _REFUSED for c in offer.contexts if syntax in c.proposed)
    ]


def _faults(negotiation: Negotiation, refused: Sequence[Offer], reasons: dict[str, str | None]) -> list[Hit]:
    needed = [o for o in refused if reasons[o.sop_class]]
    if not needed:
        return []
    association = negotiation.association
    syntaxes = _union(needed)
    message = (
        f"{peer(association, 'acceptor')} knows {listed(called(o.sop_class) for o in needed)} but takes none of the "
        f"offered encodings ({listed(syntax_names(syntaxes))}); it was needed: "
        f"{listed(dict.fromkeys(r for o in needed if (r := reasons[o.sop_class])))}.{_elsewhere(negotiation, needed)}"
    )
    idle_catalogue = len(negotiation.offers) > CATALOGUE and ended_idle(association)
    severity = Severity.WARNING if idle_catalogue and any(o.accepted for o in negotiation.offers) else Severity.ERROR
    return [_hit(negotiation, needed, syntaxes, message, severity, _fix(negotiation, syntaxes))]


def _warnings(negotiation: Negotiation, partly: Sequence[Offer]) -> list[Hit]:
    """Class accepted uncompressed, compressed syntax refused, and then silence: the object in hand is compressed."""
    association = negotiation.association
    partly = [o for o in partly if not o.private]
    if not partly or not negotiation.left_idle:
        return []
    syntaxes = tuple(dict.fromkeys(s for o in partly for s in refused_compressions(o)))
    granted = tuple(dict.fromkeys(c.transfer_syntax for o in partly for c in o.contexts if c.transfer_syntax))
    wanted = listed(syntax_names(syntaxes))
    server = peer(association, "acceptor")
    message = (
        f"{server} accepted {listed(called(o.sop_class) for o in partly)} only as {listed(syntax_names(granted))}; every "
        f"context that offered {wanted} was refused (result {_codes(partly)}), and '{association.calling_ae}' then "
        f"{ending(association)} without sending anything. An object in that encoding gets there only if {server} accepts "
        f"the syntax, or if the sender decompresses it.{_tried_before(negotiation, partly)}"
    )
    return [_hit(negotiation, partly, syntaxes, message, Severity.WARNING, _fix(negotiation, syntaxes))]


def _tried_before(negotiation: Negotiation, partly: Sequence[Offer]) -> str:
    """Whether the requestor left likewise when it had offered the same class in uncompressed syntaxes only."""
    before = negotiation.usage.left_before(negotiation.association)
    if before is None:
        return ""
    same = [o for o in offers(before) if o.sop_class in {p.sop_class for p in partly}]
    if not same or not all(o.accepted for o in same) or any(is_compressed(s) for o in same for s in o.proposed):
        return ""
    return (
        f" In association {before.id} it had offered {listed(syntax_names(_union(same)))} for it, which was accepted, and "
        f"{ending(before)} likewise: what it holds seems to fit none of these."
    )


def _facts(negotiation: Negotiation, rest: Sequence[Offer]) -> list[Hit]:
    if not rest:
        return []
    server, syntaxes = peer(negotiation.association, "acceptor"), _union(rest)
    message = (
        f"{server} refused every offered encoding ({listed(syntax_names(syntaxes))}) of "
        f"{listed(called(o.sop_class) for o in rest)}, so nothing of it could be sent on this association. Nothing "
        "else shows that it was wanted."
    )
    severity = Severity.NOTE if len(negotiation.offers) <= CATALOGUE else Severity.INFO
    return [_hit(negotiation, rest, syntaxes, message, severity, _fix(negotiation, syntaxes))]


def _union(made: Sequence[Offer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(syntax for offer in made for syntax in offer.proposed))


def _codes(made: Sequence[Offer]) -> str:
    codes = {c.result_code for o in made for c in o.contexts if c.result in _REFUSED and c.result_code is not None}
    return listed(str(code) for code in sorted(codes))


def _elsewhere(negotiation: Negotiation, made: Sequence[Offer]) -> str:
    taken = negotiation.usage.accepted.get(negotiation.association.acceptor, {})
    syntaxes = sorted({syntax for offer in made for syntax in taken.get(offer.sop_class, ())})
    return f" Elsewhere in this capture it accepted {listed(syntax_names(syntaxes))}." if syntaxes else ""


def _fix(negotiation: Negotiation, syntaxes: Sequence[str]) -> str:
    server, sender = peer(negotiation.association, "acceptor"), peer(negotiation.association, "requestor")
    enable = f"Enable {listed(called(syntax) for syntax in syntaxes)} on {server}"
    if all(is_compressed(syntax) for syntax in syntaxes):
        return f"{enable}, or let {sender} decompress and propose Explicit VR Little Endian."
    return f"{enable}, or let {sender} offer a syntax that {server} takes; its conformance statement lists them."


def _hit(
    negotiation: Negotiation,
    made: Sequence[Offer],
    syntaxes: Sequence[str],
    message: str,
    severity: Severity,
    fix: str,
) -> Hit:
    association = negotiation.association
    request, accept = association.request, association.accept
    ends = (association.release_request, association.abort)
    classes = [o.sop_class for o in made]
    return Hit(
        message,
        packets_of(
            request.evidence if request else None,
            accept.evidence if accept else None,
            *(end.evidence for end in ends if end and severity is not Severity.INFO),
        ),
        accept.evidence.last_ns if accept else None,
        severity,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=peer(association, "acceptor"),
        fix=fix,
        gist=f"{peer(association, 'acceptor')} refuses {listed(syntax_names(syntaxes), 3)} for "
        f"{listed((brief(uid) for uid in classes), 3)}",
        key="|".join((str(association.acceptor), severity, *sorted(classes), *sorted(syntaxes))),
        hides=None if ended_idle(association) else (),
        facts={
            "classes": classes,
            "refused_transfer_syntaxes": list(syntaxes),
            "accepted_transfer_syntaxes": sorted(
                {c.transfer_syntax for o in made for c in o.contexts if c.transfer_syntax}
            ),
        },
    )


RULE = Rule(
    id="DS-PC-003",
    name="transfer-syntax-not-supported",
    severity=Severity.ERROR,
    title="Offered transfer syntaxes refused",
    subjects=negotiations,
    check=check,
    page=__doc__,
    hides=("DS-ASSOC-007", "DS-TCP-005"),
    absence=True,
)
