"""Error comments: what their data sets say of a patient is found in them, however it is spelt."""

import pytest

from dicomsniff.report.comments import Comments
from tests.forge.traffic import TrafficForge, data_set

DATA = data_set(
    PatientID="4711", PatientName="DOE^JOHN", PatientBirthDate="19700102", StudyDescription="Head CT", Modality="CT"
)


def masked(comment: str, *identifiers: str) -> str:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0xA700, error_comment=comment, data=DATA)
    return Comments(forge.traffic(), identifiers, lambda value: "#").masked(comment)


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("patient 4711.", "patient #."),
        ("patient id=4711;x", "patient id=#;x"),
        ("no John Doe here", "no # here"),
        ("no doe, john here", "no #, # here"),
        ("born 1970-01-02 or 02.01.1970", "born # or #"),
        ("study Head CT exists", "study # exists"),
        ("order 14711 of CT", "order 14711 of CT"),
    ],
)
def test_the_values_of_the_exchange_are_masked_as_they_are_spelt(comment: str, shown: str) -> None:
    assert masked(comment) == shown


def test_the_identifiers_of_other_objects_are_masked_too() -> None:
    assert masked("same as a-77!", "A-77") == "same as #!"


def test_a_word_that_comments_are_made_of_is_nobodys_name() -> None:
    comment = "patient unknown: TEST^PATIENT"
    forge = TrafficForge()
    data = data_set(PatientID="4711", PatientName="TEST^PATIENT")
    forge.exchange(forge.association(), "C-STORE", status=0xC000, error_comment=comment, data=data)
    made = Comments(forge.traffic(), (), lambda value: "#")
    assert made.masked(comment) == "patient unknown: #"


def test_a_comment_that_was_not_in_the_traffic_is_masked_whole() -> None:
    assert Comments(TrafficForge().traffic(), (), lambda value: "#").masked("anything") == "#"
