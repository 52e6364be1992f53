"""The way between two hosts, in user space: two legs with a point of capture between them, so that the kernel's own TCP
reacts to delay, loss and a rate wherever on the way they are."""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

CLIENT, SERVER = "atclient", "atserver"
LARGE = 200
"""Only longer frames get lost: a handshake that takes a second tells nothing of a transfer."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One half of the way: seconds from end to end, share of the long frames towards the server that get lost, bytes per
    second (both directions each)."""

    delay: float = 0.002
    loss: float = 0.0
    rate: float | None = None


@dataclass(slots=True)
class Way:
    """What is between the hosts: `near` from the client to the middle, `far` from there to the server. `known`: it is known to
    be wide, so that no connection starts slowly. What is slower on such a way is slower by nothing but what was injected;
    on others, a loss or a wait also takes the place of a slow start that would have been."""

    near: Leg = field(default_factory=Leg)
    far: Leg = field(default_factory=lambda: Leg(0.008))
    known: bool = False

    def longer(self, times: float) -> Way:
        """The same with other delays."""
        near, far = (replace(leg, delay=leg.delay * times) for leg in (self.near, self.far))
        return replace(self, near=near, far=far)


def open_tap(name: str) -> int:
    """A network device whose other end is this file."""
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22s", name.encode(), 0x0002 | 0x1000, b""))
    return tap


class Carrier:
    """Carries frames between two such devices until it gets SIGTERM, and writes a pcap of what passes the middle."""

    def __init__(self, way: Way, taps: tuple[int, int], middle: Path) -> None:
        self._way, self._taps = way, taps
        self._random = random.Random(7)
        self._queue: list[tuple[float, int, int, int, bytes]] = []  # when, order, direction, legs done, frame
        self._count = 0
        self._free: dict[tuple[int, int], float] = {}  # when each direction of each leg can carry more
        self._running = True
        self._middle = middle

    def run(self) -> None:
        self._file = self._middle.open("wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        signal.signal(signal.SIGTERM, self._stop)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))  # other work on the machine is no part of the way
        while self._running:
            now = time.monotonic()
            while self._queue and self._queue[0][0] <= now:
                _, _, direction, done, frame = heapq.heappop(self._queue)
                self._arrive(direction, done, frame)
            wait = max(0.0, min(0.05, self._queue[0][0] - time.monotonic())) if self._queue else 0.05
            for tap in select.select(self._taps, [], [], wait)[0]:
                self._read(self._taps.index(tap))
        self._file.close()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._running = False

    def _read(self, direction: int) -> None:
        for _ in range(64):
            try:
                frame = os.read(self._taps[direction], 65536)
            except BlockingIOError:
                return
            self._enter(direction, 0, frame)

    def _enter(self, direction: int, done: int, frame: bytes) -> None:
        """The frame begins its first or second leg."""
        leg = (self._way.near, self._way.far)[done if direction == 0 else 1 - done]
        if direction == 0 and len(frame) > LARGE and self._random.random() < leg.loss:
            return
        begin = time.monotonic()
        if leg.rate:
            begin = max(self._free.get((direction, done), 0.0), begin) + len(frame) / leg.rate
            self._free[direction, done] = begin
        self._count += 1
        heapq.heappush(self._queue, (begin + leg.delay, self._count, direction, done + 1, frame))

    def _arrive(self, direction: int, done: int, frame: bytes) -> None:
        if done == 1:
            seconds, rest = divmod(time.time_ns(), 1_000_000_000)
            self._file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)
            self._enter(direction, 1, frame)
            return
        with contextlib.suppress(OSError):  # the device is full or gone: a frame like that is lost on a real way, too
            os.write(self._taps[1 - direction], frame)
