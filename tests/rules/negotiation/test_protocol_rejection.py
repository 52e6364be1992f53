"""Rejections for the application context, the protocol version or an undefined code."""

from typing import Any

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.finding import Side, Verdict
from dicomsniff.rules.negotiation.protocol_rejection import RULE
from tests.forge import pdus
from tests.forge.reading import traffic_of
from tests.forge.traffic import TrafficForge
from tests.forge.wire import BACK, OUT, Wire
from tests.rules.judging import only, verdict


def rejected(reject: tuple[int, int, int] = (1, 1, 2), **request: Any) -> Traffic:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED, reject=reject, request_fields=request)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, rejected()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, rejected((1, 3, 2))) is Verdict.CLEAR


def test_a_request_with_the_right_application_context_is_not_blamed() -> None:
    finding = only(RULE, rejected())
    assert finding.act is Side.ACCEPTOR
    assert "some servers use this code for a limit" in finding.message


def test_a_padded_application_context_is_the_requestors() -> None:
    finding = only(RULE, rejected(application_context="1.2.840.10008.3.1.1.1 "))
    assert finding.act is Side.REQUESTOR
    assert "application context '1.2.840.10008.3.1.1.1 '" in finding.message


def test_the_bits_of_the_protocol_version_are_shown() -> None:
    finding = only(RULE, rejected((1, 2, 2), protocol_version=2))
    assert "protocol version bits 0000000000000010" in finding.message
    assert finding.act is Side.REQUESTOR


@pytest.mark.parametrize("codes", [(1, 1, 5), (1, 3, 0), (1, 4, 1), (1, 2, 9)])
def test_codes_without_meaning_are_told_as_numbers(codes: tuple[int, int, int]) -> None:
    assert "undefined code " + "/".join(map(str, codes)) in only(RULE, rejected(codes)).message


def test_a_padding_that_the_name_does_not_show_is_the_requestors() -> None:
    wire, name = Wire().connect(), pdus.APPLICATION_CONTEXT.encode() + b"\0"
    context = pdus.proposed_context(1, pdus.VERIFICATION, pdus.IMPLICIT_LITTLE)
    wire.send(OUT, pdus.associate(1, pdus.item(0x10, name), context, pdus.user_information()))
    wire.send(BACK, pdus.rejection(1, 1, 2)).close(BACK)
    finding = only(RULE, traffic_of(wire.frames))
    assert finding.act is Side.REQUESTOR
    assert f"application context '{pdus.APPLICATION_CONTEXT}', which is padded with a NUL." in finding.message
