"""Everything one connection carried in, its associations and what speaks on it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from dicomsniff.association.builder import AssociationBuilder
from dicomsniff.association.causality import Timed
from dicomsniff.association.copying import copied
from dicomsniff.association.holes import Holes
from dicomsniff.association.values import Association, Conversation, Exchange, Kind, Traffic
from dicomsniff.capture.block import CaptureFacts
from dicomsniff.core import LIMITS, Anomaly, Direction, Limits
from dicomsniff.core.records import replace
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.values import AssociateRq, PData, Pdu
from dicomsniff.tcp.events import Connection, Gap

if TYPE_CHECKING:
    from dicomsniff.association.transcript import TranscriptWriter

DICOM_TLS_PORTS = (2762,)
TOLD = (Message, Anomaly)


class ConversationBuilder:
    """Splits one connection into associations: an A-ASSOCIATE-RQ after another begins a new one."""

    def __init__(self, limits: Limits = LIMITS, writer: Callable[[], TranscriptWriter] | None = None) -> None:
        """`writer` makes what takes the transcript of an association, where one is wanted."""
        self._limits, self._writer = limits, writer
        self._done: list[AssociationBuilder] = []
        self._now = self._begun()
        self._holes = Holes()

    def _begun(self, astray: Direction | None = None) -> AssociationBuilder:
        return AssociationBuilder(self._limits, astray, self._writer() if self._writer else None)

    def add_gap(self, gap: Gap) -> None:
        """One hole, the next of its direction."""
        self._holes.add(gap)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The holes of the connection, those of one direction in stream order."""
        return self._holes.gaps

    @property
    def over(self) -> bool:
        """Whether an association was seen here and the last one came to its end."""
        return self._now.begun and self._now.ended

    def take(self, timed: Iterable[Timed], round_trip_ns: int) -> None:
        """PDUs, messages and oddities; those of one direction in stream order, both directions roughly in time."""
        for _, direction, item, completed in timed:
            if isinstance(item, PData):  # most of all
                self._now.add_data(direction, item, round_trip_ns)
            elif isinstance(item, TOLD):
                self._tell(item)
            else:
                self._control(direction, item, round_trip_ns)
            for each in completed:
                self._tell(each)

    def _tell(self, item: Message | Anomaly) -> None:
        if isinstance(item, Message):
            self._now.add_message(item)
        else:
            self._now.add_anomaly(item)

    def _control(self, direction: Direction, pdu: Pdu, round_trip_ns: int) -> None:
        """A PDU that is not P-DATA-TF."""
        if isinstance(pdu, AssociateRq) and self._now.speaking and not self._now.awaits_request(pdu):
            self._done.append(self._now)
            # a hole holds its direction up: what the other said meanwhile went to the association before
            astray = direction.opposite if self._now.outran(pdu.evidence) else None
            self._now = self._begun(astray)
        self._now.add_pdu(direction, pdu, round_trip_ns)

    def copy(self) -> ConversationBuilder:
        """What was added so far, to be built while more is added to this one."""
        made = ConversationBuilder(self._limits)
        made._done, made._now = [copied(builder) for builder in self._done], copied(self._now)
        made._holes = self._holes.copy()
        return made

    def forget(self, most: int) -> bool:
        """Of the present association, see `Pairing.forget`."""
        return self._now.pairing.forget(most)

    def build(self, tcp: Connection) -> tuple[Association, ...]:
        """The associations of the connection, whose final facts are `tcp`."""
        builders = [b for b in (*self._done, self._now) if b.begun]
        gaps = self.gaps
        return tuple(b.build(tcp, gaps, b is builders[-1]) for b in builders)


def kind_of(
    tcp: Connection,
    protocols: tuple[str, str],
    associations: tuple[Association, ...],
    ports: Collection[int] | None = None,
) -> Kind:
    """What speaks on a connection, from what was recognised in each direction. `ports`: those that were said to be DICOM's;
    what is encrypted there is DICOM as much as what is on the port registered for it."""
    if associations or "dicom" in protocols:
        return Kind.DICOM
    if "tls" in protocols:
        return (
            Kind.DICOM_TLS if tcp.responder.port in (ports or ()) or tcp.responder.port in DICOM_TLS_PORTS else Kind.TLS
        )
    return Kind.OTHER if any(protocols) else Kind.EMPTY


def number(captures: tuple[CaptureFacts, ...], parts: list[tuple[Conversation, tuple[Association, ...]]]) -> Traffic:
    """Give associations and exchanges their ids, in the order of their first packets, and join all to the traffic."""
    parts = sorted(parts, key=lambda part: part[0].id)
    loose = sorted(((a, c.id) for c, own in parts for a in own), key=lambda pair: (pair[0].first_packet, pair[1]))
    ids = {id(a): place for place, (a, _) in enumerate(loose, 1)}
    exchanges: list[Exchange] = []
    associations = []
    for place, (association, connection) in enumerate(loose, 1):
        _number_exchanges(association.exchanges, place, len(exchanges) + 1)
        exchanges += association.exchanges
        associations.append(replace(association, id=place, connection=connection))
    conversations = tuple(replace(c, associations=tuple(ids[id(a)] for a in own)) for c, own in parts)
    return Traffic(captures, conversations, tuple(associations), tuple(exchanges))


def _number_exchanges(exchanges: tuple[Exchange, ...], association: int, first: int) -> None:
    for place, exchange in enumerate(exchanges):
        exchange.id, exchange.association = first + place, association
        exchange.parent = None if exchange.parent is None else first + exchange.parent
        exchange.children = [first + child for child in exchange.children]
