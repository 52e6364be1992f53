"""DS-DIMSE-009: statuses that no table lists."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.dimse.undefined_status import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.applying import is_quiet, only


def _traffic(service: str, status: int) -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(), service, status=status, error_comment="ours")
    return forge.traffic()


@pytest.mark.parametrize(
    ("service", "status", "words"),
    [
        ("C-STORE", 0xB123, "0xB123, which is not defined for C-STORE; by its number it is of the class warning"),
        ("C-ECHO", 0xA700, "of the class failure"),
        ("C-STORE", 0xFF00, "of the class pending"),
        ("C-STORE", 0xFE00, "of the class cancel"),
    ],
)
def test_fires_with_the_class_by_convention(service: str, status: int, words: str) -> None:
    hit = only(RULE, _traffic(service, status))
    assert words in hit.message and "'ours'" in hit.message


@pytest.mark.parametrize(
    ("service", "status"),
    [("C-STORE", 0xA700), ("C-STORE", 0xB000), ("C-FIND", 0xC123), ("C-ECHO", 0x0110), ("N-SET", 0), ("C-GET", 0xFE00)],
)
def test_is_quiet_about_codes_of_the_service_and_general_ones(service: str, status: int) -> None:
    assert is_quiet(RULE, _traffic(service, status))
