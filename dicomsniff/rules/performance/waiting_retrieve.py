"""A retrieve waited for the archive before its first object was sent, or between its objects.

What it sees
Time from the end of a C-MOVE or C-GET request until the first C-STORE that serves it, without the set-up of the association
on which that came; and time in which none of its objects was under way, where that is most of the whole.

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

from dicomsniff.association.retrieve_times import RetrieveTimes, retrieve_times
from dicomsniff.association.timing import timing
from dicomsniff.association.values import Association, Exchange, Retrieval, Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import counted, peer, performer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds


def retrievals(traffic: Traffic) -> tuple[Retrieval, ...]:
    return traffic.retrievals


def check(retrieval: Retrieval, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    move, association = traffic.exchange(retrieval.exchange), traffic.association(retrieval.association)
    if move.request is None:
        return None
    stores = [store for id in retrieval.stores if (store := traffic.exchange(id)).request is not None]
    times = retrieve_times(retrieval, traffic, timing(traffic))
    if not stores:
        return _unseen(retrieval, times, traffic, thresholds)
    if times.start is None or times.between is None:
        return _doubt(association, move, stores, traffic, thresholds)
    late = times.start > thresholds.srv_slow_move * 1e9
    if not late and not _slow_between(times, thresholds):
        return None
    each = times.between // max(1, len(stores) - 1)
    role = performer(move)
    who, whole = peer(association, role), _whole(times)
    several = f"the first of {len(stores)} objects, and {seconds(each)} between one and the next"
    message = (
        f"{who} needed {seconds(times.start)} after the {move.service} of {peer(association, move.requested_by)} until it sent "
        f"{several if len(stores) > 1 else 'the only object'}: {_dominates(times)} Without its pauses the {seconds(whole)} would "
        f"be {seconds(max(0, whole - times.start - times.between))}."
    )
    slow = late or each >= thresholds.think_slow * 1e9
    first = min(stores, key=lambda store: store.request.first_ns if store.request else 0)
    return Hit(
        message,
        packets=tuple(sorted({*move.request.packets, *(first.request.packets if first.request else ())}))[:12],
        time_ns=move.request.last_ns,
        severity=None if slow else Severity.NOTE,
        connection=association.connection,
        association=association.id,
        exchange=move.id,
        act=side(role) if who else Side.UNKNOWN,
        actor=who,
        facts=_facts(times) | {"objects": len(stores), "service": move.service},
    )


def _slow_between(times: RetrieveTimes, thresholds: Thresholds) -> bool:
    """Whether the archive's pauses between objects are what took the time."""
    between, others = times.between or 0, times.delivered
    if others is None or between < thresholds.dominant_time * 1e9:
        return False
    return between >= thresholds.dominant_share * (times.whole or 0) and between >= others.server


def _whole(times: RetrieveTimes) -> int:
    """How long it took, up to its last object where the final response was not seen."""
    known = (times.start, times.setup, times.storing, times.between)
    return sum(took or 0 for took in known) if times.whole is None else times.whole


def _dominates(times: RetrieveTimes) -> str:
    """What took most of the time, in words."""
    made = times.delivered
    assert made is not None
    shares = {
        "the archive": (times.start or 0) + (times.between or 0),
        "the destination": made.server + made.zero_window,
        "the network": max(0, (times.storing or 0) - made.server - made.zero_window),
    }
    said = ", ".join(f"{name} {seconds(took)}" for name, took in shares.items())
    return f"{max(shares, key=shares.__getitem__)} took most ({said})."


def _facts(times: RetrieveTimes) -> dict[str, float | None]:
    names = ("whole", "start", "setup", "storing", "between", "tail")
    own = {name: getattr(times, name) for name in names}
    return {f"{name}_ms": None if took is None else took / 1e6 for name, took in own.items()}


def _doubt(
    association: Association, move: Exchange, stores: list[Exchange], traffic: Traffic, thresholds: Thresholds
) -> Inconclusive | None:
    """Why the times are not known, where they may have been long."""
    times = timing(traffic)
    for each in (association, *(traffic.association(id) for id in {store.association for store in stores})):
        if times.clock(each).holes:
            return Inconclusive("packets are missing between the retrieve and its objects")
    return Inconclusive("the clock of the capture was set between the retrieve and its objects")


def _unseen(retrieval: Retrieval, times: RetrieveTimes, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    """Objects were delivered where this capture does not show it."""
    move, association = traffic.exchange(retrieval.exchange), traffic.association(retrieval.association)
    sent = move.suboperations.completed if move.suboperations else None
    if not sent or times.whole is None or times.whole <= thresholds.srv_slow_move * 1e9 or move.request is None:
        return None
    who = peer(association, performer(move))
    message = (
        f"The {move.service} of {peer(association, move.requested_by)} took {seconds(times.whole)} for {counted(sent, 'object')}. Their "
        f"delivery is not in the capture: {who}, the destination {move.move_destination or ''} and the network between them share "
        f"this time. A capture at {who} decides."
    )
    return Hit(
        message,
        packets=move.request.packets[:12],
        time_ns=move.request.last_ns,
        severity=Severity.NOTE,
        connection=association.connection,
        association=association.id,
        exchange=move.id,
        facts=_facts(times) | {"objects": sent, "service": move.service},
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
