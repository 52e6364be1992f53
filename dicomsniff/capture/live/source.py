"""A tap in, packet blocks out as they fill: a thread reads ahead, so that nobody who judges keeps the pipe waiting."""

import queue
import threading
import time
from collections.abc import Iterator

from dicomsniff.capture.block import CaptureFacts, PacketBlock
from dicomsniff.capture.formats import HEAD_LENGTH, identify, refusal
from dicomsniff.capture.live.taps import Tap
from dicomsniff.capture.live.window import PromptWindow
from dicomsniff.capture.pcap import FILE_HEADER, read_pcap
from dicomsniff.capture.pcapng import read_pcapng
from dicomsniff.capture.tally import Tally
from dicomsniff.core import LIMITS, Limits
from dicomsniff.core.records import replace

BLOCK_BYTES = 1 << 20
BLOCKS = 32
"""Blocks that may wait to be looked at; beyond them the pipe waits, then the kernel, which counts what it drops."""
LAG_NS = 2_500_000_000
"""How late a packet may arrive here after it happened; capture programs hold packets back for up to a second."""


class LiveSource:
    """Packets of one tap. `take` hands out blocks; `ended` once there are no more, and `error` if that was a fault."""

    def __init__(self, tap: Tap, limits: Limits = LIMITS) -> None:
        self._tap, self._limits = tap, limits
        self._tally = Tally(tap.name)
        self._facts = self._tally.facts()
        self._queue: queue.Queue[tuple[PacketBlock | None, CaptureFacts]] = queue.Queue(BLOCKS)
        self.ended = False
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._tap.name

    def take(self, seconds: float) -> PacketBlock | None:
        """The next block; None where none came within so many seconds, or at the end."""
        if self.ended:
            return None
        try:
            block, self._facts = self._queue.get(timeout=seconds)
        except queue.Empty:
            return None
        self.ended = block is None
        return block

    @property
    def up(self) -> bool:
        """Whether packets can come at all; while they cannot, silence says nothing."""
        return self.ended or self._tap.up

    @property
    def waiting(self) -> bool:
        """Whether blocks wait that were not taken yet."""
        return not self._queue.empty()

    @property
    def dropped(self) -> int | None:
        """Packets that were lost on their way here so far; None where nobody counts."""
        counts = [count for count in (self._tap.dropped, self._facts.dropped) if count is not None]
        return max(counts) if counts else None

    def facts(self) -> CaptureFacts:
        """What is known up to the last block taken. Where silence here is silence on the wire, time goes on without packets."""
        facts = replace(self._facts, dropped=self.dropped)
        if not self._tap.prompt or self.waiting or self.ended or facts.last_ns is None:
            return facts
        return replace(facts, last_ns=max(facts.last_ns, time.time_ns() - LAG_NS))

    def stop(self) -> None:
        """Take no more packets; those under way still come, then the source has ended."""
        self._tap.stop()

    def complaint(self) -> str:
        """Why the packets ended, where that is a fault of who captured them."""
        return self._tap.complaint()

    def close(self) -> None:
        """End everything at once."""
        self._tap.stop()
        deadline = time.monotonic() + 3
        while self._thread.is_alive() and time.monotonic() < deadline:
            self.take(0.05)
        if not self._thread.is_alive():
            self._tap.close()

    def _read(self) -> None:
        try:
            for block in self._blocks():
                self._queue.put((block, self._tally.facts()))
                del block
        except Exception as error:  # for the one who takes, in another thread
            self.error = error
        self._tally.finished = True
        self._queue.put((None, self._tally.facts()))

    def _blocks(self) -> Iterator[PacketBlock]:
        window, tally = PromptWindow(self._tap.stream, BLOCK_BYTES), self._tally
        while window.length < FILE_HEADER and window.advance(0, FILE_HEADER):
            pass
        head = bytes(window.content[:HEAD_LENGTH])
        if not head:
            return
        name = identify(head)
        if name is None:
            raise refusal(self._tap.name, head)
        tally.format = name
        yield from (read_pcap if name == "pcap" else read_pcapng)(window, tally, self._limits)
        tally.cut |= self._tap.stream.cut
        tally.notes += self._tap.stream.notes
