"""The classic pcap format: a window over the file in, blocks of packets numbered from 1 out."""

from collections.abc import Iterator
from struct import Struct

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.formats import PCAP_FLAVOURS, Flavour
from dicomsniff.capture.tally import Tally
from dicomsniff.capture.window import Window, gather
from dicomsniff.core import Limits

FILE_HEADER = 24
EXCESS = 64 << 10
"""Captured bytes may exceed the wire length by a pseudo-header, or by a packet where a tool wrote nonsense; more is garbage."""


def read_pcap(window: Window, tally: Tally, limits: Limits) -> Iterator[PacketBlock]:
    """The packets of a pcap file whose first bytes are in `window`; how it ended goes to `tally`."""
    flavour = PCAP_FLAVOURS[bytes(window.view[:4])]
    if window.length < FILE_HEADER:
        tally.stop("the file ends inside its header: no packets were read")
        return
    snap_length, network = Struct(flavour.order + "II").unpack_from(window.view, 16)
    tally.limit_snap_length(snap_length)
    link_type = network & 0xFFFF  # above: the length of the frame check sequence, and reserved bits
    chain, fault = _Chain(flavour, FILE_HEADER), False
    while not fault:
        chain.follow(window.view, window.length)
        offsets, position = chain.whole(window.length)
        block, fault = _columns(window, offsets, flavour, link_type, tally.packets + 1, limits)
        if len(block):
            block = tally.clock.steady(block)
            tally.add(block)
            yield block
        del block
        wanted = _next_length(window, position, flavour)
        fault = fault or wanted > flavour.record_header + limits.record_bytes
        chain = _Chain(flavour)
        if not fault and not window.advance(position, wanted, chain.follow):
            break
        position = 0
    _end(tally, fault, window.length - position)


class _Chain:
    """Offsets of the records of a window, of which the first begins at `position`."""

    __slots__ = ("_flavour", "_offsets", "_position")

    def __init__(self, flavour: Flavour, position: int = 0) -> None:
        self._flavour, self._position = flavour, position
        self._offsets: list[int] = []

    def follow(self, view: memoryview, length: int) -> None:
        """Go on, as `length` bytes are there now.

        The one loop of this format that runs per packet: the lengths form a chain that columns cannot follow.
        """
        captured_at = Struct(self._flavour.order + "8xI").unpack_from
        header, position, append = self._flavour.record_header, self._position, self._offsets.append
        last = length - header
        while position <= last:
            append(position)
            position += header + captured_at(view, position)[0]
        self._position = position

    def whole(self, length: int) -> tuple[list[int], int]:
        """Of the records that lie whole in these bytes, and where the next one begins."""
        return self._offsets, self._offsets.pop() if self._position > length else self._position


def _next_length(window: Window, position: int, flavour: Flavour) -> int:
    """Length of the record at `position`, of which a part is there; that of its header as long as this is cut too."""
    header = flavour.record_header
    if window.length - position < header:
        return header
    captured: int = Struct(flavour.order + "8xI").unpack_from(window.view, position)[0]
    return header + captured


def _columns(
    window: Window, offsets: list[int], flavour: Flavour, link_type: int, number: int, limits: Limits
) -> tuple[PacketBlock, bool]:
    """The records at `offsets` as a block, up to the first impossible one; whether there was such a one."""
    starts = np.fromiter(offsets, np.int64, len(offsets))
    fields = gather(window.padded, starts, 16).view(flavour.order + "u4")
    seconds, fraction, captured, wire = fields.T.astype(np.int64, order="C")  # shape (n,) each
    impossible = (captured > limits.record_bytes) | ((captured > wire + EXCESS) & (wire > 0))
    count = int(impossible.argmax()) if impossible.any() else len(starts)
    block = PacketBlock(
        data=window.content,
        number=np.arange(number, number + count),
        time_ns=(seconds * 1_000_000_000 + fraction * flavour.fraction_ns)[:count],
        offset=starts[:count] + flavour.record_header,
        captured=captured[:count],
        wire=wire[:count],
        link_type=np.full(count, link_type, np.int64),
    )
    return block, count < len(starts)


def _end(tally: Tally, fault: bool, left: int) -> None:
    number = tally.packets + 1
    if fault:
        tally.stop(f"packet {number} has an impossible length: the file is damaged there, and was read up to there")
    elif left:
        tally.stop(f"the file ends inside packet {number}, of which {left} bytes are there; it was read up to there")
