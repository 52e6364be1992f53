"""A source of packet blocks in, its traffic out, with several processes at work.

This process looks at every packet (`tcp.sighting`) and shares the connections out; the others follow them. Blocks lie in
shared memory, so that no byte is sent from one process to another. The result is that of `pipeline.Pipeline`.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from dicomsniff.association.gathering import joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureSource, PacketSource
from dicomsniff.capture.places import Places
from dicomsniff.capture.source import secrets_of
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.member import Delivery, follow
from dicomsniff.parallel.part import Outline, load, numbers
from dicomsniff.parallel.shares import Shares
from dicomsniff.parallel.slots import Slots
from dicomsniff.pipeline import Options
from dicomsniff.tcp.points import several_points
from dicomsniff.tcp.sighting import Sighting
from dicomsniff.tcp.witness import Witness

SLOTS = 6
"""Blocks on their way: enough that a follower of a busy connection may lag behind, few enough for the memory bar."""


class CrewLostError(Exception):
    """The crew could not carry the capture through: a process died, or the capture must be followed in one."""


class Crew:
    """`followers` processes, used for one source."""

    def __init__(self, followers: int, store: PayloadStore, options: Options) -> None:
        self._store, self._options = store, options
        self._sighting = Sighting(options.limits)
        self._shares = Shares(followers)
        self._places = Places()
        size = options.limits.block_bytes * 3
        self._slots = Slots.make(SLOTS, size)
        self._users = [0] * SLOTS
        self._told = 0  # addresses that every follower knows
        self._learnt = 0  # bytes of key logs that they know
        self._folder = tempfile.TemporaryDirectory(prefix="dicomsniff-")
        self._logs = [str(Path(self._folder.name, str(each))) for each in range(followers)]
        self._doors: list[Connection] = []
        self._processes: list[Any] = []
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        for log in self._logs:
            own, other = context.Pipe()
            process = context.Process(target=follow, args=(other, self._slots.names, options, log), daemon=True)
            process.start()
            other.close()
            self._doors.append(own)
            self._processes.append(process)

    def run(self, source: PacketSource, progress: Callable[[int], None] | None = None) -> Traffic:
        """As `Pipeline.run`. Raises CrewLostError where one process must do it alone."""
        if isinstance(source, CaptureSource) and len(source.files) > 1:
            self._sighting.witness = Witness()
        try:
            for block in source.blocks():
                if block.origin is not None:
                    self._places.add(block.number, block.origin)
                self._share(block, secrets_of(source))
                self._compare(source, done=False)
                if progress is not None:
                    progress(block.data.nbytes)
            self._compare(source, done=True)
            return self._join(source)
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise CrewLostError("a process of the analysis ended before its work was done") from error

    def _compare(self, source: PacketSource, done: bool) -> None:
        """Files that show the same conversations from several points are followed one point after the other."""
        witness = self._sighting.witness
        if witness is None or not isinstance(source, CaptureSource) or not (done or witness.due):
            return
        if several_points(witness.common(), [file.path for file in source.files]):
            raise CrewLostError("the files were captured at several points")

    def close(self) -> None:
        """End every process and give the shared memory back."""
        for door in self._doors:
            door.close()
        for process in self._processes:
            process.join(1)
            if process.is_alive():
                process.kill()
        self._slots.close(unlink=True)
        self._folder.cleanup()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _share(self, block: Any, secrets: bytes = b"") -> None:
        news, self._learnt = secrets if len(secrets) != self._learnt else b"", len(secrets)
        shares = self._shares.of(self._sighting.sight(block))
        slot = self._free_slot()
        parcels = self._slots.pack(slot, shares)
        if self._sighting.book.crowded:
            raise CrewLostError("IPv6 addresses are so many that some are forgotten")
        addresses = self._sighting.book.numbered(self._told)
        self._told += len(addresses)
        self._users[slot] = sum(parcel.slot is not None for parcel in parcels)
        for door, parcel in zip(self._doors, parcels, strict=True):
            door.send(Delivery(parcel, addresses, news))

    def _free_slot(self) -> int:
        """A slot that nobody reads any more."""
        while True:
            for door in self._doors:
                while door.poll():
                    self._users[door.recv()] -= 1
            if 0 in self._users:
                return self._users.index(0)
            wait(self._doors)

    def _join(self, source: PacketSource) -> Traffic:
        for door in self._doors:
            door.send(None)
        outlines = [self._outline(door) for door in self._doors]
        if sum(outline.empty for outline in outlines) > self._options.limits.empty_connections:
            raise CrewLostError("connections without data are so many that they are only counted")
        every = numbers(outlines)
        for door, own in zip(self._doors, every, strict=True):
            door.send(own)
        done, faults = [], []
        for door, outline, own, log in zip(self._doors, outlines, every, self._logs, strict=True):
            part = door.recv_bytes()
            done += load(part, self._store.adopt(log))
            faults += [(own.ids[id], what) for id, what in outline.faults]
        seen = self._sighting
        return joined(source.facts(), seen.not_decoded, seen.copies, done, faults, 0, Layout(self._places))

    @staticmethod
    def _outline(door: Connection) -> Outline:
        """The first answer that gives no slot back."""
        while not isinstance(answer := door.recv(), Outline):
            pass
        return answer
