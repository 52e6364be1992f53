"""The archive delivers to another address than that of the requestor, who asked for delivery to itself.

What it sees
A C-MOVE whose move destination is the title of its own requestor, and deliveries, or attempts at them, that go to another
host than the one that asked. An error where objects are lacking; a warning where they were delivered there.

Why it matters
The archive looks up the title in its own table. The objects arrive at another machine, or nowhere, and the one who
asked waits for them.

Likely causes
1. The address of the requestor has changed (DHCP, VPN, a new machine) and the archive still has the old one.
2. Two stations use one AE title.
3. An address translation lies between requestor and archive.

Fix
Correct the address of the title on the archive; give every station a title of its own.

Could be wrong when
The station has several addresses, or a router or gateway is meant to receive in its name. Where nothing but address and
time speaks for a delivery, the message says so.

Reference
PS3.7 §9.1.4
PS3.8 Annex C
https://github.com/horosproject/horos/issues/667
"""

from ipaddress import ip_address

from dicomsniff.association.index import once
from dicomsniff.association.values import Delivery, Strength, Traffic
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, moves
from dicomsniff.rules.retrieve.unreachable_callback import HIDES
from dicomsniff.rules.rule import Among, Rule, Thresholds


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """C-MOVEs; suspects are those to the requestor's own title that went somewhere."""
    every = moves(traffic)
    return Among(len(every), (one for one in every if one.retrieval.deliveries and one.to_itself))


def check(move: Retrieve, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    astray = [d for d in move.retrieval.deliveries if _elsewhere(move, d)]
    if not astray or len(astray) < len(move.retrieval.deliveries):
        return None  # nothing, or some of it came to the right place
    if not move.retrieval.stores and not move.lacking:
        return None
    return _hit(move, tuple(astray))


def _elsewhere(move: Retrieve, delivery: Delivery) -> bool:
    """Whether it went to another address of the same kind; where one host speaks IPv4 and IPv6, or to itself, two
    addresses prove nothing."""
    asked, sent = ip_address(move.association.requestor.ip), ip_address(move.target(delivery).ip)
    return asked != sent and asked.version == sent.version and not asked.is_loopback and not sent.is_loopback


def _hit(move: Retrieve, astray: tuple[Delivery, ...]) -> Hit:
    first = astray[0]
    where, stored = move.target(first), len(move.retrieval.stores)
    surely = first.strength is not Strength.WEAK and move.ended_badly  # else the station may have several addresses
    namesakes = sorted(_addresses(move.traffic).get(move.destination, set()) - {move.association.requestor.ip})
    twin = f" {where.ip} uses the title '{move.destination}' as well." if where.ip in namesakes else ""
    sent = f"{counted(stored, 'object')} went there" if stored else _vainly(move, first)
    return hit(
        move,
        f"'{move.destination}' asked from {move.association.requestor.ip} for delivery to itself, but {move.archive} "
        f"sends to {where}: {sent}; {move.result}.{twin}{doubt(*astray)}",
        astray,
        *_packets(move, astray),
        act=Side.ACCEPTOR if surely else Side.UNKNOWN,
        actor=move.archive if surely else None,
        severity=Severity.ERROR if move.ended_badly else Severity.WARNING,
        key=f"{move.association.acceptor}|{move.destination}|{move.association.requestor.ip}|{where}",
        fix=f"Enter {move.association.requestor.ip} as the address of '{move.destination}' on {move.archive}, or use a "
        f"title that no other station has.",
        delivered=stored,
        namesakes=namesakes,
        why=list(first.why),
    )


def _vainly(move: Retrieve, delivery: Delivery) -> str:
    if delivery.association is not None:
        return f"that association was {move.traffic.association(delivery.association).outcome} without an object"
    opened = move.conversation(delivery).tcp.opened
    return {"refused": "it is refused there", "unanswered": "it gets no answer there"}.get(opened, "no object is seen")


def _packets(move: Retrieve, astray: tuple[Delivery, ...]) -> list[int]:
    found = []
    for delivery in astray[:4]:
        tcp = move.conversation(delivery).tcp
        answer = tcp.refused_packet if tcp.refused_packet is not None else tcp.syn_ack_packet
        found += [packet for packet in (tcp.first_packet, answer) if packet is not None]
    return found


@once
def _addresses(traffic: Traffic) -> dict[str, set[str]]:
    """From where, and at which hosts, each title was used."""
    found: dict[str, set[str]] = {}
    for association in traffic.associations:
        if association.calling_ae:
            found.setdefault(association.calling_ae, set()).add(association.requestor.ip)
        if association.called_ae and association.accept:
            found.setdefault(association.called_ae, set()).add(association.acceptor.ip)
    return found


RULE = Rule(
    id="DS-RET-003",
    name="move-callback-wrong-address",
    severity=Severity.ERROR,
    title="Delivered to another address than the requestor's",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=(*HIDES, "DS-TCP-001", "DS-TCP-002", "DS-RET-002", "DS-RET-004", "DS-RET-005"),
)
