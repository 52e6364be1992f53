"""Another process of the crew, as the first one sees it: orders in, the outline of what it followed and then that part out."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from dicomsniff.parallel.interrupts import uninterrupted
from dicomsniff.parallel.member import Orders, follow
from dicomsniff.parallel.part import Outline
from dicomsniff.pipeline import Options


class CrewLostError(Exception):
    """The crew could not carry the capture through: a process died, or the capture must be followed in one."""


class Helper:
    """A process that is started now and reads the captures while this one does."""

    def __init__(self, orders: Orders, options: Options) -> None:
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.log, self._part = orders.log, orders.part
        self._file: IO[bytes] | None = None
        self.door: Connection
        self.door, other = context.Pipe(duplex=False)
        self.process = context.Process(target=uninterrupted, args=(follow, other, orders, options), daemon=True)
        self.process.start()
        other.close()

    def outline(self) -> Outline:
        """The first thing it has to say; waits for it. Raises as `piece`."""
        found: Outline = pickle.loads(self.piece())
        return found

    def piece(self) -> bytes:
        """What it left next, empty at the end; waits for it. Raises CrewLostError where it could not go on."""
        try:
            answer = self.door.recv()
        except (EOFError, ConnectionResetError) as error:
            raise CrewLostError("a process of the analysis ended before its work was done") from error
        if isinstance(answer, str):
            raise CrewLostError(answer)
        if self._file is None:
            self._file = Path(self._part).open("rb")  # noqa: SIM115
            with suppress(PermissionError):  # it goes with this process, whatever becomes of it; not on every system
                Path(self._part).unlink()
        return self._file.read(answer)

    def end(self) -> None:
        """What it has to say it has said, or nobody waits for it any more."""
        self.process.kill()
        self.process.join()
        self.door.close()
        if self._file is not None:
            self._file.close()
