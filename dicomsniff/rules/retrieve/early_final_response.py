"""The archive answers a retrieve before it delivers, or does not say for which C-MOVE it delivers.

What it sees
C-STOREs of a C-MOVE that begin after its final response (by more than a round trip), or that name no origin, or another
than the requestor and its message ID. The origin is optional: its absence alone is stated as a fact. C-STOREs of a C-GET
that begin after its final response, on the same association: an error where one of them was not taken.

Why it matters
Such a success says nothing about arrival; and a receiver cannot tell for whom an object came. A requestor of a C-GET
releases upon the final response: what comes later is lost, or ends the association with an abort.

Likely causes
1. The archive stores the request and delivers later.
2. A proxy or router lies between.
3. The optional elements (0000,1030) and (0000,1031) are left out.

Fix
Let the requestor count what arrives, and match it by its UIDs. An archive must send the final response of a C-GET last,
once every C-STORE has been answered.

Could be wrong when
The last C-STORE and the final response run on different connections and pass each other; a round trip and 20 ms are
allowed for that.

Reference
PS3.4 §C.4.2.3
PS3.7 §9.1.1.1
https://medicalconnections.co.uk/kb/C-MOVE-Problems
https://github.com/dcm4che/dcm4chee-arc-light/issues/2541
https://github.com/pydicom/pynetdicom/issues/434
"""

from collections.abc import Sequence

from dicomsniff.association.values import Exchange, Strength, Traffic
from dicomsniff.core import Direction
from dicomsniff.core.records import replace
from dicomsniff.rules.belated import late_suboperations
from dicomsniff.rules.clock import displaced_ns, milliseconds, watched
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import counted, seconds
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, retrieves
from dicomsniff.rules.rule import Among, Rule, Thresholds

_CROSSING_NS = 20_000_000


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """Retrieves; suspects are C-MOVEs with deliveries and C-GETs with more than they should have."""
    every, late = retrieves(traffic), late_suboperations(traffic)
    return Among(len(every), (one for one in every if one.exchange.id in late or _delivered(one)))


def _delivered(one: Retrieve) -> bool:
    return one.exchange.service == "C-MOVE" and bool(one.retrieval.stores)


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    if move.exchange.service == "C-GET":
        return [_behind_get(move, late_suboperations(traffic)[move.exchange.id])]
    hits = []
    late = _late(move)
    if late:
        hits.append(_early(move, late))
    nameless = [store for store in move.stores if not _named(move, store)]
    if nameless:
        hits.append(_unnamed(move, nameless))
    return hits


def _late(move: Retrieve) -> list[Exchange]:
    final, traffic = move.exchange.final, move.traffic
    if final is None:
        return []
    round_trip = traffic.conversation(move.association.connection).tcp.rtt_ns or 0
    after = final.last_ns + round_trip + _CROSSING_NS + displaced_ns(traffic)
    stores = [s for s in move.stores if s.request is not None and s.request.first_ns > after]
    told = stores and stores[-1].request is not None
    if not told or not watched(traffic, final.last_packet, max(s.request.last_packet for s in stores if s.request)):
        return []
    return stores


def _named(move: Retrieve, store: Exchange) -> bool:
    origin = (store.move_originator_ae, store.move_originator_message_id)
    return origin == (move.association.calling_ae, move.exchange.message_id)


def _early(move: Retrieve, late: list[Exchange]) -> Hit:
    first = late[0].request
    delay = first.first_ns - move.exchange.final.last_ns if first and move.exchange.final else 0
    deliveries = [d for d in move.retrieval.deliveries if late[0].id in d.stores]
    all_of_it = len(late) == len(move.retrieval.stores)
    how = "answers C-MOVE before delivering" if all_of_it else "goes on delivering after its final response"
    return hit(
        move,
        f"{move.archive} {how}: {counted(len(late), 'object')} for '{move.destination}' came after it, the first "
        f"{seconds(delay)} later. Its success says nothing about arrival.{doubt(*deliveries) if deliveries else ''}",
        (),
        *packets_of(first, late[-1].request),
        act=Side.ACCEPTOR,
        actor=move.archive,
        key=f"{move.association.acceptor}|early",
        objects_after=len(late),
        delay_ms=milliseconds(delay),
    )


def _behind_get(get: Retrieve, late: Sequence[Exchange]) -> Hit:
    first, final = late[0].request, get.exchange.final
    after = seconds(first.first_ns - final.last_ns) if first and final else "some time"
    untaken = [store for store in late if store.final is None]
    blind = any(map(get.association.blind_towards, Direction))
    lost = (
        "" if not untaken or blind else f" {len(untaken)} of them {'was' if len(untaken) == 1 else 'were'} never taken."
    )
    made = hit(
        get,
        f"{get.archive} answers C-GET {get.exchange.message_id} of {get.requestor} before it has sent everything: "
        f"{counted(len(late), 'C-STORE')} came after the final response, the first {after} later.{lost}",
        (),
        *packets_of(first, late[-1].request, late[-1].final),
        act=Side.ACCEPTOR,
        actor=get.archive,
        severity=Severity.ERROR if lost else None,
        key=f"{get.association.acceptor}|get|{bool(lost)}",
        objects_after=len(late),
        objects_untaken=len(untaken),
    )
    return replace(made, explained=tuple(store.id for store in untaken) if lost else ())


def _unnamed(move: Retrieve, nameless: list[Exchange]) -> Hit:
    first = nameless[0]
    title, message_id = first.move_originator_ae, first.move_originator_message_id
    silent = title is None and message_id is None
    named = f"its C-STOREs name '{title}' and message ID {message_id} as their origin"
    asked = f"C-MOVE {move.exchange.message_id} of '{move.association.calling_ae}'"
    said = "its C-STOREs name no origin" if silent else f"{named}, not {asked}"
    surely = any(d.strength is Strength.STRONG for d in move.retrieval.deliveries)
    return hit(
        move,
        f"{move.archive} does not identify its deliveries: {said}. They belong to that C-MOVE "
        f"{'by their objects' if surely else 'probably, by address and time'}.",
        (),
        *packets_of(first.request),
        act=Side.ACCEPTOR,
        actor=move.archive,
        severity=Severity.INFO,
        key=f"{move.association.acceptor}|nameless|{silent}",
        originator_ae=title,
        originator_message_id=message_id,
        objects=len(nameless),
    )


RULE = Rule(
    id="DS-RET-010",
    name="final-response-before-deliveries",
    severity=Severity.NOTE,
    title="Retrieve answered before the delivery, or delivery without origin",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=("DS-ASSOC-008",),
)
