"""Times in, what can be said of them out: the time of day as a log shows it, how long something took if that is known."""

from datetime import UTC, datetime

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.rule import DICOM_KINDS
from dicomsniff.tcp.events import GapCause

CAPTURE_END = 1 << 62
"""A packet number behind all others."""
_LONG = 4096
"""Bytes of a hole that more than one packet or two have left."""
_MANY = 0.02
"""The share of missing bytes from which on several packets in a row may well be missing."""


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


def watched(traffic: Traffic, since: int, until: int) -> bool:
    """Whether nothing in the time between these two packet numbers says something: the clock holds and, where nobody spoke again
    to the end of the capture, nothing shows that a stretch of it is missing."""
    return clock_holds(traffic, since, until) and not (until == CAPTURE_END and since < last_lapse(traffic))


@once
def last_lapse(traffic: Traffic) -> int:
    """The last packet behind which packets are missing in a stretch, 0 if there is none: a single packet is missed by its
    connection, which then shows it, but a stretch may hold all the rest of others. Signs are the middle of a DICOM
    connection whose beginning is not there, long holes, and holes of any length where they are many."""
    begun = (c.tcp.first_packet for c in traffic.conversations if c.kind in DICOM_KINDS and c.tcp.opened == "midstream")
    gaps = [g for c in traffic.conversations for g in c.gaps if g.cause is GapCause.LOST]
    if gaps:
        seen = sum(s.bytes for c in traffic.conversations for s in (c.tcp.to_responder, c.tcp.to_initiator))
        long = 0 if sum(g.length for g in gaps) > _MANY * seen else _LONG
        gaps = [g for g in gaps if g.length >= long]
    return max((*begun, *(g.packet for g in gaps)), default=0)


def elapsed(traffic: Traffic, since: Evidence, packet: int, time_ns: int) -> int | None:
    """How long after `since` the packet with this number and time came, in ns and never negative; None where the capture
    does not tell."""
    if not watched(traffic, since.last_packet, packet):
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
