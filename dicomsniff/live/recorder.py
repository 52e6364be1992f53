"""Everything that passes in, a ring of capture files out, and what a finding makes worth keeping kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from dicomsniff.capture import PacketBlock
from dicomsniff.live.events import FINDING, Event, notice
from dicomsniff.live.incidents import Incidents
from dicomsniff.live.notifying import Notifier
from dicomsniff.live.ring import Ring
from dicomsniff.live.watch import Status

SEVERITIES = ("error", "warning", "note", "info")


class Recorder:
    """A listener that records (with a `ring`), keeps incidents and runs a command (with a `notifier`) at findings of at
    least the severity `trigger`. What it has to say goes to `say`."""

    def __init__(
        self, ring: Ring | None, notifier: Notifier | None, trigger: str, redact: bool, say: Callable[[Event], None]
    ) -> None:
        self._ring, self._notifier, self._say = ring, notifier, say
        self._grave = SEVERITIES[: SEVERITIES.index(trigger) + 1]
        self._incidents = Incidents(ring, redact) if ring is not None else None
        self._now_ns = 0

    def block(self, block: PacketBlock) -> None:
        if self._ring is not None and (said := self._ring.write(block)):
            self._tell(said)

    def happened(self, events: Sequence[Event], status: Status) -> None:
        self._now_ns = max(self._now_ns, status.facts.last_ns or 0)
        for event in events:
            if event.kind == FINDING and event.row["severity"] in self._grave:
                self._found(event, status)
        self._tick()

    def close(self) -> None:
        """The watch is over: keep what is open, wait for the command."""
        self._tick(last=True)
        if self._ring is not None:
            self._ring.close()
        if self._notifier is not None:
            self._notifier.close()
            for said in self._notifier.troubles():
                self._tell(said)

    def _found(self, event: Event, status: Status) -> None:
        incident = None
        if self._incidents is not None:
            incident = str(self._incidents.begin(event.row["rule"], self._now_ns, self._now_ns))
        if self._notifier is not None:
            self._notifier.notify({**event.line(), "incident": incident})

    def _tick(self, *, last: bool = False) -> None:
        said = self._incidents.tick(self._now_ns, last=last) if self._incidents is not None else []
        for each in (*said, *(self._notifier.troubles() if self._notifier is not None else ())):
            self._tell(each)

    def _tell(self, message: str) -> None:
        self._say(notice(message, time.time_ns()))
