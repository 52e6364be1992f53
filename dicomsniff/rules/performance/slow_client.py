"""The sender paused between its objects, and everything else waited for it.

What it sees
Time from the moment at which the sender of C-STORE requests had the answer to one until it began the next, where that is
most of an association with several objects. Pauses of half a minute and more are not counted: there was nothing to send.

Why it matters
Line and receiver stand idle; no change on them makes the transfer faster.

Likely causes
1. The sender reads, decompresses or converts each file before it sends it.
2. A timer or polling loop between objects.
3. A modality that sends while it acquires, which is as it should be.

Fix
Look at the sender: what it does between two objects.

Could be wrong when
The modality was still acquiring: compare with the acquisition times.

Reference
PS3.7 §D.3.3.3
https://github.com/pydicom/pynetdicom/issues/531
https://github.com/pydicom/pynetdicom/issues/686
"""

from dicomsniff.association.values import Traffic
from dicomsniff.core.median import median
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.naming import counted, peer, seconds, side
from dicomsniff.rules.performance.job import IDLE_NS, Job, doubtful, moment
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    if not job.dominant("think", thresholds):
        return None
    waited = [
        e
        for e in job.done
        if e.service == "C-STORE" and e.parent is None and 0 < (job.times[e.id].think or 0) < IDLE_NS
    ]
    if len(waited) < thresholds.think_count:
        return None
    usual = median(round(job.times[e.id].think or 0) for e in waited)
    role = waited[0].requested_by
    who, other = peer(job.association, role), peer(job.association, job.association.other(role))
    message = (
        f"{who} paused {seconds(round(usual))} before each of {counted(len(waited), 'C-STORE')}: "
        f"{100 * job.share('think'):.0f} % of the time of the association. {other} and the network waited for it."
    )
    severity = None if usual >= thresholds.think_slow * 1e9 else Severity.NOTE
    fix = f"Look at {who}: what it does between two objects, for example before the one it had sent by {moment(waited[0])}."
    return job.hit(
        "think", message, waited[:5], side(role), who, severity, fix, median_ms=usual / 1e6, requests=len(waited)
    )


RULE = Rule(
    id="DS-PERF-002",
    name="slow-client-between-requests",
    severity=Severity.WARNING,
    title="The sender paused between objects",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
