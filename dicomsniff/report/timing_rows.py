"""Where the time went, as rows of the report: pairs of application entities, answers by service, stalls, throughput."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dicomsniff.association.pair_times import Answers, PairTimes, whole_time
from dicomsniff.association.stalls import Stall
from dicomsniff.association.throughput import Rates, curve
from dicomsniff.association.time_sums import COMPONENTS, TimeSums, components
from dicomsniff.association.values import Traffic
from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.report.convert import iso_time, milliseconds
from dicomsniff.report.values import Row
from dicomsniff.tcp.events import Connection

BOUNDS_MS = (*(factor * 10**power for power in range(5) for factor in (1, 2, 5)), 100_000)
"""Upper bounds of the classes in which answers are counted; what took longer has a class of its own."""
_UPTO_MS = (*BOUNDS_MS, None)
_BOUNDS_NS = [bound * 1_000_000 for bound in BOUNDS_MS]
IDS_SHOWN = 1000
POINTS_LEAST = 3  # fewer make no curve


def sums_row(made: TimeSums | None) -> Row | None:
    """Every component in ms, their total, and how far it can be trusted."""
    if made is None:
        return None
    row: Row = {name: took / 1e6 for name, took in zip(COMPONENTS, components(made), strict=True)}
    row["total"], row["confidence"] = made.total / 1e6, made.confidence
    return row


def whole_row(traffic: Traffic) -> Row:
    """All associations of the capture, one after the other."""
    row = sums_row(whole_time(traffic))
    assert row is not None
    return row


def pair_row(pair: PairTimes) -> Row:
    return {
        "calling_ae": pair.calling_ae,
        "called_ae": pair.called_ae,
        "requestor_ip": pair.requestor_ip,
        "acceptor": {"ip": pair.acceptor_ip, "port": pair.acceptor_port},
        "association_count": len(pair.associations),
        "associations": pair.associations[:IDS_SHOWN],
        "measured": pair.measured,
        "wall_ms": milliseconds(pair.wall_ns),
        "concurrency": round(pair.open_ns / pair.wall_ns, 3) if pair.wall_ns else None,
        "time": sums_row(pair.sums) if pair.measured else None,
        "answers": [_answers_row(each) for each in pair.answers],
    }


def _answers_row(answers: Answers) -> Row:
    """`without_way`: whether the times are those of the server alone, or as seen at the capture point."""
    alone = len(answers.known) == len(answers.seen)
    took = answers.known if alone else answers.seen
    return {
        "service": answers.service,
        "performed_by": answers.performed_by,
        "count": len(took),
        "without_way": alone,
        "least_ms": _at(took, 0.0),
        "median_ms": _at(took, 0.5),
        "p95_ms": _at(took, 0.95),
        "most_ms": _at(took, 1.0),
        "classes": _classes(took),
    }


def _at(took: Sequence[int], share: float) -> float | None:
    return milliseconds(took[round(share * (len(took) - 1))]) if took else None


def _classes(took: Sequence[int]) -> list[Row]:
    """How many answers took up to each bound and longer than the one before; leading and trailing empty ones left out."""
    counts = Counter(bisect_left(_BOUNDS_NS, each) for each in took)
    if not counts:
        return []
    return [{"upto_ms": _UPTO_MS[at], "count": counts[at]} for at in range(min(counts), max(counts) + 1)]


def stall_row(stall: Stall) -> Row:
    """`by`: the end of the connection whose data stood still."""
    return {
        "begin": iso_time(stall.begin_ns),
        "end": iso_time(stall.end_ns),
        "duration_ms": milliseconds(stall.duration_ns),
        "kind": stall.kind,
        "by": "initiator" if stall.direction is Direction.TO_RESPONDER else "responder",
        "packets": [stall.since_packet, stall.packet],
    }


def throughput_row(tcp: Connection) -> Row | None:
    """Bytes carried in both directions by time; None where that is too short for a curve."""
    if not any(len(meter.carried) >= POINTS_LEAST for meter in tcp.meters):
        return None
    curves = [curve(tcp, direction) for direction in DIRECTIONS]
    return {
        name: each and {"begin": iso_time(each.begin_ns), "step_ms": each.step_ns / 1e6, "bytes": list(each.counts)}
        for name, each in zip(("to_responder", "to_initiator"), curves, strict=True)
    }


def rates_row(rates: Mapping[Direction, Rates], to_acceptor: Direction) -> Row | None:
    """At what rate the larger messages went; None where there was none."""
    if not rates:
        return None
    ways = ("to_acceptor", to_acceptor), ("to_requestor", to_acceptor.opposite)
    return {name: _rates_row(rates[way]) if way in rates else None for name, way in ways}


def _rates_row(rates: Rates) -> Row:
    return {
        "bytes_per_second": _whole(rates.bytes_per_second),
        "window_bytes": rates.window,
        "window_ceiling_bytes_per_second": _whole(rates.ceiling),
        "needed_window_bytes": rates.needed,
    }


def _whole(value: float | None) -> Any:
    return None if value is None else round(value)
