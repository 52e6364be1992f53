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

from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureError, PacketBlock, open_captures
from dicomsniff.capture.places import Places
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.helper import CrewLostError, Helper
from dicomsniff.parallel.member import Orders, Share, share_of
from dicomsniff.parallel.part import Numbers, load, numbers, renumbered
from dicomsniff.pipeline import Options
from dicomsniff.tcp.points import several_points
from dicomsniff.tcp.sighting import Sighting
from dicomsniff.tcp.witness import Witness

__all__ = ["Crew", "CrewLostError"]


class Crew:
    """`members` processes with this one, used for one run over captures that can be read again."""

    def __init__(self, members: int, paths: Sequence[str], store: PayloadStore, options: Options) -> None:
        self._members, self._paths, self._store, self._options = members, paths, store, options
        self._folder = tempfile.TemporaryDirectory(prefix="dicomsniff-")
        self._helpers: list[Helper] = []
        self._places = Places()
        self._read = 0
        for member in range(1, members):
            log, part = (str(Path(self._folder.name, f"{what}{member}")) for what in ("log", "part"))
            self._helpers.append(Helper(Orders(paths, member, members, log, part), options))

    def run(self, progress: Callable[[int], None] | None = None) -> Traffic:
        """As `Pipeline.run`. Raises CrewLostError where one process must do it alone: nothing is in the store then, and
        `progress` is told so."""
        try:
            return self._run(progress)
        except (CrewLostError, CaptureError, OSError) as error:
            self._store.forget()
            if progress is not None:
                progress(-self._read)
            raise CrewLostError(str(error)) from error

    def close(self) -> None:
        """End every other process."""
        for helper in self._helpers:
            helper.end()
        self._folder.cleanup()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, progress: Callable[[int], None] | None) -> Traffic:
        sighting = Sighting(self._options.limits)
        with open_captures(self._paths, self._options.limits) as source:
            look = self._look(sighting, [file.path for file in source.files], progress)
            own = share_of(source, 0, self._members, self._store, self._options, sighting, look)
            captures = source.facts()
        outlines = [own.outline, *(helper.outline() for helper in self._helpers)]
        if sum(outline.empty for outline in outlines) > self._options.limits.empty_connections:
            raise CrewLostError("connections without data are so many that they are only counted")
        every = numbers(outlines)
        faults = [
            (one.ids[id], what) for one, outline in zip(every, outlines, strict=True) for id, what in outline.faults
        ]
        done = list(self._done(own, every))
        return joined(captures, sighting.odd, sighting.copies, done, faults, 0, Layout(self._places))

    def _look(
        self, sighting: Sighting, files: Sequence[str], progress: Callable[[int], None] | None
    ) -> Callable[[PacketBlock], None]:
        """What looks at every block whether the captures can be shared out at all."""
        witness = sighting.witness = Witness() if len(files) > 1 else None

        def look(block: PacketBlock) -> None:
            if block.origin is not None:
                self._places.add(block.number, block.origin)
            if sighting.book.crowded:
                raise CrewLostError("IPv6 addresses are so many that some are forgotten")
            if witness is not None and witness.due and several_points(witness.common(), files):
                raise CrewLostError("the files were captured at several points")
            self._read += block.data.nbytes
            if progress is not None:
                progress(block.data.nbytes)

        return look

    def _done(self, own: Share, every: Sequence[Numbers]) -> Iterator[Done]:
        """What all followed, under the numbers of the whole; pieces are read as they come, while others are made."""
        for done in own.done:
            yield renumbered(done, every[0])
        stores: dict[Helper, PayloadStore] = {}
        of = dict(zip(self._helpers, every[1:], strict=True))
        waiting = {helper.door: helper for helper in self._helpers}
        while waiting:
            for door in wait(list(waiting)):
                helper = waiting[door]  # type: ignore[index]
                if piece := helper.piece():
                    if helper not in stores:
                        stores[helper] = self._store.adopt(helper.log)
                    yield from load(piece, stores[helper], of[helper])
                else:
                    del waiting[door]  # type: ignore[arg-type]
