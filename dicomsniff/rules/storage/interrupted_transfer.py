"""A transfer was interrupted: an object was cut off, or only a part of a study arrived.

What it sees
A C-STORE request that had begun when the association ended before its last fragment; or, over all associations of one
sender and receiver within ten minutes, a study of which some objects were stored while others were cut off, never
answered or refused, and not stored by another attempt of the capture. The message gives each such object, the bytes
that were sent of it, and who ended the association; the rule on that ending says why.

Why it matters
The study is incomplete at the receiver, and whoever looks at it there need not know.

Likely causes
1. What the rule on the end of the association says.
2. The receiver ran into a time-out, or its disk is full.
3. The sender ran into a time-out, or a user stopped it.
4. The network broke the connection.

Fix
Send the listed objects again, and mend the cause of the ending or refusal.

Could be wrong when
The objects were sent again after the capture, or over a way it does not show. "n objects" are those that were attempted
in the capture; the true size of the study is not known.

Reference
PS3.8 §7.3
PS3.8 §7.4
PS3.4 §B.2
https://github.com/mercure-imaging/mercure/issues/45
https://github.com/fo-dicom/fo-dicom/issues/960
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.content import dataset_of
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.rules.clock import elapsed
from dicomsniff.rules.endings import closing, heard_before, last_heard, must_act
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import departures, doubt, foreign_reset, leaving, left_by, rule_of_leaving
from dicomsniff.rules.naming import counted, listed, side, status_words
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.storage.jobs import Attempt, Fate, Job, jobs

_READ = 2000  # objects of a job whose study is looked up; larger jobs are told as a whole


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    lost = job.lost()
    hits = list(_hits(job, lost, traffic)) if lost else []
    unknown = sum(a.fate is Fate.UNKNOWN for a in job.attempts) + job.doubtful()
    if not hits and unknown:
        return Inconclusive(f"what became of {counted(unknown, 'object')} was not captured")
    return hits


def _hits(job: Job, lost: Sequence[Attempt], traffic: Traffic) -> Iterator[Hit]:
    """One for each study that was cut, or that arrived in part."""
    whole = len(job.attempts) > _READ
    studies: dict[str | None, list[Attempt]] = {}
    if whole or any(a.fate is Fate.ARRIVED for a in job.attempts):
        for attempt in job.attempts:
            studies.setdefault(None if whole else _study(attempt), []).append(attempt)
    else:
        for attempt in lost:
            studies.setdefault(_study(attempt), []).append(attempt)
    ids = {a.exchange.id for a in lost}
    for study, attempts in studies.items():
        missing = [a for a in attempts if a.exchange.id in ids]
        arrived = _arrived(attempts)
        if any(a.fate is Fate.CUT_OFF for a in missing) or (missing and arrived and (study or whole)):
            yield _hit(job, study, attempts, missing, arrived, traffic)


def _study(attempt: Attempt) -> str | None:
    """The study of the object; not of one that was refused where only the data set itself tells its transfer syntax: it may
    have been refused for not being in the one that was agreed, in which nobody could read it."""
    context = attempt.association.context(attempt.exchange.context_id)
    agreed = context is not None and context.transfer_syntax is not None and not context.inferred
    if attempt.fate is Fate.REFUSED and not agreed:
        return None
    data = dataset_of(attempt.exchange)
    return (data.get("StudyInstanceUID") or None) if data else None


def _arrived(attempts: Sequence[Attempt]) -> int:
    """How many different instances were stored."""
    return len({a.exchange.sop_instance or a.exchange.id for a in attempts if a.fate is Fate.ARRIVED})


def _hit(
    job: Job, study: str | None, attempts: Sequence[Attempt], missing: Sequence[Attempt], arrived: int, traffic: Traffic
) -> Hit:
    ended = next((a for a in reversed(missing) if a.fate in (Fate.CUT_OFF, Fate.UNANSWERED)), None)
    first = missing[0]
    rule = rule_of_leaving(ended.association) if ended else None
    tried = len({a.exchange.sop_instance or a.exchange.id for a in attempts})
    why = f" ({leaving(ended.association, traffic)}{f': {rule}' if rule else ''})" if ended else ""
    message = (
        f"{f'Study {study}' if study else 'Storage'}: {arrived} of {counted(tried, 'object')} tried arrived at "
        f"{job.receiver}; {listed(map(_told, missing))} did not{why}."
    )
    act, actor = _to_act(job, ended.association if ended else None, traffic)
    return Hit(
        message,
        packets_of(*(a.exchange.request for a in missing[:4]), *(departures(ended.association) if ended else ())),
        first.exchange.request.first_ns if first.exchange.request else None,
        connection=first.association.connection,
        association=(ended or first).association.id,
        exchange=first.exchange.id,
        act=act,
        actor=actor,
        facts=_facts(study, attempts, missing, rule),
    )


def _to_act(job: Job, ended: Association | None, traffic: Traffic) -> tuple[Side, str | None]:
    """Who left, or refused; nobody where it is open who left."""
    if ended is not None and foreign_reset(ended, traffic) is not None:
        return Side.NETWORK, None
    if ended is not None and doubt(ended, traffic) is not None:
        return Side.UNKNOWN, None
    role = job.receiving_role if ended is None or left_by(ended) is None else _acting(ended, traffic)
    if role is None:
        return Side.UNKNOWN, None
    return side(role), job.receiver if role == job.receiving_role else job.sender


def _acting(ended: Association, traffic: Traffic) -> str | None:
    """Who left, or let the other wait until it left; None where that is open."""
    left, cut = departures(ended), closing(ended, traffic)
    until = min(left, key=lambda e: e.first_ns, default=None)
    packet, time_ns = (until.first_packet, until.first_ns) if until else (cut.packet, cut.time_ns) if cut else (0, 0)
    last = heard_before(ended, until) if until else last_heard(ended, time_ns)
    silence_ns = elapsed(traffic, last, packet, time_ns) if last else 0
    return must_act(left_by(ended) or "", ended, traffic, silence_ns, until)


def _told(attempt: Attempt) -> str:
    """ "1.2.3 (cut off after 16384 bytes)"."""
    exchange, sent = attempt.exchange, _sent(attempt.exchange)
    if attempt.fate is Fate.CUT_OFF:
        how = f"cut off after {counted(sent, 'byte')}"
    elif attempt.fate is Fate.UNANSWERED:
        how = f"all {counted(sent, 'byte')} sent, never answered, so perhaps stored"
    else:
        how = f"refused with {status_words(exchange)}"
    return f"{exchange.sop_instance or 'an unnamed object'} ({how})"


def _sent(exchange: Exchange) -> int:
    """Data-set bytes sent of the object."""
    return exchange.payload.length if exchange.payload else 0


def _facts(
    study: str | None, attempts: Sequence[Attempt], missing: Sequence[Attempt], rule: str | None
) -> dict[str, object]:
    outcomes: dict[str, list[str]] = {}
    for attempt in attempts:
        outcomes.setdefault(attempt.fate.value, []).append(attempt.exchange.sop_instance or "")
    return {
        "study": study,
        "outcomes": {name: {"count": len(uids), "instances": uids[:100]} for name, uids in outcomes.items()},
        "missing": [
            {"instance": a.exchange.sop_instance, "fate": a.fate.value, "bytes_sent": _sent(a.exchange)}
            for a in missing[:100]
        ],
        "ended_by_rule": rule,
        "connections": sorted({a.association.connection for a in missing}),
    }


RULE = Rule(
    id="DS-STORE-006",
    name="transfer-interrupted",
    severity=Severity.ERROR,
    title="Transfer interrupted",
    subjects=jobs,
    check=check,
    page=__doc__,
    absence=True,
)
