"""Data sets against pydicom on pydicom's own files, and bytes that are not the data set they should be."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from dicomsniff.core import Limits
from dicomsniff.dimse.dataset import DataSet, read_dataset
from tests.forge.messages import encode

IMPLICIT, EXPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2", ".1.99"))
FILES = [
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "image_dfl.dcm",
    "JPEG2000.dcm",
    "MR_small_RLE.dcm",
    "rtplan.dcm",
    "rtdose_rle_1frame.dcm",
    "reportsi.dcm",
    "test-SR.dcm",
    "nested_priv_SQ.dcm",
    "priv_SQ.dcm",
    "UN_sequence.dcm",
    "waveform_ecg.dcm",
]
_NUMBERS = {"DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "UV", "SV"}
_BULK = {"OB", "OW", "OF", "OD", "OL", "OV", "UN", "OB or OW"}


def file_parts(name: str) -> tuple[bytes, str, Dataset]:
    """The data-set bytes of one of pydicom's files, their transfer syntax, and what pydicom reads in them."""
    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        pytest.skip(f"this pydicom ships without {name}")
    read = pydicom.dcmread(path)
    meta = 132 + 12 + read.file_meta.FileMetaInformationGroupLength
    return Path(path).read_bytes()[meta:], str(read.file_meta.TransferSyntaxUID), read


def compare(ours: DataSet, theirs: Dataset) -> Iterator[str]:
    """Keywords or tags of elements that differ; pixel data end our reading."""
    tags = {e.tag: e for e in ours.elements}
    for element in theirs:
        mine = tags.get(int(element.tag))
        if mine is None and element.tag == 0xFFFCFFFC:  # padding after the pixel data
            continue
        if mine is None:
            yield f"{element.tag} is missing"
        elif element.VR == "SQ":
            if len(mine.items) != len(element.value):
                yield f"{element.tag} has {len(mine.items)} items"
            for item, their_item in zip(mine.items, element.value, strict=False):
                yield from compare(item, their_item)
        elif element.VR not in _BULK and not element.tag.is_private and _values(element) != _ours(mine.value, element):
            yield f"{element.tag} is {mine.value!r}"


def _values(element: pydicom.DataElement) -> Sequence[str | float]:
    values = element.value if element.VM > 1 else [] if element.is_empty else [element.value]
    if element.VR in _NUMBERS:
        return [float(v) for v in values][:16]
    return [(str(v).replace(", ", ",") if element.VR == "AT" else str(v)).strip() for v in values]


def _ours(value: str | None, element: pydicom.DataElement) -> Sequence[str | float]:
    if not value:
        return [] if value == "" else ["absent"]
    parts = [value] if element.VR in ("LT", "ST", "UT") else value.split("\\")
    return [float(p) for p in parts][:16] if element.VR in _NUMBERS else [p.strip() for p in parts]


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize("name", FILES)
def test_values_are_those_pydicom_reads(name: str) -> None:
    data, syntax, theirs = file_parts(name)
    ours = read_dataset(data, syntax, total_length=len(data))
    assert ours.error is None and not ours.truncated and not ours.guessed
    assert list(compare(ours, theirs)) == []


@pytest.mark.parametrize("name", FILES)
def test_a_head_gives_the_same_values_as_far_as_it_goes(name: str) -> None:
    data, syntax, _ = file_parts(name)
    whole = read_dataset(data, syntax)
    for cut in range(0, min(len(data), 3000), 37):
        head = read_dataset(data[:cut], syntax, total_length=len(data))
        assert head.error is None, cut
        sound = head.elements[:-1]
        assert sound == whole.elements[: len(sound)]


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "rtplan.dcm"])
def test_another_syntax_than_negotiated_is_named_and_gives_no_values(name: str) -> None:
    data, syntax, _ = file_parts(name)
    for wrong in {IMPLICIT, EXPLICIT, BIG} - {syntax}:
        found = read_dataset(data, wrong, total_length=len(data))
        assert found.elements == () and found.error is not None
        assert found.error.startswith(f"not {found.encoding} but ")


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm"])
def test_an_unknown_syntax_is_guessed(name: str) -> None:
    data, syntax, theirs = file_parts(name)
    found = read_dataset(data, None)
    assert found.guessed and found.elements == read_dataset(data, syntax).elements
    assert list(compare(found, theirs)) == []


def test_reading_stops_where_asked() -> None:
    data, syntax, _ = file_parts("CT_small.dcm")
    found = read_dataset(data, syntax, until=0x00080018)
    assert found.elements[-1].keyword == "SOPInstanceUID" and not found.truncated and found.error is None


def test_a_whole_file_is_not_a_data_set() -> None:
    path = get_testdata_file("CT_small.dcm", download=False)
    found = read_dataset(Path(str(path)).read_bytes(), EXPLICIT)
    assert found.elements == () and found.error is not None and "PS3.10" in found.error


def test_file_meta_in_front_is_an_error() -> None:
    found = read_dataset(b"\x02\0\x10\0UI\x14\x00" + b"1.2.840.10008.1.2.1\0", EXPLICIT)
    assert found.error is not None and "(0002,0010)" in found.error


def test_deflated_data_inflate_under_a_cap() -> None:
    data_set = Dataset()
    data_set.PatientName, data_set.ImageComments = "Doe", "x" * 9000
    stream = zlib.compressobj(wbits=-15)
    data = stream.compress(encode(data_set, implicit=False)) + stream.flush()
    assert read_dataset(data, DEFLATED).get("PatientName") == "Doe"
    capped = read_dataset(data, DEFLATED, limits=Limits(inflate_bytes=100))
    assert capped.get("PatientName") == "Doe" and capped.truncated and capped.error is None
    assert read_dataset(b"\xff" * 50, DEFLATED).error == "not a deflated data set"


def test_nothing_is_an_empty_data_set() -> None:
    assert read_dataset(b"", IMPLICIT) == DataSet(())
    assert read_dataset(b"", IMPLICIT, total_length=100).truncated


@given(st.binary(max_size=400), st.sampled_from([IMPLICIT, EXPLICIT, BIG, DEFLATED, None, "1.2.3"]))
def test_no_bytes_raise(data: bytes, syntax: str | None) -> None:
    found = read_dataset(data, syntax, limits=Limits(dataset_depth=3, dataset_elements=20))
    assert found.error or found.truncated or found.elements or not data or syntax == DEFLATED  # which may hold nothing


@given(st.data(), st.sampled_from([IMPLICIT, EXPLICIT, BIG]))
def test_no_damage_raises(data: st.DataObject, syntax: str) -> None:
    original, _, _ = file_parts("MR_small_implicit.dcm" if syntax == IMPLICIT else "CT_small.dcm")
    at = data.draw(st.integers(0, 1200))
    noise = data.draw(st.binary(min_size=1, max_size=12))
    damaged = original[:at] + noise + original[at + len(noise) : 6000]
    found = read_dataset(damaged, syntax, total_length=data.draw(st.sampled_from([None, len(damaged)])))
    assert len(found.elements) <= 20_000
