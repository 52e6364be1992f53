"""User-information sub-items of PS3.7 Annex D: their fields, their wrong lengths, and secrets that are not kept."""

import sys
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.user_information import DecodedUserInformation, decode_user_information
from dicomsniff.pdu.values import UserIdentityRequest, UserIdentityResponse
from tests.forge import pdus as forge

MAXIMUM = forge.maximum_length(16384)


def decoded(*sub_items: bytes) -> DecodedUserInformation:
    return decode_user_information(MAXIMUM + b"".join(sub_items))


def flaw_codes(result: DecodedUserInformation) -> list[AnomalyCode]:
    return [flaw.code for flaw in result.flaws]


def test_maximum_length_and_implementation() -> None:
    result = decoded(forge.uid(0x52, "1.2.3\0"), forge.item(0x55, b"VERSION 1 "))
    information = result.information
    assert (information.maximum_length, information.implementation_class_uid) == (16384, "1.2.3")
    assert information.implementation_version == "VERSION 1"
    assert [flaw.code for flaw in result.flaws] == [AnomalyCode.PDU_UID_INVALID]  # padded, and read all the same


def test_roles_and_extended_negotiation_may_stand_often() -> None:
    extended = forge.item(0x56, forge.counted(b"1.2") + b"\x01\x00\x01")
    information = decoded(forge.role("1.1", 1, 0), forge.role("1.2", 0, 1), extended, extended).information
    assert information.roles == (("1.1", 1, 0), ("1.2", 0, 1))
    assert information.extended == (("1.2", b"\x01\x00\x01"),) * 2


def test_common_extended_negotiation_has_its_version_and_its_list() -> None:
    related = forge.counted(b"1.4") + forge.counted(b"1.5\0")
    value = forge.counted(b"1.2") + forge.counted(b"1.3") + forge.counted(related)
    information = decoded(forge.item(0x57, value, second=1)).information
    assert information.common_extended == ((1, "1.2", "1.3", ("1.4", "1.5")),)


@pytest.mark.parametrize(
    ("kind", "primary", "kept"),
    [
        (1, "Zoë".encode(), "Zoë"),
        (2, b"anna", "anna"),
        (3, b"ticket", ""),
        (4, b"<saml>", ""),
        (5, b"ey.jwt", ""),
        (9, b"?", ""),
    ],
)
def test_only_user_names_are_kept_of_an_identity(kind: int, primary: bytes, kept: str) -> None:
    information = decoded(forge.user_identity(kind, primary, b"secret" if kind == 2 else b"", response=1)).information
    length = 6 if kind == 2 else 0
    assert information.user_identity == UserIdentityRequest(kind, True, kept, len(primary), length)


def test_a_passcode_is_kept_neither_in_the_result_nor_in_a_cache() -> None:
    value = MAXIMUM + forge.user_identity(2, b"anna", b"hunter2")
    before = sys.getrefcount(value)
    result = decode_user_information(value)
    assert sys.getrefcount(value) == before
    assert "anna" in repr(result) and "hunter2" not in repr(result)


def test_identical_values_without_identity_are_decoded_once() -> None:
    value = MAXIMUM + forge.uid(0x52, "1.2.3.4.5")
    assert decode_user_information(bytes(value)) is decode_user_information(bytes(bytearray(value)))


def test_a_name_that_swallows_the_passcode_is_not_kept() -> None:
    wrong = forge.item(0x58, b"\x02\x00" + pack(">H", 200) + b"anna" + forge.counted(b"secret"))
    result = decoded(wrong)
    assert result.information.user_identity == UserIdentityRequest(2, False, "", 200, 0)
    assert flaw_codes(result) == [AnomalyCode.PDU_ITEMS_DO_NOT_FIT]


def test_of_an_identity_response_only_the_length_is_kept() -> None:
    assert decoded(
        forge.item(0x59, forge.counted(b"token"))
    ).information.user_identity_response == UserIdentityResponse(5)


@pytest.mark.parametrize("kind", [0x51, 0x53, 0x54, 0x56, 0x57, 0x58, 0x59])
@pytest.mark.parametrize("value", [b"", b"\x00", b"\x00\xff", b"\x00\xff\x01"])
def test_a_sub_item_too_short_is_a_flaw_and_the_others_stay(kind: int, value: bytes) -> None:
    result = decode_user_information(forge.item(kind, value) + forge.uid(0x52, "1.2.3"))
    assert AnomalyCode.PDU_ITEMS_DO_NOT_FIT in flaw_codes(result)
    assert result.information.implementation_class_uid == "1.2.3"


def test_a_sub_item_that_stands_twice_is_reported_where_it_stands() -> None:
    result = decoded(forge.maximum_length(1))
    assert result.information.maximum_length == 16384
    assert [(flaw.code, flaw.start, flaw.end) for flaw in result.flaws] == [(AnomalyCode.PDU_ITEM_TWICE, 8, 16)]


def test_a_missing_maximum_length_is_reported_and_unknown() -> None:
    result = decode_user_information(forge.uid(0x52, "1.2"))
    assert result.information.maximum_length is None
    assert flaw_codes(result) == [AnomalyCode.PDU_ITEM_MISSING]


@given(
    st.lists(st.builds(forge.item, st.integers(0x50, 0x5A), st.binary(max_size=12)), max_size=6).map(b"".join),
    st.binary(max_size=6),
)
def test_no_bytes_raise_and_every_flaw_lies_inside(items: bytes, tail: bytes) -> None:
    result = decode_user_information(items + tail)
    assert all(0 <= flaw.start <= flaw.end <= len(items + tail) for flaw in result.flaws)
