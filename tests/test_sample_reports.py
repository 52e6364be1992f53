"""What is said of the samples is what lies in reports/samples: whoever changes it sees what a user will read."""

import difflib
from collections.abc import Iterator
from functools import cache
from itertools import islice

import pytest

from docs.rule_pages import SAMPLES
from docs.sample_reports import DIGESTS, PAGES, REPORTS, reports

ENDINGS = (".json", ".txt")
NAMES = sorted(f"{path.stem}{ending}" for path in SAMPLES.glob("*.pcap*") for ending in ENDINGS)
NAMES += [*(f"{stem}.html" for stem in PAGES), DIGESTS]


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


def test_a_page_of_every_sample_is_kept_whole_or_as_a_digest() -> None:
    lines = (line.split() for line in made()[DIGESTS].splitlines())
    digests = {name: digest for digest, name in lines}
    assert set(digests) == {f"{path.stem}.html" for path in SAMPLES.glob("*.pcap*")}
    assert len(set(digests.values())) == len(digests)
    assert sum(len(made()[f"{stem}.html"]) for stem in PAGES) < 3_000_000


def test_every_report_is_of_a_sample() -> None:
    assert sorted(path.name for path in REPORTS.iterdir()) == sorted(NAMES)
