"""What the page shows: bounded, the faulty and the used in sight, the rest folded or counted."""

from dicomsniff.association.values import Kind
from dicomsniff.report.html.view import page
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic, report_of, rich_traffic


def test_connections_without_association_are_listed_and_bounded() -> None:
    assert [row["opened"] for row in page(report_of(rich_traffic())).connections] == ["refused", "handshake"]
    forge = TrafficForge()
    for _ in range(205):
        forge.connection(opened="refused", kind=Kind.EMPTY)
    shown = page(report_of(forge.traffic()))
    assert (len(shown.connections), shown.connections_left) == (200, 5)


def test_checks_are_grouped_with_the_telling_ones_first() -> None:
    groups = page(report_of(healthy_traffic())).checks
    assert [verdict for verdict, _ in groups] == ["finding", "inconclusive", "clear", "not-applicable"]


def test_sections_are_those_that_there_are() -> None:
    shown = [id for id, _ in page(report_of(healthy_traffic(), checks=())).sections]
    assert shown == ["network", "time", "associations", "performance", "studies", "objects"]
    told = [id for id, _ in page(report_of(rich_traffic(), [finding()])).sections]
    assert told == [
        "findings", "network", "time", "associations", "performance", "studies", "objects", "connections", "checks",
    ]  # fmt: skip


def test_a_filter_is_offered_where_it_can_choose() -> None:
    assert [name for name, _, _ in page(report_of(healthy_traffic())).filters] == ["ae", "host", "status"]
