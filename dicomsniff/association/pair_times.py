"""Traffic in; where the time went between each pair of application entities, and in the whole capture, out; and how long
answers took by service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from dicomsniff.association.index import once
from dicomsniff.association.spans import union
from dicomsniff.association.time_sums import COMPONENTS, TimeSums, components, sums
from dicomsniff.association.timing import HIGH, LOW, MEDIUM, Time, Timing, timing
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.records import dataclass

_TRUST = (None, LOW, MEDIUM, HIGH)


@dataclass(slots=True)
class Answers:
    """How long one service took to answer, in ns, sorted: `known` without the way (part 3.1 `server`), or as seen at the
    capture point where that is not known (`seen`)."""

    service: str
    performed_by: str
    known: list[int] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)


@dataclass(slots=True)
class PairTimes:
    """All associations of one requestor with one acceptor, with what is known of their time. `sums` are added up over them;
    `wall_ns` is the time in which at least one of them was open, and `measured` counts those whose sums are known."""

    calling_ae: str | None
    called_ae: str | None
    requestor_ip: str
    acceptor_ip: str
    acceptor_port: int
    associations: list[int]
    sums: TimeSums
    measured: int
    wall_ns: int
    open_ns: int
    answers: list[Answers]


@once
def pair_times(traffic: Traffic) -> Sequence[PairTimes]:
    """In the order in which they first appear."""
    times = timing(traffic)
    groups: dict[tuple[str | None, str | None, str, str, int], list[Association]] = {}
    for each in traffic.associations:
        key = (each.calling_ae, each.called_ae, each.requestor.ip, each.acceptor.ip, each.acceptor.port)
        groups.setdefault(key, []).append(each)
    return [_pair(key, own, times) for key, own in groups.items()]


def _pair(key: tuple[str | None, str | None, str, str, int], own: list[Association], times: Timing) -> PairTimes:
    known = [made for each in own if (made := sums(each, times)) is not None]
    spans = [(each.first_ns, each.last_ns) for each in own]
    return PairTimes(
        *key,
        [each.id for each in own],
        added(known),
        len(known),
        union(spans),
        sum(max(0, last - first) for first, last in spans),
        answers(own, times),
    )


def added(several: Sequence[TimeSums]) -> TimeSums:
    """One after the other: every component, and the least of the confidence."""
    if len(several) == 1:
        return several[0]
    made = TimeSums()
    for name, *took in zip(COMPONENTS, *map(components, several), strict=True):
        setattr(made, name, sum(took))
    made.total = sum(one.total for one in several)
    made.confidence = min((one.confidence for one in several), key=_TRUST.index, default=None)
    return made


@once
def whole_time(traffic: Traffic) -> TimeSums:
    """All associations of the capture, one after the other."""
    return added([pair.sums for pair in pair_times(traffic) if pair.measured])


def answers(associations: Sequence[Association], times: Timing) -> list[Answers]:
    """By service and by who performs it, the most frequent first."""
    found: dict[tuple[str, str], Answers] = {}
    for association in associations:
        known = times.of(association)
        for exchange in association.exchanges:
            time = known.get(exchange.id)
            if time is None or time.overlaps or exchange.request is None or exchange.first_response is None:
                continue
            _answer(found, exchange, time, association)
    for each in found.values():
        each.known.sort()
        each.seen.sort()
    return sorted(found.values(), key=lambda each: -len(each.seen))


def _answer(found: dict[tuple[str, str], Answers], exchange: Exchange, time: Time, association: Association) -> None:
    assert exchange.request is not None and exchange.first_response is not None
    key = exchange.service, association.other(exchange.requested_by)
    own = found.setdefault(key, Answers(*key))
    wait = exchange.first_response.first_ns - exchange.request.last_ns
    if wait >= 0 and exchange.request_finished:
        own.seen.append(wait)
    if time.server is not None:
        own.known.append(time.server)
