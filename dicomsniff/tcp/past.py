"""A closed connection in, a hundred bytes out that still tell its late packets from those of another: the flow as it was.

Everything else of it is gone with its facts. A 4-tuple is never forgotten altogether: Wireshark's stream numbers depend
on whether it was seen before.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomsniff.tcp.flows import Flow

_FORM = struct.Struct("<21q")
_NONE = -1


def buried(flow: Flow) -> bytes:
    """What is kept of a flow that has ended."""
    tracker, ends = flow.tracker, flow.pair
    maybe = (
        *(each.get(end) for each in (flow.origin, flow.isn) for end in ends), *tracker.syn_seqs,
        *(stream.base for stream in tracker.streams), tracker.closed_ns,
    )  # fmt: skip
    known = (_NONE if each is None else each for each in maybe)
    nexts = (stream.next for stream in tracker.streams)
    refusal = tracker.refusal or (_NONE,) * 3
    return _FORM.pack(flow.initiator, flow.stream, tracker.tcp_stream, *flow.first, *refusal, *known, *nexts)


def revive(flow: Flow, kept: bytes) -> None:
    """Give a new flow of the same 4-tuple back what was kept; its conversation has ended and takes no more packets."""
    flow.initiator, flow.stream, stream, *numbers = _FORM.unpack(kept)
    source, seq, ack, time_ns, answered, packet, refused_ns, *rest = numbers
    flow.first, flow.ended = (source, seq, ack, time_ns), True
    maybe = [None if each == _NONE else each for each in rest[:9]]
    flow.origin = {end: each for end, each in zip(flow.pair, maybe[:2], strict=True) if each is not None}
    flow.isn = {end: each for end, each in zip(flow.pair, maybe[2:4], strict=True) if each is not None}
    flow.tracker.over(stream, (maybe[4], maybe[5]), maybe[8])
    flow.tracker.refusal = None if packet == _NONE else (answered, packet, refused_ns)
    for each, base, reached in zip(flow.tracker.streams, maybe[6:8], rest[9:], strict=True):
        each.base, each.next = base, reached
