"""What came to nothing because of a fault in data sets, and what only came to nothing beside it."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.data_sets.blame import of_the_data
from dicomsniff.rules.runner import judge
from tests.forge.dialogue import STORE, Dialogue
from tests.forge.messages import element
from tests.rules.data_sets.stored import CT, INSTANCE, ct, stored
from tests.rules.spoken import traffic_of

BAD_UID = ct(SeriesInstanceUID="1.02.3")
FAULTY = {
    "DS-DATA-002": BAD_UID,
    "DS-DATA-004": element(0x00020010, b"1.2\0") + ct(),
    "DS-DATA-006": ct(StudyInstanceUID=None),
    "DS-STORE-004": ct(SOPInstanceUID="1.9.9"),
}


def told(traffic: Traffic) -> list[tuple[str, str, list[str]]]:
    """The errors and warnings, with what stands below."""
    found = [f for f in judge(traffic, fence=False).findings if f.severity in ("error", "warning")]
    return [(f.rule, f.severity, [child.rule for child in f.children]) for f in found]


def aborted(direction: Direction, after: float) -> Traffic:
    """One side aborts upon, or while it waits for the answer to, an object with an invalid UID."""

    def talk(d: Dialogue) -> None:
        d.ask(STORE, CT, BAD_UID, AffectedSOPInstanceUID=INSTANCE)
        d.wire.acknowledge(Direction.TO_RESPONDER).wait(after)
        d.abort(direction)

    return traffic_of(talk, end="")


@pytest.mark.parametrize(("rule", "data"), FAULTY.items())
@pytest.mark.parametrize("status", [0xA900, 0xC000, 0x0110])
def test_that_the_archive_refused_such_an_object_follows_from_its_fault(rule: str, data: bytes, status: int) -> None:
    assert told(stored(data, status=status)) == [(rule, "error", ["DS-STORE-002"])]


@pytest.mark.parametrize("status", [0xA700, 0x0122, 0x0124, 0x0111, 0x0213])
def test_a_status_with_another_reason_is_not_blamed_on_the_data(status: int) -> None:
    assert not of_the_data(status)
    worst, other = told(stored(BAD_UID, status=status))
    assert worst[1:] == ("error", []) and other == ("DS-DATA-002", "warning", [])


def test_a_fault_that_the_archive_bore_with_is_no_reason_to_refuse_the_next() -> None:
    def talk(d: Dialogue) -> None:
        d.store(CT, INSTANCE, BAD_UID)
        d.store(CT, "1.2.3.5", ct(SOPInstanceUID="1.2.3.5", SeriesInstanceUID="1.02.3"), 0xC000)

    assert told(traffic_of(talk)) == [
        ("DS-STORE-002", "error", ["DS-STORE-006"]),
        ("DS-DATA-002", "warning", []),
    ]


def test_a_sound_object_that_was_refused_alike_does_not_follow_from_the_fault_of_another() -> None:
    traffic = stored(BAD_UID, ct(SOPInstanceUID="1.2.3.5"), status=0xA900, instances=[INSTANCE, "1.2.3.5"])
    assert "DS-STORE-002" in [rule for rule, _, _ in told(traffic)]


def test_who_aborts_upon_it_does_so_for_it_and_who_waits_in_vain_for_the_answer_does_not() -> None:
    assert told(aborted(Direction.TO_INITIATOR, 0.01)) == [("DS-DATA-002", "error", ["DS-ASSOC-008"])]
    assert ("DS-ASSOC-008", "error", ["DS-DIMSE-001"]) in told(aborted(Direction.TO_RESPONDER, 60))
