"""A procedure step (MPPS) was begun and never finished, or it lists other objects than were stored.

What it sees
An N-CREATE that was accepted, and no N-SET with COMPLETED or DISCONTINUED for hours of the capture, or although the
station began its next step two hours ago. Also a final N-SET whose Performed Series Sequence does not list objects that
the station had stored in those very series, and a step that names another Study Instance UID than the worklist item with
its accession number and step ID that the station had been given.

Why it matters
In the RIS the examination stays "in progress". Objects that are not listed, or filed under another study, may never be read.

Likely causes
1. The examination was not closed at the modality.
2. The N-SET failed, or went elsewhere.
3. Images were sent after the examination had been closed.
4. The step was begun without choosing the worklist item.

Fix
Close the examination at the modality; where that was done, look there for N-SETs that could not be sent.

Could be wrong when
The examination goes on after the capture; a capture that is too short to tell, or blind between the two, makes the
verdict inconclusive. Objects that a step lists and that the capture does not hold are not missed: they may have gone
another way.

Reference
PS3.4 §F.7.2.2
"""

from bisect import bisect_right
from collections.abc import Iterator

from dicomsniff.association.delivery import stored
from dicomsniff.association.index import once
from dicomsniff.association.parties import Party
from dicomsniff.association.procedure_steps import FINAL, ProcedureStep, Update, procedure_steps
from dicomsniff.association.values import Blind, Traffic
from dicomsniff.association.worklist import worklist_queries
from dicomsniff.core import Evidence
from dicomsniff.rules.clock import CAPTURE_END, clock, milliseconds, watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import SECOND, counted, listed, peer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.worklist.steps import facts, named

_HOLES = frozenset(Blind) - {Blind.END, Blind.REQUEST}


@once
def _created(traffic: Traffic) -> tuple[ProcedureStep, ...]:
    """Steps whose creation was acknowledged."""
    return tuple(step for step in procedure_steps(traffic) if step.created is not None)


