"""The JSON text: one row a line, streamed, readable by any parser, whatever bytes a name holds."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.convert import milliseconds
from dicomsniff.report.json import encoded, write_json
from tests.forge.traffic import TrafficForge
from tests.report.forged import json_of, many_exchanges, report_of, rich_traffic


class Counting(io.StringIO):
    """Counts what is written and remembers the longest piece."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        self.longest = 0
        self.ids = 0

    def write(self, text: str) -> int:
        self.written += len(text)
        if '"exchanges":[' not in text:
            self.longest = max(self.longest, len(text))
        self.ids += text.startswith('{"id":')
        return len(text)


def test_every_row_is_a_line() -> None:
    stream = io.StringIO()
    write_json(report_of(rich_traffic()), stream)
    lines = [line for line in stream.getvalue().splitlines() if line.startswith('  {"id":')]
    assert len(lines) == 5 + 3 + 5
    assert all(isinstance(json.loads(line.rstrip(",")), dict) for line in lines)


def test_an_empty_capture_is_valid_json() -> None:
    written = json_of(report_of(TrafficForge().traffic(), checks=()))
    assert written["associations"] == []
    assert written["checks"] == []


def test_rows_are_written_one_by_one_however_many_there_are() -> None:
    small, large = Counting(), Counting()
    write_json(report_of(many_exchanges(100)), small)
    write_json(report_of(many_exchanges(5000)), large)
    assert large.ids == 5000 + 2
    assert large.longest < 2 * small.longest


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, -0.5, 0.1 + 0.2, 1234567.891, 0.0, None, True], "b": 'plain " \\ / \n \t \x00 \x1f'},
        {"name": "Müller^Jürgen", "\x7f": "\x7f"},
        {"path": "caf\udce9.pcap"},
        {"long": 1 << 80},
    ],
)
def test_the_text_is_that_of_the_standard_library_in_ascii(value: dict[str, Any]) -> None:
    assert encoded(value) == json.dumps(value, separators=(",", ":"))
    assert encoded(value).isascii()


@given(st.integers(min_value=0, max_value=10**17))
def test_a_duration_is_written_to_the_nanosecond(duration_ns: int) -> None:
    assert milliseconds(duration_ns) == round(duration_ns / 1e6, 6)


def test_rows_are_made_only_when_they_are_written() -> None:
    report = report_of(many_exchanges(3))
    rows = iter(report.exchanges)
    assert next(rows) is not next(iter(report.exchanges))
    assert [row["id"] for row in rows] == [2, 3]


def test_any_text_of_the_wire_survives() -> None:
    title = 'A"\\\x00\x1b\x9f<ü'
    path = "caf\udce9.pcap"
    forge = TrafficForge().capture(path=path)
    forge.association(calling=title)
    stream = io.StringIO()
    write_json(report_of(forge.traffic()), stream)
    written = json.loads(stream.getvalue().encode("ascii"))
    assert written["associations"][0]["calling_ae"] == title
    assert written["captures"][0]["path"] == path
