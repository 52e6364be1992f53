"""What proves a statement: which bytes of which stream, in which packets, at what time."""

from typing import NamedTuple

from dicomsniff.core.endpoint import Direction


class Evidence(NamedTuple):
    """A byte range of one direction of one connection and the packets that carried it.

    `start` and `end` are offsets in the direction's stream (end exclusive). Packet numbers are those Wireshark shows;
    times are nanoseconds since 1970 UTC. `last_packet` is the packet that completed the range, which after
    reordering or retransmission need not be the one that carried its last byte.
    """

    connection: int
    direction: Direction
    start: int
    end: int
    first_packet: int
    last_packet: int
    first_ns: int
    last_ns: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def packets(self) -> tuple[int, ...]:
        """First and last packet number, one if they are the same."""
        return (self.first_packet,) if self.first_packet == self.last_packet else (self.first_packet, self.last_packet)

    def through(self, last: "Evidence") -> "Evidence":
        """The range from the start of this one to the end of `last`, a later range of the same direction."""
        return Evidence(
            self.connection,
            self.direction,
            self.start,
            last.end,
            self.first_packet,
            max(self.last_packet, last.last_packet),
            self.first_ns,
            max(self.last_ns, last.last_ns),
        )
