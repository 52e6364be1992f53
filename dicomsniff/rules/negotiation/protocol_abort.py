"""The protocol layer of one side aborted an established association: it could not accept what it received.

What it sees
A first A-ABORT with source 2 (service-provider), or the reserved source 1, on an established association; and the first
thing wrong in what the other side had sent since the aborting side last spoke. After a long silence with nothing
left to answer it is a warning: some protocol layers end idle associations so.

Why it matters
The two implementations do not understand each other. The same exchange will fail again.

Likely causes
1. unrecognized-PDU: the stream is out of step, by a wrong length or foreign data.
2. unexpected-PDU: a PDU that may not be sent in this state, or data on a context that was not accepted.
3. unrecognized, unexpected or invalid parameter: odd fragment, unknown context ID, PDV longer than its PDU, PDU above
   the maximum length, illegal AE title or UID.
4. reason-not-specified: any internal error of the side that aborted.

Fix
Correct what is named as offending. If nothing is, look into the log of the side that aborted, and compare the versions of
both implementations with what their makers have fixed since.

Could be wrong when
Many implementations send reason 0 or 2 for every internal error, or when they have waited too long for an answer, and old
ones had the numbers of the reasons wrong.

Reference
PS3.8 §7.4
PS3.8 §9.3.8, Table 9-26
PS3.8 §9.2
https://github.com/fo-dicom/fo-dicom/issues/284
"""

from typing import Any

from dicomsniff.association.values import Association, Blind, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.tables import abort_text
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.clock import elapsed
from dicomsniff.rules.endings import doubtful, heard_before, in_vain, let_down, let_down_ns, must_act, unanswered
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.leaving import doubt
from dicomsniff.rules.naming import SECOND, peer, seconds, side
from dicomsniff.rules.negotiation.aborted_negotiation import in_negotiation
from dicomsniff.rules.negotiation.offence import offence
from dicomsniff.rules.rule import Rule, Thresholds, associations


class _Wait(NamedTuple):
    """What the aborting side had waited for, if only the other's next word, the answer to its release, or long for that to a
    request: nanoseconds, None where it was not that."""

    idle_ns: int | None
    release_ns: int | None
    answer_ns: int | None = None


_RELEASE = "Let the requestor release when it has nothing more to send, or raise the timer of the side that aborted."


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    abort = association.abort
    if abort is None or abort.source == 0 or association.reject or in_negotiation(association, traffic):
        return None
    if association.accept is None and not association.exchanges:
        return None
    wrong = offence(association, abort)
    idle_ns = None if wrong is not None else _idle_ns(association, abort, traffic)
    idle = idle_ns is not None and idle_ns >= thresholds.idle_min * SECOND
    return _hit(
        association,
        abort,
        wrong,
        _Wait(
            idle_ns if idle else None,
            _release_ns(association, abort, wrong, traffic),
            _answer_ns(association, abort, traffic) if wrong is None else None,
        ),
        traffic,
    )


def _idle_ns(association: Association, abort: Abort, traffic: Traffic) -> int | None:
    """How long nobody had said anything before the abort, where nothing was left to answer."""
    at = abort.evidence
    last = heard_before(association, at)
    if last is None or unanswered(association, at) or doubtful(association):
        return None
    return elapsed(traffic, last, at.first_packet, at.first_ns)


def _answer_ns(association: Association, abort: Abort, traffic: Traffic) -> int | None:
    """How long it had heard nothing, where it waited for an answer so long that the other side must be asked why."""
    at = abort.evidence
    last = heard_before(association, at)
    silence_ns = elapsed(traffic, last, at.first_packet, at.first_ns) if last else None
    ender = association.role(at.direction)
    acting = None if silence_ns is None else must_act(ender, association, traffic, silence_ns, at)
    return silence_ns if acting == association.other(ender) else None


def _release_ns(association: Association, abort: Abort, wrong: Anomaly | None, traffic: Traffic) -> int | None:
    """How long it had waited for the answer to its own A-RELEASE-RQ, where that is all that was left to answer."""
    if wrong is not None or unanswered(association) or doubtful(association):
        return None
    return let_down_ns(association, traffic, abort.evidence.direction)


