"""Codes of oddities are stable words: scripts read them."""

import re

from dicomsniff.core import Anomaly, AnomalyCode, Direction, Evidence


def test_every_code_is_its_name_in_lower_case_with_hyphens() -> None:
    for code in AnomalyCode:
        assert code.value == code.name.lower().replace("_", "-")
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", str(code))


def test_an_anomaly_can_be_compared_and_sorted_into_a_set() -> None:
    evidence = Evidence(Direction.TO_RESPONDER, 0, 6, 1, 1, 0, 0)
    one = Anomaly(AnomalyCode.PDU_TRUNCATED, evidence, "ended after 6 bytes")
    assert len({one, one._replace(), one._replace(detail="other")}) == 2
