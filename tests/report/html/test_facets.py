"""What can be filtered by: every title, host, service and status once, and the numbers of each association."""

from dicomsniff.report.html.facets import NONE, Facet, facets_of
from tests.forge.traffic import TrafficForge
from tests.report.forged import report_of, rich_traffic


def test_an_association_carries_the_numbers_of_its_titles_hosts_services_and_statuses() -> None:
    facets, marks = facets_of(report_of(rich_traffic()))
    services = {text: number for number, text in facets.services.choices()}
    statuses = {text: number for number, text in facets.statuses.choices()}
    assert set(services) == {"C-MOVE", "C-STORE", "C-FIND"}
    assert marks[1].services == tuple(sorted((services["C-MOVE"], services["C-STORE"])))
    assert {statuses["0xA700"], statuses["released"]} <= set(marks[1].statuses)
    assert statuses["incomplete"] in marks[2].statuses
    assert len(marks[0].aes) == 2


def test_titles_are_listed_once_in_the_order_of_the_alphabet() -> None:
    forge = TrafficForge()
    for calling in ("ZETA", "ALPHA", "ZETA"):
        forge.association(calling=calling, called="MID")
    facets, _ = facets_of(report_of(forge.traffic()))
    assert [text for _, text in facets.aes.choices()] == ["ALPHA", "MID", "ZETA"]


def test_a_full_list_takes_no_more() -> None:
    facet = Facet()
    numbers = [facet.of(f"AE{number}") for number in range(500)]
    assert numbers[399] == 399 and numbers[400] == NONE
    assert facet.of("AE3") == 3 and facet.of(None) == NONE
