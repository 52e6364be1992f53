"""Statuses in the words of their service, and the convention for the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom import status as reference

from dicomsniff.dimse.status import describe_status, failure_reason

WORKLIST = "1.2.840.10008.5.1.4.31"
MPPS = "1.2.840.10008.3.1.2.3.3"
FILM_BOX = "1.2.840.10008.5.1.1.2"
UPS = "1.2.840.10008.5.1.4.34.6.1"
RELEVANT_PATIENT = "1.2.840.10008.5.1.4.37.2"
CLASSES = {"success", "pending", "warning", "failure", "cancel"}


@pytest.mark.parametrize(
    ("service", "code", "status_class", "text"),
    [
        ("C-STORE", 0x0000, "success", "Success"),
        ("C-STORE", 0xA702, "failure", "Refused: out of resources"),
        ("C-STORE", 0xB007, "warning", "Data set does not match SOP class (stored)"),
        ("C-FIND", 0xFF01, "pending", "Match supplied; one or more optional keys not supported"),
        ("C-FIND", 0xFE00, "cancel", "Matching terminated due to cancel"),
        ("C-MOVE", 0xA801, "failure", "Refused: move destination unknown"),
        ("N-GET", 0x0107, "warning", "Attribute list error"),
        ("N-DELETE", 0x0110, "failure", "Processing failure"),
    ],
)
def test_a_status_is_told_in_the_words_of_its_service(service: str, code: int, status_class: str, text: str) -> None:
    assert describe_status(service, code) == (code, status_class, text, True)


def test_sop_classes_give_codes_a_meaning_of_their_own() -> None:
    assert describe_status("C-FIND", 0xB001).defined
    assert not describe_status("C-FIND", 0xB001, WORKLIST).defined
    assert "IN PROGRESS" in describe_status("N-CREATE", 0x0106, MPPS).text
    assert describe_status("N-CREATE", 0x0120, MPPS).text == "Missing attribute"
    assert describe_status("N-ACTION", 0xB603, FILM_BOX).text.startswith("Film Box contains no Image Box")
    assert describe_status("C-FIND", 0xC100, RELEVANT_PATIENT).text == "More than one match found"
    assert describe_status("N-ACTION", 0xC301, UPS).text == "Correct Transaction UID not provided"
    assert not describe_status("N-GET", 0xB603, FILM_BOX).defined


def test_a_code_of_another_service_keeps_its_general_meaning_but_is_not_defined() -> None:
    assert describe_status("C-STORE", 0x0110) == (0x0110, "failure", "Processing failure", False)
    assert describe_status("0x7777", 0x0122).text == "Refused: SOP class not supported"


@pytest.mark.parametrize(
    ("code", "status_class"),
    [
        (0x0001, "warning"),
        (0x0107, "warning"),
        (0x0116, "warning"),
        (0x01FE, "failure"),
        (0x02FF, "failure"),
        (0xA123, "failure"),
        (0xB123, "warning"),
        (0xC123, "failure"),
        (0xFF00, "pending"),
        (0xFF01, "pending"),
        (0x7777, "failure"),
    ],
)
def test_a_code_that_no_table_lists_has_the_class_of_the_convention(code: int, status_class: str) -> None:
    status = describe_status("C-ECHO", code)
    assert status.status_class == status_class and not status.defined


def test_what_an_implementation_means_by_a_code_is_added() -> None:
    by_name = describe_status("C-STORE", 0xC211, None, "PYNETDICOM_304")
    assert by_name.text == "Error: cannot understand (pynetdicom: Unhandled exception in handler)"
    assert describe_status("C-STORE", 0xC211, None, "1.2.826.0.1.3680043.9.3811.3.0.4") == by_name
    assert describe_status("C-STORE", 0xC211, None, "OFFIS_DCMTK_367").text == "Error: cannot understand"
    assert describe_status("C-FIND", 0xC211, None, "PYNETDICOM_304").text == "Unable to process"


def test_failure_reasons_of_storage_commitment() -> None:
    assert failure_reason(0x0112) == "No such object instance"
    assert failure_reason(0x9999) == "failure reason 9999H"


def test_the_general_codes_have_the_class_an_independent_table_gives_them() -> None:
    ours = {"Success": "success", "Warning": "warning", "Failure": "failure", "Cancel": "cancel", "Pending": "pending"}
    for code, (status_class, *_) in reference.STORAGE_SERVICE_CLASS_STATUS.items():
        assert describe_status("C-STORE", code).status_class == ours[status_class], hex(code)
    for code, (status_class, *_) in reference.QR_MOVE_SERVICE_CLASS_STATUS.items():
        assert describe_status("C-MOVE", code).status_class == ours[status_class], hex(code)


@given(
    st.sampled_from(["C-STORE", "C-FIND", "N-SET", "N-ACTION", "N-EVENT-REPORT", "C-CANCEL", "0x7777"]),
    st.integers(0, 0xFFFF),
    st.sampled_from([None, WORKLIST, MPPS, FILM_BOX, UPS, "1.2.3", ""]),
    st.sampled_from([None, "PYNETDICOM_304", ""]),
)
def test_every_code_has_a_class_and_a_text(service: str, code: int, sop_class: str | None, by: str | None) -> None:
    status = describe_status(service, code, sop_class, by)
    assert status.code == code and status.status_class in CLASSES and status.text
