"""A hit in, the same hit out, one severity lower where the bytes that prove it have a hole in the capture."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import DIRECTIONS, Direction, Evidence
from dicomsniff.core.records import replace
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.tcp.events import Gap, GapCause

_LOWER = {
    Severity.ERROR: Severity.WARNING,
    Severity.WARNING: Severity.NOTE,
    Severity.NOTE: Severity.INFO,
    Severity.INFO: Severity.INFO,
}

_EVER = 1 << 62
_NEGOTIATION = 10 + 74
"""An A-RELEASE-RQ and the shortest A-ASSOCIATE-RQ (PS3.8 §9.3)."""


def another_answer(association: Association, traffic: Traffic) -> bool:
    """Whether the acceptance may answer a request that a hole swallowed: bytes that came before it are missing, and its
    own may be among them; or more had been received than the request when it was sent."""
    accept, request = association.accept, association.request
    if accept is None:
        return False
    back, conversation = association.to_acceptor.opposite, traffic.conversation(association.connection)
    if conversation.tcp.segments[back].begun_unseen:
        return True
    if request is not None and accept.evidence.heard > request.evidence.end:
        return True
    return any(gap.direction is back and gap.start < accept.evidence.start for gap in conversation.gaps)


def maybe_renegotiated(exchange: Exchange, association: Association, traffic: Traffic) -> bool:
    """Whether the release of its association and the request of another on the same connection may lie in a hole before
    an exchange, so that its context may mean something else."""
    begun, request = association.request, exchange.request
    if begun is None or request is None:
        return False
    gaps = (g for g in traffic.conversation(association.connection).gaps if g.direction is association.to_acceptor)
    if exchange.requested_by == "requestor":
        gaps = (g for g in gaps if g.start < request.start)
    return any(g.start >= begun.evidence.end and g.length >= _NEGOTIATION for g in gaps)


class Ranges:
    """Holes of one connection, in any order, none upon another: looked up without going through them all."""

    def __init__(self, gaps: Iterable[Gap]) -> None:
        self._starts: dict[Direction, list[int]] = {d: [] for d in DIRECTIONS}
        self._ends: dict[Direction, list[int]] = {d: [] for d in DIRECTIONS}
        for gap in sorted(gaps, key=lambda g: g.start):
            self._starts[gap.direction].append(gap.start)
            self._ends[gap.direction].append(gap.start + gap.length)

    def overlap(self, evidence: Evidence) -> bool:
        """Whether a byte of this range is missing."""
        return self._missing(evidence.direction, evidence.start, evidence.end)

    def another_request(self, request: Evidence, response: Evidence) -> bool:
        """Whether a response may answer another request than this one, of the same message ID and not captured: of what its
        sender had received behind it, bytes are missing."""
        heard = response.heard if response.heard >= 0 else _EVER
        return self._missing(request.direction, request.end, heard)

    def _missing(self, direction: Direction, start: int, end: int) -> bool:
        at = bisect_left(self._starts[direction], end) - 1
        return at >= 0 and self._ends[direction][at] > start


class Holes:
    """The holes of a capture, looked up connection by connection when a hit asks.

    Bytes cut off by the snap length are not counted: what is cut is known to have crossed.
    """

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._holey = frozenset(c.id for c in traffic.conversations if c.gaps)
        self._ranges: dict[int, Ranges] = {}

    def weigh(self, hit: Hit, severity: Severity) -> Hit:
        """The hit, one level below its severity (or `severity` where it has none) and marked as incomplete evidence
        where a byte range that it cites, of an association's PDUs or its exchange's messages, overlaps a hole."""
        if hit.association is None:
            return hit
        connection = self._traffic.association(hit.association).connection
        if not any(self._of(connection).overlap(each) for each in self._cited(hit)):
            return hit
        facts = hit.facts | {"incomplete_evidence": True}
        return replace(hit, severity=_LOWER[hit.severity or severity], facts=facts)

    def _cited(self, hit: Hit) -> Iterator[Evidence]:
        """The ranges of the hit's association and exchange of which it names the packets."""
        association = self._traffic.association(hit.association or 0)
        if association.connection not in self._holey:
            return
        exchanges = [self._traffic.exchange(hit.exchange)] if hit.exchange is not None else []
        named = frozenset(hit.packets)
        for evidence in chain(_pdus(association), _messages(exchanges)):
            if evidence is not None and named.issuperset(evidence.packets):
                yield evidence

    def _of(self, connection: int) -> Ranges:
        if connection not in self._ranges:
            gaps = self._traffic.conversation(connection).gaps
            self._ranges[connection] = Ranges(gap for gap in gaps if gap.cause is not GapCause.SNAPLEN)
        return self._ranges[connection]


def _pdus(association: Association) -> Iterable[Evidence | None]:
    pdus = (
        association.request,
        association.accept,
        association.reject,
        association.release_request,
        association.release_response,
        *association.aborts,
    )
    return (pdu.evidence for pdu in pdus if pdu is not None)


def _messages(exchanges: Iterable[Exchange]) -> Iterable[Evidence | None]:
    return (e for x in exchanges for e in (x.request, x.first_response, x.last_response, x.final, x.cancel))
