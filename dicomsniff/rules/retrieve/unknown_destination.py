"""The archive does not know the move destination.

What it sees
A C-MOVE response with status A801, or with another failure and a comment that calls the destination unknown. The destination is compared with the destinations that worked on the same archive in
this capture and with the AE titles it uses. Where the archive is seen to call the destination nevertheless, the rules
on its callback speak instead.

Why it matters
C-MOVE carries only the title of the destination, no address: an archive that does not know the title cannot send
anything. The viewer or modality that asked gets no images.

Likely causes
1. The destination AE was never entered on the archive.
2. It is spelled otherwise there, or in other case.
3. The requestor uses another title for its storage listener than the one it was registered with.

Fix
Register the destination on the archive with AE title, IP address and port of its storage listener.

Could be wrong when
Some archives answer A801 when the requestor is not permitted to send there; others answer A702, A700, Cxxx or even
success with nothing sent when they do not know the destination. Some (pynetdicom) answer A801 also when they know the
destination and cannot reach it, which shows only where their callback was captured.

Reference
PS3.4 §C.4.2.1.5
PS3.7 §9.1.4
https://github.com/pydicom/pynetdicom/issues/358
https://github.com/pydicom/pynetdicom/issues/346
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import field

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Retrieval, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import comment, listed, peer
from dicomsniff.rules.near_miss import near_miss
from dicomsniff.rules.rule import Rule, Thresholds

UNKNOWN_DESTINATION = 0xA801
_UNKNOWN = pattern(
    r"unknown|unrecogni[sz]ed|no such|(?:not|n't) (?:be |been )?(?:known|found|registered|configured|defined|recogni[sz]ed|exist)"
).search


@dataclass(slots=True)
class Archive:
    """One archive's retrieval: destinations that it knew (their C-MOVE ended without A801), with who asked for them,
    and the C-MOVEs that ended."""

    known: dict[str, set[str | None]] = field(default_factory=dict)
    moves: list[tuple[Association, Exchange]] = field(default_factory=list)


def archives(traffic: Traffic) -> Iterator[Archive]:
    """Every archive that answered a C-MOVE."""
    found: dict[Endpoint, Archive] = {}
    for association in traffic.associations:
        for exchange in association.exchanges:
            if exchange.service == "C-MOVE" and exchange.final is not None:
                archive = found.setdefault(association.acceptor, Archive())
                archive.moves.append((association, exchange))
                if exchange.status_class in ("success", "warning") and exchange.move_destination:
                    archive.known.setdefault(exchange.move_destination, set()).add(association.calling_ae)
    yield from found.values()


def check(archive: Archive, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    unknown = ((a, e) for a, e in archive.moves if e.status == UNKNOWN_DESTINATION or _told_in_words(e))
    return [_hit(archive, a, e, _opened(a, e, traffic)) for a, e in unknown if not _tried(traffic.retrieval(e.id))]


def _told_in_words(exchange: Exchange) -> bool:
    """Whether a failure with another status says so in its comment: it names the destination, and that it is not known."""
    said, destination = (exchange.error_comment or "").casefold(), (exchange.move_destination or "").casefold()
    if exchange.status_class != "failure" or not destination or destination not in said:
        return False
    return _UNKNOWN(said.replace(destination, " ")) is not None


def _tried(retrieval: Retrieval | None) -> bool:
    """Whether the archive called the destination after all: some answer so when they do not get through."""
    return retrieval is not None and bool(retrieval.deliveries)


def _opened(association: Association, exchange: Exchange, traffic: Traffic) -> Endpoint | None:
    """Where an archive opened a connection on its association's time, if the request was not captured: then nobody can
    say for whom."""
    if exchange.request is not None or exchange.final is None:
        return None
    begins = _connections(traffic).get(association.acceptor.ip, [])
    place = bisect_left(begins, (association.first_packet, association.acceptor))
    within = begins[place : place + 1]
    return within[0][1] if within and within[0][0] < exchange.final.last_packet else None


@once
def _connections(traffic: Traffic) -> dict[str, list[tuple[int, Endpoint]]]:
    """By the host that opened them: with which packet, and to where."""
    found: dict[str, list[tuple[int, Endpoint]]] = {}
    for tcp in (conversation.tcp for conversation in traffic.conversations):
        if tcp.opened != "midstream":
            found.setdefault(tcp.initiator.ip, []).append((tcp.first_packet, tcp.responder))
    return {host: sorted(opened) for host, opened in found.items()}


def _hit(archive: Archive, association: Association, exchange: Exchange, opened: Endpoint | None) -> Hit:
    server = peer(association, "acceptor")
    destination = exchange.move_destination or ""
    named = f"'{destination}'" if destination else "(its request was not captured)"
    doubt = (
        f" Yet it opened a connection to {opened} meanwhile: some answer so when they do not get through."
        if opened
        else ""
    )
    said = f" {comment(exchange, 'It says:')}." if exchange.error_comment else ""
    message = (
        f"{server} does not know the move destination {named} asked for by "
        f"{peer(association, 'requestor')} (status 0x{exchange.status or 0:04X}).{_hint(archive, destination, association.calling_ae)}{said}{doubt}"
    )
    unsure = not destination or _near(archive, destination, association.calling_ae)
    return Hit(
        message,
        packets_of(exchange.request, exchange.final),
        exchange.final.first_ns if exchange.final else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        severity=Severity.WARNING if opened else None,
        act=Side.UNKNOWN if opened or unsure else Side.ACCEPTOR,
        actor=None if opened or unsure else server,
        key=f"{association.acceptor}|{destination}|{association.calling_ae}",
        fix=f"Register '{destination}' on {server} with the IP address and port of its storage listener, or ask for a "
        "destination that is registered there."
        if destination
        else None,
        facts={
            "destination": destination,
            "calling_ae": association.calling_ae,
            "requestor": association.requestor.ip,
            "known_destinations": sorted(archive.known),
            "error_comment": exchange.error_comment,
        },
    )


def _near(archive: Archive, destination: str, calling: str | None) -> bool:
    """Whether it may be a title that works there, or that the requestor has, misspelt."""
    if not destination or destination in archive.known:
        return False
    titles = {*archive.known, *([calling] if calling else [])} - {destination}
    return any(near_miss(destination, title) for title in titles)


def _hint(archive: Archive, destination: str, calling: str | None) -> str:
    """What the capture shows of titles this archive does know."""
    if destination in archive.known:
        others = sorted(str(title) for title in archive.known[destination])
        return f" For {listed(others)} it does move to that destination: this may mean 'not permitted'."
    if not destination:
        return ""
    if calling and calling not in archive.known and (how := near_miss(destination, calling)):
        return f" The requestor's own title '{calling}' differs only in {how}."
    for title in sorted(archive.known):
        if how := near_miss(destination, title):
            return f" '{title}', which differs only in {how}, works there."
    if archive.known:
        return f" Destinations that worked there: {listed(repr(title) for title in sorted(archive.known))}."
    return ""


RULE = Rule(
    id="DS-RET-001",
    name="move-destination-unknown",
    severity=Severity.ERROR,
    title="Move destination unknown to the archive",
    subjects=archives,
    check=check,
    page=__doc__,
    hides=("DS-ASSOC-012",),
    explains=("DS-DIMSE-008", "DS-RET-006"),
)
