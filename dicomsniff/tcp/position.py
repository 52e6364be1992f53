"""The facts of a connection in; where on its way the capture was taken, and why one thinks so, out (catalogue part 3.2)."""

from __future__ import annotations

from enum import StrEnum

from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.meter import least_way
from dicomsniff.tcp.options import least_mss

NEAR, FAR = 0.15, 0.85
SHORT_NS = 300_000
"""Where both round trips are shorter, errors are too: the place makes no difference."""


class Place(StrEnum):
    """Where a connection was captured."""

    INITIATOR = "initiator"
    RESPONDER = "responder"
    BETWEEN = "between"
    SAME_NETWORK = "same-network"
    UNKNOWN = "unknown"


class Position(NamedTuple):
    """`share`: of the round trip between the ends, the part between the capture point and the initiator. `offload`: the ends
    that sent or received segments longer than any on a wire, which is seen only on one of the two hosts themselves."""

    place: Place
    share: float | None
    initiator_ns: int | None
    responder_ns: int | None
    offload: bool


def position(tcp: Connection) -> Position:
    """From the shortest round trips on both sides of the capture point."""
    initiator = least_way(tcp.rtt_initiator_ns, tcp.meters[Direction.TO_INITIATOR].trips)
    responder = least_way(tcp.rtt_responder_ns, tcp.meters[Direction.TO_RESPONDER].trips)
    syns = tcp.segments[0].syn, tcp.segments[1].syn
    offload = any(syns) and any(tcp.segments[direction].largest > least_mss(*syns) for direction in DIRECTIONS)
    if initiator is None or responder is None or initiator + responder <= 0:
        return Position(Place.UNKNOWN, None, initiator, responder, offload)
    share = round(initiator / (initiator + responder), 3)
    if initiator < SHORT_NS and responder < SHORT_NS:
        place = Place.SAME_NETWORK
    else:
        place = Place.INITIATOR if share < NEAR else Place.RESPONDER if share > FAR else Place.BETWEEN
    return Position(place, share, initiator, responder, offload)