def check(step: ProcedureStep, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    created = step.created
    final = created.exchange.final if created else None
    if created is None or final is None:
        return None
    hits = list(_other_study(step, created, traffic))
    if step.finished is not None:
        return hits + list(_unlisted(step, step.finished, traffic))
    if any(update.status in FINAL for update in step.updates):
        return hits or _open_end(step)
    doubt = _doubt(step, final, traffic)
    if doubt:
        return hits or Inconclusive(doubt)
    waited_ns = traffic.last_ns - final.last_ns
    following = _next(step, final.last_ns, traffic)
    since = traffic.last_ns - following if following is not None else 0
    if waited_ns < thresholds.mpps_wait * SECOND and since < thresholds.mpps_next_wait * SECOND:
        return hits or Inconclusive("the capture ended while the examination may still have been going on")
    return [*hits, _never(step, created, final, waited_ns, following, traffic)]


def _open_end(step: ProcedureStep) -> Inconclusive | None:
    """A final N-SET was sent: refused, which another rule tells, or without an answer in the capture."""
    unanswered = any(update.exchange.final is None for update in step.sets if update.status in FINAL)
    return (
        Inconclusive("the answer to the last update of a procedure step is not in the capture") if unanswered else None
    )


def _doubt(step: ProcedureStep, final: Evidence, traffic: Traffic) -> str | None:
    """Why the missing N-SET proves nothing."""
    if _blind(traffic).get((step.station.ip, step.server.ip)):
        return "an update may have been sent in a stretch that was not captured"
    if any(capture.dropped_since for capture in traffic.captures):
        return "the capture dropped packets: an update may be among them"
    if not watched(traffic, final.last_packet, CAPTURE_END):
        return "the capture does not tell how long ago the procedure step began"
    return None


@once
def _blind(traffic: Traffic) -> dict[tuple[str, str], bool]:
    """Pairs of hosts, requestor first, between which something was not captured."""
    return {(a.requestor.ip, a.acceptor.ip): True for a in traffic.index.blind if a.blind & _HOLES}


@once
def _starts(traffic: Traffic) -> dict[Party, list[int]]:
    """When each station began its steps, in order."""
    made: dict[Party, list[int]] = {}
    for step in _created(traffic):
        first = step.updates[0].exchange.request
        if first is not None:
            made.setdefault(step.station, []).append(first.first_ns)
    return {station: sorted(times) for station, times in made.items()}


def _next(step: ProcedureStep, after_ns: int, traffic: Traffic) -> int | None:
    """When the station began its next step, None where it did not."""
    times = _starts(traffic).get(step.station, [])
    place = bisect_right(times, after_ns)
    return times[place] if place < len(times) else None


def _never(
    step: ProcedureStep, created: Update, final: Evidence, waited_ns: int, following: int | None, traffic: Traffic
) -> Hit:
    exchange = created.exchange
    association = traffic.association(exchange.association)
    then = f"; the station began its next step at {clock(following)}" if following is not None else ""
    return Hit(
        f"Procedure step{named(step)} on {peer(association, exchange.requested_by)} was started at {clock(final.last_ns)} "
        f"and not finished in the {seconds(waited_ns)} that the capture shows of it{then}.",
        packets_of(exchange.request, final),
        final.last_ns,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(exchange.requested_by),
        actor=peer(association, exchange.requested_by),
        key=f"{step.station}|{step.server}|unfinished",
        facts=facts(step, created, traffic) | {"waited_ms": milliseconds(waited_ns)},
    )


def _unlisted(step: ProcedureStep, finished: Update, traffic: Traffic) -> Iterator[Hit]:
    """Objects that the station had stored in the listed series before, and that the step does not list."""
    exchange = finished.exchange
    if not finished.lists or exchange.request is None:
        return
    named_in = {reference.sop_instance for update in step.updates for reference in update.performed}
    if not named_in:
        return
    there: dict[str, None] = {}
    for uid in finished.series:
        for instance, time_ns in _stored_by(traffic).get((step.station.ip, uid), {}).items():
            if time_ns <= exchange.request.first_ns:
                there.setdefault(instance)
    beside = [instance for instance in there if instance not in named_in]
    if not beside:
        return
    association = traffic.association(exchange.association)
    yield Hit(
        f"Procedure step{named(step)} of {peer(association, exchange.requested_by)} lists "
        f"{counted(len(named_in), 'object')}, but {counted(len(there), 'object')} of its series were stored before; it does "
        f"not list {listed(beside, 2)}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(exchange.requested_by),
        actor=peer(association, exchange.requested_by),
        key=f"{step.station}|unlisted",
        facts=facts(step, finished, traffic) | {"listed": len(named_in), "stored": len(there), "unlisted": beside[:50]},
    )


@once
def _stored_by(traffic: Traffic) -> dict[tuple[str, str], dict[str, int]]:
    """By address of the station and series, the instances stored with success and when."""
    wanted = {uid for step in _created(traffic) for update in step.updates for uid in update.series}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for group in stored(traffic) if wanted else ():
        if group.series in wanted and group.retrieve is None:
            own = found.setdefault((group.sender.ip, group.series), {})
            for e in group.exchanges:
                if e.final is not None and e.sop_instance and e.status_class in ("success", "warning"):
                    own.setdefault(e.sop_instance, e.final.last_ns)
    return found


def _other_study(step: ProcedureStep, created: Update, traffic: Traffic) -> Iterator[Hit]:
    """The step names another study than the worklist item that it was begun from."""
    if created.data is None:
        return
    for scheduled in created.data.items("ScheduledStepAttributesSequence"):
        number, id = scheduled.get("AccessionNumber"), scheduled.get("ScheduledProcedureStepID")
        study = scheduled.get("StudyInstanceUID")
        given = _given(traffic).get((step.station.ip, number or "", id or ""), set())
        if study and number and id and given and study not in given:
            exchange = created.exchange
            association = traffic.association(exchange.association)
            yield Hit(
                f"Procedure step for accession number ⟦{number}⟧ of {peer(association, exchange.requested_by)} names study "
                f"{study}; the worklist item that the station was given names {listed(sorted(given))}.",
                packets_of(exchange.request, exchange.final),
                exchange.request.first_ns if exchange.request else None,
                connection=association.connection,
                association=association.id,
                exchange=exchange.id,
                act=Side.UNKNOWN,
                key=f"{step.station}|{step.server}|study",
                facts=facts(step, created, traffic) | {"study": study, "scheduled_studies": sorted(given)},
            )


@once
def _given(traffic: Traffic) -> dict[tuple[str, str, str], set[str]]:
    """Study UIDs of the items each station was given, by accession number and step ID."""
    made: dict[tuple[str, str, str], set[str]] = {}
    for query in worklist_queries(traffic) if _created(traffic) else ():
        for item in query.items:
            id = item.step.get("ScheduledProcedureStepID")
            if item.study and item.accession_number and id:
                made.setdefault((query.station.ip, item.accession_number, id), set()).add(item.study)
    return made


RULE = Rule(
    id="DS-MWL-006",
    name="mpps-never-finished",
    severity=Severity.WARNING,
    title="Procedure step not finished, or not as stored",
    subjects=_created,
    check=check,
    page=__doc__,
    absence=True,
)
