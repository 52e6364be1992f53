"""The association request proposes far more than is used, or is very long.

What it sees
More than 64 presentation contexts of which less than 5 % are used before the association ends, or an A-ASSOCIATE-RQ longer
than 16 KiB (a warning above 32 KiB); an error where such a request got an abort, a reset or silence from an acceptor that
is seen to answer short requests, and is not known to treat some of them so. Where no short request to it was captured, the
missing answer is told by another rule and the length beside it.

Why it matters
Every association pays for it in time, and receivers with small buffers fail on it.

Likely causes
1. The sender proposes its whole catalogue instead of what it will send: DCMTK's storescu and getscu do so by default.
2. One context for each transfer syntax of every class.

Fix
Propose only the classes and transfer syntaxes of the objects to be sent (with DCMTK's storescu: -R).

Could be wrong when
Associations for several purposes hold several contexts rightly. One that ended before any message, for another reason,
says nothing about use. The note alone is ordinary traffic. An acceptor may have another reason to leave just this request
unanswered, such as an AE title that it does not know.

Reference
PS3.8 §9.3.2
PS3.8 §9.3.2.2
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.pdu.values import AssociateRq
from dicomsniff.rules.endings import closing
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import peer
from dicomsniff.rules.negotiation.offence import offence
from dicomsniff.rules.rule import Rule, Thresholds

_USED = 0.05
_LISTED = ("DS-PC-006",)
_MISSING_ANSWER = ("DS-ASSOC-006", "DS-ASSOC-007", "DS-TCP-005")
_UNSEEN = frozenset(
    {Blind.ANSWER, Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR, Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR}
)


@dataclass(frozen=True, slots=True)
class Large:
    """A request that may be too large; `tells`: its acceptor answers short ones, so that leaving it unanswered tells something."""

    association: Association
    tells: bool


def large(traffic: Traffic) -> Iterator[Large]:
    """Requests that may be too large."""
    small = Thresholds()
    short = [a for a in traffic.associations if a.request and a.request.length <= small.request_long]
    answering = {a.acceptor for a in short if a.accept or a.reject}
    answering -= {a.acceptor for a in short if _failed(a, traffic)}
    for a in traffic.associations:
        if a.request and (
            a.request.length > small.request_long // 4 or len(a.request.contexts) > small.contexts_many // 4
        ):
            yield Large(a, a.acceptor in answering)


def _failed(association: Association, traffic: Traffic) -> str | None:
    """What the acceptor did instead of answering; None where it answered, or where that is not known."""
    if association.accept or association.reject or association.blind & _UNSEEN:
        return None
    abort = association.abort
    if abort is not None:
        unprovoked = association.role(abort.evidence.direction) == "acceptor" and offence(association, abort) is None
        return "aborted" if unprovoked else None
    if association.outcome is Outcome.UNANSWERED and association.closed_by is not association.to_acceptor.opposite:
        return "never answered"
    cut = closing(association, traffic)
    if association.closed_by is association.to_acceptor.opposite and cut is not None:
        return "reset the connection" if cut.kind == "rst" else "closed the connection"
    return None


def check(subject: Large, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    association = subject.association
    request = association.request
    if request is None:
        return None
    long = request.length > thresholds.request_long
    used = {e.context_id for e in association.exchanges}
    number = len(request.contexts)
    idle = bool(used) and number > thresholds.contexts_many and len(used) < _USED * number
    if not long and not (idle and association.outcome is not Outcome.OPEN and Blind.REQUEST not in association.blind):
        return None
    failed = _failed(association, traffic) if long and subject.tells else None
    huge = request.length > thresholds.request_huge
    return _hit(
        association,
        request,
        len(used),
        failed,
        Severity.ERROR if failed else Severity.WARNING if huge else Severity.NOTE,
    )


def _hit(association: Association, request: AssociateRq, used: int, failed: str | None, severity: Severity) -> Hit:
    client, server = peer(association, "requestor"), peer(association, "acceptor")
    accepted = sum(c.accepted for c in association.contexts)
    size = f"{request.length + 6} bytes"
    oversized = ", an oversized request," if severity is not Severity.NOTE else ""
    if failed:
        end = f"; {server}, which answers short ones, then {failed}, as receivers with small buffers do"
    elif association.accept is not None:
        end = f" and uses {used} ({accepted} accepted): every association pays for it, and small receivers fail on it"
    else:
        end = ""
    return Hit(
        f"{client} proposes {len(request.contexts)} contexts in {size} to {server}{oversized}{end}.".replace(",;", ";"),
        packets_of(request.evidence, association.accept.evidence if association.accept else None),
        request.evidence.first_ns,
        severity,
        connection=association.connection,
        association=association.id,
        act=Side.UNKNOWN if failed else Side.REQUESTOR,
        actor=None if failed else client,
        key=f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{severity}",
        hides=(*_LISTED, *_MISSING_ANSWER) if failed else _LISTED,
        facts={
            "request_bytes": request.length + 6,
            "contexts": len(request.contexts),
            "accepted_contexts": accepted,
            "used_contexts": used,
            "failed": failed,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
        },
    )


RULE = Rule(
    id="DS-ASSOC-018",
    name="oversized-association-request",
    severity=Severity.NOTE,
    title="Oversized association request",
    subjects=large,
    check=check,
    page=__doc__ or "",
    hides=(*_LISTED, *_MISSING_ANSWER),
)
