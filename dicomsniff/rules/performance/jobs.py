"""Traffic in, the associations whose speed is worth judging out, each with where its time went and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence

from dicomsniff.association.index import once
from dicomsniff.association.throughput import rates
from dicomsniff.association.time_sums import TimeSums, sums
from dicomsniff.association.timing import DISORDER, Clock, Time, Timing, out_of_order, timing
from dicomsniff.association.values import Association, Blind, Exchange, ExchangeOutcome, Traffic
from dicomsniff.rules.naming import performer
from dicomsniff.rules.performance.job import IDLE_NS, WORDS, Job
from dicomsniff.rules.rule import SHORT_NS, Among
from dicomsniff.tcp.position import position

FEW = 2 * 1460
"""Messages of fewer bytes fill no window."""
HOLES = frozenset({Blind.HOLE_TO_ACCEPTOR, Blind.HOLE_TO_REQUESTOR, Blind.TO_ACCEPTOR, Blind.TO_REQUESTOR})
_DONE = frozenset({ExchangeOutcome.COMPLETED, ExchangeOutcome.WARNING, ExchangeOutcome.CANCELLED})
_RETRIEVES = ("C-MOVE", "C-GET")
_PARTS = ("loss", "zero_window", "receive_window", "nagle", "congestion", "sender", "wire")


@once
def jobs(traffic: Traffic) -> Sequence[Job]:
    """The associations that took long enough, with exchanges that were carried out, or with holes that hide them."""
    clockwork = timing(traffic)
    made = []
    for association in traffic.associations:
        if association.last_ns - association.first_ns < SHORT_NS:
            continue
        done = [e for e in association.exchanges if e.outcome in _DONE and e.request and e.final]
        if done:
            made.append(_job(association, done, clockwork))
        elif association.blind & HOLES and not association.aborts:
            tcp = clockwork.clock(association).tcp
            why = "the capture does not hold the messages of the association whole, so that their times are not known"
            made.append(Job(association, tcp, [], {}, TimeSums(), {}, 0, doubt=why))
    return made


def subjects(traffic: Traffic) -> Among[Job]:
    """Every association with exchanges, of which only the long ones are looked at."""
    found = jobs(traffic)
    return Among(sum(1 for a in traffic.associations if a.exchanges) + sum(1 for job in found if not job.done), found)


def _job(association: Association, done: list[Exchange], clockwork: Timing) -> Job:
    made, clock = sums(association, clockwork), clockwork.clock(association)
    if made is None:
        why = "the clock of the capture was set during the association, so that its time is not known"
        return Job(association, clock.tcp, done, {}, TimeSums(), {}, 0, doubt=why)
    times = clockwork.of(association)
    amounts = {name: getattr(made, name) for name in WORDS if name != "setup"}
    roles: dict[str, dict[str, int]] = {name: {} for name in WORDS}
    amounts["server"], amounts["think"] = 0, 0
    undecided, idle = made.together, 0
    for exchange in done:
        time = times[exchange.id]
        if time.overlaps:
            proven = _proven_together(exchange, clock)
            amounts["server"] += proven
            undecided -= proven
            _count(roles["server"], performer(exchange), proven)
            continue
        if exchange.service not in _RETRIEVES:
            proven = time.server_min or 0
            amounts["server"] += proven
            undecided += max(0, (time.server_max or 0) - proven)
            _count(roles["server"], performer(exchange), proven)
        idle += _add_think(amounts, roles, exchange, time)
        for parts, role in ((time.parts, exchange.requested_by), (time.response_parts, performer(exchange))):
            for name in _PARTS:
                _count(roles[name], role, getattr(parts, name) if parts else 0)
    amounts["wire"] += amounts["queue"]  # before and behind the capture point it is the same line
    amounts["queue"] = 0
    side = {name: max(own, key=own.__getitem__) for name, own in roles.items() if own}
    total = max(0, made.total - idle)
    doubt = _doubt(done, clock, total) or _impossible(amounts, total)
    job = Job(association, clock.tcp, done, times, made, amounts, total, clock.round_ns, side, doubt)
    job.open = {"server": max(0, undecided)}
    job.position = position(clock.tcp)
    job.rates = rates(association, clockwork, FEW)
    job.transfers = [_transfer(e, times[e.id]) for e in done if e.request and times[e.id].transfer]
    _look_at_pauses(job, clock)
    return job


def _doubt(done: list[Exchange], clock: Clock, total: int) -> str | None:
    """Why the time of an association cannot be split."""
    if clock.holes:
        return "packets of the association are missing from the capture, so that its time cannot be split"
    if not clock.holds_between(clock.tcp.first_packet, clock.tcp.last_packet):
        return "the clock of the capture was set while the association lasted, so that its time cannot be split"
    displaced_ns = max(clock.tcp.to_responder.early_ns, clock.tcp.to_initiator.early_ns)
    displaced_ns = max(displaced_ns, *(each.unclear_ns for each in clock.tcp.segments))
    if clock.disordered or displaced_ns > DISORDER * total or out_of_order(done):
        return "packets of the association were captured in another order than they were sent in, so that its time cannot be split"
    return None


def _impossible(amounts: dict[str, int], total: int) -> str | None:
    """A part cannot be longer than the whole: then times were measured between packets that do not belong together."""
    if max(amounts.values()) <= total + total // 10:
        return None
    return "the times of the association do not add up, as where packets were captured in another order than they were sent in"


def _transfer(exchange: Exchange, time: Time) -> tuple[int, int]:
    """Bytes of a request, and ns from its first byte until the last had passed the queues behind the capture point."""
    return exchange.request.length if exchange.request else 0, (time.transfer or 0) + (time.queue or 0)


def _proven_together(exchange: Exchange, clock: Clock) -> int:
    """Of an operation that ran beside others: the time before its answer in which its server had confirmed all requests, or
    had answered another, and nothing was on the line. These times of several operations have nothing in common: they may be
    added."""
    request, first = exchange.request, exchange.first_response
    pause = clock.ended(first.first_packet) if first is not None and exchange.service not in _RETRIEVES else None
    if request is None or first is None or pause is None or not clock.holds_between(pause.since_packet, pause.packet):
        return 0
    since = pause.acked_ns if pause.turn else max(pause.since_ns, request.last_ns + (clock.way(first.direction) or 0))
    return 0 if since is None else max(0, first.first_ns - max(since, request.last_ns))


def _add_think(amounts: dict[str, int], roles: dict[str, dict[str, int]], exchange: Exchange, time: Time) -> int:
    """Count the pause before a C-STORE; other pauses are nobody's, and returned."""
    think = time.think or 0
    if exchange.service != "C-STORE" or exchange.parent is not None or think >= IDLE_NS:
        return think
    amounts["think"] += min(think, time.think_min or 0)
    _count(roles["think"], exchange.requested_by, think)
    return 0


def _look_at_pauses(job: Job, clock: Clock) -> None:
    """What single pauses within messages tell."""
    waits, nagle = {"requestor": 0, "acceptor": 0}, []
    for exchange in job.done:
        first, final = exchange.first_response or exchange.final, exchange.final
        if exchange.service in _RETRIEVES or exchange.request is None or first is None or final is None:
            continue
        for one, last_ns in ((exchange.request, exchange.request.last_ns), (first, final.last_ns)):
            for pause in clock.within(one.direction, one.first_ns, last_ns):
                for name, took in clock.sorters[one.direction].split(pause):
                    if name == "zero_window":
                        job.longest_closed_ns = max(job.longest_closed_ns, took)
                    elif name == "sender":
                        job.longest_stall_ns = max(job.longest_stall_ns, took)
                    elif name == "nagle":
                        nagle.append(took)
                    waits[job.association.role(one.direction)] += name == "congestion"
    job.nagle_waits = nagle
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


def _count(own: dict[str, int], role: str, amount: int) -> None:
    own[role] = own.get(role, 0) + amount
