"""Patient data: masked wherever they stand when asked, never half; UIDs and AE titles stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.redaction import MASK, Redaction
from tests.report.forged import finding, json_of, report_of, rich_traffic, text_of

MASKED, OPEN = Redaction(True), Redaction(False)


def test_marked_values_are_masked_or_unwrapped() -> None:
    message = "no match for ⟦DOE*⟧ born ⟦19700101⟧ at PACS"
    assert MASKED.text(message) == f"no match for {MASK} born {MASK} at PACS"
    assert OPEN.text(message) == "no match for DOE* born 19700101 at PACS"


@pytest.mark.parametrize("text", ["a ⟦Smith⟧John⟧ b", "a ⟦Smith⟦John⟧ b", "a ⟦Smith John", "Smith John⟧ b"])
def test_brackets_that_do_not_pair_up_hide_rather_too_much(text: str) -> None:
    assert "Smith" not in MASKED.text(text)
    assert "John" not in MASKED.text(text)


@given(st.text(alphabet="ab ⟦⟧^"), st.text(alphabet="xy ⟦⟧", max_size=8))
def test_no_bracket_is_left_whatever_the_text(before: str, value: str) -> None:
    for redaction in (MASKED, OPEN):
        made = redaction.text(f"{before}⟦{value}⟧")
        assert "⟦" not in made
        assert "⟧" not in made


def test_person_names_are_masked_where_nobody_marked_them() -> None:
    assert MASKED.text('cannot store "MÜLLER^HANS^^Dr" (id 1)') == f'cannot store "{MASK}" (id 1)'
    assert OPEN.text("DOE^JOHN") == "DOE^JOHN"


def test_uids_and_titles_stay() -> None:
    text = "PACS (10.1.1.5:104) refused 1.2.840.10008.5.1.4.1.1.2 from CT_01"
    assert MASKED.text(text) == text


def test_values_of_query_keys_are_masked_unless_known_as_harmless() -> None:
    keys = {
        "PatientName": "DOE*",
        "StudyDate": "20260101",
        "(0010,0020)": "4711",
        "Modality": "CT",
        "StudyInstanceUID": "1.2.3",
        "AccessionNumber": "*",
        "ScheduledProcedureStepSequence": {"ScheduledPerformingPhysicianName": "X", "ScheduledStationAETitle": "CT01"},
    }
    assert MASKED.facts({"keys": keys, "matches": 0}) == {
        "keys": {
            "PatientName": MASK,
            "StudyDate": MASK,
            "(0010,0020)": MASK,
            "Modality": "CT",
            "StudyInstanceUID": "1.2.3",
            "AccessionNumber": "*",
            "ScheduledProcedureStepSequence": {
                "ScheduledPerformingPhysicianName": MASK,
                "ScheduledStationAETitle": "CT01",
            },
        },
        "matches": 0,
    }
    assert OPEN.facts({"keys": keys}) == {"keys": keys}


def test_keys_written_as_texts_are_masked_too() -> None:
    assert MASKED.facts({"keys": ["PatientID=4711", "Modality=MR", "StudyID"]}) == {
        "keys": [f"PatientID={MASK}", "Modality=MR", "StudyID"]
    }


def test_user_names_are_masked() -> None:
    assert (MASKED.user_name("mueller"), OPEN.user_name("mueller"), OPEN.user_name("")) == (MASK, "mueller", None)


@pytest.mark.parametrize("redact", [True, False])
def test_nothing_of_a_patient_leaves_a_redacted_report(redact: bool) -> None:
    child = finding("child of ⟦Secret⟧", causes=("⟦Secret⟧ is odd",))
    told = finding(
        "for ⟦Secret⟧",
        title="⟦Secret⟧",
        fix="ask ⟦Secret⟧",
        actor="⟦Secret⟧",
        facts={"name": "⟦Secret⟧"},
        children=(child,),
    )
    report = report_of(rich_traffic(), [told], redact=redact)
    everything = str(json_of(report)) + "".join(text_of(report))
    assert ("Secret" in everything) is not redact
    assert ("mueller" in everything) is not redact
    assert "⟦" not in everything
