"""A server takes AE titles without checking them, or one title comes from several hosts at the same time.

What it sees
One server address and port that accepted associations under two or more called AE titles (or under ANY-SCP) and refused
none for its title; five or more calling titles from one address that were all accepted; and one calling title in use from
two addresses at the same time.

Why it matters
AE titles are the only access control that most DICOM servers have. Where any title will do, anybody who can reach the port
can store, query and fetch.

Likely causes
1. The server's default is to accept every title.
2. Workstations were cloned with their configuration.
3. Somebody uses another's title.

Fix
Let the server check called and calling AE title, and the address that belongs to it.

Could be wrong when
The server is known under several titles on purpose (an archive with several AEs, a gateway); titles that the site's table
gives to this address and port are not counted. An address translation or load balancer hides who calls.

Reference
PS3.8 §7.1.1.3
PS3.8 §7.1.1.4
PS3.8 §C.2
https://github.com/fo-dicom/fo-dicom/issues/1713
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from dicomsniff.association.values import Association, Traffic
from dicomsniff.rules.clients import client_ip, passed_on
from dicomsniff.rules.clock import displaced_ns, last_lapse
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import listed
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_QUEUED_NS = 200_000_000
"""Packets of two hosts may wait so long in a capturing device, one more than the other; nothing on the wire tells."""
_CALLERS = 5
_ANY = frozenset({"ANY-SCP", "ANYSCP"})
_TITLES = frozenset({(1, 3), (1, 7)})  # PS3.8 Table 9-21: calling or called AE title not recognized
Subject = Server | tuple[str, Sequence[Association]]


def subjects(traffic: Traffic) -> Iterator[Subject]:
    """Every server, and every calling title that comes from more than one address."""
    yield from servers(traffic)
    callers: dict[str, dict[str, list[Association]]] = {}
    for a in traffic.associations:
        if a.accept is not None and a.calling_ae and not passed_on(a, traffic):
            callers.setdefault(a.calling_ae, {}).setdefault(a.requestor.ip, []).append(a)
    for title, hosts in callers.items():
        if len(hosts) > 1:
            yield title, sorted((a for own in hosts.values() for a in own), key=lambda a: a.first_ns)


def check(subject: Subject, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    if isinstance(subject, Server):
        hits = _of_server(subject, traffic, thresholds)
        return Inconclusive("a rejection may not have been captured") if hits and _unheard(subject, traffic) else hits
    title, associations = subject
    pair = _at_once(associations, max(displaced_ns(traffic), _QUEUED_NS))
    return (
        []
        if pair is None or thresholds.known_aes.covers(title, (a.requestor.ip for a in pair))
        else [_twice(title, pair)]
    )


def _unheard(server: Server, traffic: Traffic) -> bool:
    """Whether this server may have refused a title in what was not captured."""
    return bool(last_lapse(traffic)) or any(a.accept is None and a.reject is None for a in server.associations)


def _of_server(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    if any(a.reject and (a.reject.source, a.reject.reason) in _TITLES for a in server.associations):
        return []
    aliases = set(thresholds.known_aes.titles_at(*server.endpoint))
    called: dict[str, Association] = {}
    callers: dict[str, dict[str, Association]] = {}
    for a in server.associations:
        if a.accept is None:
            continue
        if a.called_ae and a.called_ae not in aliases:
            called.setdefault(a.called_ae, a)
        if a.calling_ae and (ip := client_ip(a, traffic)) is not None:
            callers.setdefault(ip, {}).setdefault(a.calling_ae, a)
    hits = []
    if len(called) + bool(aliases) > 1 or _ANY & set(called):
        names = listed(f"'{title}'" for title in called)
        several = "answers to several called AE titles, so it has them all or checks none"
        words = "accepts any called AE title, it seems" if _ANY & set(called) else several
        hits.append(_hit(server, called, f"{server.endpoint} {words}: {names}", "called"))
    for ip, titles in callers.items():
        if len(titles) >= _CALLERS:
            names = listed(f"'{title}'" for title in titles)
            hits.append(
                _hit(
                    server,
                    titles,
                    f"{server.endpoint} accepted {len(titles)} calling AE titles from {ip} alone: {names}",
                    f"calling|{ip}",
                )
            )
    return hits


def _hit(server: Server, titles: dict[str, Association], words: str, kind: str) -> Hit:
    shown = list(titles.values())
    last = shown[-1]
    return Hit(
        f"{words}.",
        packets_of(*(a.request.evidence for a in shown[:6] if a.request)),
        last.first_ns,
        connection=last.connection,
        association=last.id,
        act=Side.ACCEPTOR,
        actor=str(server.endpoint),
        key=f"{kind}|{server.endpoint}",
        facts={
            "host": server.endpoint.ip,
            "port": server.endpoint.port,
            "titles": list(titles)[:100],
            "connections": [a.connection for a in shown[:50]],
        },
    )


def _at_once(associations: Sequence[Association], doubt_ns: int) -> tuple[Association, Association] | None:
    """Two associations from different hosts of one kind of address of which one began before the other was over, by more than
    the times of the capture are in doubt; each is compared with the longest still running of the hosts before it."""
    latest: Association | None = None  # ends last of all that began before
    other: Association | None = None  # ends last of those from other hosts than `latest`
    for a in associations:
        for b in (latest, other):
            lasted = b is not None and b.last_ns > a.first_ns + doubt_ns
            if b is not None and lasted and b.requestor.ip != a.requestor.ip and _comparable(a, b):
                return b, a
        if latest is None or a.last_ns > latest.last_ns:
            if latest is not None and latest.requestor.ip != a.requestor.ip:
                other = latest
            latest = a
        elif a.requestor.ip != latest.requestor.ip and (other is None or a.last_ns > other.last_ns):
            other = a
    return None


def _comparable(one: Association, two: Association) -> bool:
    if one.requestor.ip == two.acceptor.ip or two.requestor.ip == one.acceptor.ip:
        return False  # a proxy passes on under the title of who asked it
    first, second = ip_address(one.requestor.ip), ip_address(two.requestor.ip)
    return first.version == second.version and not (first.is_loopback or second.is_loopback)


def _twice(title: str, pair: tuple[Association, Association]) -> Hit:
    one, two = pair
    return Hit(
        f"AE '{title}' is used from {one.requestor.ip} and {two.requestor.ip} at the same time: a copied configuration, or one "
        "goes by the other's title.",
        packets_of(*(a.request.evidence for a in pair if a.request)),
        two.first_ns,
        Severity.WARNING,
        connection=two.connection,
        association=two.id,
        act=Side.UNKNOWN,
        key=f"twice|{title}",
        facts={
            "title": title,
            "hosts": [one.requestor.ip, two.requestor.ip],
            "connections": [one.connection, two.connection],
        },
    )


RULE = Rule(
    id="DS-SEC-003",
    name="ae-title-not-enforced",
    severity=Severity.NOTE,
    title="AE titles are not checked",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
    absence=True,
)
