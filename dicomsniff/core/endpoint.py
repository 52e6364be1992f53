"""Who is speaking: one end of a TCP connection, and the two directions between the ends."""

from enum import IntEnum

from dicomsniff.core.tuples import NamedTuple


class Endpoint(NamedTuple):
    """One end of a connection: the address as text (IPv4 dotted, IPv6 compressed) and the TCP port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


class Direction(IntEnum):
    """Which way bytes flow. The initiator sent the SYN; where no SYN was seen it is the likelier client."""

    TO_RESPONDER = 0
    TO_INITIATOR = 1

    opposite: "Direction"  # set below: asked for so often that a property would be felt


Direction.TO_RESPONDER.opposite = Direction.TO_INITIATOR
Direction.TO_INITIATOR.opposite = Direction.TO_RESPONDER

DIRECTIONS = (Direction.TO_RESPONDER, Direction.TO_INITIATOR)
"""Both, as a tuple: to go through the members of an enumeration takes ten times as long."""
