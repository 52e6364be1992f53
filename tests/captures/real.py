"""The real captures beside this checkout and the truth about them in; what dicomsniff read from them out."""

import json
import runpy
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from dicomsniff import pipeline
from dicomsniff.api import Analysis, analyze
from dicomsniff.association.causality import Timed
from dicomsniff.association.conversation import ConversationBuilder
from dicomsniff.association.values import Association, Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import Anomaly, Direction
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pdu.values import BrokenPdu, Pdu, UnknownPdu
from dicomsniff.rules.finding import Finding
from dicomsniff.tcp.events import Connection

SHARED = Path(__file__).resolve().parents[3] / "shared"
CAPTURES = SHARED / "captures"
MUTATE = SHARED / "lab" / "mutate.py"
HEALTHY = ("echo_ok", "store_series", "jpeg_accepted", "find_manufacturer", "workflow_mwl_mpps_commit")
here = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the real captures are not beside this checkout")

Facts = list[dict[str, Any]]


def names() -> list[str]:
    """Every capture that is not encrypted, as folder/file without its ending."""
    found = (path.relative_to(CAPTURES) for path in sorted(CAPTURES.glob("*/*.facts.json")))
    every = [str(path).removesuffix(".facts.json") for path in found]
    return [name for name in every if not name.startswith("tls/") and "e22_" not in name]


def capture(name: str) -> Path:
    """The capture file of this name; a folder alone means its capture.pcap or .pcapng."""
    [path] = CAPTURES.glob(f"{name if '/' in name else name + '/capture'}.pcap*")
    return path


def facts(name: str) -> Facts:
    """The independent decoding: one entry a TCP stream."""
    path = capture(name)
    loaded: Facts = json.loads(path.with_name(path.name.split(".")[0] + ".facts.json").read_text())
    return loaded


@cache
def analysis(name: str) -> Analysis:
    """What dicomsniff makes of a capture, with its rules."""
    return analyze(capture(name))


def flat(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Findings and those that follow from them."""
    for finding in findings:
        yield finding
        yield from flat(finding.children)


@dataclass
class Heard:
    """What the rooms up to `dimse` gave for one connection, in the order it reached the association."""

    tcp: Connection
    items: list[tuple[Direction, Pdu | Message | Anomaly]] = field(default_factory=list)

    def messages(self, direction: Direction) -> list[Message]:
        return [item for d, item in self.items if d is direction and isinstance(item, Message)]

    def unread(self, direction: Direction) -> int:
        """Captured stream bytes that could not be read as PDUs."""
        if not self.tcp.facts(direction).bytes:
            return 0
        broken = (item for d, item in self.items if d is direction and isinstance(item, BrokenPdu | UnknownPdu))
        return sum(item.evidence.length for item in broken)


@cache
def heard(name: str) -> tuple[Traffic, dict[int, Heard]]:
    """The traffic of a capture and, by Wireshark's stream number, everything that was read on the way to it."""
    by_stream: dict[int, Heard] = {}

    class Listening(ConversationBuilder):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.items: list[tuple[Direction, Pdu | Message | Anomaly]] = []

        def take(self, timed: Iterable[Timed], round_trip_ns: int) -> None:
            timed = list(timed)
            for _, direction, item, completed in timed:
                self.items += [(direction, each) for each in (item, *completed)]
            super().take(timed, round_trip_ns)

        def build(self, tcp: Connection) -> tuple[Association, ...]:
            by_stream[tcp.tcp_stream] = Heard(tcp, self.items)
            return super().build(tcp)

    with patch.object(pipeline, "ConversationBuilder", Listening):
        return read([capture(name)]), by_stream


def read(paths: list[Path], **options: Any) -> Traffic:
    """The traffic of these files as one timeline; a fault in any room is raised."""
    with PayloadStore() as store, open_captures(paths) as source:
        return pipeline.Pipeline(source, store, pipeline.Options(fence=False, **options)).run()


def mutate(kind: str, source: Path, target: Path, argument: str | None = None) -> None:
    """Put a clean capture under a field condition."""
    arguments = [str(MUTATE), kind, str(source), str(target)] + ([argument] if argument else [])
    with patch.object(sys, "argv", arguments):
        runpy.run_path(str(MUTATE), run_name="__main__")
