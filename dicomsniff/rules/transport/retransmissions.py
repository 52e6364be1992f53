"""Much of the data between two hosts had to be sent again.

What it sees
Data segments whose bytes were seen before (lost behind the capture point) or that fill a hole late (lost before it), as a
share of all data segments from one host to another. Reordered packets, keep-alives, window probes and packets that only
the capture holds twice are not counted: what fills a hole was sent again if its time stamp or IP identification is newer
than that of what waits, and only overtaken if it is older; where neither tells, if the receiver had asked for it three
times or a fifth of a second had passed. And a segment that is sent again three times and more, for three seconds or
longer, up to the end and without any acknowledgement: the connection is dead although nobody has closed it. Or an ICMP message (destination
unreachable, time exceeded) about data of a connection of which nothing was confirmed any more: then the network itself says
why.

Why it matters
Each loss costs at least a round trip and makes the sender slow down: a transfer with one loss in a hundred packets
crawls however fast the line is. An association may run into its time-out.

Likely causes
1. Duplex mismatch, a bad cable or connector, or Wi-Fi.
2. A congested uplink, or a device that limits the rate.
3. An overloaded firewall or VPN gateway.
4. Packets overtake each other on parallel paths, which senders mistake for loss.
5. Nothing is acknowledged any more: the other host has gone down or hangs, a cable was pulled, or a device between drops
   the connection.

Fix
Look at the error and drop counters of the switches and firewalls on the part of the path that is named, and capture there
if that part is long.

Could be wrong when
A late acknowledgement makes a sender repeat what had arrived. The capture itself loses packets, which the finding on
missing packets tells.

Reference
RFC 9293 §3.8.1
RFC 6298 §5
RFC 1122 §4.2.3.9
https://blog.otechimg.com/2018/08/pacs-troubleshooting-tips-and-tricks.html
"""

from collections.abc import Iterable
from dataclasses import field

from dicomsniff.association.index import once
from dicomsniff.association.points import end_ns
from dicomsniff.association.values import Conversation, Outcome, Traffic
from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.clock import CAPTURE_END, clock_holds, watched
from dicomsniff.rules.finding import About, Hit, Inconclusive, Severity, Side
from dicomsniff.rules.leaving import left_ns
from dicomsniff.rules.naming import SECOND, counted, how_often, seconds
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.rules.transport.resent_segment import Unconfirmed, last_talk, unconfirmed
from dicomsniff.rules.transport.undelivered import in_words, never_confirmed
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.resends import TIMEOUT_NS
from dicomsniff.tcp.segment_facts import Undelivered

_REORDERED = 0.3  # of the round trip: what fills a hole sooner was not sent again
_STRAYED = 2  # of copies that were written out of order there are hardly more for each that was not
_ONE_SIDE = 0.8  # of the losses must lie on one side of the capture point before that side is named
_SUFFERED, _SURELY = 3 * SECOND, 10 * SECOND  # an interruption at the end of a capture may be any; a long one is none
_ABORT = 10  # bytes
_COSTS = ("DS-PERF-005",)
_ENDINGS = ("DS-TCP-005", "DS-ASSOC-008", "DS-DIMSE-001", "DS-STORE-006")
_SILENCES = "DS-ASSOC-006", "DS-ASSOC-007", "DS-ASSOC-014", "DS-TCP-003", "DS-TCP-010", "DS-PERF-005"
_BADLY = (Outcome.ABORTED, Outcome.CLOSED, Outcome.UNANSWERED)


@dataclass(slots=True)
class Flow:
    """Everything that one host sent to another over DICOM connections: segments with data, those sent again and seen
    twice or filling holes (`doubtful`, where their order is), the cost in ns, and the connections on which anything was sent again."""

    sender: str
    receiver: str
    data: int = 0
    twice: int = 0
    holes: int = 0
    doubtful: int = 0
    recovery_ns: int = 0
    lossy: list[tuple[Conversation, Direction]] = field(default_factory=list)


class Dead(NamedTuple):
    """A connection on which nothing was acknowledged any more, and the segment that was sent again and again; or what the
    network said of one."""

    conversation: Conversation
    segment: Unconfirmed | None
    said: Undelivered | None = None


