"""One capture file: a path in, its packets in blocks numbered from 1 and what is known of it out."""

import os
import stat
from collections.abc import Callable, Iterator

from dicomsniff.capture.block import CaptureError, CaptureFacts, PacketBlock
from dicomsniff.capture.compressed import ByteStream, open_stream
from dicomsniff.capture.formats import HEAD_LENGTH, Foreign, foreign, identify, refusal
from dicomsniff.capture.points import Point
from dicomsniff.capture.tally import Tally
from dicomsniff.capture.window import Window
from dicomsniff.core import Limits
from dicomsniff.core.records import replace

PEEK_BYTES = 64 << 10
"""Read at first, to learn format and first time: a directory of a thousand files costs 64 MiB of reading, not all of them."""
SHARED_BLOCK_BYTES = 256 << 10
"""Smallest share of a block that one of many files read at once gets; below it the cost per block is felt."""


def read_head(path: str) -> bytes:
    """The first bytes of a file's content, inflated if need be. Raises as `open_stream`."""
    stream = open_stream(path)
    try:
        head = memoryview(bytearray(HEAD_LENGTH))
        done = 0
        while done < HEAD_LENGTH and (count := stream.readinto(head[done:])):
            done += count
        return bytes(head[:done])
    finally:
        stream.close()


class CaptureFile:
    """A capture that has been opened and recognised. Raises OSError or CaptureError if that cannot be done.

    `packets` is read once, from start to end; `peek` and `rest` may be called before. `first_ns` is the time of the
    first packet as `peek` saw it, -1 where there is none, it has no time, or nobody looked. `shortened` is the
    share of packets there that were cut short. `given` is its place
    among the files that were named, `point` where it was captured; times are given on the clock of the first point, but for `first_ns`.
    """

    def __init__(self, path: str, limits: Limits, given: int = 0) -> None:
        self.path = path
        self.given = given
        self.first_ns = -1
        self.shortened = 0.0
        self.point = Point(1)
        self.tally = Tally(path)
        self._limits = limits
        self._stream: ByteStream | None = None
        self._blocks: Iterator[PacketBlock] = iter(())
        self._peeked: PacketBlock | None = None
        self._open()

    def _open(self) -> None:
        self.tally = Tally(self.path)
        stream = open_stream(self.path)
        try:
            head = self._begin(stream)
            if identify(head) is None and (other := foreign(head)) is not None:
                stream.close()
                stream, head = self._convert(other)
            name = identify(head)
            if name is None:
                raise refusal(self.path, head, stream.notes)
        except BaseException:
            self.close()
            raise
        self._window.block_bytes = self._limits.block_bytes
        self.tally.format = self.tally.format or (f"{name}.{stream.compression}" if stream.compression else name)
        self._blocks = _reader(name)(self._window, self.tally, self._limits)

    def _begin(self, stream: ByteStream) -> bytes:
        """Takes the stream and looks at the first bytes of it."""
        self._stream = stream
        if stream.compression:
            from dicomsniff.capture.ahead import AheadStream  # a thread, which few captures need

            self._stream = stream = AheadStream(stream)
        self._window = Window(stream, min(self._limits.block_bytes, PEEK_BYTES))
        self._window.advance(0, HEAD_LENGTH)
        return bytes(self._window.content[:HEAD_LENGTH])

    def _convert(self, other: Foreign) -> tuple[ByteStream, bytes]:
        """The same file as another program reads it; the converter is told no format and looks for itself."""
        from dicomsniff.capture.converted import ConvertedStream  # starts programs, which few captures need

        stream = ConvertedStream(self.path, other.what, as_ethernet=other.as_ethernet)
        head = self._begin(stream)
        if identify(head) is None:
            why = stream.notes[0] if stream.notes else f"{stream.program} made no capture of it"
            raise CaptureError(f"{self.path} is {other.what} and could not be converted: {why}")
        self.tally.format = f"{other.name} via {stream.program}"
        self.tally.notes.append(f"this is {other.what}, read through {stream.program}")
        return stream, head

    @property
    def size(self) -> int:
        """Bytes of the file on the disk, 0 for what is no plain file."""
        status = os.stat(self.path)
        return status.st_size if stat.S_ISREG(status.st_mode) else 0

    def peek(self) -> None:
        """Reads the first packets and sets `first_ns`."""
        self._window.block_bytes = min(self._limits.block_bytes, PEEK_BYTES)
        self._peeked = next(self._blocks, None)
        self._window.block_bytes = self._limits.block_bytes
        if self._peeked is not None:
            self.first_ns = int(self._peeked.time_ns[0])
            self.shortened = float((self._peeked.captured < self._peeked.wire).mean())

    @property
    def repeatable(self) -> bool:
        """Whether it can be read more than once; a pipe cannot."""
        return stat.S_ISREG(os.stat(self.path).st_mode)

    def rest(self) -> None:
        """Gives memory and file descriptor back until `packets` is read (again); a pipe cannot be opened twice and stays."""
        if self.repeatable:
            self.close()
            self.tally = Tally(self.path, self.tally.format)

    def share(self, files: int) -> None:
        """From now on this is one of `files` read at once, so that all their blocks together keep to a few."""
        share = max(self._limits.block_bytes // files, SHARED_BLOCK_BYTES)
        self._window.block_bytes = min(self._limits.block_bytes, share)

    def packets(self) -> Iterator[PacketBlock]:
        """The packets in the order of the file; closes it at the end."""
        if self._stream is None:
            self._open()
        if self._peeked is not None:
            block, self._peeked = self._peeked, None
            yield self._timed(block)
            del block
        for block in self._blocks:
            yield self._timed(block)
            del block
        self._finish()

    def facts(self) -> CaptureFacts:
        """What is known of the file by now."""
        return replace(self.tally.facts(self.point.corrected_one), point=self.point)

    def _timed(self, block: PacketBlock) -> PacketBlock:
        times = self.point.corrected(block.time_ns)
        return block if times is block.time_ns else replace(block, time_ns=times)

    def close(self) -> None:
        """Closes the file; facts stay."""
        self._peeked = None
        self._blocks = iter(())
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _finish(self) -> None:
        if self._stream is not None:
            self.tally.cut |= self._stream.cut
            self.tally.notes.extend(self._stream.notes)
        self.tally.finished = True
        self.close()


def _reader(name: str) -> Callable[[Window, Tally, Limits], Iterator[PacketBlock]]:
    """What reads this format: one of two rooms, of which most captures need one."""
    if name == "pcap":
        from dicomsniff.capture.pcap import read_pcap

        return read_pcap
    from dicomsniff.capture.pcapng import read_pcapng

    return read_pcapng
