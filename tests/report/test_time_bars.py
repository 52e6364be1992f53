"""One line for where the time of an association went."""

import pytest

from dicomsniff.association.time_sums import COMPONENTS, TimeSums
from dicomsniff.report.time_bars import NAMES, WIDTH, time_bar
from dicomsniff.report.timing_rows import sums_row
from tests.captures import real

MS = 1_000_000


def test_the_largest_are_named_and_drawn_in_proportion() -> None:
    bar = time_bar(
        sums_row(TimeSums(server=7500 * MS, wire=2000 * MS, think=500 * MS, total=10_000 * MS, confidence="high"))
    )
    assert bar == "█" * 15 + "▓" * 4 + "▒" + " 10.0 s: █ answers 75 %, ▓ line 20 %, ▒ sender's pauses 5 %"


def test_what_took_too_short_to_matter_is_not_named() -> None:
    bar = time_bar(sums_row(TimeSums(setup=900 * MS, nagle=100 * MS, total=1000 * MS)))
    assert bar is not None and bar.endswith("set-up and release 90 %")


def test_what_is_not_named_is_the_rest() -> None:
    bar = time_bar(sums_row(TimeSums(server=500 * MS, total=1000 * MS)))
    assert bar is not None and bar.startswith("█" * 10 + "░" * 10)


def test_short_and_unknown_times_have_no_bar() -> None:
    assert time_bar(None) is None and time_bar(sums_row(TimeSums(server=MS, total=MS))) is None


def test_every_component_has_a_name() -> None:
    assert set(NAMES) == set(COMPONENTS)


@real.here
@pytest.mark.parametrize(
    ("name", "word"), [("slow_server", "answers"), ("slow_client", "pauses"), ("slow_link", "line")]
)
def test_the_cause_is_first_on_the_terminal(name: str, word: str) -> None:
    bar = time_bar(real.analysis(name).report().associations[0]["time"])
    assert bar is not None and word in bar.split("█ ")[1].split(",")[0] and len(bar.split(" ")[0]) == WIDTH
