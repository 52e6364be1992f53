"""The capture shows packets as they never were on the wire: twice, too long, or at the wrong time.

What it sees
Packets captured more than once; whole conversations captured again at another point, or behind an address translation or
a proxy; TCP segments longer than their receiver accepts (segmentation offload); and a clock that was set, stood still, is
coarse or gives no times.

Why it matters
Copies look like retransmissions and objects sent twice, offload hides how long packets really were, and a clock that was set
makes or hides delays. Other findings take this into account; somebody who reads the packets must know it too.

Likely causes
1. A mirror session (SPAN) of two ports, or a capture on all interfaces.
2. The capture was made on one of the hosts, whose network card cuts and joins segments.
3. A virtual machine, or a host whose clock was set meanwhile.

Fix
Mirror one port, or use a tap; on a host switch offload off for the time of the capture (`ethtool -K eth0 tso off gso off gro
off`); synchronise the clock before.

Could be wrong when
A device on the path really doubles packets. A pause of more than an hour looks like a clock that was set.

Reference
RFC 6864 §4.1
RFC 9293 §3.7.1
http://wiki.wireshark.org/CaptureSetup/Offloading
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.points import seen_elsewhere
from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted, listed
from dicomsniff.rules.rule import Rule, Thresholds

_SHOWN = 6


def captured(traffic: Traffic) -> list[Traffic]:
    """The capture as one subject, with second views where there are any."""
    return [traffic.whole or traffic] if traffic.conversations or any(c.clock_notes for c in traffic.captures) else []


def check(whole: Traffic, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    return [*_copies(whole.conversations), *_views(whole), *_offload(whole.conversations), *_clock(whole)]


def _copies(conversations: Sequence[Conversation]) -> Iterator[Hit]:
    doubled = [(c, number) for c in conversations if (number := sum(c.tcp.facts(way).duplicates for way in DIRECTIONS))]
    total = sum(number for _, number in doubled)
    if not total:
        return
    yield Hit(
        f"{counted(total, 'packet')} of {counted(len(doubled), 'connection')} {'was' if total == 1 else 'were'} captured more "
        "than once (mirrored ports, a router, several interfaces, or doubled on their way): counted once.",
        packets=tuple(sorted({p for c, _ in doubled[:_SHOWN] for s in c.tcp.segments for p in s.copies}))[:_SHOWN],
        time_ns=doubled[0][0].tcp.first_ns,
        connection=doubled[0][0].id,
        act=Side.CAPTURE,
        facts={"kind": "duplicates", "packets": total, "connections": [c.id for c, _ in doubled[:100]]},
    )


def _views(whole: Traffic) -> Iterator[Hit]:
    views = [c for c in whole.conversations if c.view_of is not None]
    elsewhere = seen_elsewhere(whole) if views else set()
    for kind, where, own in (
        ("points", "at another point too", [c for c in views if c.id in elsewhere]),
        ("views", "again behind an address translation or a proxy", [c for c in views if c.id not in elsewhere]),
    ):
        if own:
            yield Hit(
                f"{counted(len(own), 'conversation')} {'was' if len(own) == 1 else 'were'} captured {where}: judged once.",
                packets=tuple(c.tcp.first_packet for c in own[:_SHOWN]),
                time_ns=own[0].tcp.first_ns,
                connection=own[0].id,
                act=Side.CAPTURE,
                facts={"kind": kind, "connections": [c.id for c in own[:100]]},
            )


def _offload(conversations: Sequence[Conversation]) -> Iterator[Hit]:
    long = [(c, way) for c in conversations if c.view_of is None for way in DIRECTIONS if _too_long(c, way)]
    if not long:
        return
    first, way = long[0]
    largest = max((c.tcp.segments[w].largest, c.id) for c, w in long)[0]
    hosts = sorted({frozenset((c.tcp.initiator.ip, c.tcp.responder.ip)) for c, _ in long}, key=sorted)
    own = frozenset.intersection(*hosts)
    where = f"on {' or '.join(sorted(own))}" if own else "on one of the hosts"
    yield Hit(
        f"{counted(len({c.id for c, _ in long}), 'connection')} {'shows' if len(long) == 1 else 'show'} TCP segments of up to "
        f"{largest} bytes, longer than their receiver accepts: the capture was made {where}, inside segmentation offload, and "
        "sizes and times of packets are host-internal.",
        packets=(first.tcp.segments[way].growing[-1].packet,),
        time_ns=first.tcp.segments[way].growing[-1].time_ns,
        connection=first.id,
        act=Side.CAPTURE,
        facts={
            "kind": "offload",
            "largest_bytes": largest,
            "hosts": sorted(own),
            "connections": sorted({c.id for c, _ in long})[:100],
        },
    )


def _too_long(conversation: Conversation, way: Direction) -> bool:
    segments, back = conversation.tcp.segments[way], conversation.tcp.segments[way.opposite]
    if segments.largest <= 1 or back.syn_options is None:
        return False
    syn = back.syn
    return syn is not None and syn.mss is not None and segments.largest > syn.mss > 0


def _clock(traffic: Traffic) -> Iterator[Hit]:
    for capture in traffic.captures:
        if capture.clock_notes:
            yield Hit(
                f"The times of {capture.path}: {listed(capture.clock_notes)}.",
                packets=tuple(first for first, _ in capture.clock_breaks[:_SHOWN]) or (capture.first_packet,),
                time_ns=capture.first_ns,
                act=Side.CAPTURE,
                facts={"kind": "clock", "path": capture.path, "breaks": len(capture.clock_breaks)},
            )


RULE = Rule(
    id="DS-CAP-005",
    name="duplicates-offload-or-time-artefacts",
    severity=Severity.NOTE,
    title="The capture is not quite what was on the wire",
    subjects=captured,
    check=check,
    page=__doc__ or "",
)
