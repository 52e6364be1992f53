"""The same object was stored more than once at one receiver.

What it sees
An instance UID that was stored with success, or with a warning, two or more times at the same receiver. The same bytes
twice are a note; different bytes, three times or more, or at the same time on two associations are a warning; one instance
UID in two series is an error.

Why it matters
Sending again wastes time and may hide a time-out or a warning that the sender takes for a failure. Different content under
one UID means that one of the two versions is lost.

Likely causes
1. The success response came late or was lost, and the sender tried again.
2. The sender treats a warning status as a failure.
3. Two routes lead to the archive: the modality sends and a router sends too.
4. UIDs are generated that are not unique.

Fix
Find the response that the sender did not like: look at its log after the first transfer. Remove the second route, or mend the
generator of UIDs.

Could be wrong when
Somebody sent a correction on purpose. Only padding, group lengths or the encoding of sequences differ, as they do when an
object has passed through another library. Packets that were captured twice are recognised and not counted.

Reference
PS3.5 §9
PS3.4 §B.2
https://github.com/dcm4che/dcm4chee-arc-light/issues/4754
https://github.com/dcm4che/dcm4che/issues/1103
https://github.com/GoogleCloudPlatform/healthcare-dicom-dicomweb-adapter/issues/153
"""

from collections.abc import Sequence
from itertools import pairwise

from dicomsniff.association.content import object_head
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import brief, how_often, peer, performer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_MANY = 3


class Repeated(NamedTuple):
    """The stores of one instance that one receiver took."""

    instance: str
    stores: Sequence[Exchange]


def subjects(traffic: Traffic) -> Among[Repeated]:
    """Instances that were stored, among them those stored more than once."""
    stored = [e.sop_instance for e in traffic.index.of("C-STORE") if e.sop_instance]
    if len(set(stored)) == len(stored):
        return Among(len(stored), ())
    every = traffic.index.stores_of
    suspects = []
    for instance, stores in every.items():
        if len(stores) > 1:
            suspects += [Repeated(instance, own) for own in _receivers(stores, traffic) if len(own) > 1]
    return Among(len(every), suspects)


def _receivers(stores: Sequence[Exchange], traffic: Traffic) -> list[list[Exchange]]:
    """Those that were taken, by receiver (its address and title) and by the retrieve that asked for them: who retrieves a
    study twice is sent it twice. Where the retrieve was not captured, each association may be one. What a host sends to itself
    a proxy on it passes on."""
    found: dict[tuple[str, str | None, int | None, int, bool], list[Exchange]] = {}
    for exchange in stores:
        if exchange.status_class in ("success", "warning") and exchange.final is not None:
            association, role = traffic.association(exchange.association), performer(exchange)
            title = association.called_ae if role == "acceptor" else association.calling_ae
            asked = exchange.parent is None and _retrieved(exchange)
            inside = association.requestor.ip == association.acceptor.ip
            key = association.end(role).ip, title, exchange.parent, exchange.association if asked else 0, inside
            found.setdefault(key, []).append(exchange)
    return list(found.values())


def _retrieved(exchange: Exchange) -> bool:
    """Whether its direction or what it says shows that it was asked for by a retrieve (PS3.7 §9.1.1.1, §9.1.3)."""
    return exchange.requested_by == "acceptor" or exchange.move_originator_message_id is not None


def check(repeated: Repeated, traffic: Traffic, thresholds: Thresholds) -> Hit:
    stores = repeated.stores
    first, last = stores[0], stores[-1]
    association = traffic.association(last.association)
    receiver, sender = peer(association, performer(last)), peer(association, last.requested_by)
    several = len({traffic.association(e.association).end(e.requested_by).ip for e in stores}) > 1
    series = {head.series for e in stores[:20] if (head := object_head(e)).series}
    content = _content(stores)
    parallel = _parallel(stores)
    how = f"{content}{' in parallel' if parallel else ''}"
    torn = f", in {len(series)} different series" if len(series) > 1 else ""
    warned = " The first was answered with a warning." if first.status_class == "warning" else ""
    return Hit(
        f"{brief(last.sop_class)} {repeated.instance} was sent {how_often(len(stores))} to {receiver}{how}{torn}.{warned}",
        packets_of(*(part for e in stores[:4] for part in (e.request, e.final))),
        last.request.first_ns if last.request else None,
        _severity(stores, content, parallel, len(series)),
        connection=association.connection,
        association=association.id,
        exchange=last.id,
        act=Side.UNKNOWN if several else side(last.requested_by),  # two routes, each of which sends it once
        actor=None if several else sender,
        key=f"{receiver}|{sender}|{how}|{bool(torn)}|{len(stores) >= _MANY}",
        facts={
            "sop_instance": repeated.instance,
            "sop_class": last.sop_class,
            "times": len(stores),
            "same_bytes": content == " with the same content",
            "parallel": parallel,
            "series": sorted(series)[:5],
            "statuses": [f"0x{e.status:04X}" for e in stores[:20] if e.status is not None],
            "bytes": [e.payload.length for e in stores[:20] if e.payload],
            "connections": sorted({traffic.association(e.association).connection for e in stores[:20]}),
        },
    )


def _content(stores: Sequence[Exchange]) -> str:
    """Whether the bytes are the same; "" where that is not known. The same object under two transfer syntaxes is not
    different content."""
    hashes = {e.payload.sha256 for e in stores if e.payload}
    if len({e.transfer_syntax for e in stores}) > 1 or None in hashes or not hashes:
        return ""
    return " with the same content" if len(hashes) == 1 else " with different bytes"


def _parallel(stores: Sequence[Exchange]) -> bool:
    """Whether two of them were under way at the same time on two associations."""
    spans = sorted(
        (e.request.first_packet, e.final.first_packet, e.association) for e in stores if e.request and e.final
    )
    return any(b[0] < a[1] and a[2] != b[2] for a, b in pairwise(spans))


def _severity(stores: Sequence[Exchange], content: str, parallel: bool, series: int) -> Severity:
    if series > 1:
        return Severity.ERROR
    if parallel or len(stores) >= _MANY or content == " with different bytes":
        return Severity.WARNING
    return Severity.NOTE


RULE = Rule(
    id="DS-STORE-005",
    name="instance-sent-again",
    severity=Severity.WARNING,
    title="Object sent again",
    subjects=subjects,
    check=check,
    page=__doc__,
)
