"""Traffic in, whether a host still spoke to another at a given time out: a path that drops some is told from a dead host."""

from bisect import bisect_right

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core import DIRECTIONS, Direction


class LivingHosts:
    """When each host was last heard by each other one, on every connection between the two."""

    def __init__(self, traffic: Traffic) -> None:
        self._heard: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for conversation in traffic.conversations:
            for way in DIRECTIONS:
                last_ns = conversation.tcp.segments[way].last_ns
                if last_ns is not None:
                    ends = conversation.tcp.sender(way).ip, conversation.tcp.receiver(way).ip
                    self._heard.setdefault(ends, []).append((last_ns, conversation.id))
        for heard in self._heard.values():
            heard.sort()

    def elsewhere(self, conversation: Conversation, speaker: Direction, since_ns: int) -> int | None:
        """The connection, other than this one, on which the sender of direction `speaker` was heard by the same host
        after `since_ns`; None where there is none."""
        ends = conversation.tcp.sender(speaker).ip, conversation.tcp.receiver(speaker).ip
        heard = self._heard.get(ends, [])
        after = heard[bisect_right(heard, (since_ns, 1 << 62)) :]
        return next((id for _, id in after[:2] if id != conversation.id), None)
