"""An A-ABORT instead of an answer to the association request, or directly after the acceptance.

What it sees
An A-ABORT of either side after the A-ASSOCIATE-RQ and before an answer; or within one round trip and 50 ms after the
A-ASSOCIATE-AC with no P-DATA-TF in between. Only the first A-ABORT counts, later ones are echoes.

Why it matters
The association came to nothing, and the sender's log often shows no more than "aborted".

Likely causes
1. Before an answer: the acceptor could not decode the request (AE title of blanks, NUL padding, item lengths).
2. Before an answer: the acceptor does not know an AE title and aborts where it should reject.
3. After the acceptance: no accepted context fits what the requestor wanted to send.
4. After the acceptance: a role that was asked for was not granted.
5. After the acceptance: the application refuses the AE title that the listener had accepted.

Fix
Look into the log of the side that aborted. If an item of the request is named here as wrong, correct that; otherwise
check the registration of the AE titles, and compare the accepted contexts with what was to be sent.

Could be wrong when
The requestor's user pressed cancel. If the answer was not captured, nothing is said.

Reference
PS3.8 §9.3.8, Table 9-26
PS3.8 §9.3.2
PS3.8 §7.3
https://github.com/pydicom/pynetdicom/issues/646
"""

from dicomsniff.association.values import Association, Blind, Traffic
from dicomsniff.core import Anomaly, Direction
from dicomsniff.dimse.uids import uid_name
from dicomsniff.pdu.tables import abort_text
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.clock import clock, elapsed
from dicomsniff.rules.endings import BLIND_SIDES, had_data
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.leaving import doubt
from dicomsniff.rules.naming import SECOND, listed, peer, seconds, side
from dicomsniff.rules.negotiation.offence import offence
from dicomsniff.rules.rule import Rule, Thresholds

_GAVE_UP = SECOND  # a requestor that aborts later had waited for the answer: DS-ASSOC-006
_AT_ONCE = SECOND // 20
_UNSEEN = frozenset({Blind.ANSWER, Blind.HOLE_TO_REQUESTOR, *BLIND_SIDES})


def aborted(traffic: Traffic) -> list[Association]:
    return [a for a in traffic.associations if a.aborts and a.request is not None]


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    abort, request = association.abort, association.request
    if abort is None or request is None or association.reject or not in_negotiation(association, traffic):
        return None
    ender = association.role(abort.evidence.direction)
    if association.accept is not None:
        at = abort.evidence
        after_ns = elapsed(traffic, association.accept.evidence, at.first_packet, at.first_ns)
        return _hit(association, abort, traffic, f"{seconds(after_ns)} after the acceptance, before any message")
    if association.blind & _UNSEEN:
        return Inconclusive("the answer to the association request may not have been captured")
    if ender == "acceptor":
        return _hit(association, abort, traffic, "instead of answering")
    waited_ns = elapsed(traffic, request.evidence, abort.evidence.first_packet, abort.evidence.first_ns)
    if waited_ns is None:
        return Inconclusive("the capture does not tell how long the answer had been waited for")
    return None if waited_ns >= _GAVE_UP else _hit(association, abort, traffic, "before an answer came")


def in_negotiation(association: Association, traffic: Traffic) -> bool:
    """Whether the first abort fell before the answer to the request, or directly after the acceptance."""
    abort = association.abort
    if abort is None or association.request is None or had_data(association):
        return False
    if association.accept is None:
        return True
    if offence(association, abort) is not None or any(map(association.blind_towards, Direction)):
        return False  # something may have been sent that was not captured
    allowed_ns = (traffic.conversation(association.connection).tcp.rtt_ns or 0) + _AT_ONCE
    answers = association.request.evidence, association.accept.evidence  # the later of them as captured
    return abort.evidence.first_ns - max(answer.last_ns for answer in answers) <= allowed_ns