def _hit(association: Association, abort: Abort, wrong: Anomaly | None, wait: _Wait, traffic: Traffic) -> Hit:
    ender = association.role(abort.evidence.direction)
    other = "acceptor" if ender == "requestor" else "requestor"
    acting = other if wrong is not None or wait.answer_ns is not None else ender
    unheard = wrong is None and wait.answer_ns is None and _unheard(association, abort)
    nobody = unheard or wait.release_ns is not None or (wrong is None and doubt(association, traffic) is not None)
    nobody = nobody or (wait.idle_ns is not None and ender == "acceptor")  # the requestor had left it idle
    nobody = nobody or (wrong is None and in_vain(association, traffic, ender))
    pending = unanswered(association)
    received = heard_before(association, abort.evidence, abort.evidence.direction.opposite)
    return Hit(
        f"The protocol layer of {peer(association, ender)} aborted the association with {peer(association, other)}: "
        f"{abort_text(abort.source, abort.reason)}. {_offending(wrong, unheard, association, wait)}",
        packets=packets_of(wrong.evidence if wrong else received, abort.evidence),
        time_ns=abort.evidence.first_ns,
        severity=None if wait.idle_ns is None and wait.release_ns is None else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=pending[-1].id if pending else None,
        tells_of=tuple(e.id for e in pending),
        act=Side.UNKNOWN if nobody else side(acting),
        actor=None if nobody else peer(association, acting),
        **_remedy(association, ender, wrong, wait),
        facts={
            "aborted_by": ender,
            "source": abort.source,
            "reason": abort.reason,
            "anomaly": wrong and str(wrong.code),
            "anomaly_packet": wrong and wrong.evidence.first_packet,
        },
    )


def _unheard(association: Association, abort: Abort) -> bool:
    """Whether the offence may be in what was not captured, or with contexts that are not known."""
    unknown = Blind.REQUEST in association.blind or association.accept is None  # which contexts were accepted
    return unknown or association.blind_towards(abort.evidence.direction.opposite)


def _remedy(association: Association, ender: str, wrong: Anomaly | None, wait: _Wait) -> dict[str, Any]:
    """Gist and remedy as far as they are not the rule's own."""
    if wait.release_ns is not None:
        return {**let_down(association, ender, wait.release_ns, "aborted")}
    if wait.idle_ns is not None:
        return {"fix": _RELEASE}
    if wrong is None:
        silent = peer(association, association.other(ender))
        return {} if wait.answer_ns is None else {"fix": f"Find out in the log of {silent} why it does not answer."}
    return {"fix": f"Correct in {peer(association, association.other(ender))}: {wrong.detail or wrong.code}."}


def _offending(wrong: Anomaly | None, unheard: bool, association: Association, wait: _Wait) -> str:
    if wait.release_ns is not None:
        return f"It had waited {seconds(wait.release_ns)} for the answer to its A-RELEASE-RQ."
    if wait.idle_ns is not None:
        return f"There had been silence for {seconds(wait.idle_ns)}, with nothing left to answer."
    if wrong is not None:
        return f"Offending PDU: packet {wrong.evidence.first_packet} ({wrong.detail or wrong.code})."
    if wait.answer_ns is not None:
        return f"It had waited {seconds(wait.answer_ns)} for an answer."
    versions = [
        f"{role} {info.implementation_version or info.implementation_class_uid}"
        for role, pdu in (("requestor", association.request), ("acceptor", association.accept))
        if pdu and (info := pdu.user_information) and (info.implementation_version or info.implementation_class_uid)
    ]
    told = f" Implementations: {', '.join(versions)}." if versions else ""
    if unheard:
        return f"What it had received was not captured whole.{told}"
    return f"Nothing wrong was recognised in what it had received.{told}"


RULE = Rule(
    id="DS-ASSOC-009",
    name="aborted-by-protocol-error",
    severity=Severity.ERROR,
    title="Aborted by a protocol error",
    subjects=associations,
    check=check,
    page=__doc__ or "",
    hides=("DS-DIMSE-001", "DS-STORE-006"),
    claims=frozenset(
        {
            AnomalyCode.PDV_ODD_LENGTH,
            AnomalyCode.PDV_UNEXPECTED_FRAGMENT,
            AnomalyCode.COMMAND_UNDECODABLE,
            AnomalyCode.COMMAND_UNKNOWN_FIELD,
        }
    ),
)
