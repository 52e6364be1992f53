"""Waiting for lost packets to be sent again took much of the time of an association.

What it sees
Pauses in which bytes were missing or a segment was sent again, before the capture point or behind it.

Why it matters
Each loss costs a round trip, or a time-out of a fifth of a second and more, and makes the sender slow down.

Likely causes
1. What the finding on retransmissions names: cable, duplex, Wi-Fi, a congested line, an overloaded device.

Fix
As for retransmissions: look at the error and drop counters along the path.

Could be wrong when
A loss at the end of a message cannot always be told from a slow answer: the bounds of the server time show it.

Reference
RFC 5681
RFC 6298 §5
https://blog.otechimg.com/2018/08/pacs-troubleshooting-tips-and-tricks.html
"""

from dicomsniff.association.values import Traffic
from dicomsniff.core import DIRECTIONS
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import peer, seconds
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.transport.retransmissions import copied_late


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    if not job.dominant("loss", thresholds, thresholds.loss_time, thresholds.loss_share):
        return None
    tcp = job.connection
    if any(copied_late(traffic, tcp, way) and not tcp.segments[way].filled_holes for way in DIRECTIONS):
        return Inconclusive(
            "the capture has copies that stand far from their originals: what was sent again is not known"
        )
    message = (
        f"Recovery from lost packets took {seconds(job.amounts['loss'])} of {seconds(job.total)} "
        f"({100 * job.share('loss'):.0f} %) of the association of {peer(job.association, 'requestor')}."
    )
    return job.hit("loss", message, job.done[:5], Side.NETWORK)


RULE = Rule(
    id="DS-PERF-005",
    name="loss-limited",
    severity=Severity.WARNING,
    title="Lost packets took much of the time",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
