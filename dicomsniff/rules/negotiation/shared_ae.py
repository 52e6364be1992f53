"""One AE title is used on several hosts.

What it sees
A calling AE title that comes from two or more addresses, or a called AE title that was accepted at two or more addresses
for the same service.

Why it matters
A C-MOVE names its destination by title alone, so only one of the hosts can get the objects; and permissions by title hold
for all of them.

Likely causes
1. A configuration was copied from one machine to another.
2. The address of a device changed (DHCP).
3. A cluster, or an address translation between two captures.

Fix
Give each device a title of its own. For a cluster, say so in the settings file: [[ae]] with title and hosts.

Could be wrong when
A proxy or router passes objects on under the title of who sent them: where it was seen to receive from that title before, or
to call the title that it answers to, nothing is said.
One host has an IPv4 and an IPv6 address, or several network cards: addresses of different kinds are not compared, and
those of the host itself (loopback) are left out. Titles that tools use when none is configured (STORESCU, ECHOSCU …) are
a note.

Reference
PS3.8 §7.1.1.3
PS3.8 §7.1.1.4
"""

from collections.abc import Iterator
from ipaddress import ip_address

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.uids import service_class_of
from dicomsniff.rules.clients import client_ip
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import listed
from dicomsniff.rules.rule import Rule, Thresholds

DEFAULTS = frozenset(
    {
        "STORESCU",
        "ECHOSCU",
        "FINDSCU",
        "MOVESCU",
        "GETSCU",
        "STORESCP",
        "DCMTK",
        "PYNETDICOM",
        "DCM4CHE",
        "ANY-SCP",
        "ANYSCP",
    }
)
"""Titles of toolkits that nobody has configured."""


class Shared(NamedTuple):
    """A title, the side that uses it, and the first association from (or at) each address."""

    title: str
    role: str
    first: dict[str, Association]


def shared(traffic: Traffic) -> Iterator[Shared]:
    calling: dict[str, dict[str, Association]] = {}
    called: dict[str, dict[str, Association]] = {}
    passed_on = {(a.called_ae, a.requestor.ip) for a in traffic.associations}
    # hosts that a title came to, before or after: they may pass on under it what they receive
    asked = {(a.calling_ae, a.acceptor.ip) for a in traffic.associations}
    for a in traffic.associations:
        if a.calling_ae and (a.calling_ae, a.requestor.ip) not in asked and (ip := client_ip(a, traffic)) is not None:
            calling.setdefault(a.calling_ae, {}).setdefault(ip, a)
        if a.called_ae and a.accept is not None and (a.called_ae, a.acceptor.ip) not in passed_on:
            called.setdefault(a.called_ae, {}).setdefault(a.acceptor.ip, a)
    for role, titles in (("requestor", calling), ("acceptor", called)):
        for title, first in titles.items():
            if len(first) > 1:
                yield Shared(title, role, first)


def check(subject: Shared, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    hits = []
    for version in (4, 6):
        first = {ip: a for ip, a in subject.first.items() if _version(ip) == version}
        if subject.role == "acceptor":
            first = _same_service(first)
        if len(first) > 1 and not thresholds.known_aes.covers(subject.title, first):
            hits.append(_hit(subject, first))
    return hits


def _version(ip: str) -> int:
    """4 or 6; 0 for an address of the host itself, which tells hosts not apart."""
    if ":" not in ip:
        return 0 if ip.startswith(("127.", "169.254.")) else 4
    address = ip_address(ip)
    return 0 if address.is_loopback or address.is_link_local else address.version


def _same_service(first: dict[str, Association]) -> dict[str, Association]:
    """Those whose accepted services are also accepted by another of them: two services under one title are ordinary."""
    kinds = {
        ip: {service_class_of(c.abstract_syntax) for c in a.contexts if c.accepted and c.abstract_syntax}
        - {"verification"}
        for ip, a in first.items()
    }
    return {ip: a for ip, a in first.items() if any(ip != other and kinds[ip] & kinds[other] for other in kinds)}


def _hit(subject: Shared, first: dict[str, Association]) -> Hit:
    title, ips = subject.title, list(first)
    shown = list(first.values())
    default = title.upper() in DEFAULTS
    use = "is used by" if subject.role == "requestor" else "answers at"
    more = (
        " It is a toolkit's default title: nobody has configured it."
        if default
        else f" A C-MOVE to {title} can only reach one of them."
    )
    return Hit(
        f"AE title {title} {use} {listed(ips)}.{more}",
        packets_of(*(a.request.evidence for a in shown[:6] if a.request)),
        shown[1].first_ns,
        Severity.NOTE if default else None,
        connection=shown[1].connection,
        association=shown[1].id,
        act=Side.UNKNOWN,
        facts={
            "title": title,
            "used_as": "calling" if subject.role == "requestor" else "called",
            "hosts": ips[:50],
            "associations": [a.id for a in shown[:50]],
            "connections": [a.connection for a in shown[:50]],
        },
    )


RULE = Rule(
    id="DS-ASSOC-019",
    name="ae-title-on-several-hosts",
    severity=Severity.WARNING,
    title="One AE title on several hosts",
    subjects=shared,
    check=check,
    page=__doc__ or "",
)
