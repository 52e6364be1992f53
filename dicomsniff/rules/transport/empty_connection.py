"""TCP connections to a DICOM port were opened and closed without an association request.

What it sees
Handshakes with a port that speaks DICOM (here, or by its number), no byte from the initiator, and then a close within
two seconds, or silence for ten seconds or more. Gathered by client and server port. Where it is the server that closes, and
at once, it is a warning: it turns the client away.

Why it matters
Each such connection takes a place in the server until it is closed, and fills its log with lines about lost connections.
A client that connects and never speaks may be a sender that hangs.

Likely causes
1. A load balancer or a monitoring system checks whether the port is open.
2. A port scan.
3. A client that crashed or was stopped before its A-ASSOCIATE-RQ.
4. A connection pool that opens connections in advance.
5. One side waits for the other to speak first, as with plain DICOM and TLS mixed up.
6. Where the server closes at once: its access list does not know the client's address, or its limit is reached.

Fix
Let the check send a C-ECHO, or leave its address out of the logs. Where the client stays silent for long, look at the
client. Where the server closes at once, permit the client's address on it.

Could be wrong when
The capture began in the middle of the connection, or the client's bytes were not captured.

Reference
PS3.8 §9.1.2
PS3.8 §9.1.4
https://github.com/honeynet/DICOMHawk/issues/86
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dicomsniff.association.values import Association, Conversation, Kind, Traffic
from dicomsniff.core import Direction, Endpoint
from dicomsniff.core.median import median
from dicomsniff.core.records import dataclass, replace
from dicomsniff.rules.clock import CAPTURE_END, clock, watched
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, how_often, seconds
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.rules.transport.attempts import DICOM_PORTS

_AT_ONCE = SECOND // 5
_AWAY = (
    "An access list of the server, a wrapper or a firewall does not know the client's address.",
    "The server's limit of connections is reached.",
    "The program behind the port has just crashed or is being started.",
)
_LIMITS = ((3, 1), (3, 2))  # temporary congestion, local limit exceeded: PS3.8 §9.3.4


@dataclass(frozen=True, slots=True)
class Visits:
    """The connections of one client to one server port on which nothing was said, in the order of time, and the
    associations that this port refused because it had too many."""

    client: str
    server: Endpoint
    conversations: tuple[Conversation, ...]
    congested: tuple[Association, ...]


def visits(traffic: Traffic) -> list[Visits]:
    """All of them; there are none where no connection is empty."""
    empty = [
        c for c in traffic.conversations if c.kind is Kind.EMPTY and c.tcp.opened == "handshake" and c.tcp.established
    ]
    if not empty:
        return []
    spoken = {c.tcp.responder for c in traffic.conversations if c.kind in DICOM_KINDS}
    made: dict[tuple[str, Endpoint], list[Conversation]] = {}
    for conversation in empty:
        tcp = conversation.tcp
        if (tcp.responder in spoken or tcp.responder.port in DICOM_PORTS) and not tcp.joins:
            made.setdefault((tcp.initiator.ip, tcp.responder), []).append(conversation)
    refused: dict[Endpoint, list[Association]] = {}
    for association in traffic.associations if made else ():
        if association.reject and (association.reject.source, association.reject.reason) in _LIMITS:
            refused.setdefault(association.acceptor, []).append(association)
    return [Visits(*key, tuple(those), tuple(refused.get(key[1], ()))) for key, those in made.items()]


def check(group: Visits, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    away = tuple(c for c in group.conversations if _said_nothing(c) and _turned_away(c, traffic))
    rest = tuple(c for c in group.conversations if c not in away) if away else group.conversations
    hits = (
        _turned_away_hit(group, away) if away else None,
        _visited(replace(group, conversations=rest), traffic, thresholds),
    )
    return [hit for hit in hits if hit is not None]


def _turned_away(conversation: Conversation, traffic: Traffic) -> bool:
    """The server closed at once, before a client could have spoken."""
    closings = conversation.tcp.closings
    ours = bool(closings) and closings[0].direction is Direction.TO_INITIATOR
    return ours and _open_ns(conversation, traffic) <= _AT_ONCE + (conversation.tcp.rtt_ns or 0)


def _turned_away_hit(group: Visits, away: Sequence[Conversation]) -> Hit:
    first = away[0].tcp
    forged = any(reset.foreign for c in away for reset in c.tcp.path.resets)
    who = f"A device in between that answers for {group.server}" if forged else str(group.server)
    return Hit(
        f"{who} closes connections of {group.client} as soon as they are open, before an association could be asked for "
        f"({how_often(len(away))}): it does not serve this address, or has no room.",
        packets=tuple(sorted({p for c in away[:6] for p in _packets(c)})),
        time_ns=first.first_ns,
        severity=Severity.WARNING,
        connection=away[0].id,
        act=Side.NETWORK if forged else Side.ACCEPTOR,
        actor=None if forged else str(group.server),
        causes=_AWAY,
        fix=f"Permit {group.client} on {group.server}, and look into its log at {clock(first.first_ns)} and its limit of connections.",
        key=f"{group.client} turned away by {group.server}",
        facts={
            "client": group.client,
            "host": group.server.ip,
            "port": group.server.port,
            "times": len(away),
            "connections": [c.id for c in away[:100]],
        },
    )


def _visited(group: Visits, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    """Of the connections that the client gave up, or left open."""
    spent = [(c, _open_ns(c, traffic)) for c in group.conversations if _said_nothing(c)]
    brief = [(c, ns) for c, ns in spent if c.tcp.closings and ns <= thresholds.probe_max * SECOND]
    silent = [(c, ns) for c, ns in spent if ns >= thresholds.artim * SECOND]
    if brief:  # of one that always closes at once, an end that is not there may have been missed
        silent = [(c, ns) for c, ns in silent if c.tcp.closings]
    told = sorted(brief + silent, key=lambda one: one[0].tcp.first_ns)
    if not told:
        return None
    starts = [c.tcp.first_ns for c, _ in told]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    crowding = [a for a in group.congested if any(_open_at(c, ns, a.first_ns) for c, ns in told)]
    return Hit(
        _message(group, told, gaps, silent, crowding),
        packets=tuple(sorted({p for c, _ in told[:6] for p in _packets(c)})),
        time_ns=starts[0],
        severity=Severity.WARNING if crowding else None,
        connection=told[0][0].id,
        act=Side.REQUESTOR if silent else Side.UNKNOWN,
        actor=group.client if silent else None,
        facts=_facts(group, told, gaps, silent),
    )


def _said_nothing(conversation: Conversation) -> bool:
    """No byte from the initiator, also none that was not captured."""
    sent = conversation.tcp.facts(Direction.TO_RESPONDER)
    heard = max((c.heard for c in conversation.tcp.closings if c.direction is Direction.TO_INITIATOR), default=0)
    if not sent.packets or heard > 1:  # one may be a FIN
        return False
    return not (sent.bytes or sent.truncated_bytes or sent.lost_bytes or sent.acknowledged or conversation.gaps)


def _open_ns(conversation: Conversation, traffic: Traffic) -> int:
    """How long the connection stood, to the end of the capture where it was not closed; 0 where the clock cannot tell."""
    tcp = conversation.tcp
    closed = tcp.closings[0] if tcp.closings else None
    if not watched(traffic, tcp.first_packet, closed.packet if closed else CAPTURE_END, tcp):
        return 0
    return max(0, (closed.time_ns if closed else traffic.last_ns) - tcp.first_ns)


def _open_at(conversation: Conversation, open_ns: int, time_ns: int) -> bool:
    first = conversation.tcp.first_ns
    return first <= time_ns <= first + open_ns


def _packets(conversation: Conversation) -> set[int]:
    return {conversation.tcp.first_packet, *(closing.packet for closing in conversation.tcp.closings[:1])}


def _message(
    group: Visits,
    told: Sequence[tuple[Conversation, int]],
    gaps: Sequence[int],
    silent: Sequence[tuple[Conversation, int]],
    crowding: Sequence[Association],
) -> str:
    every = f" every {seconds(int(median(gaps)))}" if len(gaps) > 1 else ""
    often = how_often(len(told))
    parts = [f"{group.client} connects to {group.server}{every} without asking for an association ({often})"]
    if silent:
        longest = max(ns for _, ns in silent)
        parts.append(f"; in {counted(len(silent), 'case')} it said nothing for {seconds(longest)} or less")
        parts[-1] = parts[-1].replace(" or less", "") if len(silent) == 1 else parts[-1]
    parts.append(": a sender that hangs?" if silent else ": a health check, a port probe or a sender that gave up.")
    if crowding:
        parts.append(
            f" Meanwhile {group.server} refused {counted(len(crowding), 'association')} because it had too many open."
        )
    return "".join(parts)


def _facts(
    group: Visits,
    told: Sequence[tuple[Conversation, int]],
    gaps: Sequence[int],
    silent: Sequence[tuple[Conversation, int]],
) -> dict[str, Any]:
    return {
        "client": group.client,
        "host": group.server.ip,
        "port": group.server.port,
        "times": len(told),
        "silent": len(silent),
        "longest_ms": max(ns for _, ns in told) / 1e6,
        "interval_ms": median(gaps) / 1e6 if gaps else None,
        "jitter_ms": (max(gaps) - min(gaps)) / 1e6 if gaps else None,
        "connections": [c.id for c, _ in told[:100]],
    }


RULE = Rule(
    id="DS-TCP-003",
    name="connect-without-association",
    severity=Severity.NOTE,
    title="Connections without an association",
    subjects=visits,
    check=check,
    page=__doc__ or "",
)
