"""The pcapng format: a window over the file in, blocks of packets numbered from 1 as Wireshark does out."""

from collections.abc import Iterator
from struct import Struct

from dicomsniff.capture import pcapng_blocks
from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.formats import SECTION_HEADER, byte_order
from dicomsniff.capture.pcapng_section import Section
from dicomsniff.capture.tally import Tally
from dicomsniff.capture.window import Window
from dicomsniff.core import Limits

SMALLEST_BLOCK = 12
OPTION_BYTES = 1 << 20
"""Room for options and comments beside the longest believable packet in one block."""


def read_pcapng(window: Window, tally: Tally, limits: Limits) -> Iterator[PacketBlock]:
    """The packets of a pcapng file whose first bytes are in `window`; everything else that it says goes to `tally`."""
    return _Reader(window, tally, limits).blocks()


class _Reader:
    """Walks the chain of blocks: runs within one section are handed to it whole, section headers are met here."""

    def __init__(self, window: Window, tally: Tally, limits: Limits) -> None:
        self._window = window
        self._tally = tally
        self._limits = limits
        self._longest = limits.record_bytes + OPTION_BYTES
        self._section = Section("<", 0, tally, limits)
        self._frames = 0
        self._position = 0

    def blocks(self) -> Iterator[PacketBlock]:
        while True:
            offsets = self._chain()
            if offsets:
                packets, self._frames, fault = self._section.read(self._window, offsets, self._frames, self._longest)
                if len(packets):
                    packets = self._tally.clock.steady(packets)
                    self._tally.add(packets)
                    yield packets
                if fault:
                    return self._fault(fault)
                del packets
            wanted = self._wanted()
            if wanted > self._longest:
                return self._fault("a block has an impossible length")
            if not wanted and (fault := self._open_section()):
                return self._fault(fault)
            if wanted and not self._advance(wanted):
                return self._end()

    def _chain(self) -> list[int]:
        """Offsets of the blocks of one section that lie whole in the window; moves on to what comes after them.

        The one loop of this format that runs per packet: the lengths form a chain that columns cannot follow.
        """
        head = Struct(self._section.order + "II").unpack_from
        position, view, end = self._position, self._window.view, self._window.length
        header, smallest = SECTION_HEADER, SMALLEST_BLOCK  # locals, as the loop is hot
        last = end - SMALLEST_BLOCK
        offsets: list[int] = []
        append = offsets.append
        while position <= last:
            kind, length = head(view, position)
            if kind == header or length < smallest:
                break
            append(position)
            position += length
        self._position = offsets.pop() if position > end else position
        return offsets

    def _wanted(self) -> int:
        """Bytes of the block at the position that must be in memory, 0 for a section header that is, a huge number for nonsense."""
        left = self._window.length - self._position
        if left < SMALLEST_BLOCK:
            return SMALLEST_BLOCK
        view, order = self._window.view[self._position :], self._section.order
        if kind_is_section := Struct(order + "I").unpack_from(view)[0] == SECTION_HEADER:
            order = byte_order(bytes(view[8:12])) or order
        length: int = Struct(order + "I").unpack_from(view, 4)[0]
        if length < SMALLEST_BLOCK:
            return self._longest + 1
        return 0 if kind_is_section and length <= left else length

    def _open_section(self) -> str:
        """Starts the section whose header, whole in the window, is at the position; says what is wrong with it if so."""
        view = self._window.view[self._position :]
        order = byte_order(bytes(view[8:12]))
        if not order:
            return "a section header has no byte order"
        length = Struct(order + "I").unpack_from(view, 4)[0]
        if length < 28 or Struct(order + "I").unpack_from(view, length - 4)[0] != length:
            return "a section header has an impossible length"
        for comment in pcapng_blocks.comments(view[24 : length - 4], order):
            self._tally.comment(0, comment)
        self._section = Section(order, self._section.next_interface, self._tally, self._limits)
        self._position += length
        return ""

    def _advance(self, wanted: int) -> bool:
        if not self._window.advance(self._position, wanted):
            return False
        self._position = 0
        return True

    def _fault(self, what: str) -> None:
        self._tally.stop(f"{what} after packet {self._frames}: the file is damaged there, and was read up to there")

    def _end(self) -> None:
        left = self._window.length - self._position
        if left:
            self._tally.stop(f"the file ends inside a block after packet {self._frames}; it was read up to there")
