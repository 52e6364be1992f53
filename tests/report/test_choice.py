"""Where there are too many rows: faults first, then the first ones, in order."""

from dicomsniff.association.values import Outcome
from dicomsniff.report.choice import chosen_associations, chosen_exchanges
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, many_exchanges, report_of


def test_few_associations_are_all_shown() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association()
    assert chosen_associations(report_of(forge.traffic()), 2) == [1, 2]


def test_associations_with_findings_and_bad_ends_come_first() -> None:
    forge = TrafficForge()
    for number in range(1, 11):
        forge.association(outcome=Outcome.ABORTED if number == 9 else Outcome.RELEASED)
    child = finding(association=7)
    report = report_of(forge.traffic(), [finding(association=10, children=(child,))])
    assert chosen_associations(report, 5) == [1, 2, 7, 9, 10]
    assert chosen_associations(report, 2) == [7, 10]


def test_exchanges_that_failed_are_shown_before_the_first() -> None:
    row = report_of(many_exchanges(3000)).associations[0]
    chosen = chosen_exchanges(row, 10)
    assert chosen == [1, 2, 3, 4, 5, 6, 7, 1000, 2000, 3000]
