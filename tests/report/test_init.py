"""The front door of the room: everything it names is there, and what draws for a terminal is loaded when it is asked for."""

import subprocess
import sys

import pytest

from dicomsniff import report
from dicomsniff.report import text


def test_everything_that_is_named_is_there() -> None:
    assert [name for name in report.__all__ if not hasattr(report, name)] == []
    assert report.summary_lines is text.summary_lines
    with pytest.raises(AttributeError, match="colour"):
        report.colour  # noqa: B018


def test_a_json_report_loads_nothing_that_draws() -> None:
    program = "import sys; from dicomsniff.report import build_report, write_json; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "dicomsniff.report.rows" in loaded
    assert "dicomsniff.report.text" not in loaded
