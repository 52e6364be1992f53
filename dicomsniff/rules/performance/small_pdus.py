"""The data came in small PDUs, and the sender waited for an acknowledgement after most of them.

What it sees
A receiver that announced a maximum length of 4 KiB or less, and a sender whose pauses for acknowledgements are as many as
half of its PDUs and most of the time.

Why it matters
Only the waiting costs: small PDUs that follow one another at once lose 12 bytes each.

Likely causes
1. The receiver announces a small maximum.
2. The sender waits after each PDU.

Fix
Let the receiver announce 64 KiB or more.

Could be wrong when
The pauses have another cause that also ends with an acknowledgement.

Reference
PS3.8 §D.1
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/6
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
    if not job.small_pdus or not job.dominant("congestion", thresholds):
        return None
    role = job.roles["congestion"]
    who, other = peer(job.association, role), peer(job.association, job.association.other(role))
    message = (
        f"{who} sends PDUs of at most {job.small_pdus} bytes, as {other} asked for, and waits after most of them: "
        f"{seconds(job.amounts['congestion'])} in all ({100 * job.share('congestion'):.0f} %)."
    )
    return job.hit(
        "congestion", message, job.done[:5], side(job.association.other(role)), other, maximum_length=job.small_pdus
    )


RULE = Rule(
    id="DS-PERF-008",
    name="max-pdu-size-effect",
    severity=Severity.NOTE,
    title="Small PDUs were waited for one by one",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
