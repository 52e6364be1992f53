"""Associations on the page: bounded, the faulty and the used in sight, the rest folded or counted."""

from dicomsniff.report.html.view import page
from tests.forge.traffic import CT, IMPLICIT, SC, TrafficForge
from tests.report.forged import finding, healthy_traffic, many_exchanges, report_of


def test_an_association_carries_its_findings_and_those_that_follow() -> None:
    child = finding("follows", association=1)
    view = next(page(report_of(healthy_traffic(), [finding(association=None, children=(child,))])).associations)
    assert [row["message"] for row in view.findings] == ["follows"]
    assert view.opened


def test_a_long_association_shows_a_bounded_part_and_counts_the_rest() -> None:
    view = next(page(report_of(many_exchanges(3000))).associations)
    assert len(view.exchanges) == 500
    assert view.exchanges_left == 2500
    assert view.exchanges[-1].row["id"] == 3000


def test_many_associations_share_the_page() -> None:
    forge = TrafficForge()
    for _ in range(230):
        number = forge.association()
        for _ in range(40):
            forge.exchange(number, "C-ECHO", status=0)
    shown = page(report_of(forge.traffic()))
    views = list(shown.associations)
    assert (len(views), shown.associations_left) == (100, 130)
    assert {(len(view.exchanges), view.exchanges_left) for view in views} == {(40, 0)}
    assert not any(view.opened for view in views)


def test_unused_contexts_are_folded_where_there_are_many() -> None:
    forge = TrafficForge()
    many = [(f"{SC}.{number}", (IMPLICIT,), 0) for number in range(60)]
    forge.exchange(forge.association(contexts=[(CT, (IMPLICIT,), 0), *many]), "C-STORE", status=0)
    view = next(page(report_of(forge.traffic())).associations)
    assert [context["id"] for context in view.contexts] == [1]
    assert len(view.folded_contexts) == 60
    assert view.accepted == 61


def test_offsets_count_from_the_beginning_of_the_association() -> None:
    view = next(page(report_of(healthy_traffic())).associations)
    assert view.exchanges[0].offset_ms == 2.0
