"""Long packets vanish on the way while short ones arrive: a path MTU black hole.

What it sees
A long segment that its sender repeated three times or more and that was never acknowledged, on a connection whose
shorter segments were; the receiver had room for it and was still heard, here or on another connection. Or an ICMP message
that a packet was too big, about a segment that was never delivered.

Why it matters
Association and C-ECHO work, and the first image hangs until a time-out: every test passes and nothing can be sent.

Likely causes
1. A VPN or tunnel shortens the path's MTU, its gateway does not lower the segment size, and ICMP is filtered.
2. Jumbo frames are switched on at one side only.
3. The overhead of PPPoE or MPLS is not accounted for.

Fix
Lower the segment size at the tunnel (MSS clamping, for example to 1360 bytes), or let ICMP type 3 code 4 (in IPv6:
Packet Too Big) pass. As a test, lower the MTU of the sending host.

Could be wrong when
The receiver's host failed at that very moment, and what was heard of its address later came from a device in front of it.

Reference
RFC 1191 §3
RFC 4821
RFC 8201 §4
https://forum.peplink.com/t/dicom-over-speedfusion-or-pepvpn/45472
"""

from collections.abc import Iterable
from typing import Any

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.clock import watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, seconds
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.rules.transport.living_hosts import LivingHosts
from dicomsniff.rules.transport.resent_segment import Unconfirmed, last_talk, unconfirmed
from dicomsniff.tcp.segment_facts import TooBig

_LONG = 600  # shorter segments pass every path
_SUFFERED = 3 * SECOND  # a shorter interruption, at the end of a capture, may be any


class Stuck(NamedTuple):
    """A connection that hung at a long segment, and the hosts that were still heard."""

    conversation: Conversation
    segment: Unconfirmed
    hosts: LivingHosts


def stuck(traffic: Traffic) -> Iterable[Stuck]:
    found = []
    for conversation in traffic.conversations:
        if conversation.kind in DICOM_KINDS:
            segment = unconfirmed(conversation.tcp)
            if segment is not None and segment.size >= _LONG:
                found.append((conversation, segment))
    hosts = LivingHosts(traffic) if found else None
    return [Stuck(conversation, segment, hosts) for conversation, segment in found if hosts]


def check(subject: Stuck, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    conversation, segment, _ = subject
    tcp, back = conversation.tcp, segment.direction.opposite
    passed = tcp.segments[segment.direction].largest_before(segment.start)
    if passed >= segment.size or _after_silence(subject, thresholds):
        return None
    if any(gap.direction is segment.direction for gap in conversation.gaps):
        return Inconclusive("segments of the connection were not captured: which of them arrived is not known")
    if tcp.facts(segment.direction).zero_window_ns:
        return Inconclusive("the receiver had closed its window: what it did not take was not lost on the way")
    if not tcp.segments[back].last_packet:
        return Inconclusive("the receiver's packets were not captured")
    suffered = segment.tries[-1].time_ns - segment.tries[0].since_ns
    if suffered < _SUFFERED or not watched(traffic, segment.tries[0].packet, segment.tries[-1].packet):
        return Inconclusive("the capture does not show long enough whether the segment arrives")
    quote = next((q for q in tcp.path.too_big if q.direction is segment.direction and q.start >= segment.start), None)
    heard = _heard(subject)
    if heard is None and quote is None:
        return Inconclusive("the receiver was not heard afterwards: it may have failed")
    return _hit(subject, traffic, passed, heard or "", quote, suffered)


def _after_silence(subject: Stuck, thresholds: Thresholds) -> bool:
    """Whether it is the first thing sent after a long silence: then it is the connection that was forgotten."""
    segment, silences = subject.segment, subject.conversation.tcp.path.silences
    return any(
        s.direction is segment.direction and s.start == segment.start and s.duration_ns >= thresholds.idle_min * SECOND
        for s in silences
    )


def _heard(subject: Stuck) -> str | None:
    """How the receiver showed that it was there while the segment was being repeated."""
    conversation, segment, hosts = subject
    tcp, back = conversation.tcp, segment.direction.opposite
    last_ns = tcp.segments[back].last_ns
    if last_ns is not None and last_ns > segment.first_ns:
        return f"{tcp.sender(back).ip} went on sending short packets here"
    other = hosts.elsewhere(conversation, back, segment.first_ns)
    return None if other is None else f"{tcp.sender(back).ip} was heard meanwhile on connection {other}"


def _hit(subject: Stuck, traffic: Traffic, passed: int, heard: str, quote: TooBig | None, suffered: int) -> Hit:
    conversation, segment, _ = subject
    association, exchange = last_talk(conversation, traffic)
    tcp = conversation.tcp
    sender, receiver = tcp.sender(segment.direction), tcp.receiver(segment.direction)
    arrived = f"of up to {passed} bytes" if passed else "that are shorter"
    parts = [
        f"Segments of {segment.size} bytes from {sender.ip} to {receiver.ip} vanish while segments {arrived} arrive: a path "
        f"MTU black hole. One was sent {len(segment.tries) + 1} times in {seconds(suffered)} and never acknowledged"
    ]
    parts.append(f"; {heard}." if heard else ".")
    if quote is not None:
        fits = f" (packets of up to {quote.mtu} bytes fit)" if quote.mtu else ""
        parts.append(
            f" {quote.sender} said by ICMP that the packet was too big{fits}, and {sender.ip} did not heed it."
        )
    return Hit(
        "".join(parts),
        packets=tuple(sorted({r.packet for r in segment.tries[-10:]} | ({quote.packet} if quote else set())))[:12],
        time_ns=segment.tries[0].time_ns,
        connection=conversation.id,
        association=association,
        exchange=exchange,
        act=Side.NETWORK,
        actor=quote.sender if quote else None,
        facts=_facts(subject, passed, quote, suffered),
    )


def _facts(subject: Stuck, passed: int, quote: TooBig | None, suffered: int) -> dict[str, Any]:
    conversation, segment, _ = subject
    tcp = conversation.tcp
    large = tcp.segments[segment.direction].growing
    return {
        "from": tcp.sender(segment.direction).ip,
        "to": tcp.receiver(segment.direction).ip,
        "host": tcp.responder.ip,
        "port": tcp.responder.port,
        "segment_bytes": segment.size,
        "passed_bytes": passed or None,
        "tries": len(segment.tries) + 1,
        "tries_times_ms": [(r.time_ns - segment.tries[0].since_ns) / 1e6 for r in segment.tries[:12]],
        "suffered_ms": suffered / 1e6,
        "dont_fragment": large[-1].dont_fragment if large else None,
        "announced_mss": [facts.syn.mss if facts.syn else None for facts in tcp.segments],
        "icmp": quote and {"sender": quote.sender, "mtu": quote.mtu, "packet": quote.packet},
    }


RULE = Rule(
    id="DS-TCP-007",
    name="path-mtu-black-hole",
    severity=Severity.ERROR,
    title="Long packets vanish on the way",
    subjects=stuck,
    check=check,
    page=__doc__ or "",
    absence=True,
    hides=(
        "DS-TCP-005",
        "DS-TCP-006",
        "DS-ASSOC-006",
        "DS-ASSOC-007",
        "DS-ASSOC-008",
        "DS-DIMSE-001",
        "DS-STORE-006",
        "DS-PERF-005",
    ),
)
