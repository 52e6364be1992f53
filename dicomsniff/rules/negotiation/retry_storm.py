"""The same association is tried and fails again and again.

What it sees
At least 5 attempts of one client on one server with one called AE title that fail in the same way within 5 minutes, or a
failure followed by a new attempt within a second at least 3 times; whether the pauses are fixed or grow. Attempts that ran
side by side count as one; a success in between begins the count anew.

Why it matters
It loads server and logs, hides other failures, and does not help: what is refused permanently stays refused.

Likely causes
1. The client does not back off.
2. It takes a permanent error for a transient one.
3. One bad object blocks its queue and is tried for ever.

Fix
Cure the failure that is repeated (it is told by the rule named here); take the object that cannot be sent out of the
queue; let the client wait longer after each failure and stop after a permanent rejection.

Could be wrong when
A monitor or a test tries on purpose. Pauses that grow are what a good client does: then this is a note.

Reference
PS3.8 §7.1.1.7
https://github.com/fo-dicom/fo-dicom/issues/933
https://github.com/UMEssen/DICOM-RST/issues/56
"""

import itertools
from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Association, Conversation, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.median import median
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AssociateRj
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import SECOND, brief, seconds
from dicomsniff.rules.negotiation.rejections import codes
from dicomsniff.rules.rule import Rule, Thresholds

_FEWEST = 4
_EVEN = 0.15  # a fixed interval: all pauses within this share of their median
_GROWTH = 1.3
_REJECTIONS = {7: "DS-ASSOC-001", 3: "DS-ASSOC-002", 1: "DS-ASSOC-003"}
Route = tuple[str, Endpoint]


class Attempt(NamedTuple):
    """One failed attempt: when it began and ended, how it failed (the rule that tells it, and in words), on what."""

    start_ns: int
    end_ns: int
    rule: str
    words: str
    called: str | None
    conversation: Conversation
    association: Association | None


class Storm(NamedTuple):
    """The same failure over and over, in the order of time."""

    route: Route
    attempts: list[Attempt]


def storms(traffic: Traffic) -> list[Storm]:
    """Sequences of at least four failures of one kind on one route with no success between."""
    failures: dict[Route, list[Attempt]] = {}
    for conversation in traffic.conversations:
        for attempt in _failures(conversation, traffic):
            failures.setdefault((conversation.tcp.initiator.ip, conversation.tcp.responder), []).append(attempt)
    hot = {route: made for route, made in failures.items() if len(made) >= _FEWEST}
    if not hot:
        return []
    won = _successes(traffic, hot)
    return [Storm(route, run) for route, made in hot.items() for run in _runs(made, won.get(route, []))]


def _failures(conversation: Conversation, traffic: Traffic) -> Iterator[Attempt]:
    tcp = conversation.tcp
    if tcp.opened == "refused":
        yield Attempt(
            tcp.first_ns, tcp.refused_ns or tcp.last_ns, "DS-TCP-001", "connection refused", None, conversation, None
        )
    elif tcp.opened == "unanswered":
        yield Attempt(tcp.first_ns, tcp.last_ns, "DS-TCP-002", "no answer to the SYN", None, conversation, None)
    for id in conversation.associations:
        association = traffic.association(id)
        if (failure := _failure(association)) is not None:
            start = tcp.first_ns if tcp.opened == "handshake" else association.first_ns
            yield Attempt(start, association.last_ns, *failure, association.called_ae, conversation, association)


def _failure(association: Association) -> tuple[str, str] | None:
    """The rule that tells the failure, and its words; None for a success or what cannot be told."""
    if association.outcome is Outcome.RELEASED:
        refused = (
            association.accept is not None
            and association.contexts
            and not any(c.accepted for c in association.contexts)
        )
        return ("DS-PC-001", "every context refused") if refused else None
    if association.request is None or association.outcome is Outcome.OPEN:
        return None
    if association.reject is not None:
        return _rejected(association.reject)
    if association.blind:
        return None
    if association.outcome is Outcome.UNANSWERED:
        return "DS-ASSOC-006", "request not answered"
    if association.accept is None:
        return (
            ("DS-ASSOC-007", "aborted during negotiation")
            if association.aborts
            else ("DS-TCP-005", "closed instead of answered")
        )
    if not any(c.accepted for c in association.contexts):
        return "DS-PC-001", "every context refused"
    stuck = [e for e in association.exchanges if e.final is None and e.request is not None]
    if association.outcome is Outcome.CLOSED and not stuck:
        return None
    on = (
        f" on {stuck[-1].service} of {brief(stuck[-1].sop_class)} {stuck[-1].sop_instance or ''}".rstrip()
        if stuck
        else ""
    )
    if association.abort is None:
        return "DS-TCP-005", f"connection closed{on}"
    return "DS-ASSOC-009" if association.abort.source == 2 else "DS-ASSOC-008", f"aborted{on}"


