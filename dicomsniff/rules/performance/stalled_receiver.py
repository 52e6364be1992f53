"""One side closed its receive window while the other had data for it: its application had stopped reading.

What it sees
Time in which the receiver announced a window of zero, in stretches of some length, while a transfer was under way.

Why it matters
The sender must wait; the network is idle. It is the time of the receiving application, however it looks from outside.

Likely causes
1. The receiver writes each object synchronously, or a virus scanner or garbage collection holds it up.
2. One thread serves many associations.
3. The receiver was paused: virtual machine, swapping.

Fix
Look at the receiver at the times named.

Could be wrong when
Never for less than a fifth of a second: shorter stops are ordinary on fast lines.

Reference
RFC 9293 §3.8.6.1
https://blog.otechimg.com/2018/08/pacs-troubleshooting-tips-and-tricks.html
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.naming import peer, seconds, side
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    longest = job.longest_closed_ns
    if longest < thresholds.zw_min * 1e9:
        return None
    severe = longest >= thresholds.zw_error * 1e9
    if not severe and not job.dominant("zero_window", thresholds):
        return None
    role = job.association.other(job.roles.get("zero_window", "requestor"))
    who = peer(job.association, role)
    message = (
        f"The application of {who} stopped reading for {seconds(job.amounts['zero_window'])} in all (at most "
        f"{seconds(longest)} at once, {100 * job.share('zero_window'):.0f} % of the time): its receive window was shut."
    )
    severity = Severity.ERROR if severe else None
    fix = f"Look at {who} from {job.span}: its application did not take what had arrived."
    return job.hit("zero_window", message, job.done[:5], side(role), who, severity, fix, longest_ms=longest / 1e6)


RULE = Rule(
    id="DS-PERF-004",
    name="receiver-stalled-zero-window",
    severity=Severity.WARNING,
    title="The receiver stopped reading",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
