"""The line carried as much as it could: neither side waited for the other.

What it sees
Data that came evenly, object after object at the same rate, with an open window, nothing lost and nobody pausing, where the
transfer is most of the time and far below what a local network carries.

Why it matters
No setting of either side makes it faster.

Likely causes
1. The capacity of the line, a VPN or a rate limit.
2. Other traffic on the line.
3. A port at 10 Mbit/s or half duplex.

Fix
More capacity, compression, quality of service, or another time of day.

Could be wrong when
A sender that is slow as evenly as a line, such as a disk or a converter, looks alike from a distance: capture at the sender.

Reference
RFC 9293 §3.8.6
https://blog.otechimg.com/2018/08/pacs-troubleshooting-tips-and-tricks.html
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import peer, seconds
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    rate = job.even_rate(thresholds)
    if rate is None or rate > thresholds.line_fast or not job.dominant("wire", thresholds):
        return None
    role = job.roles.get("wire", "requestor")
    sender = peer(job.association, role)
    message = (
        f"The line from {sender} carried {rate * 8 / 1e6:.1f} Mbit/s evenly and was the limit: {seconds(job.amounts['wire'])} "
        f"({100 * job.share('wire'):.0f} %) went by in transfer; neither side waited for the other."
    )
    if not job.near(role):
        message += f" Whether it was the line, or {sender} that sent as evenly, a capture at {sender} decides."
    return job.hit("wire", message, job.done[:5], Side.NETWORK, bytes_per_second=round(rate))


RULE = Rule(
    id="DS-PERF-010",
    name="bandwidth-limited-path",
    severity=Severity.NOTE,
    title="The line was full",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
