"""Associations ended, but their TCP connections stayed open.

What it sees
A rejection, an A-RELEASE-RP or an A-ABORT, and for ten seconds or more neither FIN nor RST on the connection; or five
connections of one server in that state at once. Gathered by server.

Why it matters
Each of these connections keeps a place in the server, and often a thread. When all are taken, new associations are
refused or not answered until somebody restarts the service.

Likely causes
1. Each side waits for the other one to close.
2. A fault of the DICOM library in use.
3. A thread of the program is stuck in its handler.

Fix
The side that receives the last PDU has to close the connection, and the other one after its ARTIM timer: update the
library that does not, and set the timer. A restart frees the places.

Could be wrong when
The capture ended too early, or the FIN was not captured.

Reference
PS3.8 §9.1.4
PS3.8 §9.2
https://github.com/pydicom/pynetdicom/issues/979
https://github.com/knopkem/dicom-dimse-native/issues/71
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from dicomsniff.association.values import Association, Outcome, Traffic
from dicomsniff.core import DIRECTIONS, Endpoint, Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.rules.clock import CAPTURE_END, watched
from dicomsniff.rules.endings import BLIND_SIDES
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, peer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds

_ENDED = (Outcome.RELEASED, Outcome.REJECTED, Outcome.ABORTED)
_CROWD = 5
_NOTICED = SECOND // 2  # closing takes a round trip; connections that linger less than this make no crowd


@dataclass(frozen=True, slots=True)
class Lingering:
    """An association that ended, the PDU that ended it, and from when to when its connection stood open afterwards."""

    association: Association
    end: Evidence
    until_ns: int
    closed: bool

    @property
    def duration_ns(self) -> int:
        return self.until_ns - self.end.last_ns


@dataclass(frozen=True, slots=True)
class Ended:
    """The associations of one server whose connection stood open after their end, in the order of time."""

    server: Endpoint
    lingering: tuple[Lingering, ...]


def ended(traffic: Traffic) -> Iterable[Ended]:
    made: dict[Endpoint, list[Lingering]] = {}
    last_ns = traffic.last_ns
    for association in traffic.associations:
        if association.outcome in _ENDED:
            one = _lingering(association, traffic, last_ns)
            if one is not None:
                made.setdefault(association.acceptor, []).append(one)
    return [Ended(server, tuple(those)) for server, those in made.items()]


def _lingering(association: Association, traffic: Traffic, last_ns: int) -> Lingering | None:
    conversation = traffic.conversation(association.connection)
    end = _end(association)
    if end is None or conversation.associations[-1] != association.id:
        return None
    closing = conversation.tcp.closings[0] if conversation.tcp.closings else None
    until_ns = closing.time_ns if closing else last_ns
    if until_ns - end.last_ns < _NOTICED:
        return None
    return Lingering(association, end, until_ns, closing is not None)


def _end(association: Association) -> Evidence | None:
    """The PDU after which the connection is to be closed."""
    last = association.reject or association.abort or association.release_response
    return last.evidence if last else None


def check(group: Ended, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    long = [one for one in group.lingering if one.duration_ns >= thresholds.artim * SECOND]
    crowd, crowd_ns = _crowd(group.lingering)
    told = sorted(long, key=lambda one: one.end.last_ns) if len(crowd) < _CROWD else list(crowd)
    if not told:
        return None
    if dropped := sum(capture.dropped_since for capture in traffic.captures):
        return Inconclusive(f"the capture dropped {counted(dropped, 'packet')}: a FIN may be among them")
    seen = [one for one in told if _seen(one, traffic)]
    if not seen or (told is not long and len(seen) < _CROWD and not any(one in seen for one in long)):
        return Inconclusive(
            "the end of the connections was not captured whole, or the capture does not tell how long they stood"
        )
    return _hit(group, seen, crowd_ns if len(crowd) >= _CROWD else None)


def _seen(one: Lingering, traffic: Traffic) -> bool:
    association, conversation = one.association, traffic.conversation(one.association.connection)
    until = conversation.tcp.closings[0].packet if one.closed else CAPTURE_END
    whole = not (association.blind & BLIND_SIDES) and not conversation.gaps and not conversation.tcp.unseen_fin
    both = all(conversation.tcp.facts(way).packets for way in DIRECTIONS)
    # a host that had it confirms it, and who sent it sends it again until then: else packets are missing
    received = (conversation.tcp.facts(one.end.direction).acknowledged or 0) >= one.end.end
    return whole and both and received and watched(traffic, one.end.last_packet, until, conversation.tcp)


def _crowd(lingering: Sequence[Lingering]) -> tuple[tuple[Lingering, ...], int]:
    """The most that lingered at once, and when that was."""
    moves = sorted(
        [(one.end.last_ns, 1) for one in lingering] + [(one.until_ns, -1) for one in lingering], key=itemgetter(0, 1)
    )
    most, now, when = 0, 0, 0
    for time_ns, step in moves:
        now += step
        if now > most:
            most, when = now, time_ns
    if most < _CROWD:
        return (), when
    return tuple(one for one in lingering if one.end.last_ns <= when < one.until_ns), when


def _whose(receiver: str, number: int, mixed: bool) -> str:
    """Who has to close (PS3.8 §9.2)."""
    if mixed:
        return "On each, who received the last PDU had to close it: now the one, now the other."
    return f"{receiver} received the last PDU and had to close {'it' if number == 1 else 'them'}."


def _hit(group: Ended, told: Sequence[Lingering], crowd_ns: int | None) -> Hit:
    oldest = max(told, key=lambda one: one.duration_ns)
    association = oldest.association
    receiver = association.role(oldest.end.direction.opposite)
    mixed = len({one.association.role(one.end.direction.opposite) for one in told}) > 1
    many = (
        f"{len(told)} associations ended but their TCP connections"
        if len(told) > 1
        else "An association ended but its TCP connection"
    )
    at_once = " at once" if crowd_ns is not None and len(told) > 1 else ""
    stayed = "stayed open" if len(told) > 1 else f"with {peer(association, receiver)} stayed open"
    return Hit(
        f"{many} to {group.server} {stayed}{at_once} ({'the oldest ' if len(told) > 1 else ''}for {seconds(oldest.duration_ns)}"
        f"{'' if oldest.closed else ', to the end of the capture'}). {_whose(peer(association, receiver), len(told), mixed)}",
        packets=tuple(sorted({p for one in told[:12] for p in one.end.packets}))[:12],
        time_ns=told[0].end.last_ns,
        connection=association.connection,
        association=association.id if len(told) == 1 else None,
        act=Side.UNKNOWN if mixed else side(receiver),
        actor=None if mixed else peer(association, receiver),
        facts={
            "host": group.server.ip,
            "port": group.server.port,
            "associations": [one.association.id for one in told[:100]],
            "connections": [one.association.connection for one in told[:100]],
            "lingering": len(told),
            "oldest_ms": oldest.duration_ns / 1e6,
            "at_once": crowd_ns is not None,
        },
    )


RULE = Rule(
    id="DS-TCP-010",
    name="not-closed-after-end",
    severity=Severity.WARNING,
    title="Connections not closed after the end",
    subjects=ended,
    check=check,
    page=__doc__ or "",
    absence=True,
)
