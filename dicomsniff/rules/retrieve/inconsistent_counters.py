"""The counters of a retrieve do not add up.

What it sees
The numbers of remaining, completed, failed and warning sub-operations in the responses of one C-MOVE or C-GET: a sum that
changes, a completed count that goes back, a final response that still counts what remains, success with failures, or a
completed count that differs from the C-STOREs that were answered with success where all of them were captured.

Why it matters
Progress bars jump, and a client that believes the counters takes an incomplete study for complete, or the reverse.

Likely causes
1. The archive counts wrongly.
2. It delivers by a further association that was not found, or that the capture does not show.

Fix
Do not rely on the counters of this archive: count the objects that arrive.

Could be wrong when
The archive learns during the retrieve that there is more to send. Counters are optional in final responses, and their
absence is not held against anybody.

Reference
PS3.4 §C.4.2.1.6
PS3.7 §9.3.4.2
https://github.com/pydicom/pynetdicom/issues/416
https://github.com/dcm4che/dcm4chee-arc-light/issues/3052
"""

from collections.abc import Iterator
from itertools import pairwise

from dicomsniff.association.moves import SWAPPED, SWAPPED_NS
from dicomsniff.association.values import Blind, Exchange, Progress, Strength, Traffic
from dicomsniff.core import Evidence
from dicomsniff.dimse.message import SubOperations
from dicomsniff.rules.belated import late_suboperations
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import listed
from dicomsniff.rules.retrieve.retrieves import Retrieve, hit, retrieves
from dicomsniff.rules.rule import Among, Rule, Thresholds

_PENDING = frozenset({0xFF00, 0xFF01})


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """Retrieves; suspects are those that count."""
    every = retrieves(traffic)
    return Among(len(every), (one for one in every if one.exchange.progress))


def check(one: Retrieve, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    odd = list(_oddities(one))
    if not odd:
        return None
    words = [word for word, _ in odd]
    only_zero = words == [_ZERO]
    return hit(
        one,
        f"The progress counters of {one.archive} do not add up: {listed(words)}.",
        (),
        *packets_of(*(step.evidence for _, steps in odd for step in steps)),
        act=Side.ACCEPTOR,
        actor=one.archive,
        severity=Severity.INFO if only_zero else Severity.NOTE,
        key=f"{one.association.acceptor}|{one.exchange.service}|{[word.partition(' (')[0] for word in words]}",
        table=[_row(step.counts) for step in one.exchange.progress[:50]],
        stores_seen=len(one.retrieval.stores),
    )


_ZERO = "the final response carries Number of Remaining Sub-operations (0), which belongs to pending ones only"


def _oddities(one: Retrieve) -> Iterator[tuple[str, list[Progress]]]:
    """What does not add up, in words, with the responses that show it."""
    exchange = one.exchange
    final = exchange.progress[-1] if exchange.progress[-1].evidence == exchange.final else None
    pending = exchange.progress[:-1] if final else exchange.progress
    yield from _changes(pending)
    if final is None:
        return
    counts = final.counts
    if counts.remaining is not None and exchange.status_class != "cancel":
        yield (
            (_ZERO if not counts.remaining else f"the final response still counts {counts.remaining} as remaining"),
            [final],
        )
    if exchange.status == 0 and counts.failed:
        yield f"success (0x0000) is answered with {counts.failed} failed", [final]
    yield from _against_stores(one, final)


def _changes(pending: list[Progress]) -> Iterator[tuple[str, list[Progress]]]:
    """Between one pending response and the next; of each kind the first."""
    sums = [(total, step) for step in pending if (total := _total(step.counts)) is not None]
    for (total, step), (again, later) in pairwise(sums):
        if total != again:
            yield f"the sum of all counters changes (from {total} to {again})", [step, later]
            break
    done = [(step.counts.completed, step) for step in pending if step.counts.completed is not None]
    for (completed, step), (again, later) in pairwise(done):
        if again < completed:
            yield f"the completed count goes back (from {completed} to {again})", [step, later]
            break


def _total(counts: SubOperations) -> int | None:
    parts = (counts.remaining, counts.completed, counts.failed, counts.warning)
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _against_stores(one: Retrieve, final: Progress) -> Iterator[tuple[str, list[Progress]]]:
    """The completed count against the C-STOREs, where all of them were seen."""
    stores, counts = one.stores, final.counts
    late = one.exchange.id in late_suboperations(one.traffic)  # DS-RET-010
    if counts.completed is None or not stores or late or not _all_seen(one, stores, final):
        return
    came = [store for store in stores if store.status_class in ("success", "warning")]
    told, arrived = counts.completed + (counts.warning or 0), len(came)
    doubtful = sum(_maybe_later(one, store, final.evidence) for store in came) if told < arrived else 0
    if told > arrived and _more_may_have_come(one, stores):
        return
    if told > arrived or told < arrived - doubtful:
        yield f"it counts {counts.completed} completed where {arrived} of {len(stores)} C-STOREs succeeded", [final]


def _more_may_have_come(one: Retrieve, stores: list[Exchange]) -> bool:
    """Whether a delivery was not seen to its end: a stretch of the capture may be missing, and objects in it."""
    others = {store.association for store in stores} - {one.association.id}
    return any(Blind.END in one.traffic.association(id).blind for id in others)


def _all_seen(one: Retrieve, stores: list[Exchange], final: Progress) -> bool:
    certain = all(delivery.strength is Strength.STRONG for delivery in one.retrieval.deliveries)
    associations = {store.association for store in stores}
    seen = all(not one.traffic.association(id).blind - {Blind.END} for id in associations)
    before = all(_begun_before(one, s, final.evidence) for s in stores)
    return certain and seen and before and all(store.final is not None for store in stores)


def _begun_before(one: Retrieve, store: Exchange, final: Evidence) -> bool:
    if store.request is None:
        return False
    return not store.request.after(final) if _beside(one, store) else store.request.first_packet < final.last_packet


def _beside(one: Retrieve, store: Exchange) -> bool:
    """Whether a C-STORE ran on the connection of the retrieve itself."""
    return one.traffic.association(store.association).connection == one.association.connection


def _maybe_later(one: Retrieve, store: Exchange, final: Evidence) -> bool:
    """Whether a C-STORE on another connection came so near to the final response that the capture may have swapped them."""
    if store.request is None or _beside(one, store):
        return False
    near = final.first_packet - store.request.first_packet <= SWAPPED
    return near and final.first_ns - store.request.first_ns <= SWAPPED_NS


def _row(counts: SubOperations) -> dict[str, int | None]:
    return {
        "remaining": counts.remaining,
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
    }


RULE = Rule(
    id="DS-RET-008",
    name="sub-operation-counters-inconsistent",
    severity=Severity.NOTE,
    title="Sub-operation counters do not add up",
    subjects=subjects,
    check=check,
    page=__doc__,
)