def _rejected(reject: AssociateRj) -> tuple[str, str]:
    if reject.source == 3:
        return "DS-ASSOC-005", codes(reject)
    return _REJECTIONS.get(reject.reason, "DS-ASSOC-004"), codes(reject)


def _successes(traffic: Traffic, hot: dict[Route, list[Attempt]]) -> dict[Route, list[tuple[int, str | None]]]:
    """When each of these routes worked, and with which called AE title."""
    won: dict[Route, list[tuple[int, str | None]]] = {}
    for a in traffic.associations:
        route = (a.requestor.ip, a.acceptor)
        if route in hot and (a.accept is not None or a.blind) and _failure(a) is None:
            won.setdefault(route, []).append((a.first_ns, a.called_ae))
    return won


def _runs(made: Sequence[Attempt], won: Sequence[tuple[int, str | None]]) -> Iterator[list[Attempt]]:
    """The failures of one route, cut into runs: of one kind, one behind the other, without a success between."""
    runs: dict[tuple[str, str, str | None], list[Attempt]] = {}
    events: list[tuple[int, int, Attempt | str | None]] = [(a.start_ns, 1, a) for a in made]
    events += [(at, 0, called) for at, called in won]
    for _, failed, what in sorted(events, key=lambda event: event[:2]):
        if not failed:
            for key in [k for k in runs if what is None or k[2] in (what, None)]:
                yield runs.pop(key)
        elif isinstance(what, Attempt):
            run = runs.setdefault((what.rule, what.words, what.called), [])
            if not run or what.start_ns >= run[-1].end_ns:
                run.append(what)
    yield from runs.values()


def check(storm: Storm, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    found = []
    part: list[Attempt] = []
    for attempt in storm.attempts:
        if part and attempt.start_ns - part[-1].end_ns > thresholds.retry_window * SECOND:
            found.append(part)
            part = []
        part.append(attempt)
    return [_hit(storm.route, part) for part in [*found, part] if _is_storm(part, thresholds)]


def _is_storm(part: Sequence[Attempt], thresholds: Thresholds) -> bool:
    count, window = thresholds.retry_count, thresholds.retry_window * SECOND
    dense = any(b.start_ns - a.start_ns <= window for a, b in zip(part, part[count - 1 :], strict=False))
    quick = sum(b.start_ns - a.end_ns < thresholds.retry_at_once * SECOND for a, b in itertools.pairwise(part))
    return dense or quick >= _FEWEST - 1


def _hit(route: Route, part: list[Attempt]) -> Hit:
    client, server = route
    first, last, times = part[0], part[-1], len(part)
    calling = first.association.calling_ae if first.association else None
    sender = f"{calling} ({client})" if calling else client
    receiver = f"{first.called} ({server})" if first.called else str(server)
    pace, grows = _pace([b.start_ns - a.start_ns for a, b in itertools.pairwise(part)])
    reject = first.association.reject if first.association else None
    permanent = " The rejection was permanent: trying again cannot help." if reject and reject.result == 1 else ""
    return Hit(
        f"{sender} repeats the same failing association to {receiver} {times} times in {seconds(last.end_ns - first.start_ns)} "
        f"({first.rule}: {first.words}), {pace}.{permanent}",
        tuple(a.association.first_packet if a.association else a.conversation.tcp.first_packet for a in part[:12]),
        first.start_ns,
        Severity.NOTE if grows else None,
        connection=first.conversation.id,
        association=first.association.id if first.association else None,
        act=Side.REQUESTOR,
        actor=sender,
        facts={
            "failure": first.rule,
            "attempts": times,
            "calling_ae": calling,
            "called_ae": first.called,
            "host": server.ip,
            "port": server.port,
            "pause": pace,
            "connections": [a.conversation.id for a in part[:100]],
            "permanent": bool(permanent),
        },
    )


def _pace(pauses: Sequence[int]) -> tuple[str, bool]:
    """How the attempts follow each other, and whether the client waits longer each time."""
    middle = median(pauses)
    if all(abs(p - middle) <= max(_EVEN * middle, SECOND // 5) for p in pauses):
        return f"every {seconds(int(middle))}", False
    steps = [b >= _GROWTH * a for a, b in itertools.pairwise(pauses)]
    if len(steps) > 1 and sum(steps) >= 0.75 * len(steps) and pauses[-1] > 2 * pauses[0]:
        return f"with pauses that grow from {seconds(pauses[0])} to {seconds(pauses[-1])}", True
    return f"with pauses of {seconds(min(pauses))} to {seconds(max(pauses))}", False


RULE = Rule(
    id="DS-ASSOC-017",
    name="retry-storm",
    severity=Severity.WARNING,
    title="The same failure again and again",
    subjects=storms,
    check=check,
    page=__doc__ or "",
)
