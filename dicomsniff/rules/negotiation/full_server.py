"""The server rejected the association because it is full or busy.

What it sees
An A-ASSOCIATE-RJ with source 3 reason 1 (temporary-congestion) or 2 (local-limit-exceeded), and how many connections to
the same address and port were open at that instant: idle for 30 seconds, ended but not closed, and by client.

Why it matters
Work is refused not for what it is but for when it comes; clients that do not retry lose it.

Likely causes
1. A client opens one association for each image or thread.
2. Idle or leaked associations hold the places.
3. The limit is too low (pynetdicom allows ten by default).
4. Health checks count as associations.

Fix
Close what has ended, end idle associations, let the client send with fewer associations, or raise the server's limit.

Could be wrong when
The capture does not see every client of the server: the number of open connections is a lower bound.

Reference
PS3.8 §9.3.4, Table 9-21
https://github.com/pydicom/pynetdicom/issues/732
"""

from collections import Counter

from dicomsniff.association.values import Association, Conversation, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AssociateRj
from dicomsniff.rules.clock import clock
from dicomsniff.rules.endings import last_heard
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, peer
from dicomsniff.rules.negotiation.rejections import codes, rejection
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers


class _Load(NamedTuple):
    """Connections open at one server at one instant; `held` by address of the client."""

    open: int
    idle: int
    ended: int
    held: Counter[str]


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    refused = sorted((*server.rejected(3, 1), *server.rejected(3, 2)), key=lambda a: a.first_ns)
    if not refused or refused[0].reject is None:
        return None
    return _hit(refused[0], refused[0].reject, len(refused), _load(server, refused[0], traffic, thresholds))


def _load(server: Server, refused: Association, traffic: Traffic, thresholds: Thresholds) -> _Load:
    at_ns = refused.first_ns
    here = (a for a in server.associations if a.connection != refused.connection)
    present = [a for a in here if _is_open(traffic.conversation(a.connection), at_ns)]
    ended = [a for a in present if _has_ended(a, at_ns)]
    idle = [a for a in present if a not in ended and _silent(a, at_ns) >= thresholds.idle_min * SECOND]
    return _Load(len(present), len(idle), len(ended), Counter(a.requestor.ip for a in present))


def _is_open(conversation: Conversation, at_ns: int) -> bool:
    tcp = conversation.tcp
    return tcp.first_ns < at_ns and not tcp.unseen_fin and not any(c.time_ns <= at_ns for c in tcp.closings)


def _has_ended(association: Association, at_ns: int) -> bool:
    ends = (association.release_response, association.reject, association.abort)
    return any(end is not None and end.evidence.last_ns <= at_ns for end in ends)


def _silent(association: Association, at_ns: int) -> int:
    last = last_heard(association, at_ns)
    return at_ns - last.last_ns if last else 0


def _hit(association: Association, reject: AssociateRj, times: int, load: _Load) -> Hit:
    server = peer(association, "acceptor")
    at = clock(reject.evidence.last_ns)
    if load.open:
        client, held = load.held.most_common(1)[0]
        state = (
            f"at least {counted(load.open, 'connection')} open at {at} ({load.idle} idle, {load.ended} ended but not closed; "
            f"top holder {client} with {held})"
        )
    else:
        state = f"no other connection to it is in this capture at {at}"
    again = f" It refused {counted(times, 'association')} so." if times > 1 else ""
    return rejection(
        association,
        reject,
        f"{server} is full: {state}.{again}",
        Side.ACCEPTOR,
        server,
        facts={"refusals": times, "open": load.open, "idle": load.idle, "ended_not_closed": load.ended}
        | {"held": dict(load.held.most_common(20)), "codes": codes(reject)},
    )


RULE = Rule(
    id="DS-ASSOC-005",
    name="association-limit-or-congestion",
    severity=Severity.ERROR,
    title="Server full",
    subjects=servers,
    check=check,
    page=__doc__ or "",
)
