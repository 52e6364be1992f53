"""The requestor left before its C-MOVE was answered, while the archive was still delivering.

What it sees
An association that the requestor released, aborted or closed without the final response to a C-MOVE, and C-STOREs of that
C-MOVE for more than a second afterwards.

Why it matters
The user is told that the retrieve failed; the archive goes on sending to a destination that may no longer expect it, and a
second try sends everything again.

Likely causes
1. A time-out of the requestor is shorter than the retrieve takes, and the archive sends no pending responses meanwhile.
2. A user closed the viewer.
3. The destination or the archive is slow.

Fix
Raise the requestor's time-out; let the archive send pending responses. A requestor that no longer wants the objects should
send C-CANCEL.

Could be wrong when
The requestor never waits for answers by design. One that releases within a second of asking is taken for such a one.

Reference
PS3.4 §C.4.2.2.1
PS3.4 §C.4.2.3.1
https://github.com/pydicom/pynetdicom/issues/771
https://github.com/dcm4che/dcm4chee-arc-light/issues/453
https://github.com/dcm4che/dcm4chee-arc-light/issues/1790
"""

from dicomsniff.association.values import Exchange, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.core.records import replace
from dicomsniff.rules.clock import milliseconds, watched
from dicomsniff.rules.endings import closing, timer
from dicomsniff.rules.finding import About, Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import departures, left_by, left_ns
from dicomsniff.rules.naming import SECOND, counted, seconds
from dicomsniff.rules.retrieve.retrieves import Retrieve, hit, moves
from dicomsniff.rules.rule import Among, Rule, Thresholds

_GOES_ON = SECOND  # what is under way may end within this


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs; suspects are those without a final response, and with deliveries."""
    every = moves(traffic)
    return Among(len(every), (m for m in every if m.exchange.final is None and m.retrieval.stores))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    association, request = move.association, move.exchange.request
    if left_by(association) != "requestor" or request is None or move.exchange.cancel is not None:
        return None
    left = left_ns(association, traffic)
    late = [store for store in move.stores if store.request is not None and store.request.first_ns > left]
    if not late or _last_ns(late) - left <= _GOES_ON:
        return None
    if association.outcome is Outcome.RELEASED and left - request.last_ns <= _GOES_ON:
        return None
    if association.blind_towards(association.to_acceptor.opposite):
        return Inconclusive("the final response may have been sent in a stretch that was not captured")
    if not watched(traffic, request.last_packet, late[-1].request.last_packet if late[-1].request else 0):
        return Inconclusive("the capture does not tell how long the requestor waited")
    return _hit(move, request, left, late)


def _last_ns(stores: list[Exchange]) -> int:
    return max(end.last_ns for store in stores if (end := store.last_response or store.request) is not None)


def _hit(move: Retrieve, request: Evidence, left: int, late: list[Exchange]) -> Hit:
    association, waited = move.association, left - request.last_ns
    verb = "aborted" if association.abort else "released" if association.release_request else "closed the connection"
    round_ = timer(waited)
    clue = f" {round_} s is a time-out." if round_ is not None else ""
    pendings = move.exchange.pending
    told = f"{pendings} pending responses had come" if pendings else "no pending response had come"
    end = closing(association, move.traffic)
    proof = packets_of(*departures(association), late[0].request, late[-1].last_response or late[-1].request)
    made = hit(
        move,
        f"{move.requestor} gave up after {seconds(waited)} ({verb}; {told}) while {move.archive} was still delivering to "
        f"'{move.destination}' ({counted(len(late), 'more object')} came).{clue}",
        (),
        *proof,
        *((end.packet,) if end is not None and not departures(association) else ()),
        act=Side.REQUESTOR,
        actor=move.requestor,
        key=f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{round_}",
        waited_ms=milliseconds(waited),
        timeout_s=round_,
        pending=pendings,
        objects_after=len(late),
        objects_before=len(move.retrieval.stores) - len(late),
    )
    return replace(made, about=About(associations=(association.id,)))  # how it ended follows from this


RULE = Rule(
    id="DS-RET-009",
    name="requester-gave-up-on-retrieve",
    severity=Severity.WARNING,
    title="Requestor gave up during a retrieve",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-ASSOC-008", "DS-TCP-005", "DS-DIMSE-001"),
)
