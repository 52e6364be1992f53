"""Patient data crossed the network unencrypted.

What it sees
Objects, query answers, worklist entries and procedure steps that carry patient identifiers, on connections without TLS;
once for each pair of hosts (for each server, where its
clients are many). What they say is never quoted, only how many there were.

Why it matters
Whoever can see the network can read and change them. Where an address is public, that may be anybody.

Likely causes
1. Plain DICOM inside a site's network, which is ordinary.
2. TLS is not configured, or only on other ports.

Fix
Use the TLS profiles of DICOM between the two, or a VPN where the path leaves the site.

Could be wrong when
The capture was taken at the inner end of a VPN or a TLS proxy. A few data sets of each pair are looked into; where those
hold no patient's name or ID, the data count as de-identified and nothing is said.

Reference
PS3.15 §B.12
"""

from collections import Counter
from functools import lru_cache
from ipaddress import ip_address

from dicomsniff.association.content import answers_of, dataset_of
from dicomsniff.association.values import Association, Exchange, Kind, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import counted, listed
from dicomsniff.rules.rule import Rule, Thresholds

_MANY = 8  # clients of one server that are told one by one
_READ = 5  # data sets looked into for each kind of message of a pair of hosts
_NAMES = {"PatientName": "names", "PatientID": "patient IDs", "PatientBirthDate": "birth dates"}
_KINDS = {"C-STORE": "object", "C-FIND": "query answer", "N-CREATE": "procedure step", "N-SET": "procedure step"}


class Pair(NamedTuple):
    """Two hosts, or the many clients of one server, and what passed unencrypted between them by service."""

    clients: tuple[str, ...]
    server: str
    association: Association
    exchanges: dict[str, list[Exchange]]


def pairs(traffic: Traffic) -> list[Pair]:
    """One for each client and server, or one for a server that has many clients."""
    found: dict[str, dict[str, Pair]] = {}
    encrypted = {c.id for c in traffic.index.by_kind.get(Kind.DICOM_TLS, ())}
    for a in traffic.associations:
        if not a.exchanges or a.connection in encrypted:
            continue
        told = [e for e in a.exchanges if e.service in _KINDS and (e.answers if e.service == "C-FIND" else e.payload)]
        if told:
            new = Pair((a.requestor.ip,), a.acceptor.ip, a, {})
            pair = found.setdefault(a.acceptor.ip, {}).setdefault(a.requestor.ip, new)
            for e in told:
                pair.exchanges.setdefault(e.service, []).append(e)
    return [
        pair
        for own in found.values()
        for pair in (own.values() if len(own) <= _MANY else [_joined(list(own.values()))])
    ]


def _joined(pairs: list[Pair]) -> Pair:
    exchanges: dict[str, list[Exchange]] = {}
    for pair in pairs:
        for service, own in pair.exchanges.items():
            exchanges.setdefault(service, []).extend(own)
    return Pair(tuple(pair.clients[0] for pair in pairs), pairs[0].server, pairs[0].association, exchanges)


def check(pair: Pair, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    seen: Counter[str] = Counter()
    shown: dict[str, Exchange] = {}
    services = [s for s, own in pair.exchanges.items() if _identifies(own[:_READ], seen, shown)]
    if not services:
        return None
    numbers: Counter[str] = Counter()
    for service in services:
        own = pair.exchanges[service]
        numbers[_KINDS[service]] += sum(len(e.answers) for e in own) if service == "C-FIND" else len(own)
    return _hit(pair, numbers, seen, shown)


def _identifies(exchanges: list[Exchange], seen: Counter[str], shown: dict[str, Exchange]) -> bool:
    """Whether any of these data sets names a patient; counts which elements do so."""
    found = False
    for e in exchanges:
        for data in answers_of(e)[:_READ] if e.service == "C-FIND" else (dataset_of(e),):
            for keyword in _NAMES:
                if data is not None and (data.get(keyword) or "").strip():
                    seen[keyword] += 1
                    shown.setdefault(keyword, e)
                    found = found or keyword != "PatientBirthDate"
    return found


@lru_cache(maxsize=4096)
def is_public(ip: str) -> bool:
    """Whether an address can be reached from anywhere (RFC 1918 and RFC 4193 name those that cannot)."""
    return not ip.startswith(("10.", "192.168.")) and ip_address(ip).is_global


def _hit(pair: Pair, numbers: Counter[str], seen: Counter[str], shown: dict[str, Exchange]) -> Hit:
    public = [ip for ip in (*pair.clients, pair.server) if is_public(ip)]
    what = listed(counted(number, kind) for kind, number in numbers.items())
    over = f" over a public address ({listed(public, 3)})" if public else ""
    clients = pair.clients[0] if len(pair.clients) == 1 else f"{len(pair.clients)} clients ({listed(pair.clients, 3)})"
    proof = [e.request if e.service != "C-FIND" else e.first_response for e in shown.values()]
    return Hit(
        f"{what} with patient identifiers ({listed(name for keyword, name in _NAMES.items() if keyword in seen)}) went unencrypted between {clients} and "
        f"{pair.server}{over}.",
        packets_of(*proof),
        pair.association.first_ns,
        Severity.WARNING if public else None,
        connection=pair.association.connection,
        association=pair.association.id,
        act=Side.UNKNOWN,
        facts={
            "hosts": [*pair.clients[:50], pair.server],
            "messages": dict(numbers),
            "identifiers": sorted(seen),
            "public": public[:50],
        },
    )


RULE = Rule(
    id="DS-SEC-001",
    name="phi-in-clear",
    severity=Severity.INFO,
    title="Patient data unencrypted",
    subjects=pairs,
    check=check,
    page=__doc__ or "",
)
