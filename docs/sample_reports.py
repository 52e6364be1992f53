"""Writes what dicomsniff says of each capture in sample_captures/ to reports/samples/: `python -m docs.sample_reports`."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from dicomsniff.api import Analysis, analyze
from dicomsniff.report import build_report, summary_lines, write_json
from dicomsniff.report.html import render_html
from dicomsniff.report.values import Report
from dicomsniff.rules.configuration import read
from docs.rule_pages import SAMPLES, settings_of

ROOT = SAMPLES.parent
REPORTS = ROOT / "reports" / "samples"
PAGES = (
    "aborted_associations", "failed_stores", "healthy_study", "lossy_network", "mid_stream", "refused_contexts",
    "rejected_associations", "retrieves", "slow_network", "slow_server", "tls", "unreachable_services",
)  # fmt: skip
"""Captures whose HTML reports are kept whole, bytes and command sets included: to look at, and to see what a change of the
page changes. Of all others DIGESTS keeps a hash."""
DIGESTS = "pages.sha256"

VERSION = "scrubbed"
_WIDTH = 100
_SAME = re.compile(r"<style>.*?</style>|<script>.*?</script>|<meta http-equiv[^>]*>", re.DOTALL)


def reports() -> Iterator[tuple[str, str]]:
    """Name and text of every file in reports/samples, capture by capture."""
    with chdir(ROOT):  # the paths that reports show are those that a reader would type
        digests = []
        for path in sorted(Path(SAMPLES.name).glob("*.pcap*")):
            analysis, report = _report(path)
            stream = io.StringIO()
            write_json(report, stream)
            yield f"{path.stem}.json", stream.getvalue()
            yield f"{path.stem}.txt", _text(report)
            page = render_html(report, analysis.stream_bytes)
            digests.append(f"{hashlib.sha256(_scrubbed(page).encode()).hexdigest()}  {path.stem}.html\n")
            if path.stem in PAGES:
                yield f"{path.stem}.html", page
        yield DIGESTS, "".join(digests)


def _scrubbed(page: str) -> str:
    """Without the style sheet, the scripts and the policy that names them: these are the same in every page."""
    return _SAME.sub("", page)


def _report(path: Path) -> tuple[Analysis, Report]:
    settings = settings_of(path)
    analysis: Analysis = analyze(path, configuration=read(settings) if settings else None)
    report = build_report(analysis.traffic, analysis.findings, analysis.checks, redact=True, version=VERSION)
    return analysis, report


def _text(report: Report) -> str:
    lines = summary_lines(report, _WIDTH, verbose=True)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines) + "\n"


def main() -> None:
    REPORTS.mkdir(exist_ok=True)
    made = dict(reports())
    for old in set(os.listdir(REPORTS)) - made.keys():
        (REPORTS / old).unlink()
    for name, text in made.items():
        (REPORTS / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
