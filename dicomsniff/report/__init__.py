"""The report: facts and findings in, versioned plain rows out, then JSON, terminal lines and HTML.

Patient data are masked here and nowhere else. HTML lives in `dicomsniff.report.html`, imported only when it is asked
for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dicomsniff.report.json import write_json
from dicomsniff.report.rows import build_report
from dicomsniff.report.values import SCHEMA, SCHEMA_VERSION, Report, Row, Rows

if TYPE_CHECKING:
    from dicomsniff.report.schema import schema_text
    from dicomsniff.report.text import Segment, summary_lines

__all__ = [
    "SCHEMA",
    "SCHEMA_VERSION",
    "Report",
    "Row",
    "Rows",
    "Segment",
    "build_report",
    "schema_text",
    "summary_lines",
    "write_json",
]
_LATER = {"Segment": "text", "schema_text": "schema", "summary_lines": "text"}


def __getattr__(name: str) -> Any:
    """What a JSON report needs nothing of is loaded when it is asked for."""
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
