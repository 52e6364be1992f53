"""Events in, what a page shows of them at this moment out: bounded, and read by other threads while it goes on."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from dicomsniff.capture import PacketBlock
from dicomsniff.core.records import dataclass
from dicomsniff.live.events import CLOSED, DROPPED, EXCHANGE, FINDING, NOTICE, Event
from dicomsniff.live.open_now import OpenAssociation
from dicomsniff.live.watch import Status
from dicomsniff.report.values import Row

OPEN, ENDED, FOUND, REMARKS = 100, 100, 100, 20
"""What is shown at most: open associations, those that ended lately, findings, and remarks on the watch itself."""
SECONDS = 120
"""Of throughput."""
SEVERITIES = ("error", "warning", "note", "info")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How it stands. Findings and associations that ended, the latest first, with a number each that only grows; `rates` are
    the bytes of each of the last seconds; `version` grows with every change."""

    version: int
    name: str
    seconds: float
    packets: int
    bytes: int
    dropped: int | None
    ended: int
    operations: int
    found: dict[str, int]
    open: tuple[OpenAssociation, ...]
    open_count: int
    latest: tuple[Row, ...]
    findings: tuple[tuple[int, Row], ...]
    remarks: tuple[Row, ...]
    rates: tuple[int, ...]
    over: bool


class Board:
    """A listener that keeps what is shown. `changed` are called, in the thread that watches, after every change."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._version = 0
        self._status: Status | None = None
        self._counts = {CLOSED: 0, EXCHANGE: 0}
        self._found = dict.fromkeys(SEVERITIES, 0)
        self._latest: deque[Row] = deque(maxlen=ENDED)
        self._findings: deque[tuple[int, Row]] = deque(maxlen=FOUND)
        self._remarks: deque[Row] = deque(maxlen=REMARKS)
        self._rates: deque[int] = deque([0], maxlen=SECONDS)
        self._second = int(time.monotonic())
        self._over = False
        self.changed: list[Callable[[], None]] = []

    def block(self, block: PacketBlock) -> None:
        with self._lock:
            self._turn()
            self._rates[-1] += int(block.wire.sum())

    def happened(self, events: Sequence[Event], status: Status) -> None:
        with self._lock:
            for event in events:
                self._put(event)
            self._turn()
            self._status = status
            self._version += 1
        self._tell()

    def close(self) -> None:
        """The watch is over; what was shown stays."""
        with self._lock:
            self._over = True
            self._version += 1
        self._tell()

    def snapshot(self) -> Snapshot:
        """From any thread."""
        with self._lock:
            self._turn()
            status = self._status
            opened = () if status is None else status.open
            return Snapshot(
                version=self._version,
                name=self._name,
                seconds=status.seconds if status else 0.0,
                packets=status.facts.packets if status else 0,
                bytes=status.facts.bytes if status else 0,
                dropped=status.dropped if status else None,
                ended=self._counts[CLOSED],
                operations=self._counts[EXCHANGE],
                found=dict(self._found),
                open=tuple(islice(opened, OPEN)),
                open_count=len(opened),
                latest=tuple(reversed(self._latest)),
                findings=tuple(reversed(self._findings)),
                remarks=tuple(reversed(self._remarks)),
                rates=tuple(self._rates),
                over=self._over,
            )

    def _put(self, event: Event) -> None:
        if event.kind in self._counts:
            self._counts[event.kind] += 1
        if event.kind == CLOSED:
            self._latest.append(event.row)
        elif event.kind == FINDING:
            self._found[event.row["severity"]] += 1
            self._findings.append((sum(self._found.values()), event.row))
        elif event.kind in (NOTICE, DROPPED):
            self._remarks.append(event.row)

    def _turn(self) -> None:
        """Begin the seconds that have passed."""
        now = int(time.monotonic())
        self._rates.extend([0] * min(now - self._second, SECONDS))
        self._second = now

    def _tell(self) -> None:
        for each in self.changed:
            each()
