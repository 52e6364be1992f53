"""The picture on a terminal: open associations with rates, the last findings, counters, drops."""

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from dicomsniff.capture import PacketBlock
from dicomsniff.cli.live_view import View
from dicomsniff.live.events import Event
from dicomsniff.live.watch import Status, Watch
from dicomsniff.pipeline import Options
from tests.association.dialogue import Dialogue
from tests.forge.wire import Wire
from tests.live.replaying import ENDLESS, judged, piped


class Pictures:
    """A listener that keeps every picture as text."""

    def __init__(self) -> None:
        self.view, self.texts = View("a pipe"), list[str]()

    def block(self, block: PacketBlock) -> None:
        self.view.block(block)

    def happened(self, events: Sequence[Event], status: Status) -> None:
        self.view.happened(events, status)
        out = io.StringIO()
        Console(file=out, width=120, force_terminal=False).print(self.view.picture(status))
        self.texts.append(out.getvalue())


def pictures(path: Path) -> list[str]:
    shown = Pictures()
    Watch(piped(path.read_bytes(), 2000), Options(fence=False), judged, [shown], bounds=ENDLESS).run()
    return shown.texts


def test_the_last_picture_counts_everything_and_shows_the_findings(failing: Path) -> None:
    last = pictures(failing)[-1]
    assert "1 association ended, 2 operations" in last and "0 open associations" in last
    assert "error DS-STORE-001" in last and "released after" in last


def test_open_associations_are_rows(tmp_path: Path) -> None:
    wire = Wire()
    path = Dialogue(wire).open().store("1.2.3", bytes(5000)).save(tmp_path / "open.pcap")
    shown = Pictures()
    source = piped(path.read_bytes() + b"", 1 << 20)
    watch = Watch(source, Options(fence=False), judged, [shown], bounds=ENDLESS)
    watch._take(next(iter([block for _ in range(50) if (block := source.take(0.1)) is not None])))
    watch._look()
    assert "1 open association" in shown.texts[-1] and "C-STORE completed" in shown.texts[-1]
    assert "kB" in shown.texts[-1]
