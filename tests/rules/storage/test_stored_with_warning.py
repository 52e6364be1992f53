"""DS-STORE-003: objects stored, but."""

from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.storage.stored_with_warning import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, is_quiet, only


def _traffic(*statuses: int, **fields: Any) -> Traffic:
    forge = TrafficForge()
    association = forge.association()
    for status in statuses:
        forge.exchange(association, "C-STORE", status=status, **fields)
    return forge.traffic()


def test_fires_for_coercion_with_comment_and_elements() -> None:
    hit = only(RULE, _traffic(0xB000, 0xB000, error_comment="from the order", offending_elements=(0x00100010,)))
    assert "stored 2 objects but changed elements PatientName (0010,0010)" in hit.message
    assert "comment 'from the order'" in hit.message


def test_fires_for_discarded_elements() -> None:
    assert "discarded elements" in only(RULE, _traffic(0xB006)).message


def test_fires_for_a_data_set_that_does_not_match() -> None:
    hit = only(RULE, _traffic(0xB007))
    assert "does not match the SOP class" in hit.message
    assert hit.act == "unknown" and only(RULE, _traffic(0xB000)).act == "acceptor"


def test_fires_for_each_code_of_its_own() -> None:
    assert len(hits(RULE, _traffic(0xB000, 0xB006, 0xB123, 0x0107))) == 4


def test_is_quiet_about_success_and_failure() -> None:
    assert is_quiet(RULE, _traffic(0, 0xA700, 0xC000))


def test_only_a_coercion_may_be_wanted() -> None:
    coercion, mismatch = (only(RULE, _traffic(status)).fix for status in (0xB000, 0xB007))
    assert coercion is not None and "meant to change" in coercion.split(";")[0]
    assert mismatch is None and "Fix\nLook at the stored object before" in RULE.page
