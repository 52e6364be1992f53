"""The receive window that one side offered was full most of the time, so that it limited the transfer.

What it sees
Pauses in which the sender had filled the window of its receiver and went on as soon as that confirmed something. A window that
became twice as wide later does not count, nor does one behind which the line was busy anyway. The scale of the window is read
from both SYNs; without these the rule says nothing.

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

from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.naming import peer, seconds, side
from dicomsniff.rules.performance.job import Job, doubtful
from dicomsniff.rules.performance.jobs import subjects
from dicomsniff.rules.rule import Rule, Thresholds

LIMITING = 0.3
"""A window limits a transfer that reaches this part of what it allows; autotuned windows grow meanwhile."""
EXAMPLE = 12.5e6  # bytes per second


def check(job: Job, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if job.doubt:
        return doubtful(job)
    if not job.dominant("receive_window", thresholds):
        return None
    sender, to_acceptor = job.roles["receive_window"], job.association.to_acceptor
    role = job.association.other(sender)
    who = peer(job.association, role)
    direction = to_acceptor if sender == "requestor" else to_acceptor.opposite
    rates, meter = job.rates.get(direction), job.connection.meters[direction]
    if rates is None or rates.bytes_per_second is None or rates.ceiling is None or rates.window is None:
        return Inconclusive("the round trip or the scale of the window is not known, so that its limit is not")
    window, ceiling = rates.window, rates.ceiling
    if meter.least_window and meter.window and 2 * meter.flight < window:  # it was taken back before it was ever used
        window = window // meter.window * meter.least_window
        ceiling = window * ceiling / rates.window
    if rates.bytes_per_second < LIMITING * ceiling:
        return None
    message = (
        f"{who} never offers a receive window of more than {window:,} bytes; with a round trip of "
        f"{seconds(job.round_trip_ns)} nothing faster than {ceiling / 1e6:.2f} MB/s gets through, and "
        f"{rates.bytes_per_second / 1e6:.2f} MB/s did. It was full for {seconds(job.amounts['receive_window'])} "
        f"({100 * job.share('receive_window'):.0f} % of the time). For {EXAMPLE / 1e6:.1f} MB/s (100 Mbit/s) "
        f"{round(EXAMPLE * (job.round_trip_ns or 0) / 1e9):,} bytes would be needed."
    )
    facts: dict[str, Any] = {
        "window_bytes": window,
        "ceiling_bytes_per_second": round(ceiling),
        "bytes_per_second": round(rates.bytes_per_second),
    }
    return job.hit("receive_window", message, job.done[:5], side(role), who, **facts)


RULE = Rule(
    id="DS-PERF-003",
    name="receive-window-limited",
    severity=Severity.WARNING,
    title="A small receive window limited the transfer",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
)
