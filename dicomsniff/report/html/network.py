"""Who called whom, how often, with what outcome: the traffic in, callers, called and the lines between them out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import field

from dicomsniff.association.values import Association, Conversation, ExchangeOutcome, Kind, Outcome
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.report.html.facets import Facets
from dicomsniff.report.values import Report
from dicomsniff.report.wording import count

DRAWN = 16  # lines; a drawing of more shows nothing
LISTED = 200  # rows of the table below it
_SLOT = 38.0  # px between two lines at one end
_GAP = 10.0  # px between two parties
_TOP = 24.0
_BAD_ENDS = frozenset({Outcome.REJECTED, Outcome.ABORTED, Outcome.UNANSWERED})
_BAD = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})

Who = tuple[str, str]  # AE title ("" where none is known) and host, with the port where it is called


@dataclass(slots=True)
class Pair:
    """One caller and one called, with what became of it. `vain`: connections that were refused or never answered."""

    caller: Who
    called: Who
    associations: int = 0
    bad_associations: int = 0
    exchanges: int = 0
    bad_exchanges: int = 0
    refused: int = 0
    unanswered: int = 0
    encrypted: int = 0
    ae: int = -1  # numbers of the filters that choose it
    host: int = -1

    @property
    def vain(self) -> int:
        return self.refused + self.unanswered

    @property
    def tone(self) -> str:
        bad = self.bad_associations or self.bad_exchanges or self.vain
        return "error" if bad else "note" if self.encrypted and not self.associations else "ok"

    @property
    def often(self) -> int:
        return self.associations + self.vain + self.encrypted

    @property
    def line(self) -> str:
        """How often, in a few words."""
        said = [count(self.associations, "association")] if self.associations else []
        said += [f"{self.encrypted:,} encrypted"] if self.encrypted else []
        said += [f"{self.refused:,} refused"] if self.refused else []
        said += [f"{self.unanswered:,} unanswered"] if self.unanswered else []
        return ", ".join(said)

    @property
    def outcome(self) -> str:
        """What came of it."""
        said = [f"{self.bad_associations:,} not established or aborted"] if self.bad_associations else []
        if self.exchanges:
            said.append(
                count(self.exchanges, "operation") + (f", {self.bad_exchanges:,} failed" if self.bad_exchanges else "")
            )
        return "; ".join(said)


@dataclass(slots=True)
class Party:
    """A box: one AE title at one address."""

    who: Who
    y: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    pair: Pair
    begin: float
    end: float
    width: float


@dataclass(slots=True)
class NetworkMap:
    """`pairs` are all that are listed, the worst and the busiest first; `left` counts the others."""

    pairs: list[Pair]
    left: int
    callers: list[Party] = field(default_factory=list)
    called: list[Party] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    height: float = _TOP


def network_map(report: Report, facets: Facets) -> NetworkMap:
    found: dict[tuple[Who, Who], Pair] = {}
    for association in report.associations.items:
        if association.view_of is None:
            _add_association(found, association, facets)
    titles = _titles(found.values())
    for conversation in report.connections.items:
        if not conversation.associations and conversation.view_of is None:
            _add_connection(found, conversation, titles, facets)
    pairs = sorted(found.values(), key=lambda pair: (pair.tone != "error", -pair.often, pair.caller, pair.called))
    made = NetworkMap(pairs[:LISTED], max(0, len(pairs) - LISTED))
    _lay_out(made)
    return made


def _address(endpoint: Endpoint) -> str:
    return f"[{endpoint.ip}]:{endpoint.port}" if ":" in endpoint.ip else f"{endpoint.ip}:{endpoint.port}"


def _add_association(found: dict[tuple[Who, Who], Pair], one: Association, facets: Facets) -> None:
    caller, called = (one.calling_ae or "", one.requestor.ip), (one.called_ae or "", _address(one.acceptor))
    pair = found.get((caller, called))
    if pair is None:
        pair = found[caller, called] = Pair(caller, called)
        pair.ae, pair.host = facets.aes.of(one.called_ae), facets.hosts.of(one.requestor.ip)
    pair.associations += 1
    pair.bad_associations += one.outcome in _BAD_ENDS
    pair.exchanges += len(one.exchanges)
    pair.bad_exchanges += sum(e.outcome in _BAD and not e.unseen for e in one.exchanges)


def _titles(pairs: Iterable[Pair]) -> dict[str, str]:
    """The one AE title that answers at an address; none where several do."""
    by_address: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        by_address[pair.called[1]].add(pair.called[0])
    return {address: next(iter(titles)) for address, titles in by_address.items() if len(titles) == 1}


def _add_connection(
    found: dict[tuple[Who, Who], Pair], one: Conversation, titles: dict[str, str], facets: Facets
) -> None:
    vain = one.tcp.opened in ("refused", "unanswered")
    encrypted = one.kind in (Kind.DICOM_TLS, Kind.TLS)
    if not vain and not encrypted:
        return
    address = _address(one.tcp.responder)
    caller, called = ("", one.tcp.initiator.ip), (titles.get(address, ""), address)
    pair = found.get((caller, called))
    if pair is None:
        pair = found[caller, called] = Pair(caller, called, host=facets.hosts.of(one.tcp.initiator.ip))
    pair.refused += one.tcp.opened == "refused"
    pair.unanswered += one.tcp.opened == "unanswered"
    pair.encrypted += encrypted


def _lay_out(made: NetworkMap) -> None:
    drawn = sorted(made.pairs[:DRAWN], key=lambda pair: (pair.caller[1], pair.caller[0], pair.called))
    callers = _boxes(pair.caller for pair in drawn)
    called = _boxes(pair.called for pair in sorted(drawn, key=lambda pair: (pair.called[1], pair.called[0])))
    _stack(callers, defaultdict(int, _times(pair.caller for pair in drawn)))
    _stack(called, defaultdict(int, _times(pair.called for pair in drawn)))
    begins, ends = _Slots(callers), _Slots(called)
    made.lines = [
        Line(pair, begins.next(pair.caller), ends.next(pair.called), min(6.0, 1.5 + pair.often.bit_length() / 2))
        for pair in drawn
    ]
    made.callers, made.called = list(callers.values()), list(called.values())
    made.height = max((box.y + box.height for box in (*made.callers, *made.called)), default=_TOP) + 4


def _boxes(parties: Iterable[Who]) -> dict[Who, Party]:
    return {who: Party(who) for who in parties}


def _times(parties: Iterable[Who]) -> dict[Who, int]:
    times: defaultdict[Who, int] = defaultdict(int)
    for who in parties:
        times[who] += 1
    return times


def _stack(boxes: dict[Who, Party], lines: dict[Who, int]) -> None:
    y = _TOP
    for who, box in boxes.items():
        box.y, box.height = y, _SLOT * lines[who] + 6
        y += box.height + _GAP


class _Slots:
    """Where each further line of a box begins or ends."""

    def __init__(self, boxes: dict[Who, Party]) -> None:
        self._boxes, self._used = boxes, defaultdict[Who, int](int)

    def next(self, who: Who) -> float:
        place = self._used[who]
        self._used[who] += 1
        return round(self._boxes[who].y + 3 + _SLOT * (place + 0.5), 1)
