"""The fragments of messages are mixed up or malformed.

What it sees
A message that begins before the one before it ended (in one direction), data before the command is complete or without
any command, fragments of odd length, presentation data values that do not fit their PDU, and a data set that is announced
but consists of empty fragments. Fragments of odd length are a note where the operation succeeded.

Why it matters
Messages must not interleave: the receiver puts the pieces of two objects together, or aborts. What it stores may be
corrupt without anybody being told.

Likely causes
1. Two threads of the sender write to one association.
2. The sender gave a message up half-way (a time-out, an error) and went on with the next request.
3. A value of odd length, mostly pixel data, was not padded.

Fix
Use one writer per association, and abort after an error in the middle of a message. Pad values to even length. If the
sender is a product, report the packets to its vendor.

Could be wrong when
Bytes were not captured: fragments beside a hole are not judged. Command and data set in one PDU are legal.

Reference
PS3.8 §E.1
PS3.8 §E.2
PS3.8 §9.3.5.1
https://github.com/fo-dicom/fo-dicom/issues/1359
https://github.com/fo-dicom/fo-dicom/issues/284
https://github.com/pydicom/pynetdicom/issues/83
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.patterns import pattern
from dicomsniff.rules.dimse.oddities import aborted_by_receiver, by_sender, exchange_at, odd_hit, upon, went_well
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import brief, how_often, peer, side
from dicomsniff.rules.rule import Rule, Thresholds

_CONTEXT = pattern(r"\bcontext (\d+)")
_HIDES = ("DS-ASSOC-009",)
_CODES = (AnomalyCode.PDV_UNEXPECTED_FRAGMENT, AnomalyCode.PDV_BAD_LENGTH, AnomalyCode.PDV_ODD_LENGTH)
_WORDS = {
    AnomalyCode.PDV_UNEXPECTED_FRAGMENT: "mixes messages up",
    AnomalyCode.PDV_BAD_LENGTH: "sends fragments that do not fit their PDU",
    AnomalyCode.PDV_ODD_LENGTH: "sends fragments of odd length",
}


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    hits = [] if not association.anomalies else list(_odd(association, traffic))
    return hits + [_empty(association, e) for e in association.exchanges if _is_empty(e)]


def _odd(association: Association, traffic: Traffic) -> Iterator[Hit]:
    for role, every in by_sender(association, _CODES):
        for code in _CODES:
            own = [a for a in every if a.code is code and not _on_two_contexts(a)]
            if own:
                yield _hit(association, role, own, traffic)


def _on_two_contexts(anomaly: Anomaly) -> bool:
    """One message on two contexts is told by the rule on contexts (DS-PC-007)."""
    of_data = anomaly.detail.startswith("a data fragment")
    return of_data and len(set(_CONTEXT.findall(anomaly.detail))) > 1


def _hit(association: Association, role: str, own: list[Anomaly], traffic: Traffic) -> Hit:
    first = own[0]
    exchange = exchange_at(association, first)
    more = f" ({how_often(len(own))} in this association)" if len(own) > 1 else ""
    aborted = aborted_by_receiver(association, first)
    made = odd_hit(
        association,
        role,
        own,
        f"{peer(association, role)} {_WORDS[first.code]}: {first.detail}{more}."
        + (" The receiver aborted then." if aborted else ""),
        _severity(first, exchange, aborted),
        traffic,
        exchange,
    )
    return upon(made, association, own, _HIDES, traffic)


def _severity(first: Anomaly, exchange: Exchange | None, aborted: bool) -> Severity:
    if first.code is not AnomalyCode.PDV_ODD_LENGTH or aborted:
        return Severity.ERROR
    borne = exchange is None or exchange.unseen or went_well(exchange)
    return Severity.NOTE if borne else Severity.WARNING


def _is_empty(exchange: Exchange) -> bool:
    """An object whose data set has no byte though all its fragments were seen."""
    body = exchange.payload
    return exchange.service == "C-STORE" and body is not None and body.length == 0 and exchange.request_complete


def _empty(association: Association, exchange: Exchange) -> Hit:
    sender = exchange.requested_by
    return Hit(
        f"{peer(association, sender)} sent {brief(exchange.sop_class)} {exchange.sop_instance} as a data set without a "
        "single byte.",
        packets_of(exchange.request),
        exchange.request.first_ns if exchange.request else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(sender),
        actor=peer(association, sender),
        key=f"{association.end(sender).ip}|{association.called_ae}|empty",
        facts={"sop_class": exchange.sop_class, "sop_instance": exchange.sop_instance, "bytes": 0},
    )


def subjects(traffic: Traffic) -> Iterator[Association]:
    """Associations on which anything was sent."""
    return (a for a in traffic.associations if a.exchanges or a.anomalies)


RULE = Rule(
    id="DS-DIMSE-006",
    name="fragments-broken",
    severity=Severity.ERROR,
    title="Fragments mixed up or malformed",
    subjects=subjects,
    check=check,
    page=__doc__,
    claims=frozenset(_CODES),
    hides=_HIDES,
    explains=("DS-DIMSE-008", "DS-STORE-002", "DS-STORE-006", "DS-FIND-001"),
)
