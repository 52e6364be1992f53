"""TCP segments between two hosts are far smaller than the network allows.

What it sees
A maximum segment size below 1200 bytes in one of the two SYNs, or bulk data of which no segment is longer than 600
bytes; the SYNs and the sizes that were seen.

Why it matters
An image takes two or three times as many packets as usual, and every device on the way works as much harder: one site
gained 80 % of image speed when its packets grew from 590 to 1314 bytes.

Likely causes
1. Path MTU discovery is switched off on a host, which then assumes 536 or 576 bytes.
2. A tunnel or VPN gateway lowers the segment size (MSS clamping) more than it must.
3. A firewall removes the option from the SYN.

Fix
Switch path MTU discovery on again, set the MTU of the interface, and look at the TCP normalisation of firewalls on the
way.

Could be wrong when
The data are small because the application writes little at a time. Sizes of 1360 to 1460 bytes are ordinary.

Reference
RFC 9293 §3.7.1
http://spectrumpacs.com/bolt.html
"""

from collections.abc import Iterable
from typing import Any

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.tcp.events import Connection

_SMALL, _TINY = 1200, 600
_ASSUMED = 536  # where a SYN announces nothing: RFC 9293 §3.7.1
_ORDINARY = 1460
_BULK_BYTES, _BULK_SEGMENTS, _ALIKE = 50_000, 50, 0.5


def dicom(traffic: Traffic) -> Iterable[Conversation]:
    return (c for c in traffic.conversations if c.kind in DICOM_KINDS)


def check(conversation: Conversation, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    tcp = conversation.tcp
    limited = _limit(tcp)
    if limited is None:
        return None
    size, who = limited
    announced = [facts.syn.mss if facts.syn else None for facts in tcp.segments]
    return Hit(
        f"TCP segments limited to {size} bytes between {tcp.initiator.ip} and {tcp.responder}{_who(tcp, who)}: "
        f"{_ORDINARY / size:.1f} times as many packets as usual.",
        packets=tuple(sorted({*tcp.syn_packets[:1], *([tcp.syn_ack_packet] if tcp.syn_ack_packet else [])}))
        or (tcp.first_packet,),
        time_ns=tcp.first_ns,
        connection=conversation.id,
        act=Side.NETWORK if who is None else Side.UNKNOWN,
        key=f"{tcp.initiator.ip} {tcp.responder} {size}",
        facts={
            "host": tcp.responder.ip,
            "port": tcp.responder.port,
            "client": tcp.initiator.ip,
            "segment_bytes": size,
            "announced": announced,
            "sizes": {_name(way): _sizes(tcp, way) for way in DIRECTIONS},
        },
    )


def _limit(tcp: Connection) -> tuple[int, Direction | None] | None:
    """The size in bytes and the direction of the SYN that asks for it; None for the latter where only data show it."""
    asked = []
    for way in DIRECTIONS:
        syn = tcp.segments[way].syn_options and tcp.segments[way].syn
        if syn and syn.mss is not None and 0 < syn.mss < _SMALL and tcp.segments[way.opposite].largest <= syn.mss:
            asked.append((syn.mss, way))
    if asked:
        return min(asked)
    seen = [tcp.segments[way].largest for way in DIRECTIONS if _bulk(tcp, way) and tcp.segments[way].largest < _TINY]
    return (min(seen), None) if seen else None


def _bulk(tcp: Connection, way: Direction) -> bool:
    """Whether much was sent this way, most of it in segments of the greatest length."""
    facts, segments = tcp.facts(way), tcp.segments[way]
    enough = facts.bytes >= _BULK_BYTES and facts.data_packets >= _BULK_SEGMENTS
    return enough and segments.full >= _ALIKE * facts.data_packets


def _who(tcp: Connection, who: Direction | None) -> str:
    if who is not None:
        both = tcp.segments[0].syn, tcp.segments[1].syn
        if both[0] and both[1] and both[0].mss == both[1].mss:
            return " (both SYNs ask for it)"
        return f" (the SYN of {tcp.sender(who).ip} asks for it)"
    silent = [tcp.sender(w).ip for w in DIRECTIONS if (s := tcp.segments[w].syn) and s.whole and s.mss is None]
    if silent:
        return f" (the SYN of {' and that of '.join(silent)} does not say a size, and so {_ASSUMED} bytes are assumed)"
    return " (no longer ones were seen)"


def _sizes(tcp: Connection, way: Direction) -> dict[str, Any]:
    facts, segments = tcp.facts(way), tcp.segments[way]
    return {"largest": segments.largest, "full": segments.full, "segments": facts.data_packets, "bytes": facts.bytes}


def _name(way: Direction) -> str:
    return way.name.lower()


RULE = Rule(
    id="DS-TCP-008",
    name="small-mss",
    severity=Severity.NOTE,
    title="Small segments",
    subjects=dicom,
    check=check,
    page=__doc__ or "",
)
