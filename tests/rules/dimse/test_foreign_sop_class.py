"""DS-DIMSE-005: requests on the context of another class."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.dimse.foreign_sop_class import RULE
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.traffic import CT, IMPLICIT, MR, TrafficForge
from tests.rules.applying import hits, is_quiet, only
from tests.rules.judging import shape

PRINT_META, FILM_BOX = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.2"
UPS_PUSH, UPS_PULL = "1.2.840.10008.5.1.4.34.6.1", "1.2.840.10008.5.1.4.34.6.3"
MPPS = "1.2.840.10008.3.1.2.3.3"


def _traffic(service: str, sop_class: str, abstract: str, status: int = 0, count: int = 1) -> Traffic:
    forge = TrafficForge()
    association = forge.association(contexts=[(abstract, [IMPLICIT], 0)])
    for _ in range(count):
        forge.exchange(association, service, status=status, sop_class=sop_class)
    return forge.traffic()


def test_fires_once_for_all_objects_of_a_foreign_class() -> None:
    hit = only(RULE, _traffic("C-STORE", MR, CT, count=3))
    assert "MR Image Storage" in hit.message and "on the context of CT Image Storage" in hit.message
    assert "3 times" in hit.message and (hit.severity, hit.act) == ("warning", "requestor")


def test_fires_as_an_error_where_the_performer_refused() -> None:
    traffic = _traffic("C-STORE", MR, CT, 0x0122)
    assert only(RULE, traffic).severity == "error"
    assert shape(traffic) == [(RULE.id, ["DS-STORE-002"])]
    full = _traffic("C-STORE", MR, CT, 0xA700)
    assert only(RULE, full).severity == "warning" and shape(full) == [("DS-STORE-001", [])]


def test_fires_for_an_n_service_that_no_meta_class_explains() -> None:
    assert only(RULE, _traffic("N-CREATE", MPPS, PRINT_META))


@pytest.mark.parametrize(
    ("service", "sop_class", "abstract"),
    [
        ("C-STORE", CT, CT),
        ("N-CREATE", FILM_BOX, PRINT_META),
        ("N-ACTION", UPS_PUSH, UPS_PULL),
        ("N-CREATE", FILM_BOX, "1.2.840.113619.4.5"),
    ],
)
def test_is_quiet_about_meta_classes_and_private_ones(service: str, sop_class: str, abstract: str) -> None:
    assert is_quiet(RULE, _traffic(service, sop_class, abstract))


def test_is_quiet_where_the_negotiation_was_not_seen() -> None:
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0, sop_class=MR, context_id=9)
    assert not hits(RULE, forge.traffic())


def test_is_quiet_where_the_context_may_mean_something_else_by_now() -> None:
    """Its association may have been released, and another begun on the connection, in a hole."""
    forge = TrafficForge()
    association = forge.association(contexts=[(CT, [IMPLICIT], 0)])
    forge.exchange(association, "C-STORE", status=0, sop_class=MR)
    traffic = forge.traffic()
    [conversation], request = traffic.conversations, traffic.associations[0].request
    assert request is not None and hits(RULE, traffic)
    gap = Gap(1, Direction.TO_RESPONDER, request.evidence.end, 2000, GapCause.LOST, 9, 0)
    late = traffic.exchange(1).request
    assert late is not None
    traffic.exchange(1).request = late._replace(start=late.start + 2000, end=late.end + 2000)
    assert not hits(RULE, replace(traffic, conversations=(replace(conversation, gaps=(gap,)),)))
