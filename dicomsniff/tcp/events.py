"""What leaves the TCP room: stream bytes, holes and ends, per connection and direction; and the facts of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from dicomsniff.core import Direction, Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.meter import NOT_METERED, MeterFacts
from dicomsniff.tcp.pace import Pause, Told
from dicomsniff.tcp.segment_facts import NO_SEGMENTS, NOTHING, PathFacts, SegmentFacts


class GapCause(StrEnum):
    """Why bytes of a stream are not there (design: loss is a value).

    There is none for what came before the capture began: its length is unknown, offsets count from the first byte seen
    (`Connection.opened` is "midstream").
    """

    LOST = "lost"
    SNAPLEN = "snaplen"
    ONE_WAY = "one-way"
    UNREADABLE = "unreadable"  # a TLS record that was captured and that no key opens
    LIMIT = "limit"  # more waited behind the hole than `Limits` allow; it may have been filled later


class Chunk(NamedTuple):
    """Contiguous new bytes of one direction, starting at stream offset `start`.

    `starts`, `numbers` and `times` describe the segments in stream order: the offset where each begins (the first is
    <= `start`), the packet that carried it and that packet's time in ns since 1970; `heard` how much of the other
    direction its sender confirmed with it (a stream offset, negative where unknown; see `Evidence`). Lists of equal
    length; `heard` may be left out.
    """

    connection: int
    direction: Direction
    start: int
    data: bytes
    starts: list[int]
    numbers: list[int]
    times: list[int]
    heard: Sequence[int] = ()


class Gap(NamedTuple):
    """`length` bytes of one direction, from stream offset `start`, that the capture does not hold.

    `packet` and `time_ns` are those of the first packet seen after the hole (or the last of the connection).
    """

    connection: int
    direction: Direction
    start: int
    length: int
    cause: GapCause
    packet: int
    time_ns: int


class Closing(NamedTuple):
    """One FIN or RST: the direction it travelled (its sender is the origin of that direction), when, the stream offset
    that its sequence number stands for (None where that is unknown), and how much of the other direction its sender had
    received (negative where unknown)."""

    direction: Direction
    kind: str  # "fin" | "rst"
    packet: int
    time_ns: int
    offset: int | None
    heard: int = -1

    def knew(self, other: Closing) -> bool:
        """Whether its sender had received the other side's closing."""
        return self.direction is not other.direction and other.offset is not None and self.heard > other.offset


class Unreachable(NamedTuple):
    """An ICMP type 3 or ICMPv6 type 1 message that quotes a SYN of this connection."""

    sender: str
    type: int
    code: int
    packet: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class DirectionFacts:
    """Counts of one direction. `bytes` are distinct stream bytes seen; `acknowledged` is the highest stream offset the
    receiver confirmed, None where no acknowledgement was seen; `disowned` is a higher one that a later acknowledgement
    contradicts, so that either is wrong or the order is; `lost_bytes` were never captured; `truncated_bytes`
    were cut off by the snap length; `zero_window_ns` is the time the receiver of this direction closed its window;
    `retransmitted_bytes` were sent again, including those that filled a hole late; `duplicates` are packets that the
    capture held before although they were sent once; no other count knows of those that were recognised as such. `early`
    segments filled holes whose bytes the receiver had confirmed before, holes of which the longest was open for `early_ns`: the
    order of the capture is not the wire's."""

    packets: int = 0
    data_packets: int = 0
    bytes: int = 0
    retransmitted_bytes: int = 0
    out_of_order: int = 0
    early: int = 0
    early_ns: int = 0
    lost_bytes: int = 0
    truncated_bytes: int = 0
    zero_window_ns: int = 0
    acknowledged: int | None = None
    disowned: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Connection:
    """The facts of one TCP connection. Times are ns since 1970, packet numbers Wireshark's; None where unknown.

    `tcp_stream` equals Wireshark's tcp.stream. `opened` is handshake, midstream, refused (RST to the SYN) or
    unanswered; `closed` is fin, rst or open. `rtt_initiator_ns` is capture point - initiator - capture point (SYN-ACK
    to ACK), `rtt_responder_ns` the other half (SYN to SYN-ACK). `isns` are the sequence numbers of the initiator's and the
    responder's SYN. `segments` and `path` are what single packets told, the first by the direction of their travel.
    `pauses` are the times without data, in order, the longer ones (see `pace`); `meters` the figures of each
    direction; `told` is more of some pauses, by the packet that ends each.
    """

    id: int
    tcp_stream: int
    initiator: Endpoint
    responder: Endpoint
    opened: str
    closed: str
    first_ns: int
    last_ns: int
    first_packet: int
    last_packet: int
    syn_packets: tuple[int, ...]
    syn_times: tuple[int, ...]
    syn_ack_packet: int | None
    refused_packet: int | None
    refused_ns: int | None
    unreachable: Unreachable | None
    rtt_initiator_ns: int | None
    rtt_responder_ns: int | None
    closings: tuple[Closing, ...]
    to_responder: DirectionFacts
    to_initiator: DirectionFacts
    isns: tuple[int | None, int | None] = (None, None)
    segments: tuple[SegmentFacts, SegmentFacts] = (NO_SEGMENTS, NO_SEGMENTS)
    path: PathFacts = NOTHING
    pauses: tuple[Pause, ...] = ()
    meters: tuple[MeterFacts, MeterFacts] = field(default=(NOT_METERED, NOT_METERED), compare=False)  # see `Trips`
    told: Mapping[int, Told] = field(default_factory=dict, compare=False)  # likewise

    @property
    def rtt_ns(self) -> int | None:
        """Round trip between the ends, from the handshake: the sum of both halves."""
        if self.rtt_initiator_ns is None or self.rtt_responder_ns is None:
            return None
        return self.rtt_initiator_ns + self.rtt_responder_ns

    @property
    def established(self) -> bool:
        """Whether the responder is known to have agreed: it said so, or one of the two went on as after that."""
        sides = self.to_responder, self.to_initiator
        agreed = self.syn_ack_packet is not None or self.to_initiator.acknowledged is not None
        return agreed or any(side.bytes or side.truncated_bytes for side in sides)

    @property
    def unseen_fin(self) -> bool:
        """Whether one side confirmed one more than all bytes that are known of: a FIN that was not captured (RFC 9293 §3.6)."""
        sides = self.to_responder, self.to_initiator
        return any((side.acknowledged or 0) > side.bytes + side.lost_bytes + side.truncated_bytes for side in sides)

    @property
    def joins(self) -> bool:
        """Whether it carries a part of what another connection does, on another path."""
        return any(syn is not None and syn.joins for syn in (segments.syn for segments in self.segments))

    def facts(self, direction: Direction) -> DirectionFacts:
        return self.to_responder if direction is Direction.TO_RESPONDER else self.to_initiator

    def sender(self, direction: Direction) -> Endpoint:
        """The end that sends in this direction."""
        return self.initiator if direction is Direction.TO_RESPONDER else self.responder

    def receiver(self, direction: Direction) -> Endpoint:
        return self.sender(direction.opposite)


class End(NamedTuple):
    """Nothing more will come from this connection; `facts` are its final ones."""

    connection: int
    facts: Connection


TcpEvent = Chunk | Gap | End