def _hit(association: Association, abort: Abort, traffic: Traffic, moment: str) -> Hit:
    ender = association.role(abort.evidence.direction)
    other = "acceptor" if ender == "requestor" else "requestor"
    wrong = offence(association, abort) if association.accept is None else None
    accepted = [c for c in association.contexts if c.accepted]
    parts = [f"{peer(association, ender)} aborted the association with {peer(association, other)} {moment}: "]
    parts.append(abort_text(abort.source, abort.reason))
    if association.accept is not None:
        parts.append(f"; {len(accepted)} of {len(association.contexts)} contexts were accepted")
    parts.append("." if wrong is None else f". The request is not as it should be: {wrong.detail or wrong.code}.")
    acting = other if wrong is not None else ender if doubt(association, traffic) is None else None
    pdus = (association.request, association.accept, abort)
    return Hit(
        "".join(parts),
        packets=packets_of(*(pdu.evidence for pdu in pdus if pdu is not None)),
        time_ns=abort.evidence.first_ns,
        connection=association.connection,
        association=association.id,
        act=side(acting),
        actor=peer(association, acting) if acting else None,
        causes=_causes(association, ender),
        fix=_fix(association, abort, ender, wrong),
        key=_kind(association, abort, ender),
        facts=_facts(association, abort, wrong) | {"aborted_by": ender},
    )


def _fix(association: Association, abort: Abort, ender: str, wrong: Anomaly | None) -> str:
    """Where to look, and for what."""
    look = f"Look into the log of {peer(association, ender)} at {clock(abort.evidence.first_ns)}"
    if wrong is not None:
        return f"Correct the request of {peer(association, association.other(ender))} in what is named here. {look}, if that does not help."
    if association.accept is not None and ender == "requestor":
        return f"{look}, and compare the accepted contexts with what was to be sent."
    return f"{look}, and check the registration of the AE titles." if ender == "acceptor" else f"{look}."


def _kind(association: Association, abort: Abort, ender: str) -> str:
    """What makes two aborts the same: who, of whom, when, why, and with what granted."""
    granted = [(c.abstract_syntax, c.proposed, c.result) for c in association.contexts]
    titles = f"{association.calling_ae}|{association.called_ae}|{association.requestor.ip}|{association.acceptor}"
    return f"{ender}|{abort.source}|{abort.reason}|{titles}|{association.accept is None}|{hash(tuple(granted))}"


def _causes(association: Association, ender: str) -> tuple[str, ...]:
    if association.accept is None and ender == "acceptor":
        return (
            "The acceptor could not decode the request: AE title of blanks, NUL padding, item lengths.",
            "The acceptor does not know an AE title and aborts where it should reject.",
        )
    if association.accept is None:
        return ("The requestor's program or user gave up before the answer came.",)
    if ender == "acceptor":
        return (
            "The application behind the listener refuses the AE title.",
            "A user item of the request is not supported.",
        )
    return (
        _unfit(association),
        "A role that was asked for was not granted.",
        "The requestor's program or user cancelled.",
    )


def _unfit(association: Association) -> str:
    syntaxes = dict.fromkeys(c.transfer_syntax for c in association.contexts if c.accepted and c.transfer_syntax)
    if not syntaxes:
        return "No presentation context was accepted."
    names = listed((uid_name(uid) for uid in syntaxes), 4)
    return f"No accepted context fits what was to be sent: the accepted transfer syntaxes are {names}."


def _facts(association: Association, abort: Abort, wrong: Anomaly | None) -> dict[str, object]:
    syntaxes = sorted({c.transfer_syntax for c in association.contexts if c.accepted and c.transfer_syntax})
    return {
        "source": abort.source,
        "reason": abort.reason if abort.source == 2 else None,
        "contexts": len(association.contexts),
        "accepted_contexts": sum(c.accepted for c in association.contexts),
        "accepted_transfer_syntaxes": syntaxes,
        "anomaly": wrong and str(wrong.code),
    }


RULE = Rule(
    id="DS-ASSOC-007",
    name="aborted-during-negotiation",
    severity=Severity.ERROR,
    title="Aborted during negotiation",
    subjects=aborted,
    check=check,
    page=__doc__ or "",
    absence=True,
)
