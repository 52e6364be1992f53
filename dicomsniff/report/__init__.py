"""The report: facts and findings in, versioned plain rows out, then JSON, terminal lines and HTML.

Patient data are masked here and nowhere else. HTML lives in `dicomsniff.report.html`, imported only when it is asked
for.
"""

from dicomsniff.report.json import write_json
from dicomsniff.report.rows import build_report
from dicomsniff.report.schema import schema_text
from dicomsniff.report.text import Segment, summary_lines
from dicomsniff.report.values import SCHEMA, SCHEMA_VERSION, Report, Row, Rows

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
