"""DS-DATA-003: pixel data that do not fit."""

import pytest

from dicomsniff.dimse.pixel_faults import pixel_fault
from dicomsniff.rules.data_sets.inconsistent_pixels import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.storage import rejected_data_set
from tests.captures import real
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, pixels, stored

UNDEFINED = 0xFFFFFFFF
NATIVE, JPEG, RLE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5"
SIZE = {0x00280010: b"\x08\0", 0x00280011: b"\x08\0", 0x00280100: b"\x10\0"}


def item(data: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + len(data).to_bytes(4, "little") + data


END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def test_fires_for_a_length_that_rows_and_columns_do_not_give() -> None:
    hit = only(RULE, stored(ct() + pixels(100)))
    assert "the pixel data have 100 bytes, the attributes imply 128" in hit.message
    assert (hit.severity, hit.act) == ("warning", "requestor")
    assert only(RULE, stored(ct() + pixels(100), status=0x0110)).severity == "error"


def test_is_quiet_about_pixels_that_fit() -> None:
    assert is_quiet(RULE, stored(ct() + pixels(128), ct() + pixels(82, 9, 9, 8), ct()))


@pytest.mark.parametrize(
    ("length", "after", "syntax", "whole", "words"),
    [
        (UNDEFINED, b"", NATIVE, False, "encapsulated (compressed) under an uncompressed"),
        (128, b"", JPEG, False, "not encapsulated (128 bytes)"),
        (UNDEFINED, item(b"") + item(b"\xff\xd8\xff" * 5), JPEG, False, "odd length of 15"),
        (UNDEFINED, item(b"") + item(b"no JPEG at all"), JPEG, False, "begins with 6E 6F 20 4A, which is not JPEG"),
        (UNDEFINED, item(b"") + item(b"\x40\0\0\0" + bytes(60)), RLE, False, "64 RLE segments"),
        (UNDEFINED, item(b"") + item(b"\xff\xd8" + bytes(20)), JPEG, True, "has no end"),
        (UNDEFINED, item(b"") + b"\x08\0\x05\0\0\0\0\0", JPEG, False, "(0008,0005) where a fragment had to begin"),
    ],
)
def test_what_is_wrong_is_named(length: int, after: bytes, syntax: str, whole: bool, words: str) -> None:
    assert words in (pixel_fault(SIZE, length, after, syntax, True, whole) or "")


def test_fewer_fragments_than_frames() -> None:
    after = item(b"") + item(b"\xff\xd8" + bytes(20)) + END
    assert "1 fragments for 2 frames" in (
        pixel_fault(SIZE | {0x00280008: b"2 "}, UNDEFINED, after, JPEG, True, True) or ""
    )
    assert pixel_fault(SIZE, UNDEFINED, after, JPEG, True, True) is None


@pytest.mark.parametrize(
    ("length", "values"),
    [
        (2, {0x00280010: b"\x03\0", 0x00280011: b"\x03\0", 0x00280100: b"\x01\0"}),  # 9 bits, padded
        (
            128,
            {**SIZE, 0x00280100: b"\x08\0", 0x00280002: b"\x03\0", 0x00280004: b"YBR_FULL_422"},
        ),  # two samples a pixel
        (192, {**SIZE, 0x00280100: b"\x08\0", 0x00280002: b"\x03\0", 0x00280004: b"YBR_FULL_422"}),  # all of them
        (77, {0x00280010: b"\x08\0"}),  # no columns: nothing to go by
        (256, SIZE | {0x00280008: b"2 "}),
    ],
)
def test_what_may_be_is_not_wrong(length: int, values: dict[int, bytes]) -> None:
    assert pixel_fault(values, length, b"", NATIVE, True, True) is None


@real.here
@pytest.mark.parametrize("name", ["jpeg_accepted", "store_series", "edge/e06_jpeg"])
def test_is_quiet_about_real_images(name: str) -> None:
    assert not hits(RULE, real.analysis(name).traffic)


def test_the_refusal_of_such_an_object_is_its_consequence() -> None:
    traffic = stored(ct() + pixels(100), status=0xC000)
    (root,) = judge(traffic, fence=False, rules=(RULE, rejected_data_set.RULE)).findings
    assert (root.rule, root.severity, [child.rule for child in root.children]) == (
        "DS-DATA-003",
        "error",
        ["DS-STORE-002"],
    )
