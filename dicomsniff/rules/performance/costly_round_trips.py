"""Most of the time went on the way between the ends: one round trip for each request.

What it sees
The round trip of the handshake for each synchronous request, where that is most of the time of the association.

Why it matters
A faster line does not help: the next object is not sent before the answer to the one before has come back.

Likely causes
1. Many small objects over a long distance.
2. No asynchronous operations were negotiated.
3. A single association.

Fix
Use parallel associations, asynchronous operations or multi-frame objects, or a gateway near the sender.

Could be wrong when
The round trip was measured once, at the beginning.

Reference
PS3.7 §D.3.3.3
https://pmc.ncbi.nlm.nih.gov/articles/PMC3264716
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, peer, seconds
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds

_LONGEST_NS = 5 * SECOND  # by satellite it is less than one


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    if (job.round_trip_ns or 0) < thresholds.round_trip_long * 1e9 or not job.dominant("round_trip", thresholds):
        return None
    if (job.round_trip_ns or 0) > _LONGEST_NS:
        return Inconclusive("no way is as long as the handshake seems: its packets were captured in another order")
    message = (
        f"{counted(len(job.done), 'request')} of {peer(job.association, 'requestor')} with a round trip of "
        f"{seconds(job.round_trip_ns)} each: {seconds(job.amounts['round_trip'])} ({100 * job.share('round_trip'):.0f} %) "
        "passed on the way. The synchronous protocol, not the bandwidth, is the limit."
    )
    return job.hit("round_trip", message, job.done[:5], Side.UNKNOWN, requests=len(job.done))


RULE = Rule(
    id="DS-PERF-006",
    name="round-trip-bound",
    severity=Severity.NOTE,
    title="The distance limited the speed",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
