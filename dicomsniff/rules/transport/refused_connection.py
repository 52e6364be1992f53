"""A TCP connection was refused: the SYN was answered by a reset.

What it sees
A SYN to a port that is answered by RST without any SYN-ACK for these two ends, gathered by client, server and port.

Why it matters
No association was even asked for. Everything that was to be sent over the connection stays with the client.

Likely causes
1. Wrong port: 104, 11112 and a vendor's own port are easily exchanged.
2. The DICOM service is stopped or has crashed.
3. The service listens on another address of the host.
4. A firewall rejects the connection.
5. The listen backlog of a Windows server is full, which resets instead of waiting.

Fix
Compare the port in both configurations, then look on the server whether the service runs and on which address and port
it listens. If the port answered earlier in the capture, look into the server's log at the time it stopped.

Could be wrong when
The client is a port scanner, or the service was being restarted (refused for less than a minute, then accepted: a note).
A connection to a port that nothing shows to be DICOM may belong to another service of the same hosts (a note).

Reference
PS3.8 §9.1.1
PS3.8 §9.1.2
RFC 9293 §3.5.2
"""

from typing import Any

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import SECOND, how_often
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.transport.attempts import Attempts, attempts, moving

_RESTART = 60 * SECOND  # a service that is back within a minute was restarted
_SCAN = 5  # different ports refused to one client by one server


def check(group: Attempts, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    refused = [c for c in group.tries if c.tcp.opened == "refused"]
    if not refused or group.weight is None:
        return None
    first_ns, last_ns = _refused_ns(refused[0]), _refused_ns(refused[-1])
    before = [s for s in group.successes if s.time_ns < first_ns]
    after = [s for s in group.successes if s.time_ns > first_ns]
    restarted = bool(after) and after[0].time_ns - first_ns < _RESTART
    scan = group.ports_refused >= _SCAN
    times = f"at {clock(first_ns)}" if len(refused) == 1 else f"between {clock(first_ns)} and {clock(last_ns)}"
    parts = [
        f"{group.client} could not open TCP port {group.server.port} on {group.server.ip}: refused "
        f"{how_often(len(refused))} {times}. Nothing is listening there, or a firewall rejects."
    ]
    if before:
        parts.append(f"The port was open at {clock(before[-1].time_ns)} (packet {before[-1].packet}).")
    if after:
        parts.append(
            f"It was open {'again ' if before else ''}at {clock(after[0].time_ns)} (packet {after[0].packet})."
        )
    move = moving(traffic, group.client, first_ns)
    if move:
        parts.append(f"{group.client} was carrying out a C-MOVE to '{move.move_destination}' at that time.")
    if scan:
        parts.append(f"{group.ports_refused} ports of this host refused the same client: probably a port scan.")
    return Hit(
        " ".join(parts),
        packets=_packets(refused),
        time_ns=first_ns,
        severity=Severity.NOTE if restarted or scan else group.weight,
        connection=refused[0].id,
        act=Side.ACCEPTOR if before and not scan else Side.UNKNOWN,
        actor=None if scan else _who(group, bool(before)),
        key=f"scan {group.client} {group.server.ip}" if scan else None,
        facts=_facts(group, refused, first_ns, last_ns) | ({"move_exchange": move.id} if move else {}),
    )


def _who(group: Attempts, before: bool) -> str:
    """The server where it listened before; otherwise it, or the client that may have the port wrong."""
    server = group.server
    return (
        str(server)
        if before
        else f"{server.ip} (should listen on port {server.port}), or {group.client} if that port is wrong"
    )


def _refused_ns(conversation: Conversation) -> int:
    return conversation.tcp.refused_ns if conversation.tcp.refused_ns is not None else conversation.tcp.last_ns


def _packets(refused: list[Conversation]) -> tuple[int, ...]:
    proof = {p for c in refused[:6] for p in (c.tcp.first_packet, c.tcp.refused_packet) if p is not None}
    return tuple(sorted(proof))


def _facts(group: Attempts, refused: list[Conversation], first_ns: int, last_ns: int) -> dict[str, Any]:
    return {
        "client": group.client,
        "server": str(group.server),
        "refusals": len(refused),
        "first_ns": first_ns,
        "last_ns": last_ns,
        "connections": [c.id for c in refused[:100]],
    }


RULE = Rule(
    id="DS-TCP-001",
    name="connection-refused",
    severity=Severity.ERROR,
    title="Connection refused",
    subjects=attempts,
    check=check,
    page=__doc__ or "",
)
