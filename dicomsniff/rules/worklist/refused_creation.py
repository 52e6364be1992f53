"""The start of a procedure step (MPPS N-CREATE) was refused, or is not as it must be.

What it sees
An N-CREATE of a modality performed procedure step that was answered with a failure; one that was accepted although its
status is not IN PROGRESS; and, as a remark, one that was accepted although attributes that it must carry are missing:
performed station AE, start date and time, step ID, modality, and the Scheduled Step Attributes Sequence with the Study
Instance UID.

Why it matters
The RIS does not learn that the examination has begun, and cannot match it with the order: the item stays on the worklist.

Likely causes
1. 0106: the status is not IN PROGRESS; 0120 or 0121: an attribute or its value is missing.
2. 0111: the same instance was sent again after an answer that was lost, which is harmless.
3. An examination without an order, sent without an item in the Scheduled Step Attributes Sequence.
4. 0110: trouble inside the server.

Fix
Correct the named attribute in the modality. For 0110 look into the server's log at this time.

Could be wrong when
0111 after a lost answer is success in effect, and told as a remark.

Reference
PS3.4 §F.7.2.1
PS3.4 §F.7.2.1.3
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/32
"""

from collections.abc import Sequence

from dicomsniff.association.procedure_steps import IN_PROGRESS, ProcedureStep, Update, procedure_steps
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import details, peer, performer, side, status_words, tags
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.worklist.steps import facts, missing, named

DUPLICATE = 0x0111
_ABOUT_REQUEST = frozenset({0x0105, 0x0106, 0x0115, 0x0117, 0x0120, 0x0121})


@dataclass(frozen=True, slots=True)
class Creation:
    """One N-CREATE of a step, and what it must carry and does not."""

    step: ProcedureStep
    update: Update
    missing: Sequence[int]

    @property
    def refused(self) -> bool:
        return self.update.exchange.final is not None and self.update.exchange.status_class == "failure"

    @property
    def odd_status(self) -> bool:
        return self.update.status not in (None, IN_PROGRESS)


def subjects(traffic: Traffic) -> Among[Creation]:
    """Every N-CREATE; the refused and the wrong are looked at."""
    every = [Creation(step, u, missing(u.data)) for step in procedure_steps(traffic) for u in step.creates]
    wrong = [c for c in every if c.refused or (c.update.taken and (c.odd_status or c.missing))]
    return Among(len(every), wrong)


def check(creation: Creation, traffic: Traffic, thresholds: Thresholds) -> Hit:
    exchange = creation.update.exchange
    association = traffic.association(exchange.association)
    server, station = peer(association, performer(exchange)), peer(association, exchange.requested_by)
    fault = _fault(creation)
    if creation.refused:
        said = details(exchange)
        told = (
            f"refused by {server}: {status_words(exchange)}{': ' + said if said else ''}{'; ' + fault if fault else ''}"
        )
    else:
        told = f"accepted by {server}, but {fault}"
    if _harmless(creation):
        told += "; the step is there, so this is harmless after a lost answer"
    act = _act(creation, exchange)
    return Hit(
        f"MPPS start{named(creation.step)} of {station} {told}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        _severity(creation),
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=act,
        actor=None if act is Side.UNKNOWN else station if act is side(exchange.requested_by) else server,
        key=f"{association.acceptor}|{association.calling_ae}|{exchange.status}|{list(creation.missing)}|{creation.odd_status}",
        facts=facts(creation.step, creation.update, traffic) | {"missing": [f"{tag:08X}" for tag in creation.missing]},
    )


def _fault(creation: Creation) -> str:
    wrong = [f"its status is {creation.update.status}, not {IN_PROGRESS}"] if creation.odd_status else []
    wrong += [f"it lacks {tags(creation.missing)}"] if creation.missing else []
    return " and ".join(wrong)


def _harmless(creation: Creation) -> bool:
    """A duplicate that says the same as what is there, as far as the capture knows that."""
    if creation.update.exchange.status != DUPLICATE:
        return False
    first = next((u for u in creation.step.creates if u.taken), None)
    return first is None or first.data == creation.update.data


def _severity(creation: Creation) -> Severity:
    if creation.refused:
        return Severity.NOTE if _harmless(creation) else Severity.ERROR
    return Severity.WARNING if creation.odd_status else Severity.NOTE


def _act(creation: Creation, exchange: Exchange) -> Side:
    if not creation.refused or creation.odd_status or exchange.status in _ABOUT_REQUEST | {DUPLICATE}:
        return side(exchange.requested_by)
    return Side.UNKNOWN if creation.missing else side(performer(exchange))


RULE = Rule(
    id="DS-MWL-004",
    name="mpps-create-refused",
    severity=Severity.ERROR,
    title="Procedure step not created, or incomplete",
    subjects=subjects,
    check=check,
    page=__doc__,
)
