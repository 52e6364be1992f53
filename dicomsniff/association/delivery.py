"""C-STOREs in, deliveries out: of each study what one sender brought to one receiver, and what became of each instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import StrEnum
from operator import attrgetter

from dicomsniff.association.content import object_head
from dicomsniff.association.index import once
from dicomsniff.association.parties import Party, asking, performing
from dicomsniff.association.values import Exchange, ExchangeOutcome, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.object_head import ObjectHead
from dicomsniff.dimse.uids import is_storage_class


class Fate(StrEnum):
    """What became of an instance at a receiver, the best of its attempts; in this order one outdoes the next."""

    SUCCESS = "success"
    WARNING = "warning"
    UNKNOWN = "unknown"  # the capture does not show whether it was answered, or the answer does not tell
    FAILURE = "failure"
    NOTHING = "nothing"  # never answered, or cut off


_RANK = {fate: rank for rank, fate in enumerate(Fate)}
_association, _first_ns, _last_ns = map(attrgetter, ("association", "request.first_ns", "request.last_ns"))
_outcome, _instance = attrgetter("outcome"), attrgetter("sop_instance")
_BY_CLASS = {"success": Fate.SUCCESS, "warning": Fate.WARNING}


@dataclass(slots=True)
class Stored:
    """The C-STOREs of one study and series between two parties, in the order of time, with the heads of their objects.
    `retrieve`: the C-GET or C-MOVE that they belong to, as far as they say; None where the sender sent by itself."""

    study: str | None
    series: str | None
    sender: Party
    receiver: Party
    retrieve: tuple[object, ...] | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    heads: list[ObjectHead] = field(default_factory=list)

    @property
    def associations(self) -> list[int]:
        return sorted(set(map(_association, self.exchanges)))

    @property
    def first_ns(self) -> int:
        """When the first request began."""
        return int(min(map(_first_ns, self.exchanges)))

    @property
    def last_ns(self) -> int:
        """When the last request ended."""
        return int(max(map(_last_ns, self.exchanges)))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one sender brought to one receiver of one study. `retrieved`: because somebody had asked for it. `attempts`
    counts C-STOREs, `instances` different ones of them; `fates` how many of these came to what; `retried` the instances
    that were sent more than once (in one retrieve), `examples` the first instances of each fate but success. `refused`
    are SOP classes that the sender proposed beside these and that were refused: objects of them could not be sent."""

    sender: Party
    receiver: Party
    retrieved: bool
    associations: tuple[int, ...]
    attempts: int
    instances: int
    fates: dict[Fate, int]
    retried: int
    examples: dict[Fate, tuple[str, ...]]
    refused: tuple[str, ...]


_SHOWN = 100
_FEW_CONTEXTS = 32


@once
def stored(traffic: Traffic) -> list[Stored]:
    """Every C-STORE of the capture whose request was seen, by study, series and parties."""
    groups: dict[tuple[object, ...], Stored] = {}
    association_id, parent, originator, asked_by = 0, None, None, ""
    study: str | None = ""
    series: str | None = ""
    group = Stored(None, None, Party("", None), Party("", None))
    for exchange in traffic.index.of("C-STORE"):
        if exchange.request is None:
            continue
        head = exchange.head or object_head(exchange)
        if (
            head.series is not series
            or head.study is not study
            or exchange.association != association_id
            or exchange.parent != parent
            or exchange.move_originator_message_id != originator
            or exchange.requested_by != asked_by
        ):
            group = _group(groups, head, exchange, traffic)
            association_id, asked_by, parent = exchange.association, exchange.requested_by, exchange.parent
            originator = exchange.move_originator_message_id
            study, series = head.study, head.series
        group.exchanges.append(exchange)
        group.heads.append(head)
    return list(groups.values())


def _group(groups: dict[tuple[object, ...], Stored], head: ObjectHead, exchange: Exchange, traffic: Traffic) -> Stored:
    association = traffic.association(exchange.association)
    sender, receiver = asking(exchange, association), performing(exchange, association)
    retrieve = _retrieve(exchange)
    key = (head.study or None, head.series or None, sender, receiver, retrieve)
    found = groups.get(key)
    if found is None:
        found = groups[key] = Stored(head.study or None, head.series or None, sender, receiver, retrieve)
    return found


