"""A live source in, events to those who listen out, until it ends or somebody stops it: the loop of a live analysis."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import field
from typing import Protocol

from dicomsniff.capture import CaptureFacts, PacketBlock
from dicomsniff.capture.live import LiveSource
from dicomsniff.core.records import dataclass, replace
from dicomsniff.live.desk import Desk
from dicomsniff.live.dossier import Dossiers
from dicomsniff.live.drops import Drops
from dicomsniff.live.events import Chronicle, Event, dropped, notice
from dicomsniff.live.follower import Generations, LiveFollower
from dicomsniff.live.looks import Look, Looks
from dicomsniff.live.open_now import OpenAssociation, OpenNow
from dicomsniff.live.telling import Told, sure
from dicomsniff.live.tidying import EVERY_SECONDS, tidy
from dicomsniff.live.window import Bounds, Moment, Window
from dicomsniff.pipeline import Options
from dicomsniff.report import Report
from dicomsniff.rules.runner import Judgement
from dicomsniff.tcp.sighting import Sighting

WAIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Status:
    """How the watch stands: packets and bytes seen, packets dropped (None: nobody counts), what was looked at and found in it,
    for how long this has gone on, and the associations open now."""

    facts: CaptureFacts
    dropped: int | None
    moment: Moment
    judgement: Judgement
    seconds: float
    open: Collection[OpenAssociation] = ()


class Listener(Protocol):
    """Somebody who wants to know. All are called in one thread."""

    def block(self, block: PacketBlock) -> None:
        """Packets, before anybody has judged them."""
        ...

    def happened(self, events: Sequence[Event], status: Status) -> None:
        """What is new at this moment; perhaps nothing."""
        ...


@dataclass(slots=True)
class Ending:
    """What is known at the end: the last moment, its findings and checks, and why the packets ended ("" if they were to)."""

    moment: Moment
    judgement: Judgement
    complaint: str = ""
    error: Exception | None = None
    severities: set[str] = field(default_factory=set)


class Watch:
    """Follows one source. `judge` gives the judgement of a traffic; `until` is asked whether to stop."""

    def __init__(
        self,
        source: LiveSource,
        options: Options,
        judge: Callable[[Moment], Judgement],
        listeners: Iterable[Listener] = (),
        *,
        redact: bool = True,
        bounds: Bounds | None = None,
        remarks: list[Event] | None = None,
        desk: Desk | None = None,
    ) -> None:
        """What listeners put into `remarks` is told at the next moment; who asks at the `desk` is answered between looks."""
        self._source, self._options, self._judge = source, options, judge
        self._listeners = tuple(listeners)
        self._sighting = Sighting(options.limits)
        self._follower = LiveFollower(Generations(options.limits), options, self._sighting.book)
        self._window, self._drops = Window(bounds or Bounds()), Drops()
        self._desk, self._dossiers, self._redact = desk, Dossiers(), redact
        self._told, self._chronicle, self._open = Told(), Chronicle(redact), OpenNow()
        self._severities: set[str] = set()
        self._forgotten = 0  # connections, when those told of were last gone through
        self._looks = Looks(time.monotonic())
        self._stopping = False
        self._from_listeners = [] if remarks is None else remarks
        self._up = True
        self._down = False  # it was, at any time
        self._down_ns: int | None = None  # since when the interface is down
        self._begun = time.monotonic()

    def stop(self) -> None:
        """Take no more packets and come to the end; may be called from a signal handler."""
        if not self._stopping:
            self._stopping = True
            self._source.stop()

    def run(self, seconds: float | None = None, until: Callable[[set[str]], bool] | None = None) -> Ending:
        """To the end of the source; no longer than so many seconds, nor after `until` says so of the severities told."""
        collected = time.monotonic()
        was_on = gc.isenabled()
        gc.disable()  # facts hold no cycles; what else makes some is collected now and then
        try:
            while not self._source.ended:
                block = self._source.take(WAIT_SECONDS)
                if block is not None:
                    self._take(block)
                    del block
                now = time.monotonic()
                look = Look.WHOLE if self._window.crowded else self._looks.next(now)
                if look is not Look.NOT_YET:
                    self._look(look)
                if self._desk is not None:
                    self._desk.serve(self._report_on)
                if now - collected > EVERY_SECONDS:
                    tidy()
                    collected = now
                if (seconds is not None and now - self._begun >= seconds) or (until and until(self._severities)):
                    self.stop()
            return self._end()
        finally:
            if was_on:
                gc.enable()

    def _take(self, block: PacketBlock) -> None:
        for listener in self._listeners:
            listener.block(block)
        self._follower.follow(self._sighting.sight(block))
        self._keep()
        self._looks.stir()

    def _keep(self) -> None:
        """What ended goes to the window."""
        if done := self._follower.ended():
            now_ns = self._source.facts().last_ns or 0
            forgot = [self._follower.forgot(one[0].id) for one in done]
            self._window.add((self._drops.blind(one, now_ns) for one in done), forgot)

    def _look(self, look: Look = Look.WHOLE, *, last: bool = False) -> tuple[Moment, Judgement]:
        """Judge the moment and tell what is new."""
        worked = time.thread_time()
        source, follower = self._source, self._follower
        facts = source.facts()
        now_ns = facts.last_ns or 0
        lost = source.dropped
        remarks = self._remarks(lost, now_ns)
        follower.learn_keys()
        if last:
            follower.finish()
        elif look is Look.WHOLE:
            follower.age(now_ns)
        self._keep()
        if not last:
            self._window.shrink(now_ns, lost)
        moment = self._moment(facts, look)
        judgement = sure(self._judge(moment), moment)
        if moment.whole:
            self._forget(moment)
            self._dossiers.remember(judgement.findings, moment.names)
        fresh = self._told.fresh(judgement.findings, moment, last=last)
        self._severities.update(str(finding.severity) for finding in fresh)
        events = [*remarks, *self._chronicle.events(moment, fresh, last=last)]
        seconds = time.monotonic() - self._begun
        self._open.see(moment, seconds)
        status = Status(facts, lost, moment, judgement, seconds, self._open.rows())
        for listener in self._listeners:
            listener.happened(events, status)
        if not last:
            moment.release()
        self._looks.took(look, time.thread_time() - worked, time.monotonic())
        if self._told.waiting:
            self._looks.stir()
        return moment, judgement

    def _report_on(self, association: int) -> Report | None:
        """The report of an association that ended, while it is kept."""
        moment = self._window.of(association, self._source.facts(), self._follower.one)
        if moment is None:
            return None
        judgement = sure(self._judge(moment), moment)
        return self._dossiers.report(moment.traffic, moment.names, judgement, self._redact)

    def _forget(self, moment: Moment) -> None:
        if self._window.forgotten != self._forgotten:
            self._forgotten = self._window.forgotten
            self._told.forget(moment.names)

    def _remarks(self, lost: int | None, now_ns: int) -> list[Event]:
        """What is to be said of the watch itself: drops, and an interface that went down or came up again."""
        remarks, self._from_listeners[:] = list(self._from_listeners), []
        if new := self._drops.see(lost, now_ns):
            remarks.append(dropped(new, self._drops.total, now_ns))
        was_up, up = self._up, self._source.up
        if not up:
            since_ns, self._down_ns = self._down_ns or now_ns, self._down_ns or now_ns
            self._drops.unseen(since_ns, time.time_ns())
            self._down = True
        if up != was_up:
            self._up, self._down_ns = up, None if up else self._down_ns
            state = "is up again" if up else "is down: nothing is seen until it is up again"
            remarks.append(notice(f"{self._source.name} {state}", time.time_ns()))
        return remarks

    def _moment(self, facts: CaptureFacts, look: Look) -> Moment:
        window, follower, now_ns = self._window, self._follower, facts.last_ns or 0
        note: tuple[str, ...] = ()
        if window.forgotten:
            note = (f"{window.forgotten} connections that ended earlier were judged then and are not listed",)
        moment = window.moment(
            ((self._drops.blind(done, now_ns), forgot) for done, forgot in follower.open(stirred=look is Look.NEW)),
            replace(facts, dropped_before=window.dropped_before, notes=facts.notes + note),
            self._sighting.copies,
            self._sighting.odd,
            follower.faults,
            follower.unlisted,
            whole=look is Look.WHOLE,
        )
        doubtful = (c.id for c in moment.traffic.conversations if self._drops.doubtful(c))
        return replace(moment, doubtful=frozenset(doubtful)) if self._drops.total or self._down else moment

    def _end(self) -> Ending:
        moment, judgement = self._look(last=True)
        return Ending(moment, judgement, self._source.complaint(), self._source.error, self._severities)