def subjects(traffic: Traffic) -> Iterable[Flow | Dead]:
    """Every pair of hosts with DICOM between them, and connections that ended in vain repetitions."""
    yield from flows(traffic)
    for conversation in traffic.conversations:
        if conversation.kind in DICOM_KINDS:
            segment, said = unconfirmed(conversation.tcp), never_confirmed(conversation.tcp)
            if segment is not None or said is not None:
                yield Dead(conversation, segment, said)


def flows(traffic: Traffic) -> Iterable[Flow]:
    """Once for each direction with data."""
    made: dict[tuple[str, str], Flow] = {}
    for conversation in traffic.conversations:
        if conversation.kind in DICOM_KINDS:
            for direction in DIRECTIONS:
                _add(made, conversation, direction, traffic)
    return made.values()


def _add(made: dict[tuple[str, str], Flow], conversation: Conversation, direction: Direction, traffic: Traffic) -> None:
    tcp = conversation.tcp
    data = tcp.facts(direction).data_packets
    if not data:
        return
    ends = tcp.sender(direction).ip, tcp.receiver(direction).ip
    flow = made.get(ends)
    if flow is None:
        flow = made[ends] = Flow(*ends)
    flow.data += data
    segments = tcp.segments[direction]
    flow.doubtful += segments.unclear
    if segments.seen_twice or segments.filled_holes:
        copied = copied_late(traffic, tcp, direction)
        flow.twice, flow.doubtful = flow.twice + segments.seen_twice - copied, flow.doubtful + copied
        flow.holes += segments.filled_holes - sum(count for _, count in segments.hole_times)
        if out_of_order(tcp, direction):
            flow.doubtful += late_holes(tcp, direction)
        else:
            flow.holes += late_holes(tcp, direction)
        flow.recovery_ns += segments.recovery_ns
        flow.lossy.append((conversation, direction))


def out_of_order(tcp: Connection, direction: Direction) -> bool:
    """Whether what looks late may have been captured late: the capture is proved to be out of order, or the receiver, who
    alone could prove that, was not heard."""
    return bool(tcp.to_responder.early or tcp.to_initiator.early) or _unconfirmed(tcp, direction)


def _unconfirmed(tcp: Connection, direction: Direction) -> bool:
    """Whether the receiver was not heard; or answered with more than an A-ABORT what it confirmed nothing of: then packets bear
    two kinds of numbers."""
    facts = tcp.facts(direction)
    return facts.acknowledged is None or (not facts.acknowledged and tcp.facts(direction.opposite).bytes > _ABORT)


class _Made(NamedTuple):
    """What the capture is known to have made of the packets: copies, some of which (`early` proves it) or perhaps
    (`overtaken`: packets passed others, on their way or in the capture) it wrote out of order."""

    copies: bool
    early: bool
    overtaken: bool


@once
def _made(traffic: Traffic) -> _Made:
    tcps = [conversation.tcp for conversation in traffic.conversations]
    sides = [side for tcp in tcps for side in (tcp.to_responder, tcp.to_initiator)]
    copies = any(each.copies for tcp in tcps for each in tcp.segments)
    return _Made(copies, any(side.early for side in sides), any(side.out_of_order for side in sides))


def copied_late(traffic: Traffic, tcp: Connection, direction: Direction) -> int:
    """Of the segments seen twice, those that may be copies far from their originals: the capture makes copies and is out of
    order, or seems to be, made hardly fewer copies that lie close and shows no other loss; or the receiver, who alone could
    prove the order, was not heard. What a time-out brought was sent again."""
    made, facts, segments = _made(traffic), tcp.facts(direction), tcp.segments[direction]
    few = segments.seen_twice <= _STRAYED * facts.duplicates and not segments.filled_holes
    strayed = made.overtaken and few
    if not made.copies or not (made.early or strayed or _unconfirmed(tcp, direction)):
        return 0
    timeouts = sum(not r.hole and r.time_ns - r.since_ns >= TIMEOUT_NS for r in segments.resent)
    return max(0, segments.seen_twice - timeouts)


