"""A window over a stream that is still being written: it closes after a few tens of milliseconds, full or not."""

import time
from collections.abc import Callable

from dicomsniff.capture.live.streams import LiveStream
from dicomsniff.capture.window import Window

BLOCK_SECONDS = 0.03
"""How long a block gathers packets once there is one: short for a person, long enough for thousands of packets to share
what a block costs."""


class PromptWindow(Window):
    """The window of a live stream: `advance` waits for what is wanted, then takes what else comes within a moment."""

    __slots__ = ("_live", "_wanted")

    def __init__(self, stream: LiveStream, block_bytes: int) -> None:
        super().__init__(stream, block_bytes)
        self._live, self._wanted = stream, 0

    def advance(self, consumed: int, wanted: int, look: Callable[[memoryview, int], None] | None = None) -> bool:
        """As of a file; less than `wanted` only where the stream ends. Nobody need `look`, as little comes at once."""
        self._wanted = wanted - (self.length - consumed)
        return super().advance(consumed, wanted)

    def _fill(self, target: memoryview) -> int:
        done, until = 0, 0.0
        while done < len(target):
            if done and done >= self._wanted:
                until = until or time.monotonic() + BLOCK_SECONDS
                if not self._live.ready(until - time.monotonic()):
                    break
            count = self._stream.readinto(target[done:])
            if not count:
                break
            done += count
        return done
