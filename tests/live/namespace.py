"""A network namespace of one's own, with loopback up, in which programs run; needs root."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

ROOT = Path(__file__).resolve().parents[2]


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where a namespace cannot be made or one of the programs is missing."""
    missing = [name for name in ("unshare", "nsenter", "ip", *programs) if not shutil.which(name)]
    allowed = hasattr(os, "geteuid") and os.geteuid() == 0
    works = allowed and not missing and subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0
    why = f"{', '.join(missing)} not installed" if missing else "needs root and network namespaces"
    return pytest.mark.skipif(not works, reason=why)


def wait_for(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What `what` gives once it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Namespace:
    """Runs programs that see no network but their own."""

    def __init__(self) -> None:
        self._programs: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        wait_for(self._separate)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in (*self._programs, self._holder):
            if program.poll() is None:
                program.kill()
            program.wait()

    def run(self, *line: str, timeout: float = 60.0) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self._inside(line), capture_output=True, check=False, timeout=timeout, cwd=ROOT)

    def begin(self, *line: str, **options: Any) -> subprocess.Popen[bytes]:
        """A program that goes on; it is killed at the end."""
        program = subprocess.Popen(self._inside(line), cwd=ROOT, **options)
        self._programs.append(program)
        return program

    def watch(self, folder: Path, *arguments: str) -> "Watching":
        """`dicomsniff live` on loopback, once it has begun to capture."""
        out, err = folder / "events", folder / "complaints"
        line = [sys.executable, "-m", "dicomsniff", "live", "-i", "lo", "--json-lines", *arguments]
        with out.open("wb") as stdout, err.open("wb") as stderr:
            program = self.begin(*line, stdout=stdout, stderr=stderr)
        watching = Watching(program, out, err)
        wait_for(lambda: "watching" in watching.said() or program.poll() is not None)
        return watching

    def listens(self, port: int) -> None:
        """Wait until somebody does."""
        wait_for(lambda: f":{port} ".encode() in self.run("ss", "-ltn").stdout)

    def _inside(self, line: Sequence[str]) -> list[str]:
        return ["nsenter", "-t", str(self._holder.pid), "-n", *line]

    def _separate(self) -> bool:
        try:
            return os.readlink(f"/proc/{self._holder.pid}/ns/net") != os.readlink("/proc/self/ns/net")
        except OSError:
            return False


class Watching:
    """A watch under way."""

    def __init__(self, program: "subprocess.Popen[bytes]", out: Path, err: Path) -> None:
        self.program, self._out, self._err = program, out, err

    def said(self) -> str:
        """What went to standard error so far."""
        return self._err.read_text()

    def events(self) -> list[dict[str, Any]]:
        import json

        return [json.loads(line) for line in self._out.read_text().splitlines() if line.endswith("}")]

    def told(self, rule: str) -> bool:
        return any(event.get("rule") == rule for event in self.events())

    def end(self, signal: int = 2) -> int:
        """End it as Ctrl-C does; its exit code."""
        self.program.send_signal(signal)
        return self.program.wait(30)
