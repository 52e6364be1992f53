"""The receive window that one side offered was full most of the time, so that it limited the transfer.

What it sees
Pauses in which the sender had filled the window of its receiver and went on as soon as that confirmed something. The scale of
the window is read from both SYNs; without these the rule says nothing.

Why it matters
At most one window is under way in each round trip, whatever the line could carry.

Likely causes
1. The receiving application sets its buffer itself (in DCMTK: TCP_BUFFER_LENGTH).
2. Window scaling is switched off, or a device on the way strips it.
3. An old operating system.

Fix
Let the operating system of the receiver choose the buffer; let window scaling pass through firewalls.

Could be wrong when
The window was about to grow: short associations end before it has.

Reference
RFC 7323
http://www.pacslife.com/2006/11/29/tcp-window-refresh-causing-slowdown/
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.naming import peer, seconds, side
from dicomsniff.rules.performance.job import Job, doubtful, subjects
from dicomsniff.rules.rule import Rule, Thresholds


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    if not job.dominant("receive_window", thresholds):
        return None
    role = job.association.other(job.roles["receive_window"])
    who = peer(job.association, role)
    message = (
        f"The receive window of {who} was full for {seconds(job.amounts['receive_window'])} "
        f"({100 * job.share('receive_window'):.0f} % of the time): its sender had to wait for it in every round trip."
    )
    return job.hit("receive_window", message, job.done[:5], side(role), who)


RULE = Rule(
    id="DS-PERF-003",
    name="receive-window-limited",
    severity=Severity.WARNING,
    title="A small receive window limited the transfer",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
