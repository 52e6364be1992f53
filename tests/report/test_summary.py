"""Counts: associations by their end, operations by outcome, findings by severity, blind spots."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.report.summary import failed_associations, summary_row
from dicomsniff.rules.finding import Severity
from tests.forge.traffic import TrafficForge
from tests.report.forged import CHECKS, finding, healthy_traffic, rich_traffic


def test_ends_and_outcomes_are_counted() -> None:
    row = summary_row(rich_traffic(), [finding(), finding(severity=Severity.NOTE)], CHECKS)
    assert (row["connections"], row["dicom_connections"], row["failed_connections"]) == (5, 3, 1)
    assert [row[name] for name in ("associations", "released", "rejected", "aborted")] == [3, 1, 1, 1]
    assert (row["exchanges"], row["failed_exchanges"], row["incomplete_exchanges"]) == (5, 1, 1)
    assert row["findings"] == {"error": 1, "warning": 0, "note": 1, "info": 0}
    assert row["inconclusive_checks"] == 1


def test_a_failed_operation_does_not_make_its_association_a_failed_one() -> None:
    traffic = healthy_traffic()
    assert failed_associations(traffic, [finding(exchange=2)]) == set()
    assert failed_associations(traffic, [finding()]) == {1}
    assert failed_associations(traffic, [finding(severity=Severity.WARNING)]) == set()


def test_an_association_closed_in_the_middle_of_an_operation_failed() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.CLOSED, closed_by="acceptor"), "C-STORE")
    assert failed_associations(forge.traffic(), [finding(exchange=1)]) == {1}
    assert failed_associations(forge.traffic(), []) == set()


def test_drops_are_unknown_where_no_tool_counted_them() -> None:
    assert summary_row(healthy_traffic(), (), ())["dropped"] is None
    counted = TrafficForge().capture(dropped=3).capture(dropped=None).capture(dropped=4)
    assert summary_row(counted.traffic(), (), ())["dropped"] == 7


def test_an_association_open_at_the_end_is_not_a_blind_one() -> None:
    forge = TrafficForge()
    forge.association(blind=(Blind.END,))
    forge.association(blind=(Blind.HOLE_TO_ACCEPTOR,))
    assert summary_row(forge.traffic(), (), ())["blind_associations"] == 1
