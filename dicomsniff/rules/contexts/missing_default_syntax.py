"""A SOP class is offered without the default transfer syntax.

What it sees
An abstract syntax for which no proposed context lists Implicit VR Little Endian, unless everything offered for it is a
lossy compression: only who has nothing but the lossy form may leave the default out.

Why it matters
Implicit VR Little Endian is what every implementation has to take. Without it, an acceptor may have nothing to accept.

Likely causes
1. The sender offers the transfer syntax of its file and nothing else.
2. It was set so, to keep objects compressed without loss.

Fix
Let the requestor offer Implicit VR Little Endian for the class too, best in a context of its own.

Could be wrong when
It does no harm while the acceptor takes what is offered; then it is only a fact.

Reference
PS3.5 §10.1
https://github.com/knopkem/dicomweb-pacs/issues/47
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Traffic
from dicomsniff.rules.contexts.offers import Offer, offers
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import brief, listed, peer, side
from dicomsniff.rules.rule import Rule, Thresholds

IMPLICIT = "1.2.840.10008.1.2"
_RETIRED = frozenset({"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
_LOSSY = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in ("50", "51", "81", "91", "93", "94", "95", "112", "203"))
_VIDEO = tuple(f"1.2.840.10008.1.2.4.10{n}" for n in range(10))  # MPEG-2, MPEG-4 AVC, HEVC and their fragmentable forms


def proposals(traffic: Traffic) -> Iterator[Association]:
    return (a for a in traffic.associations if a.request is not None)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    request = association.request
    if request is None or all(IMPLICIT in c.transfer_syntaxes for c in request.contexts):
        return []
    lacking = [o for o in offers(association) if IMPLICIT not in o.proposed and not _exempt(o.proposed)]
    refused = [o for o in lacking if not o.accepted and association.accept is not None]
    rest = [o for o in lacking if o not in refused]
    return [
        _hit(association, made, severity)
        for made, severity in ((refused, Severity.NOTE), (rest, Severity.INFO))
        if made
    ]


def _exempt(proposed: tuple[str, ...]) -> bool:
    """Whether only forms are offered that the sender may have lost the original of, or that are the only ones (video)."""
    return all(syntax in _LOSSY or syntax.startswith(_VIDEO) for syntax in proposed)


def _hit(association: Association, made: list[Offer], severity: Severity) -> Hit:
    request, accept = association.request, association.accept
    client, server = peer(association, "requestor"), peer(association, "acceptor")
    retired = [c.transfer_syntax for o in made for c in o.contexts if c.accepted and c.transfer_syntax in _RETIRED]
    end = "; an acceptor may have nothing to accept"
    if severity is Severity.NOTE:
        end = f", and {server} accepted none of it"
    elif any(o.accepted for o in made):
        end = f"; {server} took it, but another acceptor may have nothing to accept"
    more = (
        f" {listed(dict.fromkeys(brief(s) for s in retired))} was accepted, which few implementations read."
        if retired
        else ""
    )
    classes = [o.sop_class for o in made]
    return Hit(
        f"{client} offers {listed((brief(uid) for uid in classes), 3)} without Implicit VR Little Endian{end}.{more}",
        packets_of(request.evidence if request else None, accept.evidence if accept else None),
        request.evidence.first_ns if request else None,
        severity,
        connection=association.connection,
        association=association.id,
        act=side("requestor"),
        actor=client,
        key=f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{severity}|{'|'.join(sorted(classes))}",
        facts={
            "sop_classes": classes[:128],
            "transfer_syntaxes": sorted({s for o in made for s in o.proposed}),
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


RULE = Rule(
    id="DS-PC-009",
    name="default-transfer-syntax-not-offered",
    severity=Severity.NOTE,
    title="Default transfer syntax not offered",
    subjects=proposals,
    check=check,
    page=__doc__,
)
