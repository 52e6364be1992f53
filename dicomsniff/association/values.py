"""The facts of the traffic: connections with what speaks on them, associations, exchanges; everything rules may judge."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dicomsniff.association.index import Index
from dicomsniff.capture.block import CaptureFacts
from dicomsniff.capture.places import Places
from dicomsniff.core import Anomaly, Direction, Endpoint, Evidence
from dicomsniff.core.records import dataclass, replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.message import SubOperations
from dicomsniff.dimse.object_head import ObjectHead
from dicomsniff.dimse.payload import Payload
from dicomsniff.pdu.preamble import Preamble
from dicomsniff.pdu.values import Abort, AssociateAc, AssociateRj, AssociateRq, BrokenPdu, ReleaseRp, ReleaseRq
from dicomsniff.tcp.events import Connection, Gap
from dicomsniff.tls.values import Handshake

if TYPE_CHECKING:
    from dicomsniff.association.transcript import Transcript


class Kind(StrEnum):
    """What speaks on a connection."""

    DICOM = "dicom"
    DICOM_TLS = "dicom-tls"
    TLS = "tls"
    OTHER = "other"
    EMPTY = "empty"


class Blind(StrEnum):
    """What of an association was not seen; rules that argue from absence ask for it."""

    REQUEST = "request"  # it had begun before the capture, or its A-ASSOCIATE-RQ was lost
    ANSWER = "answer"  # the direction of the acceptor has a hole where the answer must have been
    TO_ACCEPTOR = "to-acceptor"  # no packet of this direction was captured
    TO_REQUESTOR = "to-requestor"
    HOLE_TO_ACCEPTOR = "hole-to-acceptor"  # bytes of this direction were not captured
    HOLE_TO_REQUESTOR = "hole-to-requestor"
    END = "end"  # the capture ended while it was open


class Outcome(StrEnum):
    """How an association ended."""

    RELEASED = "released"
    REJECTED = "rejected"
    ABORTED = "aborted"
    CLOSED = "closed"  # the TCP connection was closed without release or abort
    UNANSWERED = "unanswered"  # the request was never answered
    OPEN = "open"  # still open when the capture ended


class ContextResult(StrEnum):
    """Answer to a proposed context (PS3.8 §9.3.3.2, Table 9-18)."""

    ACCEPTED = "accepted"
    USER_REJECTION = "user-rejection"
    NO_REASON = "no-reason"
    ABSTRACT_SYNTAX = "abstract-syntax-not-supported"
    TRANSFER_SYNTAXES = "transfer-syntaxes-not-supported"
    UNANSWERED = "unanswered"


class ExchangeOutcome(StrEnum):
    """How a request and its responses ended."""

    COMPLETED = "completed"
    WARNING = "warning"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNANSWERED = "unanswered"
    INCOMPLETE = "incomplete"  # the request itself was not sent (or seen) to its end
    ORPHAN_RESPONSE = "orphan-response"


class Strength(StrEnum):
    """How surely a delivery belongs to its retrieve."""

    STRONG = "strong"  # what it says of itself fits: its originator, or the objects and the address
    PROBABLE = "probable"
    WEAK = "weak"  # nothing but address and time speaks for it


class Progress(NamedTuple):
    """What one response of a retrieve said of its sub-operations."""

    evidence: Evidence
    counts: SubOperations


@dataclass(frozen=True, slots=True)
class Context:
    """One presentation context, proposal and answer joined by ID (PS3.8 §7.1.1.13, §7.1.1.14).

    Where the request was not seen, `proposed` is () and `abstract_syntax` the one that the messages show, if they do;
    `seen_classes` are then the SOP classes they named. `result_code` is None where no answer was seen and keeps numbers
    above 4. `transfer_syntax` is the accepted one; where the acceptance was not captured, the one that data sets show,
    and `confidence` in it is "high" or "low". `inferred` says that class or syntax were concluded from messages, not
    negotiated in the capture. `exchanges` counts its use.
    """

    id: int
    abstract_syntax: str | None
    proposed: tuple[str, ...]
    result: ContextResult
    result_code: int | None
    transfer_syntax: str | None
    exchanges: int = 0
    inferred: bool = False
    confidence: str | None = None
    seen_classes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.result is ContextResult.ACCEPTED


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its responses (PS3.7 §7.5), paired by direction, context and message ID.

    `direction` is that of the request. `request` and `final` are the bytes of the request and of the final response,
    None where not seen; `first_response` those of the first response. `status` is the last status seen. `pending`
    counts pending responses, `pending_without_data` those of them that brought no identifier; `final_has_data`: the final
    one brought a data set. `pending_after_cancel_ns`: when pending responses still came after the C-CANCEL. `payload` is the request's data set, `answers` those of the responses (bounded).
    `request_finished`: its last fragment was seen; `request_complete`: every byte of it too. `transfer_syntax` is that
    of its context, negotiated or concluded (see Context). `progress` are the counters of each response of a retrieve, in
    order (bounded). `parent` is the retrieve whose sub-operation this C-STORE is, `children` are those of a retrieve,
    whatever association they ran on (see Retrieval). `unseen`: that the outcome is not better may be the capture's
    fault alone: the answer, the rest or the request may have been sent where it was blind. `head` is what
    `content.object_head` has read already.
    """

    id: int
    association: int
    context_id: int
    direction: Direction
    service: str
    message_id: int | None
    requested_by: str  # "requestor" | "acceptor"
    sop_class: str | None = None
    sop_instance: str | None = None
    transfer_syntax: str | None = None
    request: Evidence | None = None
    request_complete: bool = False
    request_finished: bool = False
    has_data_set: bool = False
    payload: Payload | None = None
    first_response: Evidence | None = None
    final: Evidence | None = None
    last_response: Evidence | None = None
    responses: int = 0
    pending: int = 0
    pending_without_data: int = 0
    pending_after_cancel_ns: tuple[int, ...] = ()
    final_has_data: bool = False
    answers: list[Payload] = field(default_factory=list)
    status: int | None = None
    status_class: str | None = None
    status_text: str | None = None
    error_comment: str | None = None
    error_id: int | None = None
    offending_elements: tuple[int, ...] = ()
    attribute_identifiers: tuple[int, ...] = ()
    suboperations: SubOperations | None = None
    progress: list[Progress] = field(default_factory=list)
    cancel: Evidence | None = None
    move_destination: str | None = None
    move_originator_ae: str | None = None
    move_originator_message_id: int | None = None
    action_type_id: int | None = None
    event_type_id: int | None = None
    outcome: ExchangeOutcome = ExchangeOutcome.UNANSWERED
    unseen: bool = False
    parent: int | None = None
    children: list[int] = field(default_factory=list)
    head: ObjectHead | None = None


