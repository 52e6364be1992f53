"""One side writes its messages in two pieces, and the second waits until the other side has confirmed the first.

What it sees
Within a message: a piece shorter than a segment, then silence of 25 to 500 ms until the other side's bare acknowledgement of
it, then at once the rest.

Why it matters
Each message costs 40 ms (Linux) to 200 ms (Windows) for nothing: neither the line nor either side is busy.

Likely causes
1. Nagle's algorithm is on (no TCP_NODELAY) and header and body are written separately.
2. The other side delays its acknowledgements, as it should.

Fix
Set TCP_NODELAY at the side that writes in pieces (DCMTK: environment variable TCP_NODELAY=1), or let it write once.

Could be wrong when
An application that is busy between header and body looks alike, but is not set going by an acknowledgement.

Reference
RFC 9293 §3.7.4
RFC 1122
https://github.com/fo-dicom/fo-dicom/issues/2110
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.naming import counted, peer, seconds, side
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    stalls = job.stalls(thresholds)
    if stalls < thresholds.nagle_count or not job.dominant("nagle", thresholds, thresholds.nagle_time):
        return None
    role = job.roles["nagle"]
    who, other = peer(job.association, role), peer(job.association, job.association.other(role))
    message = (
        f"{who} writes its messages in pieces and waits for the delayed acknowledgement of {other} before the rest: "
        f"{counted(stalls, 'stall')}, {seconds(job.amounts['nagle'])} in all ({100 * job.share('nagle'):.0f} % of the time). "
        "Bandwidth is not the cause."
    )
    return job.hit("nagle", message, job.done[:5], side(role), who, stalls=stalls)


RULE = Rule(
    id="DS-PERF-007",
    name="nagle-delayed-ack-stall",
    severity=Severity.WARNING,
    title="Small writes waited for delayed acknowledgements",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
