"""The archive cannot reach the move destination: its connections back are refused or not answered.

What it sees
A C-MOVE that failed, lost objects or is still waiting, and connections that its archive tried to open while it carried it
out: answered by a reset, or by nothing. Which connections these are is concluded from the address that the
destination's title has elsewhere in the capture, from the host that asked, or from address and time alone; the message
says so.

Why it matters
C-MOVE names a title; the objects come on a new connection from the archive to the address that the archive has
configured for it. Where that fails nothing comes, and the requestor is told little more than "unable to perform
sub-operations", or even that the destination is unknown.

Likely causes
1. The storage listener of the destination is not running, or listens on another port than the archive has configured.
2. The archive has an old address for the destination.
3. A firewall lets nothing pass in the direction from the archive to the destination.
4. An address translation lies between: the destination cannot be reached at the address that the archive knows.

Fix
Start the listener, or set its port and address on the archive; open the way from the archive to the destination.

Could be wrong when
The archive tried the connection for another reason at that time, or delivered by another interface or node that the
capture does not show. A capture on the destination does not show what the destination's own firewall drops.

Reference
PS3.4 §C.4.2.3.1
PS3.8 §9.1.2
https://github.com/horosproject/horos/issues/667
https://github.com/pydicom/pynetdicom/issues/764
"""

from collections.abc import Iterator

from dicomsniff.association.values import Delivery, Strength, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.clock import CAPTURE_END, watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, how_often, listed
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, moves
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.servers import homes


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs; suspects are those that lack something and whose archive tried connections in vain."""
    every = moves(traffic)
    return Among(len(every), (one for one in every if one.retrieval.deliveries and one.lacking))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    vain: dict[Endpoint, list[Delivery]] = {}
    for delivery in move.retrieval.deliveries:
        opened = move.conversation(delivery).tcp.opened
        if delivery.association is None and opened in ("refused", "unanswered") and not _guessed(move, delivery):
            vain.setdefault(move.target(delivery), []).append(delivery)
    reached = {move.target(d) for d in move.retrieval.deliveries if d.association is not None}
    found = [
        _hit(move, where, tried, thresholds)
        for where, tried in vain.items()
        if where not in reached and _proved(move, tried, thresholds)
    ]
    if vain and not found and not any(where in reached for where in vain):
        return Inconclusive("whether the archive's connection was answered was not captured")
    return found


def _guessed(move: Retrieve, delivery: Delivery) -> bool:
    """Whether only time and address join a connection with a C-MOVE of which the end was not captured: that may have
    delivered all it had, and the connection be for something else."""
    return delivery.strength is Strength.WEAK and move.exchange.final is None and not move.seen


def _proved(move: Retrieve, tried: list[Delivery], thresholds: Thresholds) -> bool:
    return any(_failed(move, delivery, thresholds) for delivery in tried)


def _failed(move: Retrieve, delivery: Delivery, thresholds: Thresholds) -> bool:
    """Whether a connection was refused, or unanswered for long enough and not gone on with."""
    tcp = move.conversation(delivery).tcp
    if tcp.opened == "refused" or tcp.unreachable is not None:
        return True
    went_on = tcp.to_responder.data_packets > 0 or tcp.to_initiator.acknowledged is not None
    waited = move.traffic.last_ns - tcp.first_ns >= thresholds.syn_wait * SECOND
    timed = waited and len(tcp.syn_packets) > 1 and watched(move.traffic, tcp.first_packet, CAPTURE_END)
    return not went_on and (len(tcp.syn_packets) >= thresholds.syn_wait_count or timed)


def _hit(move: Retrieve, where: Endpoint, tried: list[Delivery], thresholds: Thresholds) -> Hit:
    tcps = [move.conversation(delivery).tcp for delivery in tried]
    refused = tcps[0].opened == "refused"
    how = "is refused" if refused else "gets no answer"
    times = how_often(len(tried)) if refused else counted(sum(len(t.syn_packets) for t in tcps), "SYN")
    side, actor, clue = _who(move, where, tried[0])
    return hit(
        move,
        f"{move.archive} tries to deliver '{move.destination}' to {where} but {how} ({times}); {move.result}. The "
        f"requester is {move.requestor}.{clue}{doubt(*tried)}",
        tuple(tried),
        *_packets(move, tried),
        act=side,
        actor=actor,
        severity=Severity.WARNING if move.exchange.final is None else None,
        key=f"{move.association.acceptor}|{move.destination}|{where}|{how}",
        fix=f"Let a storage listener run on {where}, or correct address and port of '{move.destination}' on "
        f"{move.archive}; open the way from {move.association.acceptor.ip} to {where}.",
        attempts=len(tried),
        outcome="refused" if refused else "unanswered",
        why=list(tried[0].why),
    )


def _who(move: Retrieve, where: Endpoint, tried: Delivery) -> tuple[Side, str | None, str]:
    """Who must act and what shows it: the listener where it answered at other times, the archive where the title
    answers at another place; otherwise either may be wrong."""
    own = homes(move.traffic).get(move.destination, set())
    if where in own:
        return *move.receiver(tried), " It answers there at other times of this capture."
    if own and tried.strength is not Strength.WEAK:
        return (
            Side.ACCEPTOR,
            move.archive,
            f" '{move.destination}' answers at {listed(map(str, sorted(own)))} in this capture.",
        )
    either = f"{where.ip} (should listen on port {where.port}), or {move.archive} if that place is wrong"
    return Side.UNKNOWN, either, ""


def _packets(move: Retrieve, tried: list[Delivery]) -> Iterator[int]:
    for delivery in tried[:4]:
        tcp = move.conversation(delivery).tcp
        yield from tcp.syn_packets[:4]
        if tcp.refused_packet is not None:
            yield tcp.refused_packet


HIDES = ("DS-RET-006", "DS-RET-007", "DS-DIMSE-008", "DS-DIMSE-001")
"""What a C-MOVE says of itself when its callback fails."""

RULE = Rule(
    id="DS-RET-002",
    name="move-callback-unreachable",
    severity=Severity.ERROR,
    title="Move destination not reachable for the archive",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    hides=(*HIDES, "DS-TCP-001", "DS-TCP-002", "DS-TCP-005", "DS-ASSOC-008", "DS-ASSOC-009"),
)