def late_holes(tcp: Connection, direction: Direction) -> int:
    """Of the holes whose fillings do not show it, those filled so late that it was by resending: recovery takes a round trip."""
    shortest = _REORDERED * (tcp.rtt_ns or 0)
    return sum(count for bits, count in tcp.segments[direction].hole_times if 1 << bits >> 1 >= shortest)


def check(subject: Flow | Dead, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if isinstance(subject, Flow):
        return _of_flow(subject, traffic, thresholds)
    return _undelivered(subject, subject.said, traffic) if subject.said else _of_dead(subject, traffic)


def _undelivered(dead: Dead, said: Undelivered, traffic: Traffic) -> Hit | Inconclusive | None:
    """The network says itself that nothing came through."""
    conversation, segment, tcp = dead.conversation, dead.segment, dead.conversation.tcp
    given_up = any(closing.time_ns > said.time_ns for closing in tcp.closings)
    if not given_up and end_ns(traffic, conversation.id) - said.time_ns < _SUFFERED:
        return None
    back = said.direction.opposite
    if any(gap.direction is back for gap in conversation.gaps) or not watched(traffic, said.packet, CAPTURE_END, tcp):
        return Inconclusive("what was confirmed afterwards may not have been captured")
    sender, receiver = tcp.sender(said.direction), tcp.receiver(said.direction)
    tries = segment.tries if segment is not None and segment.direction is said.direction else ()
    again = f"; it was sent again {how_often(len(tries))}" if tries else ""
    association, exchange = last_talk(conversation, traffic)
    left = association is not None and left_ns(traffic.association(association), traffic) >= said.time_ns
    return Hit(
        f"The connection between {sender.ip} and {receiver.ip} died: what {sender.ip} sent did not arrive, {in_words(said)} says "
        f"{said.sender}, and {receiver.ip} confirmed nothing of it any more{again}.",
        packets=tuple(sorted({said.packet, *(r.packet for r in tries[-9:])})),
        time_ns=said.time_ns,
        severity=Severity.ERROR,
        hides=(*_ENDINGS, *_SILENCES) if left else (),
        connection=conversation.id,
        association=association,
        exchange=exchange,
        act=Side.NETWORK,
        actor=said.sender,
        key=f"undelivered|{sender.ip}|{receiver.ip}|{said.sender}",
        fix=f"Look at {said.sender}: its routes, its filters and when its state for a connection runs out; then at the way from "
        f"there to {receiver.ip}.",
        facts={
            "from": sender.ip,
            "to": receiver.ip,
            "resent": len(tries),
            "stream_offset": said.start,
            "icmp": {"sender": said.sender, "type": said.type, "code": said.code, "packet": said.packet},
        },
    )


def _of_dead(dead: Dead, traffic: Traffic) -> Hit | Inconclusive | None:
    conversation, segment = dead.conversation, dead.segment
    if segment is None:
        return None
    tcp, tries = conversation.tcp, segment.tries
    suffered = tries[-1].time_ns - tries[0].since_ns
    if suffered < _SUFFERED or tcp.facts(segment.direction).zero_window_ns:
        return None
    if tcp.facts(segment.direction).acknowledged is None:
        return Inconclusive("the receiver's packets were not captured")
    if not clock_holds(traffic, tries[0].packet, tries[-1].packet):
        return Inconclusive("the clock of the capture does not tell for how long nothing was acknowledged")
    sender, receiver = tcp.sender(segment.direction), tcp.receiver(segment.direction)
    heard_ns = tcp.segments[segment.direction.opposite].last_ns or 0
    silent = "was still heard, but confirmed" if heard_ns > segment.first_ns else "was not heard any more and confirmed"
    association, exchange = last_talk(conversation, traffic)
    return Hit(
        f"The connection between {sender.ip} and {receiver.ip} died: {sender.ip} repeated a segment {how_often(len(tries))} in "
        f"{seconds(suffered)}, and {receiver.ip} {silent} nothing of it. One of the hosts has failed, or the path.",
        packets=tuple(sorted(r.packet for r in tries[-10:])),
        time_ns=tries[0].time_ns,
        severity=Severity.WARNING if tcp.closed == "open" and suffered < _SURELY else Severity.ERROR,
        hides=_ENDINGS if _ended_then(association, segment, traffic) else (),
        connection=conversation.id,
        association=association,
        exchange=exchange,
        act=Side.UNKNOWN,
        key=f"dead|{sender.ip}|{receiver.ip}",
        fix=f"See whether {receiver.ip} was up at that time, then look at the path: cables, switches, firewalls and VPNs.",
        facts={
            "from": sender.ip,
            "to": receiver.ip,
            "resent": len(tries),
            "suffered_ms": suffered / 1e6,
            "stream_offset": segment.start,
        },
    )


def _ended_then(association: int | None, segment: Unconfirmed, traffic: Traffic) -> bool:
    """Whether its association was given up only when nothing came through any more."""
    return association is not None and left_ns(traffic.association(association), traffic) > segment.first_ns


def _of_flow(flow: Flow, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    again = flow.twice + flow.holes
    rate = again / flow.data
    if not _remarkable(again, flow.data, thresholds):
        doubt = _remarkable(again + flow.doubtful, flow.data, thresholds)
        return (
            Inconclusive("packets were captured out of order, so that what was sent again is not known")
            if doubt
            else None
        )
    failed = _failed(flow, traffic) if rate >= thresholds.retrans_rate_error else []
    where, words = _where(flow)
    first, direction = flow.lossy[0]
    message = (
        f"{100 * rate:.1f} % of the data from {flow.sender} to {flow.receiver} was sent again ({again} of "
        f"{counted(flow.data, 'segment')}); {words}. Recovery took {seconds(flow.recovery_ns)} in all."
    )
    said = next((s for c, d in flow.lossy for s in c.tcp.path.undelivered if s.direction is d), None)
    if said is not None:
        message += f" {in_words(said)} says {said.sender} of a part of it."
    if failed:
        message += f" {counted(len(failed), 'association')} on this path did not end well."
    packets = [] if said is None else [said.packet]
    packets += [r.packet for c, d in flow.lossy[:6] for r in c.tcp.segments[d].resent[:12]]
    return Hit(
        message,
        packets=tuple(sorted(set(packets)))[:12],
        time_ns=first.tcp.segments[direction].resent[0].time_ns,
        severity=Severity.ERROR if failed else None,
        connection=first.id,
        association=first.associations[0] if len(flow.lossy) == len(first.associations) == 1 else None,
        act=Side.NETWORK,
        about=About(associations=tuple(a for c, _ in flow.lossy for a in c.associations)),
        hides=_COSTS,
        facts={
            "from": flow.sender,
            "to": flow.receiver,
            "segments": flow.data,
            "resent": again,
            "seen_twice": flow.twice,
            "filled_holes": flow.holes,
            "rate_percent": round(100 * rate, 2),
            "recovery_ms": flow.recovery_ns / 1e6,
            "where": where,
            "connections": [c.id for c, _ in flow.lossy[:100]],
        },
    )


def _remarkable(again: int, data: int, thresholds: Thresholds) -> bool:
    return again >= thresholds.retrans_count and again >= thresholds.retrans_rate_warning * data


def _where(flow: Flow) -> tuple[str, str]:
    """On which side of the capture point the losses lie: a word and a clause."""
    again = flow.twice + flow.holes
    if flow.holes >= _ONE_SIDE * again:
        return "before", f"it was lost between {flow.sender} and the capture point"
    if flow.twice >= _ONE_SIDE * again:
        return (
            "behind",
            f"it was lost between the capture point and {flow.receiver}, or its acknowledgements on the way back",
        )
    return "both", "it was lost on both sides of the capture point"


def _failed(flow: Flow, traffic: Traffic) -> list[int]:
    ids = (a for conversation, _ in flow.lossy for a in conversation.associations)
    return [a for a in ids if traffic.association(a).outcome in _BADLY]


RULE = Rule(
    id="DS-TCP-006",
    name="retransmissions-high",
    severity=Severity.WARNING,
    title="Data had to be sent again",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
    hides=(*_COSTS, *_ENDINGS, *_SILENCES),
)
