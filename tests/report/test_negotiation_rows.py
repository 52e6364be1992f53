"""Roles, extended negotiation, user identity and window of both sides, joined; never a secret."""

from dicomsniff.pdu.values import UserIdentityRequest, UserInformation
from dicomsniff.report.negotiation_rows import async_window_row, extended_rows, role_rows, user_identity_row
from dicomsniff.report.redaction import Redaction
from tests.forge.traffic import CT, MR
from tests.report.forged import ACCEPT_INFORMATION, REQUEST_INFORMATION


def test_roles_proposed_and_answered_are_joined_by_class() -> None:
    assert role_rows(REQUEST_INFORMATION, ACCEPT_INFORMATION) == [
        {
            "sop_class": CT,
            "sop_class_name": "CT Image Storage",
            "proposed": {"scu": 1, "scp": 1},
            "answered": {"scu": 1, "scp": 0},
        }
    ]
    assert role_rows(REQUEST_INFORMATION, None)[0]["answered"] is None


def test_extended_negotiation_of_both_kinds_is_listed() -> None:
    extended, common = extended_rows(REQUEST_INFORMATION, ACCEPT_INFORMATION)
    assert (extended["kind"], extended["by"], extended["information"]) == ("extended", "requestor", "0102")
    assert (common["kind"], common["sop_class"], common["related_general_sop_classes"]) == ("common", MR, [CT])


def test_user_identity_is_told_in_words_and_lengths() -> None:
    row = user_identity_row(REQUEST_INFORMATION, ACCEPT_INFORMATION, Redaction(False))
    assert row == {
        "kind": "user name and passcode",
        "type": 2,
        "user_name": "mueller",
        "response_requested": True,
        "primary_length": 7,
        "secondary_length": 12,
        "response_length": 4,
    }


def test_an_identity_of_an_unknown_type_keeps_its_number() -> None:
    odd = UserInformation(user_identity=UserIdentityRequest(9, False, "", 5, 0))
    row = user_identity_row(odd, None, Redaction(True))
    assert row is not None
    assert (row["kind"], row["user_name"], row["response_length"]) == ("type 9", None, None)
    assert user_identity_row(None, None, Redaction(True)) is None


def test_the_window_tells_both_sides() -> None:
    assert async_window_row(REQUEST_INFORMATION, ACCEPT_INFORMATION) == {
        "proposed": {"invoked": 3, "performed": 0},
        "answered": None,
    }
    assert async_window_row(UserInformation(), None) is None
