"""What proves a statement: which bytes of which stream, in which packets, at what time."""

from dicomsniff.core.endpoint import Direction
from dicomsniff.core.tuples import NamedTuple


class Evidence(NamedTuple):
    """A byte range of one direction of a connection and the packets that carried it. Which connection that is, what it
    hangs on knows: facts are the same wherever that stands among others.

    `start` and `end` are offsets in the direction's stream (end exclusive). Packet numbers are those Wireshark shows;
    times are nanoseconds since 1970 UTC. `last_packet` is the packet that completed the range, which after
    reordering or retransmission need not be the one that carried its last byte. `heard` is what the acknowledgement
    number of the first packet says: how much of the other direction's stream the sender had received when it sent this,
    negative where that is not known. It orders the two directions where packet numbers and times may not: a network card
    with several queues and mirrored ports put packets into a capture in another order than they were sent in.
    """

    direction: Direction
    start: int
    end: int
    first_packet: int
    last_packet: int
    first_ns: int
    last_ns: int
    heard: int = -1

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def packets(self) -> tuple[int, ...]:
        """First and last packet number, one if they are the same."""
        return (self.first_packet,) if self.first_packet == self.last_packet else (self.first_packet, self.last_packet)

    def through(self, last: "Evidence") -> "Evidence":
        """The range from the start of this one to the end of `last`, a later range of the same direction."""
        direction, start, _, first_packet, last_packet, first_ns, last_ns, heard = self
        last_packet, last_ns = max(last_packet, last.last_packet), max(last_ns, last.last_ns)
        return Evidence(direction, start, last.end, first_packet, last_packet, first_ns, last_ns, heard)

    def knew(self, other: "Evidence") -> bool:
        """Whether the sender of this had received all of `other`, which travelled against it on the same connection, when
        it began to send this; told by the packets' order where no acknowledgement tells."""
        return other.end <= self.heard if self.heard >= 0 else other.last_packet < self.first_packet

    def after(self, other: "Evidence") -> bool:
        """Whether this was begun after `other` had ended, both on one connection: what neither the order of one stream nor
        an acknowledgement tells, the packets do."""
        if self.direction is other.direction:
            return self.start >= other.end
        if self.knew(other):
            return True
        return not other.knew(self) and other.last_packet < self.first_packet
