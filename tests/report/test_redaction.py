"""Patient data: masked wherever they stand when asked, never half, always by the same name; UIDs and AE titles stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.values import Traffic
from dicomsniff.report.redaction import Redaction, redaction_of
from dicomsniff.rules.naming import comment
from tests.forge.traffic import TrafficForge, data_set
from tests.report.forged import finding, json_of, report_of, rich_traffic, text_of

MASKED, OPEN = Redaction(True, b"key"), Redaction(False)
DOE, ID = MASKED.pseudonym("DOE"), MASKED.pseudonym("4711")


def commented(*comments: str) -> Traffic:
    """C-STOREs of one patient, each answered with one of the comments."""
    forge = TrafficForge()
    association = forge.association()
    data = data_set(PatientID="4711", PatientName="DOE^JOHN", PatientBirthDate="19700101", AccessionNumber="A-99")
    for words in comments:
        forge.exchange(association, "C-STORE", status=0xA700, error_comment=words, data=data)
    return forge.traffic()


def test_marked_values_are_masked_or_unwrapped() -> None:
    message = "no match for ⟦DOE*⟧ born ⟦19700101⟧ at PACS"
    assert MASKED.text(message) == f"no match for {DOE}* born {MASKED.pseudonym('19700101')} at PACS"
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
    hans = MASKED.pseudonym("MÜLLER^HANS^^Dr")
    assert MASKED.text('cannot store "MÜLLER^HANS^^Dr" (id 1)') == f'cannot store "{hans}" (id 1)'
    assert OPEN.text("DOE^JOHN") == "DOE^JOHN"


def test_a_patient_has_one_name_in_a_report_however_the_value_came_there() -> None:
    told = MASKED.text("⟦DOE^JOHN⟧"), MASKED.text("of DOE^JOHN")[3:], MASKED.element(0x00100010, "PN", "DOE^JOHN^^")
    assert (
        len(
            {
                *told,
                MASKED.identifier("DOE^JOHN"),
                MASKED.facts({"keys": {"PatientName": "DOE^JOHN"}})["keys"]["PatientName"],
            }
        )
        == 1
    )
    assert MASKED.pseudonym("DOE^JOHN") != MASKED.pseudonym("DOE^JANE")


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00100020, "LO", "4711"),
        (0x00100030, "DA", "19700101"),
        (0x00080080, "LO", "St. Elsewhere"),
        (0x00091001, "LO", "of the vendor"),
        (0x00091001, "UN", "of the vendor"),
        (0x0040A123, "PN", "READER"),
        (0x60003000, "OW", "0\\1"),
        (0x00280FFF, "LO", "in no dictionary"),
    ],
)
def test_an_element_of_the_profile_a_private_and_an_unknown_one_are_masked(tag: int, vr: str, value: str) -> None:
    assert value not in MASKED.element(tag, vr, value)
    assert OPEN.element(tag, vr, value) == value


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00080018, "UI", "1.2.3"),
        (0x00400001, "AE", "CT01"),
        (0x00080060, "CS", "CT"),
        (0x00280010, "US", "512"),
        (0x00090010, "LO", "GEMS_IDEN_01"),
        (0x00080070, "LO", "ACME"),
    ],
)
def test_other_elements_stay_and_uids_and_titles_with_them(tag: int, vr: str, value: str) -> None:
    assert MASKED.element(tag, vr, value) == value


def test_each_value_of_an_element_is_masked_alone_and_what_stands_in_a_protected_sequence_too() -> None:
    assert MASKED.element(0x00101000, "LO", "4711\\4712") == f"{ID}\\{MASKED.pseudonym('4712')}"
    assert MASKED.protects(0x00081072, "SQ") and not MASKED.protects(0x00081032, "SQ")
    assert MASKED.element(0x00080100, "SH", "T-A0100", inside=True) == MASKED.pseudonym("T-A0100")
    assert MASKED.element(0x00080100, "SH", "T-A0100") == "T-A0100"


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
            "PatientName": f"{DOE}*",
            "StudyDate": MASKED.pseudonym("20260101"),
            "(0010,0020)": ID,
            "Modality": "CT",
            "StudyInstanceUID": "1.2.3",
            "AccessionNumber": "*",
            "ScheduledProcedureStepSequence": {
                "ScheduledPerformingPhysicianName": "•••",
                "ScheduledStationAETitle": "CT01",
            },
        },
        "matches": 0,
    }
    assert OPEN.facts({"keys": keys}) == {"keys": keys}


def test_keys_written_as_texts_are_masked_too() -> None:
    assert MASKED.facts({"keys": ["PatientID=4711", "Modality=MR", "StudyID"]}) == {
        "keys": [f"PatientID={ID}", "Modality=MR", "StudyID"]
    }


def test_an_error_comment_is_masked_where_it_repeats_what_its_data_set_says() -> None:
    traffic = commented("Patient 4711 (Doe, John) born 1970-01-01 unknown; A-99 too", "disk full")
    redaction = redaction_of(traffic, masked=True)
    first, second = (redaction.comment(exchange.error_comment or "") for exchange in traffic.exchanges)
    assert second == "disk full"
    assert first.startswith(f"Patient {redaction.pseudonym('4711')} (") and first.endswith(" too")
    assert not any(value in first for value in ("4711", "Doe", "John", "1970", "A-99"))
    assert redaction.text(f"refused: {comment(traffic.exchanges[0])}.") == f"refused: comment '{first}'."
    assert redaction.facts({"error_comment": traffic.exchanges[0].error_comment})["error_comment"] == first
    assert "4711" in redaction_of(traffic, masked=False).text(comment(traffic.exchanges[0]))


def test_a_comment_of_which_nothing_can_be_known_is_masked_whole() -> None:
    redaction = redaction_of(commented("disk full"), masked=True)
    assert "Smith" not in redaction.comment("no room for Smith")


def test_the_same_capture_gives_the_same_names_and_another_one_others() -> None:
    def name(fingerprint: str) -> str:
        return redaction_of(TrafficForge().capture(fingerprint=fingerprint).traffic(), masked=True).pseudonym("4711")

    assert name("a") == name("a") != name("b")
    assert name("") != name(""), "without a fingerprint nobody can repeat the key"


def test_user_names_are_masked() -> None:
    assert (OPEN.user_name("mueller"), OPEN.user_name(""), MASKED.user_name("")) == ("mueller", None, None)
    assert MASKED.user_name("mueller") == MASKED.pseudonym("mueller") != "mueller"


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
