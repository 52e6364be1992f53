"""Traffic in, its C-MOVEs out, found by their destination, by what a sub-operation says of its origin, or by who runs them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from ipaddress import ip_address, ip_network

from dicomsniff.association.content import Uids, uids_of
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Closing

GRACE_NS = 60 * 1_000_000_000
"""How long after the final response an archive may still deliver: some queue what they were asked for."""
LATEST = 16
"""C-MOVEs with one destination or origin that are looked at for a sub-operation, the latest first."""
UNKNOWN_DESTINATION = 0xA801
SWAPPED = 8
SWAPPED_NS = 50_000_000
"""Several queues or interfaces may put neighbouring packets of different connections in the wrong order: as far apart."""
_NEVER = 1 << 62


class Moment(NamedTuple):
    """When something was captured: in which packet, at what time."""

    packet: int
    time_ns: int

    def before(self, other: Moment) -> bool:
        """Whether this came first, or not so much later that the capture cannot have swapped the two."""
        if self.packet <= other.packet:
            return True
        return self.packet - other.packet <= SWAPPED and self.time_ns - other.time_ns <= SWAPPED_NS


class Sign(NamedTuple):
    """One thing that speaks for a delivery, or against it; `words` say it of the delivery."""

    points: int
    words: str


class Move:
    """One C-MOVE whose request was seen, and whom it concerns. `taken` are its sub-operations by association, each with
    what speaks for it."""

    def __init__(self, exchange: Exchange, association: Association, closings: Sequence[Closing] = ()) -> None:
        """`closings` are those of the connection on which it was asked for."""
        assert exchange.request is not None
        self.exchange, self.association = exchange, association
        self.destination = exchange.move_destination or ""
        self.client, self.archive = association.requestor.ip, association.acceptor.ip
        self.begun = Moment(exchange.request.last_packet, exchange.request.last_ns)
        self.ended = self._end(closings)
        self._latest_ns = self.ended.time_ns
        self.taken: dict[int, list[tuple[Exchange, tuple[Sign, ...]]]] = {}

    def _end(self, closings: Sequence[Closing]) -> Moment:
        """The final response, else the end of the association, were it only that of TCP; never while it is open."""
        if self.exchange.final is not None:
            return Moment(self.exchange.final.last_packet, self.exchange.final.last_ns)
        if self.association.release_request or self.association.aborts:
            return Moment(self.association.last_packet, self.association.last_ns)
        left = (c for c in closings if c.direction is self.association.closed_by and c.packet > self.begun.packet)
        return min((Moment(c.packet, c.time_ns) for c in left), default=Moment(_NEVER, _NEVER))

    @cached_property
    def wanted(self) -> Uids:
        """What its identifier asks for."""
        return uids_of(self.exchange)

    @property
    def to_itself(self) -> bool:
        """Whether the requestor asked for delivery to its own title."""
        return self.destination == self.association.calling_ae

    @property
    def whole(self) -> bool:
        """Whether it says that all it had to send was sent, and that this was something."""
        counts = self.exchange.suboperations
        return self.exchange.status == 0 and counts is not None and bool(counts.completed) and not counts.failed

    def running(self, at: Moment) -> bool:
        """Whether it was asked for before this and not answered finally."""
        return self.begun.before(at) and at.packet <= self.ended.packet

    def reaches(self, at: Moment) -> bool:
        """Whether something begun then can be its work: until a minute after the last that was heard of it."""
        return self.begun.before(at) and at.time_ns <= self._latest_ns + GRACE_NS

    def nearness(self, at: Moment) -> tuple[bool, bool, int]:
        """Of several that come into question: rather one that was under way, that had begun, that began last."""
        return self.begun.packet < at.packet <= self.ended.packet, self.begun.packet < at.packet, self.begun.packet

    def take(self, store: Exchange, association: int, signs: tuple[Sign, ...]) -> None:
        """Make a C-STORE its sub-operation."""
        self.taken.setdefault(association, []).append((store, signs))
        store.parent = self.exchange.id
        if store.request is not None:
            self._latest_ns = max(self._latest_ns, store.request.last_ns)


class Moves:
    """All C-MOVEs of the traffic."""

    def __init__(self, traffic: Traffic) -> None:
        asked = (e for e in traffic.index.of("C-MOVE") if e.request is not None)
        self.every = sorted((_move(e, traffic) for e in asked), key=lambda move: move.begun.packet)
        self._by_destination: dict[str, list[Move]] = {}
        self._by_origin: dict[tuple[str | None, int | None], list[Move]] = {}
        self._by_archive: dict[str, list[Move]] = {}
        for move in self.every:
            self._by_destination.setdefault(move.destination, []).append(move)
            self._by_origin.setdefault((move.association.calling_ae, move.exchange.message_id), []).append(move)
            self._by_archive.setdefault(move.archive, []).append(move)
        self._addresses = _addresses(traffic, {move.association.called_ae for move in self.every})
        self.clients = {(a.requestor.ip, a.acceptor.ip) for a in traffic.associations} if self.every else set()

    def knows(self, title: str | None) -> bool:
        """Whether anything was to be moved to this title."""
        return title in self._by_destination

    def to(self, title: str | None, at: Moment) -> list[Move]:
        """C-MOVEs to this title whose work something begun then can be, the latest first."""
        return [move for move in _latest(self._by_destination.get(title or "", ()), at) if move.reaches(at)]

    def of_origin(self, title: str, message_id: int | None, at: Moment) -> list[Move]:
        """C-MOVEs that this title asked for with this message ID, likewise."""
        return [move for move in _latest(self._by_origin.get((title, message_id), ()), at) if move.reaches(at)]

    def run_by(self, address: str, at: Moment) -> list[Move]:
        """C-MOVEs that the archive at this address was carrying out then, the latest first. Where there is none, those of
        which only the order of packets says otherwise, but for such as the archive found no destination for."""
        near = [move for move in _latest(self._by_archive.get(address, ()), at) if move.running(at)]
        surely = [move for move in near if move.nearness(at)[0]]
        return surely or [move for move in near if move.exchange.status != UNKNOWN_DESTINATION]

    def left_to(self, address: str, at: Moment) -> bool:
        """Whether that archive may still be at work on a C-MOVE whose requestor has left without an answer."""
        near = _latest(self._by_archive.get(address, ()), at)
        return any(move.exchange.final is None and move.reaches(at) for move in near)

    def from_archive(self, association: Association, move: Move) -> bool:
        """Whether an association was opened by the archive of this move: by address, by title, or by an address at which
        that title answered."""
        title = move.association.called_ae
        return (
            association.requestor.ip == move.archive
            or (title is not None and association.calling_ae == title)
            or association.requestor.ip in self._addresses.get(title, ())
        )

    def from_nearby(self, association: Association, move: Move) -> bool:
        """Whether it comes from the archive's subnet, and not from one of the archive's own clients."""
        other = association.requestor.ip
        return _one_subnet(other, move.archive) and (other, move.archive) not in self.clients


def _move(exchange: Exchange, traffic: Traffic) -> Move:
    association = traffic.association(exchange.association)
    return Move(exchange, association, traffic.conversation(association.connection).tcp.closings)


def _addresses(traffic: Traffic, titles: set[str | None]) -> dict[str | None, set[str]]:
    """Where each of these titles answered."""
    found: dict[str | None, set[str]] = {title: set() for title in titles}
    for association in traffic.associations if titles else ():
        if association.called_ae in found and association.accept is not None:
            found[association.called_ae].add(association.acceptor.ip)
    return found


def _latest(moves: list[Move] | tuple[()], at: Moment) -> list[Move]:
    place = bisect_right(moves, at.packet + SWAPPED, key=lambda move: move.begun.packet)
    return list(moves[max(0, place - LATEST) : place][::-1])


def _one_subnet(one: str, other: str) -> bool:
    """Whether two addresses lie in one /24, or one /64 of IPv6."""
    first, second = ip_address(one), ip_address(other)
    width = 24 if first.version == 4 else 64
    return first.version == second.version and second in ip_network((first, width), strict=False)
