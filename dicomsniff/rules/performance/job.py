"""Traffic in, the associations whose speed is worth judging out, each with where its time went and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from dicomsniff.association.index import once
from dicomsniff.association.time_sums import COMPONENTS, TimeSums, sums
from dicomsniff.association.timing import DISORDER, Clock, Time, Timing, out_of_order, timing
from dicomsniff.association.values import Association, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import performer, seconds
from dicomsniff.rules.rule import Among, Thresholds

SHORT_NS = 500_000_000
"""Nobody calls an association slow that took less."""
IDLE_NS = 30_000_000_000
"""A sender that waits so long has nothing to send."""
NAGLE_NS = 25_000_000, 500_000_000
"""Delays of an acknowledgement: 40 ms on Linux, up to 500 ms allowed (RFC 1122)."""
LARGE = 32_768  # bytes from which on the rate of a transfer tells something of the line
NEAR = 0.8  # two causes this near to each other are named together
_DONE = frozenset({ExchangeOutcome.COMPLETED, ExchangeOutcome.WARNING, ExchangeOutcome.CANCELLED})
_RETRIEVES = ("C-MOVE", "C-GET")
WORDS = {
    "think": "the pauses of the sender between objects",
    "server": "the time until answers",
    "queue": "queues on the way",
    "round_trip": "round trips",
    "wire": "the line",
    "loss": "recovery from lost packets",
    "zero_window": "a receiver that did not read",
    "receive_window": "a small receive window",
    "nagle": "delayed acknowledgements",
    "congestion": "waiting for acknowledgements",
    "sender": "a sender without data",
    "setup": "setting up and releasing",
}


@dataclass(slots=True)
class Job:
    """One association. `amounts` are the ns that are proven for each component, `roles` who is answerable for it where one
    side is; `total` is its time without the pauses in which nobody wanted anything. `doubt`: why its speed cannot be judged.
    `longest_closed_ns` and `longest_stall_ns`: the longest time of a shut window, and without anything under way, at once.
    `stalls`: pieces that waited for a delayed acknowledgement. `small_pdus`: the maximum length where most PDUs were waited
    for and it is small. `even_rate`: bytes per second where objects came evenly."""

    association: Association
    done: Sequence[Exchange]
    times: dict[int, Time]
    sums: TimeSums
    amounts: dict[str, int]
    total: int
    round_trip_ns: int | None = None
    roles: dict[str, str] = field(default_factory=dict)
    doubt: str | None = None
    longest_closed_ns: int = 0
    longest_stall_ns: int = 0
    stalls: int = 0
    small_pdus: int | None = None
    even_rate: float | None = None

    def share(self, name: str) -> float:
        return self.amounts.get(name, 0) / self.total if self.total else 0.0

    def dominant(
        self, name: str, thresholds: Thresholds, least: float | None = None, share: float | None = None
    ) -> bool:
        """Whether this is the cause: much of the time, and nothing else took clearly more."""
        amount = self.amounts.get(name, 0)
        wanted = (thresholds.dominant_time if least is None else least) * 1e9
        most = max(self.amounts.values(), default=0)
        return amount >= wanted and self.share(name) >= (share or thresholds.dominant_share) and amount >= NEAR * most

    def beside(self, name: str) -> list[str]:
        """What took about as long as this."""
        amount = self.amounts.get(name, 0)
        return [other for other, took in self.amounts.items() if other != name and took >= NEAR * amount > 0]

    def gain(self, name: str) -> str:
        """What remains without it, and what took as long."""
        amount = self.amounts.get(name, 0)
        said = f" Without that the {seconds(self.total)} would be {seconds(max(0, self.total - amount))}."
        if near := self.beside(name):
            said += f" About as much went to {' and '.join(WORDS[other] for other in near)}."
        return said

    def facts(self, name: str) -> dict[str, Any]:
        """The table of all components, and what of this one is proven."""
        return {
            "share_percent": round(100 * self.share(name), 1),
            "proven_ms": self.amounts.get(name, 0) / 1e6,
            "total_ms": self.total / 1e6,
            "times_ms": {each: getattr(self.sums, each) / 1e6 for each in COMPONENTS},
            "round_trip_ms": None if self.round_trip_ns is None else self.round_trip_ns / 1e6,
            "confidence": self.sums.confidence,
        }

    def hit(
        self,
        name: str,
        message: str,
        shown: Sequence[Exchange],
        act: Side,
        actor: str | None = None,
        severity: Severity | None = None,
        **facts: Any,
    ) -> Hit:
        """The hit on this association, proven by these exchanges."""
        packets = {p for e in shown for v in (e.request, e.first_response) if v is not None for p in v.packets}
        return Hit(
            message + self.gain(name),
            packets=tuple(sorted(packets))[:12],
            time_ns=min((e.request.first_ns for e in shown if e.request), default=self.association.first_ns),
            severity=severity,
            connection=self.association.connection,
            association=self.association.id,
            act=act,
            actor=actor,
            facts=self.facts(name) | facts,
        )


@once
def jobs(traffic: Traffic) -> Sequence[Job]:
    """The associations that took long enough, with exchanges that were carried out."""
    clockwork = timing(traffic)
    made = []
    for association in traffic.associations:
        if association.exchanges and association.last_ns - association.first_ns >= SHORT_NS:
            done = [e for e in association.exchanges if e.outcome in _DONE and e.request and e.final]
            if done:
                made.append(_job(association, done, clockwork))
    return made


def subjects(traffic: Traffic) -> Among[Job]:
    """Every association with exchanges, of which only the long ones are looked at."""
    return Among(sum(1 for a in traffic.associations if a.exchanges), jobs(traffic))


def doubtful(job: Job) -> Inconclusive | None:
    return Inconclusive(job.doubt) if job.doubt else None


def _job(association: Association, done: list[Exchange], clockwork: Timing) -> Job:
    made = sums(association, clockwork)
    if made is None:
        why = "the clock of the capture was set during the association, so that its time is not known"
        return Job(association, done, {}, TimeSums(), {}, 0, doubt=why)
    times, clock = clockwork.of(association), clockwork.clock(association)
    amounts = {name: getattr(made, name) for name in WORDS if name != "setup"}
    roles: dict[str, dict[str, int]] = {name: {} for name in WORDS}
    amounts["server"] = amounts["think"] = idle = 0
    for exchange in done:
        time = times[exchange.id]
        if time.overlaps:
            continue
        if exchange.service not in _RETRIEVES:
            amounts["server"] += time.server_min or 0
            _count(roles["server"], performer(exchange), time.server_min or 0)
        think = time.think or 0
        if exchange.service == "C-STORE" and exchange.parent is None and think < IDLE_NS:
            amounts["think"] += min(think, time.think_min or 0)
            _count(roles["think"], exchange.requested_by, think)
        else:
            idle += think
        if time.resent:  # what had to be sent again behind the capture point
            amounts["loss"] += time.queue or 0
            amounts["queue"] -= time.queue or 0
        for parts, role in ((time.parts, exchange.requested_by), (time.response_parts, performer(exchange))):
            for name in ("loss", "zero_window", "receive_window", "nagle", "congestion", "sender", "wire"):
                _count(roles[name], role, getattr(parts, name) if parts else 0)
    total = max(0, made.total - idle)
    doubt = _doubt(done, clock, total)
    side = {name: max(own, key=own.__getitem__) for name, own in roles.items() if own}
    job = Job(association, done, times, made, amounts, total, clock.tcp.rtt_ns, side, doubt)
    _look_at_pauses(job, clock)
    job.even_rate = _even_rate(job)
    return job


def _doubt(done: list[Exchange], clock: Clock, total: int) -> str | None:
    """Why the time of an association cannot be split."""
    if clock.holes:
        return "packets of the association are missing from the capture, so that its time cannot be split"
    displaced_ns = max(clock.tcp.to_responder.early_ns, clock.tcp.to_initiator.early_ns)
    if clock.disordered or displaced_ns > DISORDER * total or out_of_order(done):
        return "packets of the association were captured in another order than they were sent in, so that its time cannot be split"
    return None


def _look_at_pauses(job: Job, clock: Clock) -> None:
    """What single pauses within messages tell."""
    waits = {"requestor": 0, "acceptor": 0}
    for exchange in job.done:
        first, final = exchange.first_response or exchange.final, exchange.final
        if exchange.service in _RETRIEVES or exchange.request is None or first is None or final is None:
            continue
        for one, last_ns in ((exchange.request, exchange.request.last_ns), (first, final.last_ns)):
            sorter = clock.sorters[one.direction]
            for pause in clock.within(one.direction, one.first_ns, last_ns):
                parts = sorter.parts([pause], pause.duration_ns)
                job.longest_closed_ns = max(job.longest_closed_ns, parts.zero_window)
                job.longest_stall_ns = max(job.longest_stall_ns, parts.sender)
                job.stalls += NAGLE_NS[0] <= parts.nagle <= NAGLE_NS[1]
                waits[job.association.role(one.direction)] += parts.congestion > 0
    job.small_pdus = _small_pdus(job.association, waits)


def _small_pdus(association: Association, waits: dict[str, int]) -> int | None:
    """The maximum length that the receiver of most PDUs announced, where it is small and most of them were waited for."""
    for role, count in waits.items():
        receiver = association.accept if role == "requestor" else association.request
        announced = receiver.user_information.maximum_length if receiver else None
        sent = sum(n for (d, kind), n in association.pdu_counts.items() if kind == 4 and association.role(d) == role)
        if announced and announced <= 4096 and sent >= 20 and count >= sent / 2:
            return announced
    return None


def _even_rate(job: Job) -> float | None:
    """Bytes per second of the large objects, where at least three of them came at about the same rate."""
    rates = []
    for exchange in job.done:
        time = job.times[exchange.id]
        if exchange.request is not None and time.transfer and exchange.request.length > LARGE:
            rates.append(exchange.request.length * 1e9 / time.transfer)
    if len(rates) < 3 or max(rates) > 1.5 * min(rates):
        return None
    mean = sum(rates) / len(rates)
    spread = (sum((rate - mean) ** 2 for rate in rates) / len(rates)) ** 0.5
    return mean if spread < 0.2 * mean else None


def _count(own: dict[str, int], role: str, amount: int) -> None:
    own[role] = own.get(role, 0) + amount
