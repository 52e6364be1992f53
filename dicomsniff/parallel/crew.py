"""Captures in, their traffic out, with several processes at work, of which this is one.

Each process looks at every packet, which costs little, and follows those connections that fall to it: all share them out alike
(`shares`), so that nothing is sent until each has its part of the traffic. What this one follows need not be sent at
all. The result is that of `pipeline.Pipeline`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureError, CaptureSource, open_captures
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.helper import CrewLostError, Helper
from dicomsniff.parallel.interrupts import held_back
from dicomsniff.parallel.lookout import Lookout
from dicomsniff.parallel.member import Orders, Share, share_of
from dicomsniff.parallel.part import Numbers, load, numbers, renumbered
from dicomsniff.pipeline import Options
from dicomsniff.tcp.sighting import Sighting

LOST = (CrewLostError, CaptureError, OSError)


class Crew:
    """`members` processes with this one, used for one run over captures that can be read again. Raises CrewLostError where
    they cannot be started."""

    def __init__(self, members: int, paths: Sequence[str], store: PayloadStore, options: Options) -> None:
        self._members, self._paths, self._store, self._options = members, paths, store, options
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._helpers: list[Helper] = []
        try:
            with held_back():
                self._folder = tempfile.TemporaryDirectory(prefix="dicomsniff-")
                for member in range(1, members):
                    self._helpers.append(self._helper(member, self._folder.name))
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):  # no more processes, no room
                raise CrewLostError(str(error)) from error
            raise

    def _helper(self, member: int, folder: str) -> Helper:
        log, part = (str(Path(folder, f"{what}{member}")) for what in ("log", "part"))
        shelf = self._store.shelf.branch(f"{member}-") if self._store.shelf is not None else None
        return Helper(Orders(self._paths, member, self._members, log, part, shelf), self._options)

    def run(self, progress: Callable[[int], None] | None = None) -> Traffic:
        """As `Pipeline.run`. Raises CrewLostError where one process must do it alone; the store is empty then, and
        `progress` knows that all is read again."""
        try:
            with open_captures(self._paths, self._options.limits) as source:
                sighting = Sighting(self._options.limits)
                lookout = Lookout(sighting, [file.path for file in source.files], progress)
                try:
                    return self._run(source, sighting, lookout)
                except LOST:
                    lookout.forget()
                    raise
        except LOST as error:
            self.close()  # before what they still write goes
            self._store.forget()
            raise CrewLostError(str(error)) from error

    def close(self) -> None:
        """End every other process. As often as you like."""
        for helper in self._helpers:
            helper.end()
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, source: CaptureSource, sighting: Sighting, lookout: Lookout) -> Traffic:
        limits = self._options.limits
        own = share_of(source, 0, self._members, self._store, self._options, sighting, lookout.see)
        lookout.finish()
        outlines = [own.outline, *(helper.outline() for helper in self._helpers)]
        if sum(outline.empty for outline in outlines) > limits.empty_connections:
            raise CrewLostError("connections without data are so many that they are only counted")
        every = numbers(outlines)
        faults = [
            (of.ids[id], what) for of, outline in zip(every, outlines, strict=True) for id, what in outline.faults
        ]
        done = list(self._done(own, every))
        return joined(source.facts(), sighting.odd, sighting.copies, done, faults, 0, Layout(lookout.places))

    def _done(self, own: Share, every: Sequence[Numbers]) -> Iterator[Done]:
        """What all followed, under the numbers of the whole; pieces are read as they come, while others are made."""
        for done in own.done:
            yield renumbered(done, every[0])
        numbers = dict(zip(self._helpers, every[1:], strict=True))
        stores: dict[Helper, PayloadStore] = {}
        waiting: dict[Any, Helper] = {helper.door: helper for helper in self._helpers}
        while waiting:
            for door in wait(list(waiting)):
                helper = waiting[door]
                if piece := helper.piece():
                    if helper not in stores:
                        stores[helper] = self._store.adopt(helper.log)
                    yield from load(piece, stores[helper], numbers[helper])
                else:
                    del waiting[door]
