"""A retrieve waited for the archive before its first object was sent.

What it sees
Time from the end of a C-MOVE or C-GET request until the first C-STORE that serves it, without the set-up of the association
on which that came.

Why it matters
The user waits, and neither the network nor the destination is busy.

Likely causes
1. The objects are recalled from tape, cloud or another archive.
2. Nothing was prefetched.
3. They are converted before they are sent.

Fix
Look at the archive: where the objects of the study were, and what it did between request and first object.

Could be wrong when
The first objects went on a connection that was not captured.

Reference
PS3.4 §C.4.2
https://github.com/dcm4che/dcm4chee-arc-light/issues/2225
"""

from dicomsniff.association.timing import timing
from dicomsniff.association.values import Retrieval, Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import peer, performer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds


def retrievals(traffic: Traffic) -> tuple[Retrieval, ...]:
    return tuple(r for r in traffic.retrievals if any(d.stores for d in r.deliveries))


def check(retrieval: Retrieval, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    move, association = traffic.exchange(retrieval.exchange), traffic.association(retrieval.association)
    stores = [store for id in retrieval.stores if (store := traffic.exchange(id)).request is not None]
    if move.request is None or not stores:
        return None
    first = min(stores, key=lambda store: store.request.first_ns if store.request else 0)
    assert first.request is not None
    delivery = traffic.association(first.association)
    opened = delivery.accept.evidence.last_ns - delivery.first_ns if delivery.accept else 0
    own = delivery.id == association.id or delivery.first_ns < move.request.last_ns
    waited = first.request.first_ns - move.request.last_ns - (0 if own else opened)
    if waited <= thresholds.srv_slow_move * 1e9:
        return None
    for each in (association, delivery):
        if timing(traffic).clock(each).holes:
            return Inconclusive("packets are missing between the retrieve and its first object")
    if not timing(traffic).clock(association).holds(move.request, first.request):
        return Inconclusive("the clock of the capture was set between the retrieve and its first object")
    role = performer(move)
    who = peer(association, role)
    message = (
        f"{who} needed {seconds(waited)} after the {move.service} of {peer(association, move.requested_by)} until it sent the "
        f"first of {len(stores)} objects. The network and the destination were idle meanwhile."
    )
    return Hit(
        message,
        packets=tuple(sorted({*move.request.packets, *first.request.packets}))[:12],
        time_ns=move.request.last_ns,
        connection=association.connection,
        association=association.id,
        exchange=move.id,
        act=side(role) if who else Side.UNKNOWN,
        actor=who,
        facts={"waited_ms": waited / 1e6, "objects": len(stores), "service": move.service},
    )


RULE = Rule(
    id="DS-PERF-012",
    name="retrieve-waits-for-archive",
    severity=Severity.WARNING,
    title="A retrieve waited for the archive",
    subjects=retrievals,
    check=check,
    page=__doc__ or "",
)
