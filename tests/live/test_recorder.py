"""The recorder: what passes is on the disk, and a finding that is grave enough keeps its minutes."""

import json
import sys
from pathlib import Path
from unittest.mock import patch

from dicomsniff.live.events import Event
from dicomsniff.live.notifying import Notifier
from dicomsniff.live.recorder import Recorder
from dicomsniff.live.ring import Ring, Sizes
from dicomsniff.live.watch import Watch
from dicomsniff.pipeline import Options
from tests.capture.test_writer import blocks, packets
from tests.live.replaying import ENDLESS, judged, piped


def record(capture: Path, folder: Path, trigger: str, command: str | None = None) -> list[str]:
    """Watch a capture with a recorder; what that said."""
    said: list[Event] = []
    notifier = Notifier(command) if command else None
    recorder = Recorder(Ring(folder, Sizes(100, 2000)), notifier, trigger, True, said.append)
    with patch("dicomsniff.live.looks.SOONEST", 0.0):
        Watch(piped(capture.read_bytes(), 700), Options(fence=False), judged, [recorder], bounds=ENDLESS).run()
    recorder.close()
    return [event.row["message"] for event in said]


def test_every_packet_is_recorded_and_a_finding_keeps_its_minutes(failing: Path, tmp_path: Path) -> None:
    script = f"import sys; open({str(tmp_path / 'got')!r}, 'ab').write(sys.stdin.buffer.read() + b'\\n')"
    said = record(failing, tmp_path / "r", "error", f'"{sys.executable}" -c "{script}"')
    [incident] = (tmp_path / "r" / "incidents").glob("*.pcapng")
    assert packets(blocks(incident)) == packets(blocks(failing))
    assert incident.with_suffix(".html").exists() and any("with its report" in one for one in said)
    rows = [json.loads(line) for line in (tmp_path / "got").read_text().splitlines()]
    assert [row["rule"] for row in rows] == ["DS-STORE-001"] and rows[0]["incident"] == str(incident)
    assert rows[0]["event"] == "finding"


def test_what_is_not_grave_enough_keeps_nothing(warned: Path, tmp_path: Path) -> None:
    assert record(warned, tmp_path / "r", "error") == []
    assert not (tmp_path / "r" / "incidents").exists()
    assert any("kept as" in one for one in record(warned, tmp_path / "w", "warning"))
