"""A command says that a data set follows and none does, or the other way round.

What it sees
Command Data Set Type (0000,0800) of 0101H, "no data set", and data fragments for the message all the same; another value
and no data fragment before the next command of the sender or before it releases the association; or 0101H in a message
that must carry a data set: C-STORE, C-FIND, C-MOVE and C-GET requests and the pending responses of a C-FIND.

Why it matters
The receiver waits for a data set that never comes, or takes the data for garbage. The usual end is a time-out or an
abort; a match without its identifier is lost.

Likely causes
1. The software sets the field to a constant.
2. An empty identifier is left out when it is sent, but announced.

Fix
This is a fault of the sending software: report the command and what followed it to its vendor.

Could be wrong when
Any value other than 0101H is legal and means that a data set follows. Where parts of the conversation were not captured,
or somebody aborted in the middle of the message, nothing is claimed.

Reference
PS3.7 §E.1
PS3.7 §9.3
https://github.com/Enet4/dicom-rs/issues/522
https://github.com/fo-dicom/fo-dicom/issues/852
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.dimse.oddities import by_sender, exchange_at, odd_hit, upon, went_well
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.leaving import still_open
from dicomsniff.rules.naming import brief, counted, how_often, peer, performer, side
from dicomsniff.rules.rule import Rule, Thresholds

_HIDES = ("DS-DIMSE-001", "DS-DIMSE-006", "DS-ASSOC-009")
_CARRIERS = frozenset({"C-STORE", "C-FIND", "C-MOVE", "C-GET"})
_CODES = (AnomalyCode.DATASET_UNANNOUNCED, AnomalyCode.DATASET_NEVER_SENT)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    hits = list(_odd(association, traffic)) if association.anomalies else []
    told = {(hit.exchange, hit.act) for hit in hits}
    doubt = False
    for exchange in association.exchanges:
        if exchange.request is None:
            continue
        if exchange.has_data_set:
            bare = exchange.payload is None and not exchange.request_finished and not _abandoned(association)
            if bare and (still_open(association) or association.blind_towards(exchange.direction)):
                doubt = True
            elif bare and not told:
                hits.append(_request(association, exchange, "announces a data set, but none followed"))
        elif exchange.service in _CARRIERS and not told:
            hits.append(_request(association, exchange, "says that it has no data set, but it must carry one"))
        if exchange.pending_without_data and exchange.service == "C-FIND":
            hits.append(_pending(association, exchange))
    if doubt and not hits:
        return Inconclusive("a data set that was announced may have been sent without being captured")
    return hits


def _abandoned(association: Association) -> bool:
    """Whether somebody broke the conversation off, so that what is missing may just not have been sent any more."""
    return bool(association.aborts) or association.release_request is None


def _odd(association: Association, traffic: Traffic) -> Iterator[Hit]:
    for role, every in by_sender(association, _CODES):
        for code in _CODES:
            own = [a for a in every if a.code is code]
            if not own:
                continue
            exchange = exchange_at(association, own[0])
            more = f" ({how_often(len(own))} in this association)" if len(own) > 1 else ""
            message = f"{peer(association, role)} contradicts itself: {own[0].detail}{more}."
            severity = Severity.WARNING if went_well(exchange) else Severity.ERROR
            made = odd_hit(association, role, own, message, severity, traffic, exchange)
            never_sent = code is AnomalyCode.DATASET_NEVER_SENT  # as an abort leaves it
            yield made if never_sent else upon(made, association, own, _HIDES, traffic)


def _request(association: Association, exchange: Exchange, why: str) -> Hit:
    sender = exchange.requested_by
    return Hit(
        f"{exchange.service} {exchange.message_id} ({brief(exchange.sop_class)}) of {peer(association, sender)} {why}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(sender),
        actor=peer(association, sender),
        key=f"{association.end(sender).ip}|{association.called_ae}|{exchange.service}|{why}",
        facts={
            "service": exchange.service,
            "message_id": exchange.message_id,
            "sop_class": exchange.sop_class,
            "announced": exchange.has_data_set,
        },
    )


def _pending(association: Association, exchange: Exchange) -> Hit:
    role = performer(exchange)
    return Hit(
        f"{peer(association, role)} answered C-FIND {exchange.message_id} with {exchange.pending_without_data} of "
        f"{counted(exchange.pending, 'pending response')} that say that they have no data set: these matches are lost.",
        packets_of(exchange.request, exchange.first_response, exchange.last_response),
        exchange.first_response.first_ns if exchange.first_response else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{association.called_ae}|pending",
        facts={
            "service": exchange.service,
            "message_id": exchange.message_id,
            "pending": exchange.pending,
            "pending_without_data": exchange.pending_without_data,
        },
    )


def subjects(traffic: Traffic) -> Iterator[Association]:
    """Associations on which anything was asked for."""
    return (a for a in traffic.associations if a.exchanges or a.anomalies)


RULE = Rule(
    id="DS-DIMSE-004",
    name="data-set-flag-mismatch",
    severity=Severity.ERROR,
    title="Data set announced and not sent, or sent and not announced",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    claims=frozenset(_CODES),
    hides=_HIDES,
    explains=("DS-DIMSE-008", "DS-STORE-002", "DS-STORE-006", "DS-FIND-001"),
)
