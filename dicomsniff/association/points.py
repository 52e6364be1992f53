"""Traffic that was captured at several points in, the same with each conversation marked that another point shows better.

At another point a conversation has the same addresses, ports and sequence numbers at the same time; behind an address
translation at least both initial sequence numbers. The view that holds most of it is the one that is judged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dicomsniff.association.values import Association, Conversation, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import replace

ELSEWHERE = "the same conversation as connection {id}, captured at another point (point {point})"
SLACK_NS = 1_000_000_000
"""How far apart in time two views may be beside what is known of their clocks: packets that only one point captured."""


def mark_points(traffic: Traffic) -> Traffic:
    """Mark conversations and associations that another point shows; `Traffic.without_views` leaves them out."""
    starts = _starts(traffic)
    points = [_point(starts, conversation) for conversation in traffic.conversations]
    slack = SLACK_NS + 2 * max((c.point.uncertainty_ns or 0 for c in traffic.captures), default=0)
    clusters = _Clusters(len(traffic.conversations))
    for conversation in traffic.conversations:
        if conversation.view_of is not None:
            clusters.join(conversation.id, conversation.view_of)
    for one, other in _linked(traffic.conversations, points, slack):
        clusters.join(one, other)
    conversations, associations = list(traffic.conversations), list(traffic.associations)
    for ids in clusters.larger():
        main = max((traffic.conversation(id) for id in ids), key=lambda c: (*_held(c), -c.id))
        for own in (traffic.conversation(id) for id in ids if id != main.id):
            if points[own.id - 1] == points[main.id - 1] and own.view_of is None:
                continue
            proof = own.view_proof or ELSEWHERE.format(id=main.id, point=points[main.id - 1])
            conversations[own.id - 1] = replace(own, view_of=main.id, view_proof=proof)
            for one, shown in _counterparts(traffic, own, main, slack):
                associations[one - 1] = replace(associations[one - 1], view_of=shown)
        conversations[main.id - 1] = replace(main, view_of=None, view_proof="")
        for id in main.associations:
            associations[id - 1] = replace(associations[id - 1], view_of=None)
    return replace(traffic, conversations=tuple(conversations), associations=tuple(associations))


def end_ns(traffic: Traffic, connection: int) -> int:
    """Until when the capture can show what happened on a connection: the last packet at its point of capture. Of points
    that were joined the one that ended first, as the other may see half of it."""
    points = {capture.point.number for capture in traffic.captures}
    if len(points) < 2 or traffic.joined:
        return traffic.last_ns
    own = _point(_starts(traffic), traffic.conversation(connection))
    return max((c.last_ns for c in traffic.captures if c.last_ns is not None and c.point.number == own), default=0)


def seen_elsewhere(traffic: Traffic) -> set[int]:
    """Views that were captured at another point than the conversation that they show again, by id."""
    starts = _starts(traffic)
    views = ((c, traffic.conversation(c.view_of)) for c in traffic.conversations if c.view_of is not None)
    return {view.id for view, main in views if _point(starts, view) != _point(starts, main)}


def _starts(traffic: Traffic) -> list[tuple[int, int]]:
    """The first packet of each file and its point: points were read one after the other."""
    return sorted((c.first_packet, c.point.number) for c in traffic.captures if c.first_packet)


def _point(starts: list[tuple[int, int]], conversation: Conversation) -> int:
    place = bisect_right(starts, (conversation.tcp.first_packet, len(starts) + 1))
    return starts[place - 1][1] if place else 1


class _Clusters:
    """Conversations by id, those that were joined together."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count + 1))

    def _root(self, id: int) -> int:
        while self._parent[id] != id:
            self._parent[id] = id = self._parent[self._parent[id]]
        return id

    def join(self, one: int, other: int) -> None:
        self._parent[self._root(other)] = self._root(one)

    def larger(self) -> Iterator[list[int]]:
        """Those of more than one."""
        found: dict[int, list[int]] = {}
        for id in range(1, len(self._parent)):
            found.setdefault(self._root(id), []).append(id)
        yield from (ids for ids in found.values() if len(ids) > 1)


def _linked(conversations: Sequence[Conversation], points: list[int], slack: int) -> Iterator[tuple[int, int]]:
    """Pairs that are one conversation."""
    ends: dict[tuple[Endpoint, ...], dict[int, list[Conversation]]] = {}
    numbers: dict[tuple[int | None, ...], list[Conversation]] = {}
    for conversation, point in zip(conversations, points, strict=True):
        tcp = conversation.tcp
        here = ends.setdefault(tuple(sorted((tcp.initiator, tcp.responder))), {})
        here.setdefault(point, []).append(conversation)
        if None not in tcp.isns:
            numbers.setdefault(tcp.isns, []).append(conversation)
    for by_point in ends.values():
        if len(by_point) > 1:
            yield from _at_one_time(by_point, slack)
    for alike in numbers.values():  # behind an address translation
        for one, other in pairwise(alike):
            if points[one.id - 1] != points[other.id - 1] and _meet(one, other, slack):
                yield one.id, other.id


def _at_one_time(by_point: dict[int, list[Conversation]], slack: int) -> Iterator[tuple[int, int]]:
    """Of one pair of ends, the conversations at different points that were held at the same time."""
    order = sorted((c for own in by_point.values() for c in own), key=lambda c: c.tcp.first_ns)
    where = {c.id: point for point, own in by_point.items() for c in own}
    going_on: list[Conversation] = []
    for conversation in order:
        going_on = [c for c in going_on if c.tcp.last_ns + slack >= conversation.tcp.first_ns]
        for other in going_on[-8:]:
            if where[other.id] != where[conversation.id] and _agree(other, conversation):
                yield other.id, conversation.id
        going_on.append(conversation)


def _meet(one: Conversation, other: Conversation, slack: int) -> bool:
    return max(one.tcp.first_ns, other.tcp.first_ns) <= min(one.tcp.last_ns, other.tcp.last_ns) + slack


def _agree(one: Conversation, other: Conversation) -> bool:
    """Whether no sequence number says that these are two; without any, one must not begin after the other has ended."""
    known = dict(zip((one.tcp.initiator, one.tcp.responder), one.tcp.isns, strict=True))
    again = dict(zip((other.tcp.initiator, other.tcp.responder), other.tcp.isns, strict=True))
    pairs = [(known[end], again[end]) for end in known if known[end] is not None and again[end] is not None]
    return all(first == second for first, second in pairs)


def _held(conversation: Conversation) -> tuple[int, int, int]:
    """How much of a conversation a view holds."""
    tcp = conversation.tcp
    both = (tcp.to_responder, tcp.to_initiator)
    return sum(f.bytes for f in both), sum(n is not None for n in tcp.isns), sum(f.packets for f in both)


def _counterparts(traffic: Traffic, own: Conversation, main: Conversation, slack: int) -> Iterator[tuple[int, int]]:
    """Associations of a view with those of the conversation that they show again; what only the view has stays alone."""
    free = [traffic.association(id) for id in main.associations]
    for id in own.associations:
        association = traffic.association(id)
        best = max(free, key=lambda a: _overlap(association, a), default=None)
        if best is not None and _overlap(association, best) > -slack:
            free.remove(best)
            yield id, best.id


def _overlap(one: Association, other: Association) -> int:
    return min(one.last_ns, other.last_ns) - max(one.first_ns, other.first_ns)
