"""What both directions of a connection say in, by the packets; the same in an order in which it can have been said, out.

A capture may hold packets in another order than they were sent in: network cards with several queues, mirrored ports and
taps exchange neighbours, and blocks and files end where they will. TCP tells what came first all the same: whoever sent
something had received by then what its packet acknowledges of the other direction (`Evidence.heard`). Only what no
acknowledgement orders is taken in the order of the packets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from operator import itemgetter

from dicomsniff.core import DIRECTIONS, Anomaly, Direction
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.values import Pdu

Item = Pdu | Message | Anomaly
Timed = tuple[int, Direction, Item, Sequence[Message | Anomaly]]
"""The packet with which something was complete, its direction, what it is, and what a P-DATA-TF completes: messages begin
no later than their last PDU, so that what that may follow they may follow too."""

_NEVER = 1 << 62
_packet = itemgetter(0)


class CausalOrder:
    """Orders what one connection says. What answers bytes that have not been read yet is kept back until more is read;
    once, for they may never come."""

    __slots__ = ("_kept", "_read")

    def __init__(self) -> None:
        self._kept: list[Timed] = []
        self._read = [0, 0]

    def read(self, direction: Direction, offset: int) -> None:
        """Everything of this direction before this stream offset has been read."""
        self._read[direction] = offset

    def put(self, items: list[Timed], *, last: bool = False) -> list[Timed]:
        """The next items, each direction's in stream order with packets that never fall; what can be passed on now, in
        order. `last`: nothing more will be read."""
        kept, self._kept = self._kept, []
        timed = kept + items if kept else items
        timed.sort(key=_packet)
        if not self._proved_wrong(timed):
            return timed
        ordered = _merged(timed)
        return ordered if last else self._keep_back(ordered, kept)

    def _keep_back(self, ordered: list[Timed], kept: list[Timed]) -> list[Timed]:
        """Without what follows, in each direction, the first item that answers unread bytes and was not kept before."""
        before = set(map(id, kept))
        now: list[Timed] = []
        closed = [False, False]
        for timed in ordered:
            _, direction, item, _ = timed
            unread = item.evidence.heard > self._read[1 - direction] and id(timed) not in before
            closed[direction] = closed[direction] or unread
            (self._kept if closed[direction] else now).append(timed)
        return now

    def _proved_wrong(self, timed: list[Timed]) -> bool:
        """Whether something answers what comes only after it, or has not been read at all."""
        read, following = self._read, [_NEVER, _NEVER]
        for _, direction, item, _ in reversed(timed):
            evidence = item.evidence
            heard, other = evidence.heard, 1 - direction
            if following[other] <= heard or read[other] < heard:
                return True
            following[direction] = evidence.end
        return False


def _merged(timed: list[Timed]) -> list[Timed]:
    """Both directions, each in its own order, with nothing before what it answers."""
    ways = tuple(deque(each for each in timed if each[1] is way) for way in DIRECTIONS)
    one, other = ways
    merged = []
    while one and other:
        mine, theirs = one[0][2].evidence, other[0][2].evidence
        if theirs.end <= mine.heard:
            first = other
        elif mine.end <= theirs.heard:
            first = one
        else:
            first = other if other[0][0] < one[0][0] else one
        merged.append(first.popleft())
    return [*merged, *one, *other]
