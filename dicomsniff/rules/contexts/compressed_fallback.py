"""Objects that were compressed at their source are sent uncompressed.

What it sees
For one SOP class the requestor proposed a compressed transfer syntax, the acceptor accepted none of the contexts with it
in that form, and the objects were sent uncompressed; and they were compressed before: they say so themselves (Lossy Image
Compression), or the same requestor sends objects of this class compressed elsewhere, at a third of the size or less.

Why it matters
Each object takes many times the bytes and the time, and the archive stores it so.

Likely causes
1. Compressed and uncompressed syntaxes stand in one context, and the acceptor prefers the uncompressed one.
2. The acceptor lacks the codec, or has it switched off.

Fix
Propose one context for each transfer syntax, or put the compressed one first; enable it on the acceptor.

Could be wrong when
Storing uncompressed is the site's policy.

Reference
PS3.8 §7.1.1.13
PS3.5 §10.1
https://github.com/fo-dicom/fo-dicom/issues/1048
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/7
"""

from collections.abc import Iterator

from dicomsniff.association.content import dataset_of
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.median import median
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import is_compressed
from dicomsniff.rules.contexts.offers import Offer, offers
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import brief, called, counted, listed, peer
from dicomsniff.rules.rule import Rule, Thresholds

_TIMES = 3
_READ = 3  # data sets looked into for each class of an association
_CALLER = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Fallback:
    """The objects of one class that were sent uncompressed although compression was offered for it; `usual` is the size
    in bytes of what the same requestor sends of the class compressed, None where it does not."""

    association: Association
    offer: Offer
    stores: list[Exchange]
    usual: float | None


def fallbacks(traffic: Traffic) -> Iterator[Fallback]:
    compressed: dict[_CALLER, list[int]] | None = None
    for association in traffic.associations:
        request = association.request
        if request is None or association.accept is None or not association.exchanges:
            continue
        if not any(is_compressed(s) for c in request.contexts for s in c.transfer_syntaxes):
            continue
        for offer in offers(association):
            stores = _uncompressed(association, offer)
            if stores:
                compressed = _compressed(traffic) if compressed is None else compressed
                sizes = compressed.get((association.requestor.ip, association.calling_ae, offer.sop_class))
                yield Fallback(association, offer, stores, median(sizes) if sizes else None)


def _uncompressed(association: Association, offer: Offer) -> list[Exchange]:
    """What was sent of the class where the acceptor left no compressed syntax to choose."""
    if not any(is_compressed(s) for s in offer.proposed) or any(
        c.accepted and is_compressed(c.transfer_syntax or "") for c in offer.contexts
    ):
        return []
    ids = {c.id for c in offer.contexts if c.accepted}
    return [
        e
        for e in association.exchanges
        if e.context_id in ids and e.service == "C-STORE" and e.requested_by == "requestor" and e.payload
    ]


def _compressed(traffic: Traffic) -> dict[_CALLER, list[int]]:
    """Sizes of what is sent compressed, by requestor and class; at most a hundred each."""
    found: dict[_CALLER, list[int]] = {}
    for e in traffic.index.of("C-STORE"):
        if e.payload and e.sop_class and is_compressed(e.transfer_syntax or "") and e.requested_by == "requestor":
            a = traffic.association(e.association)
            sizes = found.setdefault((a.requestor.ip, a.calling_ae, e.sop_class), [])
            if len(sizes) < 100:
                sizes.append(e.payload.length)
    return found


def check(fallback: Fallback, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    stores = fallback.stores
    sizes = [e.payload.length for e in stores if e.payload]
    size = median(sizes)
    proof = None
    if fallback.usual and size >= _TIMES * fallback.usual:
        proof = f"elsewhere it sends such objects compressed, in {round(fallback.usual)} bytes"
    elif any(_was_lossy(e) for e in stores[:_READ]):
        proof = "the objects say that they were compressed with loss before"
    return _hit(fallback, sum(sizes), size, proof) if proof else None


def _was_lossy(exchange: Exchange) -> bool:
    data = dataset_of(exchange)
    return data is not None and (data.get("LossyImageCompression") or "").strip() == "01"


def _hit(fallback: Fallback, total: int, size: float, proof: str) -> Hit:
    association, offer = fallback.association, fallback.offer
    offered = [s for s in offer.proposed if is_compressed(s)]
    chosen = list(dict.fromkeys(c.transfer_syntax for c in offer.contexts if c.accepted and c.transfer_syntax))
    client, server = peer(association, "requestor"), peer(association, "acceptor")
    one = any(is_compressed(s) and c.accepted for c in offer.contexts for s in c.proposed)
    how = "in the same context" if one else "and refused the contexts with compression"
    request, accept = association.request, association.accept
    return Hit(
        f"{called(offer.sop_class)} is sent uncompressed by {client} ({counted(len(fallback.stores), 'object')}, about {round(size)} "
        f"bytes each) although {listed(map(brief, offered), 3)} was offered: {server} chose {listed(map(brief, chosen), 2)} {how}; "
        f"{proof}.",
        packets_of(
            request.evidence if request else None, accept.evidence if accept else None, fallback.stores[0].request
        ),
        accept.evidence.last_ns if accept else None,
        connection=association.connection,
        association=association.id,
        act=Side.UNKNOWN,  # the requestor may order its contexts otherwise, or the acceptor enable the syntax
        fix="Propose one context for each transfer syntax."
        if one
        else f"Enable {listed(map(brief, offered), 3)} on {server}.",
        key=f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{offer.sop_class}|{one}",
        facts={
            "sop_class": offer.sop_class,
            "transfer_syntaxes": offered,
            "accepted_transfer_syntaxes": chosen,
            "objects": len(fallback.stores),
            "bytes": total,
            "bytes_each": round(size),
            "compressed_bytes_each": round(fallback.usual) if fallback.usual else None,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


RULE = Rule(
    id="DS-PC-008",
    name="compressed-fallback-to-uncompressed",
    severity=Severity.NOTE,
    title="Compressed objects sent uncompressed",
    subjects=fallbacks,
    check=check,
    page=__doc__,
)
