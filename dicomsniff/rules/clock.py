"""Times in, what can be said of them out: the time of day as a log shows it, how long something took if that is known."""

from datetime import UTC, datetime

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.rule import DICOM_KINDS
from dicomsniff.tcp.events import Connection, GapCause

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
    """Whether the time between these two packet numbers, in either order, is what the capture's clock measured: it was not
    set in between, did not leap by hours, and all packets carry their times."""
    begin, end = (since, until) if since <= until else (until, since)
    return not any(
        end >= first and begin < last for capture in traffic.captures for first, last in capture.clock_breaks
    )


def watched(traffic: Traffic, since: int, until: int, tcp: Connection | None = None) -> bool:
    """Whether nothing in the time between these two packet numbers says something: the clock holds and, where nobody spoke again
    to the end of the capture, nothing shows that a stretch of it is missing; or it lies before what the connection on which
    something was waited for is known until."""
    if not clock_holds(traffic, since, until):
        return False
    return until != CAPTURE_END or max(since, known_until(tcp) if tcp is not None else 0) >= last_lapse(traffic)


def known_until(tcp: Connection) -> int:
    """The packet up to which the numbers of both sides show that of their connection nothing is missing unnoticed, as a
    keep-alive and its answer do; of one that nobody answered, the last SYN: it would not be there if any had been. 0 where
    they show the opposite, or their order is not known."""
    sides = tcp.to_responder, tcp.to_initiator
    if tcp.opened == "unanswered":
        return tcp.syn_packets[-1]
    if any(side.early for side in sides) or any(closing.kind == "rst" for closing in tcp.closings) or tcp.unseen_fin:
        return 0
    return min(segments.last_packet or 0 for segments in tcp.segments)


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


def elapsed(traffic: Traffic, since: Evidence, packet: int, time_ns: int, tcp: Connection | None = None) -> int | None:
    """How long after `since` the packet with this number and time came, in ns and never negative; None where the capture
    does not tell, as where it holds the packet before what it came after. `tcp`: on which connection."""
    if packet < since.last_packet or not watched(traffic, since.last_packet, packet, tcp):
        return None
    return max(0, time_ns - since.last_ns)


def on_the_way_ns(sent: Evidence, tcp: Connection) -> int:
    """How much later than it was captured the receiver of a message can have had all of it only, as far as is known: until then
    some of it was sent again, lost behind the capture point. 0 where nothing was."""
    again = tcp.segments[sent.direction].resent
    last_ns = max((r.time_ns for r in again if r.start < sent.end and r.end > sent.start), default=0)
    return max(0, last_ns - sent.last_ns)


@once
def displaced_ns(traffic: Traffic) -> int:
    """How much later than it had passed something is proved to have been captured, 0 in a capture that is in order: the
    times of different connections tell no more than that."""
    return max(
        (side.early_ns for c in traffic.conversations for side in (c.tcp.to_responder, c.tcp.to_initiator)), default=0
    )


def milliseconds(duration_ns: int | None) -> float | None:
    return None if duration_ns is None else duration_ns / 1e6
