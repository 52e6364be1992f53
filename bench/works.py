"""What is measured: each piece of work with the command beside it and the bar, as a table."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SNIFF = [sys.executable, "-m", "dicomsniff"]
Command = Callable[[Path, Path], list[str]]
"""The command line for a capture; the second path is a directory for what it writes."""
Unit = Literal["faster", "times", "ms", "s", "MB"]


@dataclass(frozen=True, slots=True)
class Work:
    """One row. `rival` runs beside ours, on `rival_capture` where that is another one. `bar` counts in `unit`: at least
    so many times faster than the rival, at most so many times its time, or at most so many ms, s or MB."""

    name: str
    capture: str
    ours: Command
    bar: float
    unit: Unit
    rival: Command | None = None
    rival_name: str = ""
    rival_capture: str | None = None
    huge: bool = False  # takes minutes and gigabytes of disk


def analyze(path: Path, out: Path) -> list[str]:
    """On one core."""
    return [*SNIFF, "analyze", str(path), "-q", "--no-progress", "--jobs", "1", "--json", os.devnull]


def analyze_with_two(path: Path, out: Path) -> list[str]:
    """With two processes, where dicomsniff finds that they pay."""
    return [*SNIFF, "analyze", str(path), "-q", "--no-progress", "--jobs", "2", "--json", os.devnull]


def export(path: Path, out: Path) -> list[str]:
    return [*SNIFF, "export", str(path), "-q", "--no-progress", "--jobs", "1", "-o", str(out / "ours")]


def report(path: Path, out: Path) -> list[str]:
    return [*SNIFF, "report", str(path), "-q", "--no-progress", "--jobs", "1", "-o", str(out / "report.html")]


def tshark(path: Path, out: Path) -> list[str]:
    return ["tshark", "-r", str(path), "-Y", "dicom"]


def tshark_export(path: Path, out: Path) -> list[str]:
    return ["tshark", "-r", str(path), "-q", "--export-objects", f"dicom,{out / 'theirs'}"]


def cat(path: Path, out: Path) -> list[str]:
    return ["cat", str(path)]


def zcat(path: Path, out: Path) -> list[str]:
    return ["zcat", str(path)]


def _plain(*arguments: str) -> Command:
    return lambda path, out: [*SNIFF, *arguments]


def _completion(path: Path, out: Path) -> list[str]:
    """What a shell runs when the user presses the tabulator key."""
    words = ["_DICOMSNIFF_COMPLETE=bash_complete", "COMP_WORDS=dicomsniff an", "COMP_CWORD=1"]
    program = "from dicomsniff.cli import cli; cli(prog_name='dicomsniff')"
    return ["env", *words, sys.executable, "-c", program]


WORKS = (
    Work("bulk: one association, 400 slices", "bulk", analyze, 10, "faster", tshark, "tshark -Y dicom"),
    Work("bulk, 1 GB", "bulk_1gb", analyze, 15, "faster", tshark, "tshark -Y dicom"),
    Work("bulk, ten connections mixed", "interleaved", analyze, 10, "faster", tshark, "tshark -Y dicom"),
    Work("bulk, --jobs 2", "bulk", analyze_with_two, 1, "times", analyze, "--jobs 1"),
    Work("ten connections, --jobs 2", "interleaved", analyze_with_two, 1.7, "faster", analyze, "--jobs 1"),
    Work("chatty, --jobs 2", "chatty", analyze_with_two, 1.7, "faster", analyze, "--jobs 1"),
    Work("bulk as pcapng", "bulk_pcapng", analyze, 1.2, "times", analyze, "the same as pcap", "bulk"),
    Work("bulk, all of it VXLAN", "bulk_vxlan", analyze, 5, "times", analyze, "the same as it is", "bulk"),
    Work("bulk, all of it fragments", "bulk_fragments", analyze, 5, "times", analyze, "the same as it is", "bulk"),
    Work("bulk, gzipped", "bulk_gz", analyze, 2, "times", zcat, "zcat"),
    Work("export of bulk", "bulk", export, 8, "faster", tshark_export, "tshark --export-objects"),
    Work("chatty: 5,000 associations, 40,000 messages", "chatty", analyze, 1, "faster", tshark, "tshark -Y dicom"),
    Work("20,000 small C-STOREs", "small_stores", analyze, 25, "faster", tshark, "tshark -Y dicom"),
    Work("200,000 small C-STOREs", "small_stores_200k", analyze, 11, "times", analyze, "20,000", "small_stores"),
    Work("95 % HTTPS and SMB", "foreign", analyze, 10, "times", cat, "cat"),
    Work("10 kB to a finding", "tiny", analyze, 1, "faster", tshark, "tshark -Y dicom"),
    Work("10 kB to a finding", "tiny", analyze, 0.5, "s"),
    Work("--version", "tiny", _plain("--version"), 120, "ms"),
    Work("--help", "tiny", _plain("--help"), 120, "ms"),
    Work("completion of a command", "tiny", _completion, 120, "ms"),
    Work("memory: report of bulk", "bulk", report, 200, "MB"),
    Work("memory: export of bulk", "bulk", export, 200, "MB"),
    Work("memory: report of 4 GB", "bulk_4gb", report, 200, "MB", huge=True),
    Work("memory: export of 4 GB", "bulk_4gb", export, 200, "MB", huge=True),
)
