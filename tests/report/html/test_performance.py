"""Where the time went: bars to scale, the largest part in words, answers with their distribution."""

import pytest

from dicomsniff.report.html.chosen import detailed
from dicomsniff.report.html.performance import Performance, performance
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge
from tests.report.forged import report_of, rich_traffic


def of(name: str) -> Performance:
    report = analysis(name).report()
    return performance(report, detailed(report))


def test_no_traffic_no_bars() -> None:
    made = performance(report_of(TrafficForge().traffic()), [])
    assert made.pairs == [] and made.answers == [] and made.associations == []


@pytest.mark.parametrize("of_pairs", [True, False])
def test_bars_lie_side_by_side_within_their_width(of_pairs: bool) -> None:
    report = report_of(rich_traffic())
    made = performance(report, detailed(report))
    for bar in made.pairs if of_pairs else made.associations:
        place = 0.0
        for piece in bar.pieces:
            assert abs(piece.begin - place) < 0.0001 and piece.length > 0
            place = piece.begin + piece.length
        assert place <= 1.0001


@here
def test_a_slow_server_is_seen_at_once() -> None:
    made = of("slow_server")
    assert made.pairs[0].most == "97 % until the answer" and made.pairs[0].title == "STORESCU → PYPACS"
    [answers] = made.answers
    assert (answers.who, answers.row["count"]) == ("PYPACS to STORESCU", 3)
    assert [column.words for column in answers.columns] == ["3 up to 2 s"]
    assert made.associations == []  # one association: the pair says it all


@here
def test_delayed_acknowledgements_are_not_called_a_slow_server() -> None:
    assert "delayed acknowledgements" in of("slow_nagle").pairs[0].most
    assert of("slow_client").pairs[0].most.endswith("pauses of the sender")


@here
@pytest.mark.parametrize("name", ["echo_ok", "store_series", "jpeg_accepted", "print_film"])
def test_of_a_healthy_capture_no_part_is_named_as_what_took_most_for_a_moment(name: str) -> None:
    made = of(name)
    for bar in (*made.pairs, *made.associations):
        assert bar.most == "" or bar.total_ms >= 500
        assert "delayed" not in bar.most


@here
def test_the_slowest_come_first() -> None:
    made = of("query_retrieve")
    totals = [bar.total_ms for bar in made.associations]
    assert totals == sorted(totals, reverse=True) and totals[0] == made.full_ms
    assert all(0 <= column.begin < 1 and 0 < column.height <= 1 for view in made.answers for column in view.columns)
