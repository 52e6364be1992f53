"""The capture program's drop counters in, connections that cannot be told from blind ones marked as such out."""

from __future__ import annotations

from collections import deque

from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Association, Blind, Conversation, ExchangeOutcome
from dicomsniff.core.records import replace

SLACK_NS = 2_000_000_000
"""Counters are told about once a second, and what they count may have been dropped a little before."""
PATIENCE_NS = 5_000_000_000
"""How long after the last packet of a connection another one, which was dropped, may have come."""
STRETCHES = 1000
"""Stretches kept apart; beyond them the older ones are one."""
HOLES = frozenset({Blind.HOLE_TO_ACCEPTOR, Blind.HOLE_TO_REQUESTOR})
_LACKING = (ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE, ExchangeOutcome.ORPHAN_RESPONSE)


class Drops:
    """When packets were dropped. A packet that was dropped left no trace: whoever spoke then may have said more."""

    def __init__(self) -> None:
        self.total = 0
        self._since_ns = 0
        self._stretches: deque[tuple[int, int]] = deque()

    def unseen(self, since_ns: int, now_ns: int) -> None:
        """Nothing could be seen in between."""
        self._add(since_ns - SLACK_NS, now_ns)

    def see(self, total: int | None, now_ns: int) -> int:
        """The counter stands at `total` (None: nobody counts); how many were dropped since the last look."""
        if total is None:
            return 0
        new = max(0, total - self.total)
        if new:
            self.total = total
            self._add(self._since_ns - SLACK_NS, now_ns)
        self._since_ns = now_ns
        return new

    def _add(self, first: int, last: int) -> None:
        """One more stretch, which may begin within the latest."""
        stretches = self._stretches
        if stretches and first <= stretches[-1][1]:
            begun, over = stretches.pop()
            first, last = min(first, begun), max(last, over)
        stretches.append((first, last))
        if len(stretches) > STRETCHES:
            oldest, second = stretches.popleft(), stretches.popleft()
            stretches.appendleft((oldest[0], second[1]))

    def blind(self, done: Done, now_ns: int) -> Done:
        """The connection, its associations blind where packets were dropped while they lived; `now_ns` is when it ended."""
        if not self._stretches:
            return done
        conversation, associations = done
        return conversation, tuple(self._blind(association, now_ns) for association in associations)

    def doubtful(self, conversation: Conversation) -> bool:
        """Whether packets of this connection may have been dropped: at its end it waited for what may not have come here."""
        tcp = conversation.tcp
        over = tcp.last_ns + PATIENCE_NS
        return any(first <= over and last >= tcp.first_ns for first, last in self._stretches)

    def _blind(self, association: Association, now_ns: int) -> Association:
        if not any(first <= now_ns and last >= association.first_ns for first, last in self._stretches):
            return association
        for exchange in association.exchanges:
            exchange.unseen = exchange.unseen or exchange.outcome in _LACKING
        return replace(association, blind=association.blind | HOLES)
