"""What single segments told about the path and its ends: values that ride on the facts of a connection."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.options import SynOptions, read_syn_options


class Header(NamedTuple):
    """What the IP header of a packet says about who sent it and how it may travel; `identification` is None and
    `dont_fragment` True in IPv6."""

    ttl: int
    identification: int | None
    dont_fragment: bool


class LargeSegment(NamedTuple):
    """A segment with more data than any before it in its direction, from stream offset `start`."""

    start: int
    length: int
    packet: int
    time_ns: int
    dont_fragment: bool | None


class Resent(NamedTuple):
    """One segment that was sent again. `start` and `end` are stream offsets. With `hole` its bytes had been missing
    since `since_ns`: they were lost before the capture point. Without, they had been seen before: they (or their
    acknowledgement) were lost behind it, and `since_ns` is when this direction last sent anything before."""

    start: int
    end: int
    packet: int
    since_ns: int
    time_ns: int
    hole: bool


class Silence(NamedTuple):
    """Nothing at all passed on the connection between two packets; `direction`, `start` and `length` tell what ended
    it: a segment of `length` bytes at stream offset `start` (one before the next byte in a keep-alive)."""

    since_packet: int
    since_ns: int
    packet: int
    time_ns: int
    direction: Direction
    start: int
    length: int

    @property
    def duration_ns(self) -> int:
        return self.time_ns - self.since_ns


class Reset(NamedTuple):
    """A RST with its IP header, beside the TTLs of the other packets that came from its (alleged) sender before and were captured
    at the same place."""

    direction: Direction
    packet: int
    time_ns: int
    header: Header
    other_ttls: tuple[int, ...]
    bare: bool = False  # without ACK: the answer of one who knows nothing of the connection (RFC 9293 §3.10.7.1)

    @property
    def foreign(self) -> bool:
        """Whether another box must have sent it: its way was longer or shorter than that of every other packet."""
        return len(self.other_ttls) == 1 and self.header.ttl not in self.other_ttls


class TooBig(NamedTuple):
    """An ICMP type 3 code 4 or ICMPv6 type 2 message that quotes a segment of this connection: `sender` is the box
    that could not pass it on, `mtu` what it can pass (0 where it does not say), `start` the segment's stream offset."""

    sender: str
    mtu: int
    packet: int
    time_ns: int
    direction: Direction
    start: int


class Undelivered(NamedTuple):
    """An ICMP or ICMPv6 message that a packet of this connection could not be delivered (unreachable) or went round in
    circles (time exceeded): `sender` is the box that says so, `start` the stream offset of what it quotes."""

    sender: str
    type: int
    code: int
    packet: int
    time_ns: int
    direction: Direction
    start: int


class SegmentFacts(NamedTuple):
    """The segments of one direction.

    `syn_options` are the option bytes of its SYN, None where that was not seen; `syn` reads them. `growing` are the
    segments of some size (see `watch.SIZABLE`) each of which carried more data than all before, `full` counts those as
    long as the last of them. `seen_twice` and `filled_holes` count segments sent again, reordering left out:
    keep-alives, probes and copies made by the capture are not among them. `hole_times` counts the latter, but for those of
    which their sender's clock or count of packets proves it, by how long the hole was open (bits of the time in ns).
    `unclear` segments filled holes, the longest for `unclear_ns`, of which nothing tells whether they were sent again or
    captured late. `recovery_ns` is the time in which something was missing or resending had
    stopped the flow, `recoveries` when that was (bounded). `resent` are the first and the last of them. `last_packet` and
    `last_ns` are those of the direction's last packet, with data or without; `copies` the first packets that the capture
    held twice. `begun_unseen`: its SYN was not seen, and its receiver still waited for bytes before the first ones seen
    when the capture had begun.
    """

    syn_options: bytes | None = None
    syn_whole: bool = True
    growing: tuple[LargeSegment, ...] = ()
    full: int = 0
    seen_twice: int = 0
    filled_holes: int = 0
    hole_times: tuple[tuple[int, int], ...] = ()
    unclear: int = 0
    unclear_ns: int = 0
    recovery_ns: int = 0
    resent: tuple[Resent, ...] = ()
    recoveries: tuple[tuple[int, int], ...] = ()
    last_packet: int | None = None
    last_ns: int | None = None
    copies: tuple[int, ...] = ()
    begun_unseen: bool = False

    @property
    def syn(self) -> SynOptions | None:
        """What the SYN of this direction announced."""
        return None if self.syn_options is None else read_syn_options(self.syn_options, self.syn_whole)

    @property
    def largest(self) -> int:
        """Data bytes of the longest segment, 0 where there was none of some size."""
        return self.growing[-1].length if self.growing else 0

    def largest_before(self, offset: int) -> int:
        """The same among the segments that end at or before this stream offset."""
        return max((each.length for each in self.growing if each.start + each.length <= offset), default=0)


class PathFacts(NamedTuple):
    """What was seen of the way between the ends: long silences (the longest and the last, in order), resets, ICMP
    messages."""

    silences: tuple[Silence, ...] = ()
    resets: tuple[Reset, ...] = ()
    too_big: tuple[TooBig, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()


NO_SEGMENTS = SegmentFacts()
NOTHING = PathFacts()
