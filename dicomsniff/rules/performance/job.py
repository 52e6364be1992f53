"""One association as the rules on speed see it: where its time went, what of that is proven, and what would be gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from dicomsniff.association.throughput import Rates
from dicomsniff.association.time_sums import COMPONENTS, TimeSums
from dicomsniff.association.timing import Time
from dicomsniff.association.values import Association, Exchange
from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import seconds
from dicomsniff.rules.rule import Thresholds
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.position import Place, Position

IDLE_NS = 30_000_000_000
"""A sender that waits so long has nothing to send."""
NEAR = 0.8  # two causes this near to each other are named together
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
    `nagle_waits`: how long each piece waited for a delayed acknowledgement. `small_pdus`: the maximum length where most PDUs were waited
    for and it is small. `transfers`: bytes and ns of every request, on the way to where its receiver is. `rates` by the direction of the data.
    `open`: ns that the named component took at most beyond what is proven. `position`: where the capture was taken."""

    association: Association
    connection: Connection
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
    nagle_waits: Sequence[int] = ()
    small_pdus: int | None = None
    transfers: Sequence[tuple[int, int]] = ()
    rates: dict[Direction, Rates] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    position: Position | None = None

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
        whole, rest = seconds(self.total), seconds(max(0, self.total - amount))
        said = "" if whole == rest else f" Without that the {whole} would be {rest}."
        if near := self.beside(name):
            said += f" About as much went to {' and '.join(WORDS[other] for other in near)}."
        return said

    def stalls(self, thresholds: Thresholds) -> int:
        """Pieces that waited for as long as acknowledgements are delayed."""
        least, most = thresholds.nagle_least * 1e9, thresholds.nagle_most * 1e9
        return sum(1 for took in self.nagle_waits if least <= took <= most)

    def even_rate(self, thresholds: Thresholds) -> float | None:
        """Bytes per second of the large objects, where at least three of them came at about the same rate."""
        rates = [length * 1e9 / took for length, took in self.transfers if length > thresholds.bulk_length and took]
        if len(rates) < 3 or max(rates) > 1.5 * min(rates):
            return None
        mean = sum(rates) / len(rates)
        spread = (sum((rate - mean) ** 2 for rate in rates) / len(rates)) ** 0.5
        return mean if spread < 0.2 * mean else None

    @property
    def span(self) -> str:
        """From when till when, to be looked up in a log."""
        return f"{clock(self.association.first_ns)} to {clock(self.association.last_ns)}"

    def near(self, role: str) -> bool:
        """Whether the capture was taken at this end, or where it makes no difference."""
        if self.position is None:
            return False
        end = self.association.end(role)
        initiator = end == self.connection.initiator
        return self.position.place in (Place.SAME_NETWORK, Place.INITIATOR if initiator else Place.RESPONDER)

    def facts(self, name: str) -> dict[str, Any]:
        """The table of all components, and what of this one is proven."""
        return {
            "share_percent": round(100 * self.share(name), 1),
            "proven_ms": self.amounts.get(name, 0) / 1e6,
            "total_ms": self.total / 1e6,
            "times": {f"{each}_ms": getattr(self.sums, each) / 1e6 for each in COMPONENTS},
            "round_trip_ms": None if self.round_trip_ns is None else self.round_trip_ns / 1e6,
            "confidence": self.sums.confidence,
            "captured_at": None if self.position is None else str(self.position.place),
            "without_it_ms": max(0, self.total - self.amounts.get(name, 0)) / 1e6,
            "as_much": self.beside(name),
        }

    def hit(
        self,
        name: str,
        message: str,
        shown: Sequence[Exchange],
        act: Side,
        actor: str | None = None,
        severity: Severity | None = None,
        fix: str | None = None,
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
            fix=fix,
            facts=self.facts(name) | facts,
        )


def moment(exchange: Exchange) -> str:
    """The end of its request, to be looked up in a log."""
    return clock(exchange.request.last_ns) if exchange.request else "an unknown time"


def doubtful(job: Job) -> Inconclusive | None:
    return Inconclusive(job.doubt) if job.doubt else None
