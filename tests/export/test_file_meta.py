"""Preamble, prefix and group 0002 as PS3.10 §7.1 wants them, whatever UIDs and titles were sent."""

import io
import warnings

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID

from dicomsniff.export.file_meta import IMPLEMENTATION_CLASS_UID, part10_header

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


def meta(
    sop_class: str = CT,
    sop_instance: str = "1.2.3.4",
    transfer_syntax: str = EXPLICIT,
    sender: str | None = "CT01",
    receiver: str | None = "PACS",
    version: str = "0.1.0",
) -> pydicom.dataset.FileMetaDataset:
    header = part10_header(sop_class, sop_instance, transfer_syntax, sender, receiver, version)
    return pydicom.dcmread(io.BytesIO(header)).file_meta


def test_it_begins_with_a_preamble_of_zeros_and_the_prefix() -> None:
    header = part10_header(CT, "1.2.3.4", EXPLICIT, None, None, "0.1.0")
    assert header[:132] == bytes(128) + b"DICM"


def test_the_group_length_counts_what_follows_it() -> None:
    header = part10_header(CT, "1.2.3.4", EXPLICIT, "CT01", "PACS", "0.1.0")
    assert header[132:140] == b"\x02\x00\x00\x00UL\x04\x00"
    assert int.from_bytes(header[140:144], "little") == len(header) - 144


def test_every_mandatory_element_is_there() -> None:
    made = meta()
    assert made.FileMetaInformationVersion == b"\x00\x01"
    assert (made.MediaStorageSOPClassUID, made.MediaStorageSOPInstanceUID) == (CT, "1.2.3.4")
    assert made.TransferSyntaxUID == EXPLICIT
    assert made.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert made.ImplementationVersionName == "DICOMSNIFF_0.1.0"


def test_the_implementation_class_is_a_legal_uid_of_the_root_for_generated_ones() -> None:
    assert pydicom.uid.UID(IMPLEMENTATION_CLASS_UID).is_valid
    assert IMPLEMENTATION_CLASS_UID.startswith("2.25.")


def test_the_version_name_is_cut_to_its_sixteen_characters() -> None:
    assert meta(version="10.11.12.dev13").ImplementationVersionName == "DICOMSNIFF_10.11"


def test_source_and_sender_are_the_one_that_sent_the_object() -> None:
    made = meta(sender="CT01", receiver="PACS")
    assert made.SourceApplicationEntityTitle == made.SendingApplicationEntityTitle == "CT01"
    assert made.ReceivingApplicationEntityTitle == "PACS"


@pytest.mark.parametrize("title", [None, "", "A" * 17, "A\\B", "A\x07B", "ÄRZTE"])
def test_a_title_that_is_none_is_left_out(title: str | None) -> None:
    made = meta(sender=title, receiver=title)
    assert not [e.keyword for e in made if "ApplicationEntityTitle" in e.keyword]


@pytest.mark.parametrize("uid", ["1.02.3", "1..2", "0" * 64, "1.2.3.0004.5", "1.2." + "3" * 70])
def test_uids_that_break_the_rules_are_written_as_they_were_sent(uid: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = part10_header(uid, uid, EXPLICIT, "CT01", "PACS", "0.1.0")
    assert header.count(uid.encode()) == 2


@given(
    uids=st.tuples(*[st.text("0123456789.", min_size=1, max_size=64)] * 3),
    titles=st.tuples(*[st.none() | st.text("Aa0_ -", max_size=16)] * 2),
    version=st.text("0123.", min_size=1, max_size=12),
)
def test_it_is_what_pydicom_writes(
    uids: tuple[str, str, str], titles: tuple[str | None, str | None], version: str
) -> None:
    stream = DicomBytesIO()
    stream.write(bytes(128) + b"DICM")
    with config.disable_value_validation():
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = map(UID, uids)
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        meta.ImplementationVersionName = f"DICOMSNIFF_{version}"[:16]
        if titles[0]:
            meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = titles[0]
        if titles[1]:
            meta.ReceivingApplicationEntityTitle = titles[1]
        write_file_meta_info(stream, meta, enforce_standard=True)
    assert part10_header(*uids, *titles, version) == stream.getvalue()
