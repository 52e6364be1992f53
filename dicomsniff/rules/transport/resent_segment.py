"""A connection in, the segment that it died of out: sent again and again, and never confirmed."""

from dicomsniff.association.values import Conversation, ExchangeOutcome, Traffic
from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.segment_facts import Resent

TRIES = 3


class Unconfirmed(NamedTuple):
    """The bytes of one direction from stream offset `start` on, and every time that they were sent again; `size` is the
    shortest of these segments."""

    direction: Direction
    start: int
    size: int
    tries: tuple[Resent, ...]

    @property
    def first_ns(self) -> int:
        """When the first of the repetitions was sent."""
        return self.tries[0].time_ns


def unconfirmed(tcp: Connection) -> Unconfirmed | None:
    """The segment that a side repeated at least three times, to the last without an acknowledgement."""
    for direction in DIRECTIONS:
        segments = tcp.segments[direction]
        if segments.seen_twice < TRIES:
            continue
        last = segments.resent[-1]
        tries = tuple(r for r in segments.resent if r.start == last.start and not r.hole)
        confirmed = tcp.facts(direction).acknowledged or 0
        if len(tries) >= TRIES and confirmed <= last.start:
            return Unconfirmed(direction, last.start, min(r.end - r.start for r in tries), tries)
    return None


def last_talk(conversation: Conversation, traffic: Traffic) -> tuple[int | None, int | None]:
    """The association that was under way when the connection died and, of it, the last exchange without an end."""
    if not conversation.associations:
        return None, None
    association = traffic.association(conversation.associations[-1])
    for exchange in reversed(association.exchanges):
        if exchange.outcome in (ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE):
            return association.id, exchange.id
    return association.id, None
