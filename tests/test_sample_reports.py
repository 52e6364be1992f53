"""What is said of the samples is what lies in reports/samples: whoever changes it sees what a user will read."""

import difflib
from collections.abc import Iterator
from functools import cache
from itertools import islice

import pytest

from docs.rule_pages import SAMPLES
from docs.sample_reports import PAGES, REPORTS, reports

ENDINGS = (".json", ".txt")
NAMES = sorted(f"{path.stem}{ending}" for path in SAMPLES.glob("*.pcap*") for ending in ENDINGS)
NAMES += [f"{stem}.html" for stem in PAGES]


@cache
def made() -> dict[str, str]:
    return dict(reports())


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_what_the_present_code_makes(name: str) -> None:
    path = REPORTS / name
    kept = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert kept == made()[name], "\n".join(
        (
            f"run `python -m docs.sample_reports` and look at what it changes in {name}:",
            *islice(_changes(kept, made()[name]), 20),
        )
    )


def _changes(kept: str, now: str) -> Iterator[str]:
    return (
        line[:400]
        for line in difflib.unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", lineterm="", n=0)
    )


def test_every_report_is_of_a_sample() -> None:
    assert sorted(path.name for path in REPORTS.iterdir()) == sorted(NAMES)
