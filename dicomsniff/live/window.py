"""Connections that ended in, the traffic of the moment out: the latest of them with those still open, in bounded memory.

What lies in the window is as a capture that began at `since_ns`: every connection that ended later is in it. A moment
shows it whole, or only what is new in it: to look at that costs no more, however much is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile

from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.capture import CaptureFacts
from dicomsniff.core.records import dataclass, replace
from dicomsniff.live.dossier import alone
from dicomsniff.live.ids import Ids, Names
from dicomsniff.report.redaction import identifiers
from dicomsniff.tcp.sighting import NOTHING, Odd

SECOND = 1_000_000_000
ENOUGH = 2
"""Whole moments that show a connection before it may be forgotten: a finding is told at the second."""
SHARE = 4
"""Of the window, which is what may end between two whole moments."""
HOLES_LIKE_ONE = 8
"""Holes that take as much memory as an exchange."""
TWICE = 2
"""Moments, whole or not, to which a connection that ended is new."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the window holds at most: seconds since a connection ended, ended connections, exchanges of them (holes count too)."""

    seconds: float = 86_400.0
    connections: int = 2000
    exchanges: int = 20_000


@dataclass(slots=True)
class Kept:
    """A connection as it ended (or stands), and the relations within its associations, which joining overwrites."""

    done: Done
    forgot: bool
    exchanges: int  # with the holes in it counted as such
    relations: list[tuple[Exchange, int | None, tuple[int, ...]]]
    looked_at: int = 0
    weighed: int = 0  # in whole moments
    _identifiers: tuple[str, ...] | None = None

    @classmethod
    def of(cls, done: Done, forgot: bool) -> Kept:
        own = [e for association in done[1] for e in association.exchanges]
        related = [(e, e.parent, tuple(e.children)) for e in own if e.parent is not None or e.children]
        return cls(done, forgot, len(own) + len(done[0].gaps) // HOLES_LIKE_ONE, related)

    def identifiers(self) -> tuple[str, ...]:
        """Of the patients in it, see `report.redaction.identifiers`."""
        if self._identifiers is None:
            self._identifiers = tuple(identifiers(e for a in self.done[1] for e in a.exchanges))
        return self._identifiers

    def restore(self) -> None:
        """Make the exchanges what they were before they were joined with others."""
        for association in self.done[1]:
            for exchange in association.exchanges:
                exchange.parent = None
                if exchange.children:
                    exchange.children = []
        for exchange, parent, children in self.relations:
            exchange.parent, exchange.children = parent, list(children)


@dataclass(frozen=True, slots=True)
class Moment:
    """The traffic as it stands. `since_ns`: when what it holds begins to be whole; 0 where nothing was forgotten.
    `lost` are associations, by place, of which exchanges were forgotten; `ended` the connections that are over; `doubtful`
    those of which packets may have been dropped. Where it is not `whole`, only what is new is in it. `identifiers` are those of
    all patients of whom something is kept."""

    traffic: Traffic
    names: Names
    since_ns: int
    lost: frozenset[int]
    ended: frozenset[int]
    doubtful: frozenset[int] = frozenset()
    whole: bool = True
    identifiers: Callable[[], Iterable[str]] = tuple

    def release(self) -> None:
        """Forget what rules and rows gathered of the traffic: that refers to the traffic, which would never go without help."""
        for traffic in (self.traffic, self.traffic.without_views(), self.traffic.whole):
            if traffic is not None:
                traffic.gathered.clear()


class Window:
    """Keeps what ended lately."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._kept: deque[Kept] = deque()
        self._exchanges = 0
        self._ids = Ids()
        self.since_ns = 0
        self._fresh = self._fresh_exchanges = 0  # connections that no whole moment has shown, and their exchanges
        self.forgotten = 0  # connections that are not in the window any more
        self.dropped_before = 0  # packets that had been dropped when the window began

    @property
    def crowded(self) -> bool:
        """Whether so much ended since the last whole moment that the next cannot wait."""
        bounds = self._bounds
        return SHARE * self._fresh > bounds.connections or SHARE * self._fresh_exchanges > bounds.exchanges

    def add(self, ended: Iterable[Done], forgot: Iterable[bool]) -> None:
        """Connections that are over."""
        for done, each in zip(ended, forgot, strict=True):
            kept = Kept.of(done, each)
            self._kept.append(kept)
            self._fresh += 1
            self._fresh_exchanges += kept.exchanges
            self._exchanges += kept.exchanges

    def shrink(self, now_ns: int, dropped: int | None) -> None:
        """Forget what is too old or too much; `dropped` packets were lost so far."""
        bounds, kept = self._bounds, self._kept
        old = now_ns - int(bounds.seconds * SECOND)
        while (
            kept
            and kept[0].weighed >= ENOUGH
            and (
                len(kept) > bounds.connections
                or self._exchanges > bounds.exchanges
                or kept[0].done[0].tcp.last_ns < old
            )
        ):
            gone = kept.popleft()
            self._exchanges -= gone.exchanges
            self.since_ns = max(self.since_ns, gone.done[0].tcp.last_ns + 1)
            self.forgotten += 1
            self.dropped_before = dropped or 0
            self._ids.forget(gone.done[0].id, len(gone.done[1]))

    def moment(
        self,
        open: Iterable[tuple[Done, bool]],
        facts: CaptureFacts,
        copies: int = 0,
        odd: Odd = NOTHING,
        faults: list[tuple[int, str]] | None = None,
        unlisted: int = 0,
        *,
        whole: bool = True,
    ) -> Moment:
        """The traffic of what ended lately and of what is `open`; where it is not to be `whole`, of what ended since the
        moment before last."""
        over = list(self._kept) if whole else self._new()
        kept = [*over, *(Kept.of(done, forgot) for done, forgot in open)]
        kept.sort(key=lambda one: one.done[0].id)
        for one in over:
            one.restore()
            one.looked_at += 1
            one.weighed += whole
        if whole:
            self._fresh = self._fresh_exchanges = 0
        connections = [one.done[0].id for one in kept]
        parts = [_placed(one.done, place) for place, one in enumerate(kept, 1)]
        traffic = joined((facts,), odd, copies, parts, faults or [], unlisted, Layout())
        lost = frozenset(
            a for c, one in zip(traffic.conversations, kept, strict=True) if one.forgot for a in c.associations
        )
        own = set(map(id, over))
        ended = frozenset(place for place, one in enumerate(kept, 1) if id(one) in own)
        names = self._ids.name(traffic, connections)
        since_ns = self.since_ns if whole else 0  # what is judged alone lacks nothing that was forgotten
        return Moment(
            traffic, names, since_ns, lost, ended, whole=whole, identifiers=tuple if whole else self._identifiers
        )

    def of(
        self, association: int, facts: CaptureFacts, standing: Callable[[int], tuple[Done, bool] | None]
    ) -> Moment | None:
        """What is known of the connection of an association, as a moment of its own; None where it is forgotten. `standing`
        gives a connection that is still open."""
        connection = self._ids.connection_of(association)
        if connection is None:
            return None
        kept = next((one for one in self._kept if one.done[0].id == connection), None)
        over = frozenset({1}) if kept is not None else frozenset[int]()
        if kept is None and (still := standing(connection)) is not None:
            kept = Kept.of(*still)
        if kept is None:
            return None
        kept.restore()
        traffic = alone(kept.done, facts)
        names = self._ids.name(traffic, [connection])
        lost = frozenset(a.id for a in traffic.associations) if kept.forgot else frozenset()
        return Moment(traffic, names, 0, lost, over, whole=False, identifiers=self._identifiers)

    def _new(self) -> list[Kept]:
        """What ended since the moment before last."""
        return list(takewhile(lambda one: one.looked_at < TWICE, reversed(self._kept)))

    def _identifiers(self) -> Iterator[str]:
        return (value for one in self._kept for value in one.identifiers())


def _placed(done: Done, place: int) -> Done:
    """The same connection under the id that is its place among those in the window."""
    conversation, associations = done
    if conversation.tcp.id == place:
        return done
    return (
        replace(conversation, tcp=replace(conversation.tcp, id=place)),
        tuple(replace(association, connection=place) for association in associations),
    )
