"""A-ASSOCIATE-RQ and -AC: every field, and what wrong items leave of them."""

from struct import pack

import pytest

from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.pdu.values import AnsweredContext, AssociateAc, AssociateRq, ProposedContext, UnknownItem
from tests.forge import pdus as forge
from tests.pdu.streams import Result, codes, read

CONTEXT = forge.proposed_context(1, forge.VERIFICATION, forge.IMPLICIT_LITTLE)
APPLICATION = forge.uid(0x10, forge.APPLICATION_CONTEXT)


def request_of(result: Result) -> AssociateRq:
    return next(value for value in result if isinstance(value, AssociateRq))


def acceptance_of(result: Result) -> AssociateAc:
    return next(value for value in result if isinstance(value, AssociateAc))


def anomaly_of(result: Result) -> Anomaly:
    return next(value for value in result if isinstance(value, Anomaly))


def test_a_request_has_its_titles_contexts_and_limits() -> None:
    data = forge.request(forge.proposed_context(5, "1.2.3", "1.2.4", "1.2.5"), called=b"PACS\0\0")
    result = read(data)
    request = request_of(result)
    assert codes(result) == []
    assert (request.called_ae, request.calling_ae, request.protocol_version) == ("PACS", "MODALITY", 1)
    assert request.called_ae_raw == b"PACS\0\0" + b" " * 10
    assert request.length == len(data) - 6
    assert request.application_context == forge.APPLICATION_CONTEXT
    assert request.contexts == (ProposedContext(5, "1.2.3", ("1.2.4", "1.2.5")),)
    assert request.user_information.maximum_length == 16384


def test_an_acceptance_has_its_results() -> None:
    answers = (
        forge.answered_context(1, 0, "1.2"),
        forge.answered_context(3, 3, None),
        forge.answered_context(5, 9, ""),
    )
    acceptance = acceptance_of(read(forge.acceptance(*answers)))
    assert acceptance.contexts == (
        AnsweredContext(1, 0, "1.2"),
        AnsweredContext(3, 3, None),
        AnsweredContext(5, 9, None),
    )
    assert acceptance.application_context == forge.APPLICATION_CONTEXT


def test_a_request_from_another_encoder_is_read_whole() -> None:
    result = read(forge.scapy_request())
    request = request_of(result)
    information = request.user_information
    assert codes(result) == [AnomalyCode.PDU_UID_INVALID]  # scapy pads its application context name with a NUL
    assert request.contexts == (ProposedContext(3, forge.VERIFICATION, (forge.EXPLICIT_LITTLE, forge.IMPLICIT_LITTLE)),)
    assert (information.maximum_length, information.implementation_class_uid) == (32768, "1.2.3.4")
    assert (information.implementation_version, information.async_window) == ("FORGE_1", (3, 0))
    assert information.roles == (("1.2.5", 0, 1),)
    assert information.extended == (("1.2.6", b"\x01\x00"),)
    assert information.common_extended == ((0, "1.2.7", "1.2.8", ("1.2.9",)),)
    assert information.user_identity == (2, True, "anna", 4, 6)


def test_padding_of_uids_is_stripped() -> None:
    context = forge.proposed_context(1, "1.2.3\0", "1.2.4 ")
    request = request_of(read(forge.associate(1, forge.uid(0x10, "1.2.9\0"), context, forge.user_information())))
    assert request.contexts == (ProposedContext(1, "1.2.3", ("1.2.4",)),)
    assert request.application_context == "1.2.9"


def test_unknown_items_and_sub_items_are_kept_and_not_flagged() -> None:
    inner = forge.item(0x20, b"\x01\0\0\0" + forge.uid(0x30, "1.2") + forge.uid(0x40, "1.3") + forge.item(0x77, b"x"))
    information = forge.user_information(forge.item(0x66, b"y"))
    result = read(forge.associate(1, APPLICATION, inner, information, forge.item(0x88, b"z")))
    request = request_of(result)
    assert codes(result) == []
    assert request.unknown == (UnknownItem(0x77, b"x"), UnknownItem(0x88, b"z"))
    assert request.user_information.unknown == (UnknownItem(0x66, b"y"),)


@pytest.mark.parametrize(
    ("items", "what"),
    [
        ((CONTEXT, forge.user_information()), "Application Context"),
        ((APPLICATION, forge.user_information()), "every Presentation Context"),
        ((APPLICATION, CONTEXT), "User Information"),
        ((APPLICATION, CONTEXT, forge.user_information(maximum=None)), "Maximum Length"),
        ((APPLICATION, forge.item(0x20, b"\x01\0\0\0" + forge.uid(0x40, "1.2")), forge.user_information()), "Abstract"),
        ((APPLICATION, forge.proposed_context(1, "1.2"), forge.user_information()), "every Transfer Syntax"),
    ],
)
def test_a_missing_item_is_named(items: tuple[bytes, ...], what: str) -> None:
    result = read(forge.associate(1, *items))
    assert codes(result) == [AnomalyCode.PDU_ITEM_MISSING]
    assert f"A-ASSOCIATE-RQ: {what}" in anomaly_of(result).detail


