"""Lines of a live analysis: for people and for programs."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from dicomsniff.cli.live_lines import json_lines, plain_lines
from dicomsniff.cli.outlet import Outlet
from dicomsniff.live.events import CLOSED, EXCHANGE, FINDING, OPENED, Event, dropped, notice
from tests.live.replaying import Heard, replay


def written(make: Any, heard: Heard) -> list[str]:
    stream = io.StringIO()
    outlet = Outlet(stream, lambda: None, as_json=False)
    lines = make(outlet)
    lines.happened(heard.events, Mock())
    outlet.close()
    return stream.getvalue().splitlines()


def test_people_read_openings_endings_and_findings(failing: Path) -> None:
    heard, _ = replay(failing, 400)
    lines = written(lambda outlet: plain_lines(outlet, verbose=False), heard)
    assert "  + association 1: " in lines[0] and "  - association 1: " in lines[1]
    assert "released after" in lines[1] and "2 operations, 1 failed" in lines[1]
    assert any("✖ error DS-STORE-001: " in line and "(packets " in line for line in lines)
    assert not any("C-STORE 1 " in line and "success" in line.lower() for line in lines)


def test_who_asks_for_more_reads_every_exchange_and_finding(failing: Path) -> None:
    heard, _ = replay(failing, 400)
    lines = written(lambda outlet: plain_lines(outlet, verbose=True), heard)
    assert sum(" C-STORE " in line and " in " in line and "0xA700" in line for line in lines) >= 1
    assert any(" info DS-SEC-001" in line for line in lines)


def test_programs_read_one_object_a_line(failing: Path) -> None:
    heard, _ = replay(failing, 400)
    rows = [json.loads(line) for line in written(json_lines, heard)]
    assert [row["event"] for row in rows] == [event.kind for event in heard.events]
    assert {OPENED, CLOSED, EXCHANGE, FINDING} <= {row["event"] for row in rows}
    assert rows[0]["calling_ae"] and rows[0]["requestor"]["ip"]


def test_what_is_to_be_said_of_the_watch_itself_is_said() -> None:
    heard = Heard([dropped(7, 12, 10**18), notice("eth0 is down", 10**18)])
    rows = [json.loads(line) for line in written(json_lines, heard)]
    assert (rows[0]["event"], rows[0]["packets"], rows[0]["total"]) == ("dropped", 7, 12)
    assert (rows[1]["event"], rows[1]["message"]) == ("notice", "eth0 is down")
    lines = written(lambda outlet: plain_lines(outlet, verbose=False), heard)
    assert "! 7 packets dropped" in lines[0] and "! eth0 is down" in lines[1]


def test_what_came_over_the_wire_cannot_steer_a_terminal(failing: Path) -> None:
    heard, _ = replay(failing)
    evil = [Event(e.kind, e.row | {"calling_ae": "A\x1b[2J\nB"}) for e in heard.events if e.kind in (OPENED, CLOSED)]
    lines = written(lambda outlet: plain_lines(outlet, verbose=False), replace(heard, events=evil))
    assert len(lines) == 2 and not any("\x1b" in line for line in lines)
