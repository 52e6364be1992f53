"""A source of packets in, a row for each packet, TCP segment or piece of a stream out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.source import CaptureSource
from dicomsniff.report.convert import iso_time
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Chunk, End, Gap, TcpEvent
from dicomsniff.tcp.sighting import Sighting

EARLY = ("packet", "segment", "stream")
Row = dict[str, Any]
_FLAGS = ((0x02, "SYN"), (0x10, "ACK"), (0x08, "PSH"), (0x01, "FIN"), (0x04, "RST"), (0x20, "URG"))


def early_rows(source: CaptureSource, stage: str, start: int, ports: frozenset[int] | None) -> Iterator[Row]:
    """The rows of a stage from packet `start` on; the bytes of payloads are not shown."""
    sighting = Sighting()
    assembler = Assembler(ports=ports, book=sighting.book)
    for block in source.blocks():
        if stage == "packet":
            yield from _packets(block, start)
            continue
        seen = sighting.sight(block)
        if stage == "segment":
            for row in range(len(seen.segments)):
                if int(seen.segments.number[row]) >= start:
                    yield _segment(seen.segments, row, sighting)
        else:
            yield from _streams(assembler.follow(seen), start)
    if stage == "stream":
        yield from _streams(assembler.finish(), start)


def _packets(block: PacketBlock, start: int) -> Iterator[Row]:
    for row in range(len(block)):
        if int(block.number[row]) >= start:
            yield {
                "packet": int(block.number[row]),
                "time": iso_time(int(block.time_ns[row])),
                "link_type": int(block.link_type[row]),
                "captured": int(block.captured[row]),
                "wire": int(block.wire[row]),
            }


def _segment(segments: Any, row: int, sighting: Sighting) -> Row:
    flags = int(segments.flags[row])
    return {
        "packet": int(segments.number[row]),
        "time": iso_time(int(segments.time_ns[row])),
        "from": str(sighting.book.endpoint(int(segments.source[row]))),
        "to": str(sighting.book.endpoint(int(segments.target[row]))),
        "flags": " ".join(name for bit, name in _FLAGS if flags & bit),
        "seq": int(segments.seq[row]),
        "ack": int(segments.ack[row]),
        "window": int(segments.window[row]),
        "bytes": int(segments.length[row]),
        "captured": int(segments.captured[row]),
    }


def _streams(events: list[TcpEvent], start: int) -> Iterator[Row]:
    for event in events:
        if isinstance(event, Chunk):
            if event.numbers[-1] >= start:
                yield {
                    "packet": event.numbers[0],
                    "last_packet": event.numbers[-1],
                    "connection": event.connection,
                    "direction": event.direction.name.lower().replace("_", "-"),
                    "what": "bytes",
                    "offset": event.start,
                    "bytes": len(event.data),
                    "segments": len(event.starts),
                }
        elif isinstance(event, Gap):
            if event.packet >= start:
                yield {
                    "packet": event.packet,
                    "connection": event.connection,
                    "direction": event.direction.name.lower().replace("_", "-"),
                    "what": f"hole ({event.cause})",
                    "offset": event.start,
                    "bytes": event.length,
                }
        elif isinstance(event, End) and event.facts.last_packet >= start:
            facts = event.facts
            yield {
                "packet": facts.last_packet,
                "connection": facts.id,
                "what": "end",
                "opened": facts.opened,
                "closed": facts.closed,
                "initiator": str(facts.initiator),
                "responder": str(facts.responder),
                "tcp_stream": facts.tcp_stream,
            }
