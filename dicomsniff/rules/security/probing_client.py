"""One client probes DICOM services: many hosts, ports or AE titles, a whole archive listed, or from a public address.

What it sees
Within ten minutes: ten hosts or ports that one client contacted without reaching an association, one of them DICOM's; five
AE titles tried on one server, half of them or more refused; a query for all patients followed by ten or more queries and
retrieves. And an association that a server with a private address accepted from a public one.

Why it matters
DICOM services are found and emptied in this way. Most accept any calling AE title, and many any called one.

Likely causes
1. A security scan, announced or not.
2. A monitoring or inventory system with too wide a net.
3. An attack, or a device that was taken over.

Fix
Find out who the host is. Restrict the service to known addresses and AE titles, and close it to other networks.

Could be wrong when
A PACS administrator tries connections out, or a gateway serves many AE titles. Some sites use public addresses inside.

Reference
PS3.8 §C.2
https://www.rapid7.com/blog/post/tr-mri-hidden-risks-exposed-dicom-servers-uk-healthcare
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import field
from ipaddress import ip_address
from typing import Any, TypeVar

from dicomsniff.association.values import Association, Conversation, Exchange, Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.rules.clients import client_ip
from dicomsniff.rules.finding import About, Hit, Severity, Side
from dicomsniff.rules.naming import SECOND, counted, listed
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.transport.attempts import DICOM_PORTS, moving

_WINDOW = 600 * SECOND
_TARGETS, _TITLES, _REQUESTS = 10, 5, 10
_TITLE_REASONS = ((1, 3), (1, 7))  # calling, called AE title not recognised: PS3.8 §9.3.4, Table 9-21
_PATIENTS = "1.2.840.10008.5.1.4.1.2.1.1"  # Patient Root Query/Retrieve Information Model - FIND
_WALKING = frozenset({"C-FIND", "C-MOVE", "C-GET"})
T = TypeVar("T")


@dataclass(slots=True)
class Client:
    """What one host tried: connections that led to nothing, and associations, both in the order of time."""

    ip: str
    vain: list[Conversation] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)


def clients(traffic: Traffic) -> list[Client]:
    """Every host that opened a connection or asked for an association."""
    made: dict[str, Client] = {}
    for conversation in traffic.conversations:
        if conversation.tcp.opened != "midstream" and _in_vain(conversation):
            ip = conversation.tcp.initiator.ip
            made.setdefault(ip, Client(ip)).vain.append(conversation)
    for association in traffic.associations:
        if association.request is not None and (asker := client_ip(association, traffic)) is not None:
            made.setdefault(asker, Client(asker)).associations.append(association)
    return list(made.values())


def _in_vain(conversation: Conversation) -> bool:
    """Refused, not answered, or opened and left without a word, also one that was not captured."""
    silent = conversation.kind is Kind.EMPTY and not conversation.gaps and not conversation.tcp.joins
    return conversation.tcp.opened in ("refused", "unanswered") or silent


def check(client: Client, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    return [*_targets(client, traffic), *_titles(client), *_listing(client), *_outside(client)]


def _targets(client: Client, traffic: Traffic) -> Iterator[Hit]:
    if len(client.vain) < _TARGETS:
        return
    reached = {a.acceptor for a in client.associations}
    tried = [c for c in client.vain if c.tcp.responder not in reached]
    within = _most(tried, lambda c: c.tcp.first_ns, lambda c: c.tcp.responder)
    targets = dict.fromkeys(c.tcp.responder for c in within)
    if len(targets) < _TARGETS or not _dicom_among(targets, traffic):
        return
    if moving(traffic, client.ip, within[0].tcp.first_ns):  # deliveries to workstations that are off
        return
    hosts, ports = len({t.ip for t in targets}), len({t.port for t in targets})
    yield _hit(
        client,
        f"{client.ip} probes DICOM services: it contacted {counted(hosts, 'host')} on {counted(ports, 'port')} within ten "
        f"minutes without asking for an association ({listed(str(t) for t in targets)}).",
        "targets",
        within[0].tcp.first_ns,
        tuple(c.tcp.first_packet for c in within[:12]),
        within[0].id,
        {
            "hosts": hosts,
            "ports": ports,
            "targets": [str(t) for t in list(targets)[:100]],
            "connections": [c.id for c in within[:100]],
        },
        About(connections=tuple(c.id for c in within)),
    )


def _dicom_among(targets: dict[Endpoint, None], traffic: Traffic) -> bool:
    if any(target.port in DICOM_PORTS for target in targets):
        return True
    return any(c.tcp.responder in targets for c in traffic.conversations if c.kind is Kind.DICOM)


def _titles(client: Client) -> Iterator[Hit]:
    servers: dict[Endpoint, list[Association]] = {}
    for association in client.associations:
        servers.setdefault(association.acceptor, []).append(association)
    for server, those in servers.items():
        if len(those) < _TITLES:
            continue
        for word, title in (("called", _called), ("calling", _calling)):
            within = _most(those, lambda a: a.first_ns, title)
            tried = dict.fromkeys(title(a) for a in within)
            refused = {title(a) for a in within if _title_refused(a)}
            if len(tried) >= _TITLES and 2 * len(refused) >= len(tried):
                yield _titles_hit(client, server, word, within, list(tried), len(refused))


def _titles_hit(
    client: Client, server: Endpoint, word: str, within: Sequence[Association], tried: list[str], refused: int
) -> Hit:
    return _hit(
        client,
        f"{client.ip} probes DICOM services: it tried {len(tried)} {word} AE titles on {server} within ten minutes, of which "
        f"{refused} were refused ({listed(map(repr, tried))}).",
        f"titles {server} {word}",
        within[0].first_ns,
        tuple(a.first_packet for a in within[:12]),
        within[0].connection,
        {"host": server.ip, "port": server.port, "titles": tried[:100], "refused": refused, "which": word},
    )


def _called(association: Association) -> str:
    return association.called_ae or ""


def _calling(association: Association) -> str:
    return association.calling_ae or ""


def _title_refused(association: Association) -> bool:
    reject = association.reject
    return reject is not None and (reject.source, reject.reason) in _TITLE_REASONS


def _listing(client: Client) -> Iterator[Hit]:
    """A query for every patient, and then one request after the other."""
    asked: list[Exchange] | None = None
    for association in client.associations:
        for exchange in association.exchanges:
            if exchange.sop_class != _PATIENTS or exchange.service != "C-FIND" or not _for_all(exchange):
                continue
            asked = asked if asked is not None else _walked(client)
            start_ns = exchange.request.first_ns if exchange.request else association.first_ns
            after = [e for e in asked if e.request and start_ns < e.request.first_ns <= start_ns + _WINDOW]
            if len(after) < _REQUESTS:
                continue
            yield _hit(
                client,
                f"{client.ip} asked {association.acceptor} for all patients ({counted(exchange.pending, 'record')} listed) and "
                f"sent {counted(len(after), 'query or retrieve', 'queries and retrieves')} within the next ten minutes: it goes "
                "through the archive.",
                f"listing {association.acceptor}",
                start_ns,
                exchange.request.packets if exchange.request else (),
                association.connection,
                {
                    "host": association.acceptor.ip,
                    "port": association.acceptor.port,
                    "listed": exchange.pending,
                    "requests": len(after),
                },
            )
            return


def _for_all(exchange: Exchange) -> bool:
    from dicomsniff.rules.query.keys import query_of  # a family that is loaded where there are queries

    query = query_of(exchange)
    return query.whole and query.level == "PATIENT" and not query.keys


def _walked(client: Client) -> list[Exchange]:
    return [
        e for a in client.associations for e in a.exchanges if e.service in _WALKING and e.requested_by == "requestor"
    ]


def _outside(client: Client) -> Iterator[Hit]:
    if not client.associations or not _is_public(client.ip):
        return
    taken = [a for a in client.associations if a.accept is not None and not _is_public(a.acceptor.ip)]
    if not taken:
        return
    first = taken[0]
    yield _hit(
        client,
        f"{first.acceptor} accepts associations from the public address {client.ip} ({counted(len(taken), 'association')}).",
        "public",
        first.first_ns,
        first.request.evidence.packets if first.request else (first.first_packet,),
        first.connection,
        {
            "host": first.acceptor.ip,
            "port": first.acceptor.port,
            "associations": len(taken),
            "calling_ae": first.calling_ae,
        },
    )


def _is_public(ip: str) -> bool:
    """An IPv4 address that the Internet routes; in IPv6 such addresses are usual inside too."""
    if ":" in ip or ip.startswith(("10.", "192.168.", "127.")):
        return False
    address = ip_address(ip)
    return address.is_global and not address.is_multicast


def _most(some: Sequence[T], when: Callable[[T], int], what: Callable[[T], Hashable]) -> list[T]:
    """Those within ten minutes that are of the most different kinds."""
    ordered, best, first = sorted(some, key=when), (0, 0, 0), 0
    inside: Counter[Hashable] = Counter()
    for last, one in enumerate(ordered):
        inside[what(one)] += 1
        while when(one) - when(ordered[first]) > _WINDOW:
            inside[what(ordered[first])] -= 1
            if not inside[what(ordered[first])]:
                del inside[what(ordered[first])]
            first += 1
        best = max(best, (len(inside), -first, last + 1))
    return ordered[-best[1] : best[2]]


def _hit(
    client: Client,
    message: str,
    kind: str,
    time_ns: int,
    packets: tuple[int, ...],
    connection: int,
    facts: dict[str, Any],
    about: About | None = None,
) -> Hit:
    return Hit(
        message,
        packets=tuple(sorted(set(packets))),
        time_ns=time_ns,
        connection=connection,
        act=Side.REQUESTOR,
        actor=client.ip,
        key=f"{client.ip} {kind}",
        facts={"kind": kind.split()[0], "client": client.ip} | facts,
        about=about,
    )


RULE = Rule(
    id="DS-SEC-004",
    name="scan-or-enumeration",
    severity=Severity.WARNING,
    title="Somebody probes DICOM services",
    subjects=clients,
    check=check,
    page=__doc__ or "",
    hides=("DS-TCP-001", "DS-TCP-002"),
)
