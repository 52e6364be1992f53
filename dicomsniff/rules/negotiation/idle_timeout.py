"""The acceptor ended an association that had been idle for long.

What it sees
An A-ABORT, an A-RELEASE-RQ or a FIN of the acceptor after at least 30 s without a message in either direction and with no
request unanswered; and whether the silence was the same each time, as a configured timer makes it.

Why it matters
The requestor finds its association gone when it next wants to use it. Some archives take an abort as "study incomplete".

Likely causes
1. The requestor keeps the association open between jobs.
2. It waits for something: an operator, or the result of a storage commitment.
3. A thread of it hangs.

Fix
Let the requestor release when it has nothing more to send; or raise the acceptor's timer above the longest pause.

Could be wrong when
The acceptor was stopped, or ended the association for a reason of its own that happened to come after a pause.

Reference
PS3.8 §7.3
https://github.com/pydicom/pynetdicom/issues/619
https://github.com/dcm4che/dcm4che/issues/1505
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Endpoint, Evidence
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.clock import elapsed, milliseconds
from dicomsniff.rules.endings import closing, doubtful, heard, heard_before, tail_unseen, timer, unanswered
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, peer, seconds
from dicomsniff.rules.rule import Rule, Thresholds

_SPREAD = SECOND // 2


class _Ending(NamedTuple):
    """How the acceptor left: in words, when, and in which packet; `at` is the PDU, None where it closed TCP."""

    words: str
    time_ns: int
    packet: int
    at: Evidence | None = None


def left(traffic: Traffic) -> list[tuple[Endpoint, list[tuple[Association, _Ending]]]]:
    """The associations that their acceptor ended, by acceptor."""
    found: dict[Endpoint, list[tuple[Association, _Ending]]] = {}
    for association in traffic.associations:
        if association.accept is not None and (ending := _ending(association, traffic)) is not None:
            found.setdefault(association.acceptor, []).append((association, ending))
    return list(found.items())


def _ending(association: Association, traffic: Traffic) -> _Ending | None:
    """The acceptor's own end of it; None where the requestor or nobody ended it."""
    way = association.to_acceptor.opposite
    pdus = ((association.abort, "aborts"), (association.release_request, "releases"))
    ends = [(pdu.evidence, words) for pdu, words in pdus if pdu is not None]
    if ends:
        at, words = ends[-1] if ends[0][0].after(ends[-1][0]) else ends[0]
        return _Ending(words, at.first_ns, at.first_packet, at) if at.direction is way else None
    if association.closed_by is not way or association.release_response or association.reject:
        return None
    cut = closing(association, traffic)
    return _Ending("closes", cut.time_ns, cut.packet) if cut is not None and cut.kind == "fin" else None


def check(
    subject: tuple[Endpoint, list[tuple[Association, _Ending]]], traffic: Traffic, thresholds: Thresholds
) -> list[Hit] | Inconclusive | None:
    idle: list[tuple[Association, _Ending, Evidence, int]] = []
    doubt = False
    for association, ending in subject[1]:
        last = _last(association, ending)
        silence = elapsed(traffic, last, ending.packet, ending.time_ns) if last else None
        if (
            last is None
            or silence is None
            or last.last_ns > ending.time_ns
            or silence < thresholds.idle_min * SECOND
            or unanswered(association)
        ):
            continue
        if doubtful(association) or tail_unseen(association, traffic):
            doubt = True
        else:
            idle.append((association, ending, last, silence))
    if doubt and not idle:
        return Inconclusive("whether anything was said in the silence before the end was not captured")
    silences = [silence for *_, silence in idle]
    return [_hit(*one, silences) for one in idle]


def _last(association: Association, ending: _Ending) -> Evidence | None:
    """The last that was said before; of the acceptor itself everything was, in whatever order it was captured."""
    if ending.at is not None:
        return heard_before(association, ending.at)
    own = (e for e in heard(association) if e.direction is not association.to_acceptor or e.last_ns <= ending.time_ns)
    return max(own, key=lambda e: e.last_ns, default=None)


def _hit(association: Association, ending: _Ending, last: Evidence, silence: int, silences: list[int]) -> Hit:
    server, client = peer(association, "acceptor"), peer(association, "requestor")
    same = len(silences) > 1 and max(silences) - min(silences) <= 2 * _SPREAD
    each = (
        f" {len(silences)} associations ended so, each after {seconds(min(silences))}: a configured timer."
        if same
        else ""
    )
    known = timer(silence)
    guess = f" {known} s looks like a configured timer." if known and not same else ""
    return Hit(
        f"{server} {ending.words} idle associations: this one after {seconds(silence)} of silence; {client} had left it open "
        f"with nothing outstanding.{each}{guess}",
        packets=tuple(sorted({*last.packets, ending.packet})),
        time_ns=ending.time_ns,
        severity=Severity.NOTE if ending.words == "releases" else None,
        connection=association.connection,
        association=association.id,
        act=Side.UNKNOWN,  # the requestor may release, or the acceptor wait longer
        key=f"{association.acceptor}|{association.requestor.ip}|{association.calling_ae}|{ending.words}",
        facts={
            "silence_ms": milliseconds(silence),
            "timer_s": known,
            "ended_how": ending.words,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


RULE = Rule(
    id="DS-ASSOC-010",
    name="ended-by-idle-timeout",
    severity=Severity.WARNING,
    title="Ended by an idle time-out",
    subjects=left,
    check=check,
    page=__doc__ or "",
    absence=True,
    hides=("DS-ASSOC-008", "DS-ASSOC-009", "DS-TCP-005"),
)
