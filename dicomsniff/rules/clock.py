"""Times in, what can be said of them out: the time of day as a log shows it, how long something took if that is known."""

from datetime import UTC, datetime

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic
from dicomsniff.core import Evidence

CAPTURE_END = 1 << 62
"""A packet number behind all others."""


def clock(time_ns: int) -> str:
    """ "15:56:51.753 UTC": to be looked up in a log."""
    if time_ns < 0:
        return "an unknown time"
    whole, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%H:%M:%S}.{rest // 1_000_000:03d} UTC"


def clock_holds(traffic: Traffic, since: int, until: int) -> bool:
    """Whether the time between these two packet numbers is what the capture's clock measured: it was not set in between,
    did not leap by hours, and all packets carry their times."""
    return not any(
        until >= first and since < last for capture in traffic.captures for first, last in capture.clock_breaks
    )


def elapsed(traffic: Traffic, since: Evidence, packet: int, time_ns: int) -> int | None:
    """How long after `since` the packet with this number and time came, in ns and never negative; None where the clock
    of the capture does not tell."""
    if not clock_holds(traffic, since.last_packet, packet):
        return None
    return max(0, time_ns - since.last_ns)


@once
def displaced_ns(traffic: Traffic) -> int:
    """How much later than it had passed something is proved to have been captured, 0 in a capture that is in order: the
    times of different connections tell no more than that."""
    return max(
        (side.early_ns for c in traffic.conversations for side in (c.tcp.to_responder, c.tcp.to_initiator)), default=0
    )


def milliseconds(duration_ns: int | None) -> float | None:
    return None if duration_ns is None else duration_ns / 1e6
