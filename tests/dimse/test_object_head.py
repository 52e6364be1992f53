"""Identifiers of stored objects: what the fast walk and its layouts say is what the whole reader says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomsniff.association.content import dataset_of, object_head
from dicomsniff.dimse.dataset import read_dataset
from dicomsniff.dimse.object_head import ObjectHead, read_object_head
from dicomsniff.dimse.payload import Payload, PayloadStore
from tests.captures import real
from tests.forge.messages import encode

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
KEYWORDS = (
    "SOPClassUID", "SOPInstanceUID", "AccessionNumber", "Modality", "PatientID", "StudyInstanceUID", "SeriesInstanceUID",
    "InstanceNumber",
)  # fmt: skip


def payload(data: bytes, length: int | None = None) -> Payload:
    writer = PayloadStore().writer(16 << 10)
    writer.write(data)
    if length is not None:
        writer.skip(length - len(data))
    return writer.finish(length is None)


def image(**elements: object) -> Dataset:
    made = Dataset()
    named = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "SOPInstanceUID": "1.2.3.4", "Modality": "CT", "PatientID": "P1",
        "StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.3", "InstanceNumber": 7, "Rows": 2,
    }  # fmt: skip
    for keyword, value in (named | elements).items():
        setattr(made, keyword, value)
    return made


def read(made: Dataset, syntax: str = EXPLICIT) -> ObjectHead:
    data = encode(made, implicit=syntax == IMPLICIT, little=syntax != BIG_ENDIAN)
    return read_object_head(payload(data), syntax)


@real.here
@pytest.mark.parametrize("name", real.names())
def test_heads_of_real_objects_are_those_of_the_whole_reader(name: str) -> None:
    for exchange in real.analysis(name).exchanges:
        if exchange.service == "C-STORE" and exchange.payload is not None:
            data = dataset_of(exchange)
            assert object_head(exchange)[:8] == tuple(data.get(keyword) if data else None for keyword in KEYWORDS)


text = st.integers(0, 10**8).map(lambda number: f"1.{number}" if number else "")
items = st.lists(text, max_size=2)


@given(st.lists(st.tuples(text, text, text, items, st.integers(0, 999), st.booleans()), min_size=1, max_size=6),
       st.sampled_from([IMPLICIT, EXPLICIT, BIG_ENDIAN]))  # fmt: skip
def test_one_object_after_another_reads_as_each_would_alone(
    drawn: list[tuple[str, str, str, list[str], int, bool]], syntax: str
) -> None:
    for patient, study, series, nested, number, undefined in drawn:
        inner = [image(StudyInstanceUID=each, PatientID=each) for each in nested]
        made = image(PatientID=patient, StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number)
        made.ReferencedStudySequence = inner
        made["ReferencedStudySequence"].is_undefined_length = undefined
        data = encode(made, implicit=syntax == IMPLICIT, little=syntax != BIG_ENDIAN)
        whole = read_dataset(data, syntax)
        head = read_object_head(payload(data), syntax)
        assert head[:8] == tuple(whole.get(keyword) for keyword in KEYWORDS)
        assert head.whole


@given(st.binary(max_size=200), st.sampled_from([IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED, None]))
def test_any_bytes_give_a_head(data: bytes, syntax: str | None) -> None:
    read_object_head(payload(data), syntax)


def test_what_is_absent_is_none_and_what_is_empty_is_empty() -> None:
    for _ in range(2):  # walked, then by its layout
        head = read(image(AccessionNumber="", PatientID=""))
        assert (head.accession_number, head.patient_id, head.instance_number) == ("", "", "7")
        made = image()
        del made.PatientID
        assert read(made).patient_id is None


def test_identifiers_inside_sequences_are_not_those_of_the_object() -> None:
    made = image()
    del made.StudyInstanceUID
    made.RequestAttributesSequence = [image(StudyInstanceUID="9.9")]
    made.ReferencedStudySequence = [image(StudyInstanceUID="8.8")]
    assert read(made).study is None
    assert read(made, IMPLICIT).study is None


def test_a_head_that_ends_before_the_series_says_so() -> None:
    data = encode(image(), implicit=False)
    cut = data[: data.index(b"\x20\x00\x0d\x00")]
    head = read_object_head(payload(cut, len(data)), EXPLICIT)
    assert head.patient_id == "P1" and head.study is None and not head.whole
    assert read_object_head(payload(data), EXPLICIT).whole


def test_a_patient_id_is_read_in_the_character_set_of_the_object() -> None:
    assert read(image(SpecificCharacterSet="ISO_IR 144", PatientID="Ж1")).patient_id == "Ж1"


def test_a_data_set_in_another_syntax_than_negotiated_names_nothing() -> None:
    data = encode(image(), implicit=True)
    assert read_object_head(payload(data), EXPLICIT) == ObjectHead()


def test_a_head_is_read_once_however_many_ask() -> None:
    from tests.forge.traffic import TrafficForge, data_set

    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0, data=data_set(StudyInstanceUID="1.2"))
    [exchange] = forge.traffic().exchanges
    assert object_head(exchange).study == "1.2"
    assert object_head(exchange) is object_head(exchange)
