"""A TCP connection was never answered: neither accepted nor refused.

What it sees
At least three SYNs, or one left alone for three seconds, without SYN-ACK or RST; or an ICMP message that quotes the SYN
and says that the destination cannot be reached. Gathered by client, server and port.

Why it matters
The client waits for its connect timeout, often half a minute or more for each try, and nothing is transferred.

Likely causes
1. A firewall drops the connection without a word.
2. Wrong IP address, or the host is down.
3. Routing or VLAN: the two hosts cannot reach each other.
4. The address of the other side has changed (DHCP).
5. The server's accept queue overflows and it ignores further SYNs.

Fix
Try the connection from the client's own network. Open the port in the direction of the SYN: retrieval by C-MOVE and
storage commitment need connections from the archive to the modality too.

Could be wrong when
The client is a port scanner (many ports of one server: a note), or the clients' addresses are forged (a SYN flood).
The capture sees only one direction (an asymmetric route): the answer may have passed elsewhere. A capture on the client
shows packets that its own firewall drops afterwards.

Reference
PS3.8 §9.1.2
RFC 9293 §3.8.3
RFC 792
RFC 4443 §3.1
"""

from typing import Any

from dicomsniff.association.points import end_ns
from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.rules.clock import CAPTURE_END, clock, watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, seconds
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.transport.attempts import Attempts, attempts, moving
from dicomsniff.rules.transport.undelivered import in_words, is_final
from dicomsniff.tcp.events import Unreachable

_SCAN = 5  # different ports of one server that gave one client no answer
_CROWD = 100  # clients that one port did not answer
_COPY = SECOND // 10  # a second copy of one SYN follows it faster than any retransmission


def check(group: Attempts, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    silent = [c for c in group.tries if c.tcp.opened == "unanswered"]
    if group.weight is None or not silent:
        return None
    waited = [c for c in silent if _gave_time(c, traffic, thresholds)]
    if waited and not (_is_crowd(group) or any(_insisted(c) for c in waited)):
        return Inconclusive("the SYN was not sent again, as it is where no answer comes: one may have passed unseen")
    if not waited:
        timed = all(watched(traffic, c.tcp.first_packet, CAPTURE_END, c.tcp) for c in silent)
        return None if timed else Inconclusive("the capture does not tell how long an answer was waited for")
    if any(_answered_unseen(c) for c in waited) or group.one_way:
        return Inconclusive(f"only packets towards {group.server.ip} were captured: its answer may have passed unseen")
    return _hit(group, waited, traffic)


def _is_crowd(group: Attempts) -> bool:
    """Whether so many attempts had no answer that not all of the answers can have been missed."""
    return group.ports_silent >= _SCAN or group.clients_silent >= _CROWD


def _insisted(conversation: Conversation) -> bool:
    """Whether its client sent the SYN again, as it does after a second (RFC 6298 §2), or heard why it is in vain."""
    icmp = conversation.tcp.unreachable
    return len(_syns(conversation)) > 1 or (icmp is not None and is_final(icmp))


def _hit(group: Attempts, waited: list[Conversation], traffic: Traffic) -> Hit:
    first = waited[0].tcp
    syns = [t for c in waited for t in _syns(c)]
    parts = [
        f"{group.client} got no answer from {group.server}: {counted(len(syns), 'SYN')} in "
        f"{seconds(max(syns) - min(syns))} from {clock(min(syns))}"
    ]
    icmp = next((c.tcp.unreachable for c in waited if c.tcp.unreachable), None)
    parts.append(f"; {in_words(icmp)} says {icmp.sender}." if icmp else ".")
    if not group.server_spoke and not any(capture.unlisted for capture in traffic.captures):
        parts.append(f" {group.server.ip} itself was never seen in this capture.")
    if group.successes:
        parts.append(f" The same port answered at {clock(group.successes[0].time_ns)}.")
    move = moving(traffic, group.client, first.first_ns)
    if move:
        parts.append(f" {group.client} was carrying out a C-MOVE to '{move.move_destination}' at that time.")
    if group.ports_silent >= _SCAN:
        parts.append(f" {group.ports_silent} ports of this host gave this client no answer: probably a port scan.")
    if group.clients_silent >= _CROWD:
        parts.append(
            f" {group.clients_silent} clients got no answer from this port: it is out of reach for all of them, or their "
            "addresses are forged (a SYN flood)."
        )
    proof = {p for c in waited[:4] for p in c.tcp.syn_packets[: 12 // min(4, len(waited))]} | (
        {icmp.packet} if icmp else set()
    )
    return Hit(
        "".join(parts),
        packets=tuple(sorted(proof)),
        time_ns=first.first_ns,
        severity=Severity.NOTE if group.ports_silent >= _SCAN else group.weight,
        connection=waited[0].id,
        act=Side.NETWORK if icmp else Side.UNKNOWN,
        actor=icmp.sender if icmp else _who(group),
        key=_key(group),
        facts=_facts(group, waited, len(syns), icmp) | ({"move_exchange": move.id} if move else {}),
    )


def _who(group: Attempts) -> str | None:
    """The host or the way to it, else the client that may have the address wrong; nobody where ports were scanned."""
    if group.ports_silent >= _SCAN:
        return None
    there = f"whoever runs {group.server.ip} and the way to it"
    wrong = not group.successes and group.clients_silent < _CROWD
    return f"{there}, or {group.client} if that address is wrong" if wrong else there


def _key(group: Attempts) -> str | None:
    """Many ports of one server, or many clients of one port, are one finding."""
    if group.ports_silent >= _SCAN:
        return f"scan {group.client} {group.server.ip}"
    return f"crowd {group.server}" if group.clients_silent >= _CROWD else None


def _syns(conversation: Conversation) -> list[int]:
    """Times of the SYNs, copies of one packet counted once."""
    kept: list[int] = []
    for time_ns in conversation.tcp.syn_times:
        if not kept or time_ns - kept[-1] >= _COPY:
            kept.append(time_ns)
    return kept


def _gave_time(conversation: Conversation, traffic: Traffic, thresholds: Thresholds) -> bool:
    syns = _syns(conversation)
    icmp = conversation.tcp.unreachable
    if icmp is not None and is_final(icmp):
        return True
    if not syns:
        return False
    waited = end_ns(traffic, conversation.id) - syns[0] >= thresholds.syn_wait * SECOND
    timed = watched(traffic, conversation.tcp.first_packet, CAPTURE_END, conversation.tcp)
    return len(syns) >= thresholds.syn_wait_count or (waited and timed)


def _answered_unseen(conversation: Conversation) -> bool:
    """The client went on as if it had been answered: it sent data, or acknowledged something."""
    return conversation.tcp.to_responder.data_packets > 0 or conversation.tcp.to_initiator.acknowledged is not None


def _facts(group: Attempts, waited: list[Conversation], syns: int, icmp: Unreachable | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "client": group.client,
        "server": str(group.server),
        "syns": syns,
        "connections": [c.id for c in waited[:100]],
    }
    return found | ({"icmp": {"sender": icmp.sender, "type": icmp.type, "code": icmp.code}} if icmp else {})


RULE = Rule(
    id="DS-TCP-002",
    name="connection-timeout",
    severity=Severity.ERROR,
    title="Connection attempt never answered",
    subjects=attempts,
    check=check,
    page=__doc__ or "",
    absence=True,
)