@dataclass(frozen=True, slots=True)
class Overlong:
    """P-DATA-TF of one direction above the maximum length that their receiver announced (PS3.8 §D.1): the first of them,
    the limit, the shortest and longest PDU-length above it, and how many there were."""

    first: Evidence
    limit: int
    shortest: int
    longest: int
    count: int


@dataclass(frozen=True, slots=True)
class Association:
    """One association (PS3.8 §7). `requestor` and `acceptor` are the TCP ends in those roles; `to_acceptor` is the
    stream direction from requestor to acceptor. The PDUs that made its life are kept as they were; the last two
    tuples hold every abort (in the order of time) and everything unreadable. `closed_by` is the direction whose sender
    closed the TCP connection first, None while it is open."""

    id: int
    connection: int
    requestor: Endpoint
    acceptor: Endpoint
    to_acceptor: Direction
    outcome: Outcome
    first_ns: int
    last_ns: int
    first_packet: int
    last_packet: int
    request: AssociateRq | None
    accept: AssociateAc | None
    reject: AssociateRj | None
    release_request: ReleaseRq | None
    release_response: ReleaseRp | None
    aborts: tuple[Abort, ...]
    broken: tuple[BrokenPdu, ...]
    closed_by: Direction | None
    contexts: tuple[Context, ...]
    exchanges: tuple[Exchange, ...]
    blind: frozenset[Blind]
    anomalies: tuple[Anomaly, ...]
    pdu_counts: Mapping[tuple[Direction, int], int]  # (direction, PDU type) -> how many
    view_of: int | None = None  # the association that was captured here a second time
    overlong: tuple[Overlong, ...] = ()
    transcript: "Transcript | None" = None  # where it was asked for

    @property
    def calling_ae(self) -> str | None:
        return self.request.calling_ae if self.request else None

    @property
    def called_ae(self) -> str | None:
        return self.request.called_ae if self.request else None

    @property
    def abort(self) -> Abort | None:
        """The first abort; later ones are echoes."""
        return self.aborts[0] if self.aborts else None

    def role(self, direction: Direction) -> str:
        """Who sends in this direction: "requestor" or "acceptor"."""
        return "requestor" if direction is self.to_acceptor else "acceptor"

    @staticmethod
    def other(role: str) -> str:
        """The other of the two roles."""
        return "acceptor" if role == "requestor" else "requestor"

    def end(self, role: str) -> Endpoint:
        return self.requestor if role == "requestor" else self.acceptor

    def context(self, context_id: int) -> Context | None:
        return next((c for c in self.contexts if c.id == context_id), None)

    def blind_towards(self, direction: Direction) -> bool:
        """Whether anything sent in this direction may have escaped the capture."""
        towards = (
            {Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR}
            if direction is self.to_acceptor
            else {Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR}
        )
        return bool(towards & self.blind)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A TCP connection and what speaks on it. `protocols` names the protocol per direction (to responder, to
    initiator): "dicom", "tls", "http", "ssh", "hl7", "rdp", "proxy", "unknown" or "" where no byte was seen; `first_bytes`
    are the leading stream bytes of each. `gaps` are the holes of both directions. `view_of` is the conversation that was
    captured here a second time, at another point or behind an address translation or a proxy, and `view_proof` says how
    that is known; `relays` is one of which this may be a proxy's other side, though nothing proves it. `preamble` is what a
    load balancer put before the first bytes; they and `protocols` are what comes behind it."""

    tcp: Connection
    kind: Kind
    protocols: tuple[str, str]
    first_bytes: tuple[bytes, bytes]
    associations: tuple[int, ...]
    gaps: tuple[Gap, ...]
    view_of: int | None = None
    view_proof: str = ""
    relays: int | None = None
    tls: Handshake | None = None  # where one direction began as TLS
    preamble: Preamble | None = None

    @property
    def id(self) -> int:
        return self.tcp.id


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a retrieve brought about on one connection: its sub-operations, or a vain attempt at them.

    `association` is None where none was asked for there. `stores` are the C-STOREs of this retrieve, in order: one
    association may carry those of several. `why` tells what it is concluded from, the weightiest first; `score` is the sum
    of that (4 and more is strong)."""

    connection: int
    association: int | None
    stores: tuple[int, ...]
    strength: Strength
    score: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A C-MOVE or C-GET (its exchange) and everything that was seen of its delivery, in the order of time. `forwarded`
    are the C-MOVEs by which the archive fetched the objects, or had them sent, from another archive."""

    exchange: int
    association: int
    deliveries: tuple[Delivery, ...]
    forwarded: tuple[int, ...] = ()

    @property
    def stores(self) -> tuple[int, ...]:
        """The C-STOREs of all deliveries."""
        return tuple(id for delivery in self.deliveries for id in delivery.stores)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everything that was seen, ready to be judged. Ids are positions from 1: `association(3)` is `associations[2]`.

    Where second views are left out, ids are still positions in `whole`. `retrievals` are in the order of their exchanges.
    `index` is the cheap way to what a rule is about (`traffic.index.of("C-FIND")`, `traffic.index.failed`, …): to go
    through all exchanges to find a few costs every capture. `gathered` holds what rules read off the traffic and share (see `association.index.once`)."""

    captures: tuple[CaptureFacts, ...]
    conversations: tuple[Conversation, ...]
    associations: tuple[Association, ...]
    exchanges: tuple[Exchange, ...]
    whole: "Traffic | None" = None
    retrievals: tuple[Retrieval, ...] = ()
    places: Places | None = None  # which file a packet number stands for, where several were read
    joined: bool = False  # packets of several points of capture were joined
    gathered: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def index(self) -> Index:
        index: Index | None = self.gathered.get(Index)
        if index is None:
            index = self.gathered[Index] = Index(self)
        return index

    def conversation(self, id: int) -> Conversation:
        return (self.whole or self).conversations[id - 1]

    def association(self, id: int) -> Association:
        return (self.whole or self).associations[id - 1]

    def exchange(self, id: int) -> Exchange:
        return (self.whole or self).exchanges[id - 1]

    def retrieval(self, exchange: int) -> Retrieval | None:
        """What is known of the delivery of this C-MOVE or C-GET."""
        place = bisect_left(self.retrievals, exchange, key=lambda one: one.exchange)
        found = self.retrievals[place : place + 1]
        return found[0] if found and found[0].exchange == exchange else None

    def without_views(self) -> "Traffic":
        """The traffic as it was, each conversation once however often it was captured on its way."""
        if all(c.view_of is None for c in self.conversations):
            return self
        if Traffic not in self.gathered:
            self.gathered[Traffic] = self._without_views()
        made: Traffic = self.gathered[Traffic]
        return made

    def _without_views(self) -> "Traffic":
        associations = tuple(a for a in self.associations if a.view_of is None)
        once = {a.id for a in associations}
        return replace(
            self,
            conversations=tuple(c for c in self.conversations if c.view_of is None),
            associations=associations,
            exchanges=tuple(e for e in self.exchanges if e.association in once),
            whole=self.whole or self,
        )

    @property
    def last_ns(self) -> int:
        """Time of the last packet, 0 where there is none; of several points of capture at the one that ended first, as
        nobody can be said to have kept silent where nobody listened."""
        ends: dict[int, int] = {}
        for capture in self.captures:
            if capture.last_ns is not None:
                ends[capture.point.number] = max(capture.last_ns, ends.get(capture.point.number, 0))
        return min(ends.values(), default=0)
