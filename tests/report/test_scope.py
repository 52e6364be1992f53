"""How much failed between the same two: counted by what failed, blamed only for what the finding tells of."""

from dataclasses import replace

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Outcome
from dicomsniff.report.scope import scope_of
from dicomsniff.rules.finding import Finding
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding


def words(forge: TrafficForge, lead: Finding, *others: Finding) -> tuple[str, int] | None:
    traffic = forge.traffic()
    scope = scope_of(traffic, (lead, *others), lead)
    return None if scope is None else (scope.words, scope.told)


def stores(*statuses: int, service: str = "C-STORE") -> TrafficForge:
    forge = TrafficForge()
    number = forge.association()
    for status in statuses:
        forge.exchange(number, service, status=status)
    return forge


@pytest.mark.parametrize(
    ("statuses", "wanted"),
    [
        ((0xA700,), "The only transfer from CT01 to PACS"),
        ((0xA700, 0xA700), "Both transfers from CT01 to PACS"),
        ((0xA700, 0xA700, 0xA700), "All 3 transfers from CT01 to PACS"),
        ((0xA700, 0, 0xA700), "2 of 3 transfers from CT01 to PACS"),
    ],
)
def test_transfers_are_counted_between_the_same_two(statuses: tuple[int, ...], wanted: str) -> None:
    forge = stores(*statuses)
    forge.exchange(forge.association(calling="CT02"), "C-STORE", status=0xA700)
    assert words(forge, finding(exchange=1)) == (wanted, 1)


@pytest.mark.parametrize(
    ("service", "wanted"),
    [("C-FIND", "query from CT01 to PACS"), ("C-MOVE", "retrieve by CT01 from PACS"), ("C-ECHO", "C-ECHO from CT01 to PACS")],
)  # fmt: skip
def test_services_are_called_what_people_call_them(service: str, wanted: str) -> None:
    assert words(stores(0xC001, service=service), finding(exchange=1)) == (f"The only {wanted}", 1)


def test_the_other_way_round_where_the_acceptor_asked() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "N-EVENT-REPORT", status=0x0110, requested_by="acceptor")
    assert words(forge, finding(exchange=1)) == ("The only N-EVENT-REPORT from PACS to CT01", 1)


def test_a_finding_is_answered_for_by_what_it_and_its_children_tell_of_alone() -> None:
    forge = stores(0xA700, 0xA700, 0xA900, 0)
    child = finding(exchange=3)
    lead = replace(finding(exchange=1), exchanges=(1, 2))
    assert words(forge, lead) == ("3 of 4 transfers from CT01 to PACS", 2)
    assert words(forge, replace(lead, children=(child,))) == ("3 of 4 transfers from CT01 to PACS", 3)


def test_rejected_associations_are_counted_as_such() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 7))
    forge.association()
    assert words(forge, finding()) == ("1 of 2 associations from CT01 to PACS", 1)


def test_connections_that_were_refused_are_counted_between_two_addresses() -> None:
    forge = TrafficForge()
    forge.connection(opened="refused")
    forge.connection(opened="refused")
    lead = replace(finding(association=None), connections=(1, 2))
    assert words(forge, lead) == ("Both connections from 10.0.0.1 to 10.0.0.2:104", 2)


def test_a_connection_that_was_only_probed_did_not_fail() -> None:
    forge = TrafficForge()
    forge.connection()
    assert words(forge, finding(association=None, rule="DS-SEC-004")) is None
    assert words(forge, finding(association=None, rule="DS-SEC-005")) is not None


def test_what_is_about_nothing_has_no_scope() -> None:
    assert words(stores(0), finding(association=None, connection=None)) is None


@real.here
@pytest.mark.parametrize(
    ("name", "headline", "action"),
    [
        (
            "jpeg_not_accepted",
            "Both associations from ACME1 to ACME_STORE failed; 1 of them: ACME_STORE refuses JPEG Lossless for CT Image Storage.",
            "Enable JPEG Lossless (1.2.840.10008.1.2.4.70) on ACME_STORE, or let ACME1 decompress and propose Explicit VR Little Endian.",
        ),
        (
            "reject_called_ae",
            "The only association from ECHOSCU to ANY-SCP failed: 10.77.0.2:11112 does not know itself as 'ANY-SCP' "
            "(asked by 'ECHOSCU' from 10.77.0.1).",
            "Set the called AE title on the sender to 'ACME_STORE', letter by letter.",
        ),
        (
            "query_retrieve",
            "2 of 3 retrieves by ACME1 from ACME_STORE failed; 1 of them: ACME_STORE does not know the move destination "
            "'NOWHERE' asked for by ACME1 (status 0xA801).",
            "Register 'NOWHERE' on ACME_STORE with the IP address and port of its storage listener, or ask for a "
            "destination that is registered there.",
        ),
    ],
)  # fmt: skip
def test_real_captures_are_told_with_count_cause_and_remedy(name: str, headline: str, action: str) -> None:
    verdict = analyze(real.capture(name)).report().verdict
    assert (verdict["headline"], verdict["action"]) == (headline, action)