def _retrieve(exchange: Exchange) -> tuple[object, ...] | None:
    if exchange.parent is not None:
        return (exchange.parent,)
    if exchange.move_originator_message_id is not None:
        return exchange.move_originator_ae, exchange.move_originator_message_id
    return None


def deliveries(parts: Sequence[Stored], traffic: Traffic) -> list[Delivery]:
    """The deliveries of one study."""
    between: dict[tuple[Party, Party, bool], list[Stored]] = {}
    for part in parts:
        between.setdefault((part.sender, part.receiver, part.retrieve is not None), []).append(part)
    return [_delivery(own, traffic) for own in between.values()]


def _delivery(parts: Sequence[Stored], traffic: Traffic) -> Delivery:
    exchanges = [exchange for part in parts for exchange in part.exchanges]
    best = _best(exchanges)
    again = set(_repeated(parts)) if len(best) < len(exchanges) else ()
    fates = dict.fromkeys(Fate, 0) | Counter(best.values())
    examples: dict[Fate, list[str]] = {}
    for instance, fate in best.items() if fates[Fate.SUCCESS] < len(best) else ():
        if fate is not Fate.SUCCESS and len(told := examples.setdefault(fate, [])) < _SHOWN:
            told.append(str(instance) if isinstance(instance, str) else "")
    associations = tuple(sorted({id for part in parts for id in part.associations}))
    return Delivery(
        parts[0].sender,
        parts[0].receiver,
        parts[0].retrieve is not None,
        associations,
        len(exchanges),
        len(best),
        fates,
        len(again),
        {fate: tuple(told) for fate, told in examples.items()},
        _refused(associations, traffic),
    )


def _best(exchanges: Sequence[Exchange]) -> dict[str | int, Fate]:
    """The best that each instance came to."""
    if set(map(_outcome, exchanges)) == {ExchangeOutcome.COMPLETED} and None not in set(map(_instance, exchanges)):
        return dict.fromkeys(map(_instance, exchanges), Fate.SUCCESS)
    best: dict[str | int, Fate] = {}
    for exchange in exchanges:
        instance, fate = exchange.sop_instance or exchange.id, _fate(exchange)
        earlier = best.setdefault(instance, fate)
        if earlier is not fate:
            best[instance] = min(earlier, fate, key=_RANK.__getitem__)
    return best


def _refused(associations: Sequence[int], traffic: Traffic) -> tuple[str, ...]:
    """Storage classes that none of these associations could carry, where the sender proposed few: not a catalogue."""
    wanted: dict[str, None] = {}
    carried: set[str] = set()
    for id in associations:
        association = traffic.association(id)
        if association.accept is None or len(association.contexts) > _FEW_CONTEXTS:
            continue
        for context in association.contexts:
            if context.abstract_syntax and context.accepted:
                carried.add(context.abstract_syntax)
            elif context.abstract_syntax and context.result_code and is_storage_class(context.abstract_syntax):
                wanted.setdefault(context.abstract_syntax)
    return tuple(uid for uid in wanted if uid not in carried)


def _repeated(parts: Sequence[Stored]) -> Iterator[str | int]:
    """Instances that were sent again; what two retrieves asked for was not."""
    seen: set[tuple[object, str | int]] = set()
    for part in parts:
        for exchange in part.exchanges:
            instance = exchange.sop_instance or exchange.id
            if (part.retrieve, instance) in seen:
                yield instance
            seen.add((part.retrieve, instance))


def _fate(exchange: Exchange) -> Fate:
    if exchange.final is None:
        return Fate.UNKNOWN if exchange.unseen else Fate.NOTHING
    if exchange.status is None:  # an answer that does not say
        return Fate.UNKNOWN
    return _BY_CLASS.get(exchange.status_class or "", Fate.FAILURE)
