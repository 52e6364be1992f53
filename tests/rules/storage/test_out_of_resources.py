"""DS-STORE-001: objects refused with A7xx."""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.storage.out_of_resources import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, is_quiet, only


def _traffic(*statuses: int, comment: str | None = None) -> Traffic:
    forge = TrafficForge()
    association = forge.association()
    for status in statuses:
        forge.exchange(association, "C-STORE", status=status, error_comment=comment)
    return forge.traffic()


def test_fires_with_status_meaning_and_comment() -> None:
    hit = only(RULE, _traffic(0xA700, comment="disk full"))
    assert "refused 1 object with 0xA700 (Refused: out of resources): ⟪comment 'disk full'⟫" in hit.message


def test_fires_once_for_equal_answers_and_counts_them() -> None:
    hit = only(RULE, _traffic(0, 0, 0xA700, 0xA700, 0xA700))
    assert "refused 3 objects" in hit.message and "every object after the first 2" in hit.message
    assert hit.fix is not None and "disk space" in hit.fix


def test_fires_and_looks_at_the_object_when_others_passed_afterwards() -> None:
    hit = only(RULE, _traffic(0, 0xA701, 0))
    assert "1 of 3 objects" in hit.message and hit.fix is not None and "special" in hit.fix


def test_fires_for_each_status_of_its_own() -> None:
    assert len(hits(RULE, _traffic(0xA700, 0xA7FF))) == 2


def test_is_quiet_about_other_answers() -> None:
    assert is_quiet(RULE, _traffic(0, 0xA900, 0xB000, 0xC000, 0x0110))


def test_one_refusal_at_the_end_may_be_the_resource_or_the_object() -> None:
    assert only(RULE, _traffic(0, 0, 0xA700)).fix is None


def test_tells_of_every_object_that_was_refused() -> None:
    assert only(RULE, _traffic(0, 0xA700, 0xA700)).tells_of == (2, 3)
