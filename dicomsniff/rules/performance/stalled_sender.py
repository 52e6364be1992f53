"""The sender stopped in the middle of messages although all it had sent was confirmed and the window was open.

What it sees
Pauses inside a message, or between the responses to one request, that began when the last acknowledgement had reached the sender: nothing was under way.

Why it matters
Line and receiver wait for the sender's application.

Likely causes
1. It streams from tape, cloud or a network drive.
2. It converts while it sends, or looks for the next match of a query.
3. A busy or slow program.

Fix
Look at the sender at the times named.

Could be wrong when
A device between sender and capture point holds packets back, or lost all that was under way.

Reference
PS3.7 §6.3.1
https://github.com/rexcardan/Evil-DICOM/issues/99
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
    if not job.dominant("sender", thresholds) and job.longest_stall_ns < thresholds.stall_long * 1e9:
        return None
    role = job.roles.get("sender", "requestor")
    who = peer(job.association, role)
    several = role == "acceptor" and any(e.pending for e in job.done)  # a query whose matches come one by one
    where = "between its responses" if several else "in the middle of messages"
    message = (
        f"{who} stopped {where} for {seconds(job.amounts['sender'])} in all (at most "
        f"{seconds(job.longest_stall_ns)} at once): its application had no data ready."
    )
    if not job.near(role):
        message += f" A device on the way that holds packets back, or lost all of them for a while, would look the same: a capture at {who} decides."
    fix = f"Look at {who} from {job.span}: its application was not ready to go on."
    return job.hit("sender", message, job.done[:5], side(role), who, None, fix, longest_ms=job.longest_stall_ns / 1e6)


RULE = Rule(
    id="DS-PERF-011",
    name="sender-stalls-inside-message",
    severity=Severity.WARNING,
    title="The sender paused inside its messages",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
