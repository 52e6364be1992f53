"""Findings in, for each stretch of trouble a capture of the minutes around it and its HTML report out."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.capture.writer import PcapngWriter
from dicomsniff.live.ring import Ring

SECOND = 1_000_000_000
BEFORE_NS, AFTER_NS, LONGEST_NS = 120 * SECOND, 30 * SECOND, 600 * SECOND
"""What is kept before the first finding and after the last one, and how long one incident may become."""
KEPT = 100
"""Incidents kept; the oldest go."""
REPORT_SECONDS = 600


class Incidents:
    """Keeps what a ring would overwrite. One incident gathers the findings that come while it is open; the copying and the
    report are another thread's and another process's work."""

    def __init__(self, ring: Ring, redact: bool) -> None:
        self._ring, self._redact = ring, redact
        self.folder = ring.folder / "incidents"
        self._name = ""
        self._begun_ns = self._last_ns = 0
        self._worker: threading.Thread | None = None
        self._copying: list[Path] = []
        self._said: list[str] = []

    def begin(self, rule: str, time_ns: int, now_ns: int) -> Path:
        """A finding on what happened at `time_ns`, told at `now_ns`; the capture that will hold it."""
        if not self._name:
            stamp = datetime.fromtimestamp(now_ns / SECOND, UTC)
            self._name = f"{stamp:%Y%m%dT%H%M%S}-{rule}"
            self._begun_ns = min(time_ns, now_ns)
        self._last_ns = now_ns
        self._ring.pin([*self._copying, *self._ring.files(self._begun_ns - BEFORE_NS, now_ns)])
        return self.folder / f"{self._name}.pcapng"

    def tick(self, now_ns: int, *, last: bool = False) -> list[str]:
        """Close the incident if it is time; what is to be said."""
        if self._name and self._worker is None and (last or self._over(now_ns)):
            files = self._copying = self._ring.files(self._begun_ns - BEFORE_NS, now_ns)
            self._ring.pin(files)
            span = self._begun_ns - BEFORE_NS, self._last_ns + AFTER_NS
            self._worker = threading.Thread(target=self._keep, args=(self._name, files, span), daemon=True)
            self._worker.start()
            self._name = ""
        if self._worker is not None and (last or not self._worker.is_alive()):
            self._worker.join(REPORT_SECONDS if last else None)
            self._worker, self._copying = None, []
            self._ring.pin(self._ring.files(self._begun_ns - BEFORE_NS, now_ns) if self._name else [])
        said, self._said = self._said, []
        return said

    def _over(self, now_ns: int) -> bool:
        return now_ns >= self._last_ns + AFTER_NS or now_ns >= self._begun_ns + LONGEST_NS

    def _keep(self, name: str, files: Sequence[Path], span: tuple[int, int]) -> None:
        target = self.folder / f"{name}.pcapng"
        try:
            self.folder.mkdir(exist_ok=True)
            self._make_room()
            packets = copy_packets(files, target, span)
        except (OSError, CaptureError) as error:
            self._said.append(f"incident {name} could not be kept: {getattr(error, 'strerror', None) or error}")
            with suppress(OSError):
                target.unlink()
            return
        report = target.with_suffix(".html")
        line = [sys.executable, "-m", "dicomsniff", "report", str(target), "-o", str(report), "-q", "--jobs", "1"]
        done = subprocess.run(
            [*line, "--redact" if self._redact else "--no-redact"], stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=REPORT_SECONDS,
        )  # fmt: skip
        if done.returncode:
            told = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            self._said.append(f"incident kept as {target} ({packets} packets); its report could not be made: {told[0]}")
        else:
            self._said.append(f"incident kept as {target} ({packets} packets) with its report")

    def _make_room(self) -> None:
        for path in sorted(self.folder.glob("*.pcapng"))[: -KEPT + 1]:
            for each in (path, path.with_suffix(".html")):
                with suppress(OSError):
                    each.unlink()


def copy_packets(files: Sequence[Path], target: Path, span: tuple[int, int]) -> int:
    """Write the packets of these files that lie between two times to a new one; how many. Raises OSError and CaptureError."""
    writer, count = PcapngWriter(str(target)), 0
    try:
        with open_captures(files) as source:
            for block in source.blocks():
                rows = np.flatnonzero((block.time_ns >= span[0]) & (block.time_ns <= span[1]))
                if len(rows):
                    writer.write(block.take(rows))
                    count += len(rows)
    finally:
        writer.close()
    return count
