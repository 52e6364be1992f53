"""A capture in, what a live analysis says of it while it comes through a pipe in pieces out."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from dicomsniff.capture import PacketBlock
from dicomsniff.capture.live import LiveSource
from dicomsniff.capture.live.streams import PipeStream
from dicomsniff.capture.live.taps import StreamTap
from dicomsniff.live.events import FINDING, Event
from dicomsniff.live.watch import Ending, Status, Watch
from dicomsniff.live.window import Bounds, Moment
from dicomsniff.pipeline import Options
from dicomsniff.report.values import Row
from dicomsniff.rules.finding import Finding
from dicomsniff.rules.runner import Judgement, judge

ENDLESS = Bounds(seconds=1e9)


@dataclass
class Heard:
    """A listener that remembers."""

    events: list[Event] = field(default_factory=list)
    packets: int = 0
    moments: int = 0

    def block(self, block: PacketBlock) -> None:
        self.packets += len(block)

    def happened(self, events: Sequence[Event], status: Status) -> None:
        self.moments += 1
        self.events += events

    def rows(self, kind: str) -> list[Row]:
        return [event.row for event in self.events if event.kind == kind]

    @property
    def findings(self) -> list[Row]:
        return self.rows(FINDING)


def piped(data: bytes, piece: int, pause: float = 0.0005) -> LiveSource:
    """A live source that somebody writes `data` to, so many bytes at once."""
    reading, writing = os.pipe()

    def write() -> None:
        for start in range(0, len(data), piece):
            os.write(writing, data[start : start + piece])
            time.sleep(pause)
        os.close(writing)

    threading.Thread(target=write, daemon=True).start()
    return LiveSource(StreamTap("a pipe", PipeStream(reading)))


class Pieces:
    """A stream that gives a capture piece by piece, each of which makes a block."""

    compression = ""
    cut = False

    def __init__(self, data: bytes, piece: int) -> None:
        self.notes: list[str] = []
        self._data, self._piece, self._at = memoryview(data), piece, 0

    def readinto(self, target: memoryview) -> int:
        taken = self._data[self._at : self._at + min(self._piece, len(target))]
        target[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)

    def ready(self, seconds: float) -> bool:
        return False

    def stop(self) -> None:
        self._at = len(self._data)

    def close(self) -> None:
        """Nothing is open."""


def judged(moment: Moment) -> Judgement:
    return judge(moment.traffic, fence=False)


def replay(
    capture: Path | bytes,
    piece: int = 3000,
    *,
    bounds: Bounds = ENDLESS,
    judge: Callable[[Moment], Judgement] = judged,
    redact: bool = False,
    name: str = "a pipe",
    whole_share: float = 0,
) -> tuple[Heard, Ending]:
    """Watch a capture come in pieces, and look at every one of them: far more often than ever in use. `whole_share`: a whole
    look is due only after so many times as long as one takes."""
    data = capture if isinstance(capture, bytes) else capture.read_bytes()
    heard = Heard()
    source = LiveSource(StreamTap(name, Pieces(data, piece)))
    with patch("dicomsniff.live.looks.SOONEST", 0.0), patch("dicomsniff.live.looks.WHOLE_SHARE", whole_share):
        ending = Watch(source, Options(fence=False), judge, [heard], redact=redact, bounds=bounds).run()
    source.close()
    if ending.error is not None:
        raise ending.error
    return heard, ending


def flat(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings and those under them."""
    for finding in findings:
        yield finding
        yield from flat(finding.children)