@pytest.mark.parametrize("twice", [APPLICATION, forge.user_information()])
def test_an_item_that_stands_twice_is_reported_and_the_first_counts(twice: bytes) -> None:
    result = read(forge.associate(1, APPLICATION, CONTEXT, forge.user_information(), twice[:-1] + b"\xff"))
    assert codes(result) == [AnomalyCode.PDU_ITEM_TWICE]
    assert request_of(result).application_context == forge.APPLICATION_CONTEXT
    assert request_of(result).user_information.maximum_length == 16384


def test_an_item_beyond_its_pdu_keeps_all_before_it_and_says_where() -> None:
    wrong = forge.item(0x50, b"1234", length=400)
    data = forge.associate(1, APPLICATION, CONTEXT, wrong)
    result = read(data)
    assert len(request_of(result).contexts) == 1
    assert codes(result) == [AnomalyCode.PDU_ITEM_MISSING, AnomalyCode.PDU_ITEMS_DO_NOT_FIT]
    shown = next(a for a in result if isinstance(a, Anomaly) and a.code is AnomalyCode.PDU_ITEMS_DO_NOT_FIT)
    assert shown.evidence.start == len(data) - len(wrong)
    assert "User Information item (50H) announces 400 bytes where 4 are left" in shown.detail


def test_a_sub_item_beyond_its_context_is_reported_at_its_offset() -> None:
    inner = forge.uid(0x30, "1.2.3") + forge.uid(0x40, "1.2.4") + forge.item(0x40, b"12", length=99)
    data = forge.associate(1, APPLICATION, forge.item(0x20, b"\x07\0\0\0" + inner), forge.user_information())
    result = read(data)
    assert request_of(result).contexts == (ProposedContext(7, "1.2.3", ("1.2.4",)),)
    assert codes(result) == [AnomalyCode.PDU_ITEMS_DO_NOT_FIT]
    assert data[anomaly_of(result).evidence.start :][:4] == b"\x40\0\0\x63"


def test_a_context_too_short_for_its_id_is_no_context() -> None:
    result = read(forge.associate(1, APPLICATION, forge.item(0x20, b"\x01"), CONTEXT, forge.user_information()))
    assert [context.context_id for context in request_of(result).contexts] == [1]
    assert codes(result) == [AnomalyCode.PDU_ITEMS_DO_NOT_FIT]


def test_the_transfer_syntax_of_a_refused_context_may_be_anything() -> None:
    two = forge.item(0x21, b"\x01\0\x04\0" + forge.uid(0x40, "1.2") * 2)
    assert codes(read(forge.acceptance(two))) == []
    accepted = forge.item(0x21, b"\x01\0\0\0" + forge.uid(0x40, "1.2") * 2)
    assert codes(read(forge.acceptance(accepted))) == [AnomalyCode.PDU_ITEM_TWICE]


def test_a_request_without_items_is_still_a_request() -> None:
    result = read(forge.associate(1))
    assert request_of(result).contexts == ()
    assert set(codes(result)) == {AnomalyCode.PDU_ITEM_MISSING}


def test_flaws_of_items_met_before_point_into_the_pdu_at_hand() -> None:
    bad = forge.item(0x20, b"\x01\0\0\0" + forge.uid(0x30, "1.2") + forge.uid(0x40, "1.3") + b"\x00")
    padding = forge.item(0x99, bytes(10))
    first = anomaly_of(read(forge.associate(1, APPLICATION, bad, forge.user_information())))
    second = anomaly_of(read(forge.associate(1, APPLICATION, padding, bad, forge.user_information())))
    assert second.evidence.start - first.evidence.start == len(padding)


def test_every_context_of_a_full_request_is_read() -> None:
    contexts = [forge.proposed_context(2 * n + 1, f"1.2.{n}", *(f"1.3.{m}" for m in range(40))) for n in range(128)]
    request = request_of(read(forge.request(*contexts)))
    assert [c.context_id for c in request.contexts] == list(range(1, 256, 2))
    assert {len(c.transfer_syntaxes) for c in request.contexts} == {40}


def test_the_protocol_version_keeps_all_its_bits() -> None:
    assert request_of(read(forge.associate(1, version=0x8003))).protocol_version == 0x8003
    assert pack(">H", 0x8003) in forge.associate(1, version=0x8003)
