"""The answers to requests came late, and it was their sender that took the time.

What it sees
Time from the moment at which the side that has to answer had confirmed the whole request until its answer began. As both
passed the capture point from that side, no queue, loss or distance on the way is in it. Where several requests were under way
at once, the time in which all had been confirmed and nothing was on the line counts once.

Why it matters
Requests follow one another: each waits for the answer to the one before, so that a slow answer delays all.

Likely causes
1. C-STORE: synchronous writing to disk or database, an anonymiser or a virus scanner, a single worker for a queue.
2. C-FIND: a key without an index, or a large result that is sorted before the first match is sent.
3. Conversion of images on receipt.
4. The same time whatever the request: a look-up in DNS or a directory that does not answer.

Fix
Look at what the named side does between receipt and answer; the times in the finding are those to look for in its log.

Could be wrong when
A proxy in front of the server answers for it and confirms what the server has not yet received.

Reference
PS3.7 §D.3.3.3
https://github.com/fo-dicom/fo-dicom/issues/1467
https://github.com/pydicom/pynetdicom/issues/690
"""

from typing import Any

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.median import median
from dicomsniff.rules.clock import displaced_ns
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import counted, peer, performer, seconds, side
from dicomsniff.rules.performance.job import Job, doubtful, moment
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds

_OUT_OF_ORDER = "packets were captured out of order: what passed while an answer was waited for is not known"
_RETRIEVES = ("C-MOVE", "C-GET")


def limit_ns(exchange: Exchange, thresholds: Thresholds) -> float:
    """How long the answer may take."""
    if exchange.service == "C-STORE":
        length = exchange.payload.length if exchange.payload else 0
        return (thresholds.srv_slow_store + length / 20e6) * 1e9
    named = {"C-ECHO": thresholds.srv_slow_echo, "C-FIND": thresholds.srv_slow_find}
    return named.get(exchange.service, thresholds.srv_slow_other) * 1e9


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    judged = [e for e in job.done if e.service not in _RETRIEVES and not job.times[e.id].overlaps]
    slow = [e for e in judged if (job.times[e.id].server_min or 0) > limit_ns(e, thresholds)]
    dominant = job.dominant("server", thresholds)
    if not slow and not (dominant and judged):
        together = [e for e in job.done if e.service not in _RETRIEVES and job.times[e.id].overlaps]
        if dominant and together:
            return _together(job, together)
        undecided = _undecided(job, judged or together, thresholds)
        return Inconclusive(_OUT_OF_ORDER) if undecided and displaced_ns(traffic) else undecided
    worst = max(slow or judged, key=lambda e: job.times[e.id].server_min or 0)
    alike = [e for e in judged if (e.service, e.requested_by) == (worst.service, worst.requested_by)]
    took = sorted(job.times[e.id].server_min or 0 for e in alike)
    role = performer(worst)
    who, other = peer(job.association, role), peer(job.association, job.association.other(role))
    late = sum(e in slow for e in alike)
    message = (
        f"{who} {_took(worst.service, took, late)}: {100 * job.share('server'):.0f} % of the time of the association."
    )
    if dominant and not job.beside("server"):
        message += f" The network and {other} are not the cause."
    shown = sorted(alike, key=lambda e: -(job.times[e.id].server_min or 0))[:5]
    severity = None if slow else Severity.NOTE
    facts: dict[str, Any] = {
        "service": worst.service,
        "median_ms": median(took) / 1e6,
        "p95_ms": took[int(0.95 * (len(took) - 1))] / 1e6,
        "maximum_ms": took[-1] / 1e6,
        "slow": len(slow),
    }
    fix = (
        f"Look into the log of {who} for what it does between receipt and answer, for example after {moment(shown[0])}."
    )
    return job.hit("server", message, shown, side(role), who, severity, fix, **facts)


def _took(service: str, took: list[int], late: int) -> str:
    """How long answers took, from the shortest to the longest; `late` of them are what is told, where they are few."""
    usual, most = seconds(round(median(took))), seconds(took[-1])
    if 0 < 2 * late < len(took):
        which = "one" if late == 1 else f"each of {late}"
        time = most if late == 1 else f"{seconds(took[-late])} to {most}"
        return f"took {time} to answer {which} of {counted(len(took), service)} (usually {usual})"
    return f"took {usual} to answer a {service} ({counted(len(took), 'request')}{f', at most {most}' if most != usual else ''})"


def _together(job: Job, together: list[Exchange]) -> Hit:
    """Operations that ran at the same time: their waits have time in common, which counts once."""
    role = job.roles["server"]
    who = peer(job.association, role)
    message = (
        f"{who} had all of its requests and sent nothing for {seconds(job.amounts['server'])} in all: "
        f"{100 * job.share('server'):.0f} % of the time of the association, in which {counted(len(together), 'request')} waited, "
        "several at once."
    )
    return job.hit("server", message, together[:5], side(role), who, Severity.NOTE, together=len(together))


def _undecided(job: Job, judged: list[Exchange], thresholds: Thresholds) -> Hit | None:
    """Much of the time passed before answers, and acknowledgements do not tell how much of it on the way."""
    most = job.amounts["server"] + job.open.get("server", 0)
    others = max((took for name, took in job.amounts.items() if name != "server"), default=0)
    if most < max(thresholds.dominant_time * 1e9, thresholds.dominant_share * job.total, others) or not judged:
        return None
    longest = sorted(judged, key=lambda e: -(job.times[e.id].server_max or 0))[:5]
    role = performer(longest[0])
    who = peer(job.association, role)
    message = (
        f"Between {seconds(job.amounts['server'])} and {seconds(most)} of {seconds(job.total)} {who} took to answer; the rest of "
        "it passed on the way behind the capture point, a long one or one where packets were queued or lost. Nothing here "
        "decides between them: "
        f"a capture at {who} does."
    )
    return job.hit("server", message, longest, Side.UNKNOWN, None, Severity.NOTE, most_ms=most / 1e6)


RULE = Rule(
    id="DS-PERF-001",
    name="slow-server-response",
    severity=Severity.WARNING,
    title="The answers came late",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
