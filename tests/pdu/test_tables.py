"""Codes in the words of the standard."""

import pytest

from dicomsniff.pdu import NOT_SENT, abort_text, context_result_text, item_name, pdu_name, reject_text
from dicomsniff.pdu.tables import ITEM_NAMES, PDU_NAMES


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ((1, 1, 7), "rejected-permanent by DICOM UL service-user: called-AE-title-not-recognized"),
        ((1, 1, 3), "rejected-permanent by DICOM UL service-user: calling-AE-title-not-recognized"),
        ((1, 2, 2), "rejected-permanent by DICOM UL service-provider (ACSE related): protocol-version-not-supported"),
        ((2, 3, 2), "rejected-transient by DICOM UL service-provider (Presentation related): local-limit-exceeded"),
        ((2, 1, 9), "rejected-transient by DICOM UL service-user: reason 9 (reserved)"),
        ((5, 4, 77), "undefined result 5 by undefined source 4: undefined reason 77"),
        ((1, NOT_SENT, NOT_SENT), "rejected-permanent by source not sent: reason not sent"),
    ],
)
def test_rejections_in_words(codes: tuple[int, int, int], text: str) -> None:
    assert reject_text(*codes) == text


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ((0, 5), "aborted by DICOM UL service-user"),
        ((2, 2), "aborted by DICOM UL service-provider: unexpected-PDU"),
        ((2, 3), "aborted by DICOM UL service-provider: reason 3 (reserved)"),
        ((2, 200), "aborted by DICOM UL service-provider: undefined reason 200"),
        ((1, 0), "aborted by reserved source"),
        ((NOT_SENT, NOT_SENT), "aborted by source not sent"),
    ],
)
def test_aborts_in_words(codes: tuple[int, int], text: str) -> None:
    assert abort_text(*codes) == text


def test_context_results_in_words() -> None:
    assert context_result_text(0) == "acceptance"
    assert context_result_text(4).startswith("transfer-syntaxes-not-supported")
    assert context_result_text(9) == "undefined result 9"


def test_names_of_pdus_and_items() -> None:
    assert pdu_name(4) == "P-DATA-TF"
    assert pdu_name(0x4F) == "PDU type 4FH"
    assert item_name(0x51) == "Maximum Length item (51H)"
    assert item_name(0x99) == "item 99H"


def test_every_entry_names_its_clause() -> None:
    clauses = [*(entry.clause for entry in PDU_NAMES.values()), *(entry.clause for entry in ITEM_NAMES.values())]
    assert all(clause.startswith(("PS3.8 §", "PS3.7 §D.3.3")) for clause in clauses)
    assert [kind for kind, entry in PDU_NAMES.items() if entry.fixed_length == 4] == [3, 5, 6, 7]
