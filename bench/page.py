"""Measures the HTML report of a capture with many associations: `python -m bench.page [ASSOCIATIONS]`.

Forges the traffic, writes its report, opens it in Chromium from disk and says what each took, beside the bars: under 20 MB, and open
in under 3 s. The report of 1,000 associations (under 2 s to render) is measured too.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from statistics import median

from dicomsniff.association.values import Association, Conversation, Exchange, Traffic
from dicomsniff.core.records import replace
from dicomsniff.report import build_report
from dicomsniff.report.html import write_html
from tests.forge.traffic import TrafficForge

RUNS = 3
MEGABYTES, SECONDS, RENDERING = 20, 3.0, 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.page", description=__doc__)
    parser.add_argument("associations", nargs="?", type=int, default=50_000)
    many = parser.parse_args(arguments).associations
    with tempfile.TemporaryDirectory(prefix="dicomsniff-page-") as scratch:
        few = _rendered(Path(scratch), min(1_000, many))
        print(
            f"{min(1_000, many):,} associations: rendered in {few[1]:.2f} s (bar {RENDERING:.0f} s), {_megabytes(few[0]):.1f} MB"
        )
        page, taken = _rendered(Path(scratch), many)
        print(f"{many:,} associations: rendered in {taken:.2f} s, {_megabytes(page):.1f} MB (bar {MEGABYTES} MB)")
        times = _opened(page)
        print(
            f"opened in Chromium in {median(times):.2f} s (bar {SECONDS:.0f} s); {', '.join(f'{each:.2f}' for each in times)}"
        )


def _rendered(scratch: Path, associations: int) -> tuple[Path, float]:
    """The report of so many associations, and the processor time of rows and page together."""
    traffic = traffic_of(associations)
    page = scratch / f"{associations}.html"
    begun = time.process_time()
    with page.open("w", encoding="utf-8") as stream:
        write_html(build_report(traffic, (), (), redact=True, version="bench"), stream)
    return page, time.process_time() - begun


def traffic_of(associations: int) -> Traffic:
    """What a morning of short associations leaves: an echo and an object each, every fiftieth object refused. The forge makes
    a thousand at most, which then come again and again."""
    forge = TrafficForge()
    once = min(associations, 1_000)
    for number in range(once):
        association = forge.association(calling=f"MODALITY{number % 40:02}")
        forge.exchange(association, "C-ECHO", status=0)
        forge.exchange(association, "C-STORE", status=0xA700 if number % 50 == 0 else 0)
    made = forge.traffic()
    again = [_shifted(made, place * once) for place in range(associations // once)]
    return replace(
        made,
        conversations=tuple(one for each in again for one in each[0]),
        associations=tuple(one for each in again for one in each[1]),
        exchanges=tuple(one for each in again for one in each[2]),
    )


def _shifted(made: Traffic, by: int) -> tuple[list[Conversation], list[Association], list[Exchange]]:
    """The same once more, with ids that go on after those before: one connection and two exchanges for each association."""
    exchanges = [copy(one) for one in made.exchanges]
    for one in exchanges:
        one.id, one.association = one.id + 2 * by, one.association + by
    conversations = [
        replace(
            one,
            tcp=replace(one.tcp, id=one.tcp.id + by, tcp_stream=one.tcp.tcp_stream + by),
            associations=tuple(id + by for id in one.associations),
        )
        for one in made.conversations
    ]
    associations = [
        replace(
            one,
            id=one.id + by,
            connection=one.connection + by,
            exchanges=tuple(exchanges[e.id - 1] for e in one.exchanges),
        )
        for one in made.associations
    ]
    return conversations, associations, exchanges


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _opened(page: Path) -> list[float]:
    """Seconds from the address to a page that answers a script, each in a fresh context."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        times = []
        for _ in range(RUNS):
            tab = browser.new_context().new_page()
            begun = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
            times.append(time.perf_counter() - begun)
            tab.context.close()
        browser.close()
    return times


if __name__ == "__main__":
    main()
