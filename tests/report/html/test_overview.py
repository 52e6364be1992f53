"""The capture at one glance: every association has its place, nothing lies outside, many become a count."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.html.finding_groups import groups
from dicomsniff.report.html.overview import BINS, LANES, SPANS, Overview, overview
from dicomsniff.rules.finding import Severity
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic, report_of, rich_traffic


def of(forge: TrafficForge) -> Overview:
    made = overview(report_of(forge.traffic()), [])
    assert made is not None
    return made


def test_nothing_to_show_is_nothing() -> None:
    assert overview(report_of(TrafficForge().traffic()), []) is None


def test_associations_one_after_the_other_share_a_lane_and_lie_in_order() -> None:
    forge = TrafficForge()
    for _ in range(3):
        forge.exchange(forge.association(), "C-ECHO", status=0)
    made = of(forge)
    assert made.lanes == 1 and [span.number for span in made.spans] == [1, 2, 3]
    ends = [number for span in made.spans for number in (span.begin, span.end)]
    assert ends == sorted(ends) and ends[0] == 0 and ends[-1] == 1


def test_very_many_associations_become_a_count_over_time() -> None:
    forge = TrafficForge()
    for _ in range(SPANS + 1):
        forge.association()
    made = of(forge)
    assert made.spans == [] and made.most_active >= 1
    assert max(column.height for column in made.active) == 1 and len(made.active) <= BINS


def test_findings_are_marks_and_information_is_not() -> None:
    report = report_of(rich_traffic(), [finding(), finding("info", Severity.INFO), finding("no time", time_ns=None)])
    made = overview(report, groups(report.findings))
    assert made is not None
    assert [(mark.number, mark.severity) for mark in made.marks] == [(1, "error")]


def test_throughput_is_to_scale_of_its_peak() -> None:
    made = overview(report_of(healthy_traffic()), [])
    assert made is not None and made.peak.endswith("/s")
    assert max(column.height for column in made.rates) == 1


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), min_size=1, max_size=60))
def test_a_part_of_the_time_is_a_part(times: list[tuple[int, int]]) -> None:
    made = Overview(min(first for first, _ in times), 1 + max(last for _, last in times))
    assert all(0 <= made.part(time) <= 1 for pair in times for time in pair)


@here
def test_the_real_callback_runs_beside_its_retrieve() -> None:
    made = overview(analysis("query_retrieve").report(), [])
    assert made is not None and made.lanes == 2 <= LANES
    lanes = {span.number: span.lane for span in made.spans}
    assert lanes[4] != lanes[5]
    assert [tick.text for tick in made.ticks] == [f"15:53:{seconds:06.3f}" for seconds in (37, 37.5, 38, 38.5, 39)]
