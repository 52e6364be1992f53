"""Data sets as trees: every element, sequences that close where they end, patients masked, and the page never full."""

import re

from pydicom import Dataset

from dicomsniff.association.values import Exchange
from dicomsniff.report.html.data_sets import DATA_SETS_IN_ALL, ROWS, DataSets, DataSetView
from dicomsniff.report.redaction import Redaction
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge, data_set, payload


def item(**elements: str) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def exchange(data: bytes, transfer_syntax: str = "1.2.840.10008.1.2") -> Exchange:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    made = forge.traffic().exchanges[0]
    made.payload, made.transfer_syntax = payload(data), transfer_syntax
    return made


def of(data: bytes, masked: bool = False) -> DataSetView:
    [made] = DataSets(Redaction(masked)).of([exchange(data)], 1)
    return made


def test_elements_have_tag_name_length_and_value() -> None:
    shown = of(data_set(Modality="CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.2"))
    assert [(one.tag, one.vr, one.name, one.length, one.value) for one in shown.elements] == [
        ("(0008,0016)", "UI", "SOP Class UID", "26", "1.2.840.10008.5.1.4.1.1.2 = CT Image Storage"),
        ("(0008,0060)", "CS", "Modality", "2", "CT"),
    ]
    assert shown.ending == ""


def test_sequences_close_where_they_end() -> None:
    inner = item(AccessionNumber="1")
    inner.ReferencedSOPSequence = [item(ReferencedSOPInstanceUID="1.2")]
    shown = of(data_set(Modality="CT", RequestAttributesSequence=[inner, item()], InstanceNumber="5"))
    depth, depths = 0, []
    for element in shown.elements:
        depths.append((element.name, depth))
        depth += (element.holds == "sequence") - element.closes
        assert depth >= 0
    assert depth == 0
    assert ("Instance Number", 0) in depths and ("Referenced SOP Instance UID", 2) in depths and ("Item 2", 1) in depths


def test_an_empty_sequence_closes_at_once() -> None:
    [only] = of(data_set(ReferencedStudySequence=[])).elements
    assert (only.holds, only.value, only.closes) == ("sequence", "0 items", 1)


def test_patients_are_masked_and_shown_on_demand() -> None:
    data = data_set(PatientName="Doe^Jane", PatientID="4711", Modality="CT")
    masked = " ".join(one.value for one in of(data, masked=True).elements)
    assert "Doe" not in masked and "4711" not in masked and "CT" in masked
    assert "Doe^Jane" in [one.value for one in of(data).elements]


def test_what_names_a_patient_inside_a_protected_sequence_is_masked_too() -> None:
    data = data_set(OtherPatientIDsSequence=[item(PatientID="SECRET", IssuerOfPatientID="HOSPITAL")])
    shown = " ".join(one.value for one in of(data, masked=True).elements)
    assert "SECRET" not in shown and "HOSPITAL" not in shown


def test_a_long_data_set_is_cut_and_says_so() -> None:
    shown = of(data_set(RequestAttributesSequence=[item(AccessionNumber=str(n)) for n in range(ROWS)]))
    assert len(shown.elements) == ROWS and "first 400 elements" in shown.ending
    assert sum(one.closes for one in shown.elements) == sum(one.holds == "sequence" for one in shown.elements)


def test_the_page_takes_so_many_and_counts_the_rest() -> None:
    made = DataSets(Redaction(True))
    exchanges = [exchange(data_set(Modality="CT"))] * (DATA_SETS_IN_ALL + 20)
    assert len(made.of(exchanges, 500)) == DATA_SETS_IN_ALL and made.left == 20
    few = DataSets(Redaction(True))
    assert len(few.of(exchanges[:9], 2)) == 2 and few.left == 7


@here
def test_real_objects_read_as_their_syntax_says() -> None:
    exchanges = analysis("store_series").exchanges
    made = DataSets(Redaction(True)).of(exchanges, 20)
    assert made and all(not one.ending.startswith("Cannot") for one in made)
    assert any(one.name == "Pixel Data" and one.value == "not shown" for view in made for one in view.elements)
    assert not any(re.search(r"\w\^\w", one.value) for view in made for one in view.elements)


def test_names_are_keywords_in_words() -> None:
    keywords = data_set(OtherPatientIDsSequence=[], SOPInstanceUID="1.2", PatientName="A")
    assert [one.name for one in of(keywords).elements] == [
        "SOP Instance UID",
        "Patient Name",
        "Other Patient IDs Sequence",
    ]
