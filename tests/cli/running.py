"""Command lines in, exit code and what was written out; in this process or as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from dicomsniff.cli import run
from tests.association.dialogue import Dialogue
from tests.forge.traffic import CT, data_set
from tests.forge.wire import BACK, OUT, Wire

OBJECT = {
    "SOPClassUID": CT,
    "StudyDate": "20260101",
    "AccessionNumber": "",
    "Modality": "CT",
    "PatientName": "",
    "PatientID": "4711",
    "StudyInstanceUID": "1.3",
    "SeriesInstanceUID": "1.4",
}
ROOT = Path(__file__).resolve().parents[2]


class Done(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str


class Shell:
    """Runs command lines in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Done:
        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Done(code, *self._capsys.readouterr())

    def refused(self, *arguments: str | Path) -> str:
        """The one line on standard error of a request that could not be carried out."""
        done = self(*arguments)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
        assert done.err.startswith("dicomsniff: ") and "Traceback" not in done.err
        return done.err.removeprefix("dicomsniff: ").rstrip("\n")


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m dicomsniff` in a process of its own, without a terminal."""
    line = [sys.executable, "-m", "dicomsniff", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, check=False, cwd=ROOT, env=os.environ | environment, timeout=60)


def dialogue(*statuses: int, port: int = 40_000, after: float = 0.0) -> Dialogue:
    """One association that stores an object for each status, from this port and so many seconds later."""
    start_ns = 1_700_000_000_000_000_000 + round(after * 1e9)
    made = Dialogue(Wire(client=("10.0.0.1", port), start_ns=start_ns, isn=(port - 39_000, port - 31_000))).open()
    for number, status in enumerate(statuses, 1):
        instance = f"1.2.{number}"
        made.store(instance, data_set(False, **OBJECT, SOPInstanceUID=instance), status)
    return made.release()


def web(path: Path) -> Path:
    """A capture without DICOM."""
    wire = Wire(server=("10.0.0.2", 80)).connect()
    wire.send(OUT, b"GET / HTTP/1.1\r\n\r\n").send(BACK, b"HTTP/1.1 200 OK\r\n\r\n")
    return Dialogue(wire.close()).save(path)
