"""An update of a procedure step (MPPS N-SET) was refused, or came after the end of the step.

What it sees
An N-SET of a modality performed procedure step that was answered with a failure, with the history of that step in this
capture: whether it was finished already, whether its creation had been refused, or was not seen. Also an N-SET that was
accepted although the step had been completed or discontinued.

Why it matters
The RIS does not learn that the examination is over, or gets a state that no longer fits.

Likely causes
1. A second final N-SET: the step was completed or discontinued before (0110, often with Error ID A710).
2. The N-CREATE had failed, or had gone to another server (0112).
3. The server was restarted and forgot the step (0112).
4. The modality does not wait for the answer to its N-CREATE before it sends the N-SET.
5. 0105, 0106, 0120, 0121: attributes or values that the server does not take.

Fix
Look at the history of the step: correct the workflow of the modality, or send its N-CREATE and N-SET to the same server.

Could be wrong when
An N-SET that leaves the step IN PROGRESS is legal and not told. An N-CREATE before the capture is not seen.

Reference
PS3.4 §F.7.2.2.3
PS3.4 §F.7.2.2.4
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/49
"""

from dicomsniff.association.procedure_steps import FINAL, ProcedureStep, Update, procedure_steps
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import About, Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import details, peer, performer, side, status_words
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.worklist.steps import facts, named

NO_INSTANCE = 0x0112
_HASTY = "it was sent before the answer to its creation had come"


@dataclass(frozen=True, slots=True)
class Change:
    """One N-SET, and the update before it that had ended the step, if any."""

    step: ProcedureStep
    update: Update
    ended: Update | None


def subjects(traffic: Traffic) -> Among[Change]:
    """Every N-SET; the refused and those after the end are looked at."""
    every = [Change(step, update, _ended(step, update)) for step in procedure_steps(traffic) for update in step.sets]
    wrong = [c for c in every if _refused(c.update) or (c.update.taken and c.ended is not None)]
    return Among(len(every), wrong)


def _refused(update: Update) -> bool:
    return update.exchange.final is not None and update.exchange.status_class == "failure"


def _ended(step: ProcedureStep, update: Update) -> Update | None:
    """The acknowledged update that had ended the step before this one was sent."""
    finished = step.finished
    if finished is None or finished is update or finished.status not in FINAL:
        return None
    final, sent = finished.exchange.final, update.exchange.request
    return finished if final and sent and final.last_ns <= sent.first_ns else None


def check(change: Change, traffic: Traffic, thresholds: Thresholds) -> Hit:
    step, exchange = change.step, change.update.exchange
    association = traffic.association(exchange.association)
    server, station = peer(association, performer(exchange)), peer(association, exchange.requested_by)
    refused = _refused(change.update)
    said = details(exchange)
    told = (
        f"refused by {server}: {status_words(exchange)}{': ' + said if said else ''}"
        if refused
        else f"accepted by {server}"
    )
    history, act = _history(change)
    hasty = step.created.exchange if history == _HASTY and step.created else None
    return Hit(
        f"MPPS update{named(step)} ({step.instance}) of {station} {told}; {history}.",
        packets_of(exchange.request, exchange.final, change.ended.exchange.request if change.ended else None),
        exchange.request.first_ns if exchange.request else None,
        _severity(change, refused),
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=act,
        actor=None if act is Side.UNKNOWN else station if act is side(exchange.requested_by) else server,
        key=f"{association.acceptor}|{association.calling_ae}|{exchange.status}|{history.partition(' at ')[0]}",
        about=About((hasty.id,)) if hasty else None,
        hides=None if hasty else (),
        fix=f"Let {station} wait for the answer to its N-CREATE before it sends the N-SET." if hasty else None,
        facts=facts(step, change.update, traffic),
    )


def _severity(change: Change, refused: bool) -> Severity:
    """What only follows from a creation that was refused is told with that."""
    if refused and change.step.created is None and change.step.creates and change.ended is None:
        return Severity.NOTE
    return Severity.ERROR if refused else Severity.WARNING


def _history(change: Change) -> tuple[str, Side]:
    """What had happened to the step before, and who must act for it."""
    step, exchange = change.step, change.update.exchange
    asking = side(exchange.requested_by)
    if change.ended is not None:
        final = change.ended.exchange.final
        return f"it was already {change.ended.status} at {clock(final.last_ns if final else -1)}", asking
    if step.created is not None and _crossed(step.created.exchange, exchange):
        return _HASTY, asking
    if step.created is not None:
        forgot = exchange.status == NO_INSTANCE
        return "it had been created here", side(performer(exchange)) if forgot else Side.UNKNOWN
    if step.creates:
        status = step.creates[-1].exchange.status
        return (f"its creation had been refused with 0x{status:04X}", asking) if status is not None else (
            "its creation had not been answered", Side.UNKNOWN)  # fmt: skip
    return "its creation is not in this capture", Side.UNKNOWN


def _crossed(creation: Exchange, change: Exchange) -> bool:
    """Whether the update was sent without waiting whether there is anything to be updated (PS3.4 §F.7.2.2)."""
    if creation.association != change.association or creation.final is None or change.request is None:
        return False
    return not change.request.after(creation.final)


RULE = Rule(
    id="DS-MWL-005",
    name="mpps-update-refused",
    severity=Severity.ERROR,
    title="Procedure step not updated",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=("DS-DIMSE-007",),
)
