"""Traffic in, attempts to open TCP out: gathered by client and server port, with what they matter to DICOM."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from operator import itemgetter

from dicomsniff.association.attempts import OTHER_SERVICES
from dicomsniff.association.index import once
from dicomsniff.association.values import Conversation, Exchange, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.rule import DICOM_KINDS

DICOM_PORTS = frozenset({104, 11112, 2761, 2762})
"""Registered for DICOM: PS3.8 §9.1.1, PS3.15 §B.1."""
_HABITUAL_PORTS = frozenset({105, 106, 107, 2104, 3333, 4006, 4104, 4242, 5104, 5678, 6104, 8104, 10104, 11113})
"""Met in the field, but anybody's."""


class Success(NamedTuple):
    """A handshake with the same server port: when, and in which packet the server agreed."""

    time_ns: int
    packet: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """The tries of one client to connect to one server port that began in the capture. `weight` is the severity that a
    failure has for somebody who asks about DICOM, None where it has none. `successes` are those of any client.
    `one_way`: a connection of these two hosts shows data towards the responder and no packet back. `server_spoke`: the
    host was heard on any port. `ports_refused` and `ports_silent` count the ports of this host that refused this client
    or left it without an answer, `clients_silent` the clients that this port did not answer."""

    client: str
    server: Endpoint
    tries: tuple[Conversation, ...]
    successes: tuple[Success, ...]
    weight: Severity | None
    ports_refused: int
    ports_silent: int
    clients_silent: int
    one_way: bool
    server_spoke: bool


@once
def attempts(traffic: Traffic) -> list[Attempts]:
    """All attempts, in the order of the first of each client and server port."""
    tried: dict[tuple[str, Endpoint], list[Conversation]] = {}
    successes: dict[Endpoint, list[Success]] = {}
    refused: dict[tuple[str, str], set[int]] = {}
    silent: dict[tuple[str, str], set[int]] = {}
    unanswered: dict[Endpoint, set[str]] = {}
    for conversation in traffic.conversations:
        tcp = conversation.tcp
        if tcp.opened == "midstream":
            continue
        tried.setdefault((tcp.initiator.ip, tcp.responder), []).append(conversation)
        if tcp.opened == "handshake" and tcp.established:
            successes.setdefault(tcp.responder, []).append(
                Success(tcp.first_ns, tcp.syn_ack_packet or tcp.first_packet)
            )
        elif tcp.opened == "refused":
            refused.setdefault((tcp.initiator.ip, tcp.responder.ip), set()).add(tcp.responder.port)
        elif tcp.opened == "unanswered":
            silent.setdefault((tcp.initiator.ip, tcp.responder.ip), set()).add(tcp.responder.port)
            unanswered.setdefault(tcp.responder, set()).add(tcp.initiator.ip)
    weigh = _Weights(traffic.conversations)
    heard, one_way = _heard(traffic.conversations)
    sorted_successes = {server: tuple(sorted(those)) for server, those in successes.items()}
    return [
        Attempts(
            client,
            server,
            tuple(tries),
            sorted_successes.get(server, ()),
            weigh(client, server),
            len(refused.get((client, server.ip), ())),
            len(silent.get((client, server.ip), ())),
            len(unanswered.get(server, ())),
            frozenset((client, server.ip)) in one_way,
            server.ip in heard,
        )
        for (client, server), tries in tried.items()
    ]


def _heard(conversations: Iterable[Conversation]) -> tuple[set[str], set[frozenset[str]]]:
    """Hosts that sent anything, and pairs of hosts of which only one was captured though there were data to answer."""
    heard, one_way = set(), set()
    for tcp in (c.tcp for c in conversations):
        if tcp.to_responder.packets:
            heard.add(tcp.initiator.ip)
        if tcp.to_initiator.packets:
            heard.add(tcp.responder.ip)
        if tcp.to_initiator.packets == 0 and tcp.to_responder.data_packets > 0:
            one_way.add(frozenset((tcp.initiator.ip, tcp.responder.ip)))
    return heard, one_way


def moving(traffic: Traffic, client: str, time_ns: int) -> Exchange | None:
    """The C-MOVE that `client`, as the server of it, was carrying out at that time: its deliveries are new connections."""
    begins, longest = _moves(traffic).get(client, ((), ()))
    at = bisect_right(begins, time_ns)
    if not at or longest[at - 1][0] < time_ns:
        return None
    return longest[at - 1][1]


@once
def _moves(traffic: Traffic) -> dict[str, tuple[list[int], list[tuple[int, Exchange]]]]:
    """The C-MOVEs that each host carried out: when they began, ascending; and for each of these times the one that
    ended last of those begun by then, with its end."""
    found: dict[str, list[tuple[int, int, int, Exchange]]] = {}
    for exchange in traffic.index.of("C-MOVE"):
        association = traffic.association(exchange.association)
        if exchange.request is not None:
            ended = association.last_ns if exchange.final is None else exchange.final.last_ns
            moves = found.setdefault(association.acceptor.ip, [])
            moves.append((exchange.request.last_ns, ended, -exchange.id, exchange))
    moved = {}
    for client, moves in found.items():
        moves.sort(key=itemgetter(0, 1, 2))
        longest = accumulate(((ended, exchange) for _, ended, _, exchange in moves), _later)
        moved[client] = [began for began, *_ in moves], list(longest)
    return moved


def _later(one: tuple[int, Exchange], other: tuple[int, Exchange]) -> tuple[int, Exchange]:
    return other if other[0] > one[0] else one


class _Weights:
    """How much a failed connection says about DICOM, from the port and from who speaks DICOM elsewhere."""

    def __init__(self, conversations: Iterable[Conversation]) -> None:
        spoken = [c.tcp for c in conversations if c.kind in DICOM_KINDS]
        self._servers = {tcp.responder for tcp in spoken}
        self._hosts = {end.ip for tcp in spoken for end in (tcp.initiator, tcp.responder)}

    def __call__(self, client: str, server: Endpoint) -> Severity | None:
        if server.port in DICOM_PORTS or server in self._servers:
            return Severity.ERROR
        if server.port in OTHER_SERVICES:
            return None
        known = (client in self._hosts) + (server.ip in self._hosts)
        if known == 2 or not self._hosts or (known and server.port in _HABITUAL_PORTS):
            return Severity.ERROR
        return Severity.NOTE if known else None
