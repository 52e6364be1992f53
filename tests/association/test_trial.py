"""Data sets of unknown encoding: what they read as, and which transfer syntaxes that leaves."""

import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from dicomsniff.association import trial
from dicomsniff.association.trial import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, Trial, try_bytes, try_payload
from dicomsniff.dimse.payload import PayloadStore
from tests.association.test_frame_syntax import jpeg, rle
from tests.forge.messages import encode

CT = "1.2.840.10008.5.1.4.1.1.2"
JPEG_BASELINE, JPEG_EXTENDED, RLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.5"


def image(**elements: object) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.PatientName = CT, "1.2.3.4", "Doe^Jane"
    made.Rows, made.Columns, made.BitsAllocated = 4, 4, 8
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def native() -> Dataset:
    made = image(PixelData=bytes(16))
    made["PixelData"].VR = "OB"
    return made


def compressed(frame: bytes) -> bytes:
    made = image(PixelData=encapsulate([frame + bytes(len(frame) % 2)]))
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return encode(made, implicit=False)


ENCODED: dict[str, Callable[[Dataset], bytes]] = {
    IMPLICIT: encode,
    EXPLICIT: lambda d: encode(d, implicit=False),
    BIG_ENDIAN: lambda d: encode(d, implicit=False, little=False),
    DEFLATED: lambda d: zlib.compress(encode(d, implicit=False), wbits=-15),
}


def tried(data: bytes, total: int | None = None) -> Trial:
    found = try_bytes(data, total)
    assert found is not None
    return found


@pytest.mark.parametrize("syntax", ENCODED)
def test_each_encoding_is_told_from_the_others(syntax: str) -> None:
    data = ENCODED[syntax](native())
    found = tried(data, len(data))
    assert (found.encoding, found.pixels, found.sop_class, found.ordered) == (syntax, "native", CT, True)
    assert found.alone() == (syntax, True)
    assert [s for s in (*ENCODED, JPEG_BASELINE, RLE) if found.allows(s)] == [syntax]


def test_without_a_look_at_the_pixels_an_explicit_data_set_may_be_compressed() -> None:
    found = tried(encode(native(), implicit=False)[:60])
    assert (found.encoding, found.pixels, found.alone()) == (EXPLICIT, "unseen", (None, False))
    assert found.allows(EXPLICIT) and found.allows(JPEG_BASELINE) and not found.allows(IMPLICIT)


def test_without_any_pixels_explicit_is_likely_but_not_proved() -> None:
    data = encode(image(), implicit=False)
    assert tried(data, len(data)).alone() == (EXPLICIT, False)


@pytest.mark.parametrize(
    ("frame", "alone"),
    [
        (jpeg(0xC1), (JPEG_EXTENDED, True)),
        (jpeg(0xC0), (JPEG_BASELINE, False)),
        (jpeg(0xC3, 1), (None, False)),
        (rle(64), (RLE, True)),
        (b"unheard of", (None, False)),
    ],
)
def test_compressed_pixels_tell_their_syntax_as_far_as_they_can(frame: bytes, alone: tuple[str | None, bool]) -> None:
    data = compressed(frame)
    found = tried(data, len(data))
    assert found.pixels == "encapsulated" and found.alone() == alone
    assert not found.allows(EXPLICIT)


def test_the_icon_in_a_sequence_is_not_taken_for_the_image() -> None:
    icon = image(PixelData=encapsulate([rle(64) + b"\0"]))
    icon["PixelData"].VR, icon["PixelData"].is_undefined_length = "OB", True
    made = image(IconImageSequence=[icon], PixelData=encapsulate([jpeg(0xC1)]))
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    data = encode(made, implicit=False)
    assert tried(data, len(data)).frames == (JPEG_EXTENDED,)


def test_pixels_behind_a_url_are_of_no_syntax_that_has_pixels() -> None:
    data = encode(image(PixelDataProviderURL="http://x/y"), implicit=False)
    found = tried(data, len(data))
    assert found.pixels == "referenced" and found.alone() == (None, False)
    assert found.allows("1.2.840.10008.1.2.4.94") and not found.allows(EXPLICIT)


def test_what_reads_as_nothing_or_is_too_little_is_not_guessed() -> None:
    assert try_bytes(b"\xee" * 400) is None
    assert try_bytes(encode(image())[:20]) is None
    assert try_bytes(b"DICM".rjust(132, b"\0") + encode(image())) is None


def test_implicit_tags_must_ascend() -> None:
    one, two = encode(image())[:34], encode(image())[34:]
    assert try_bytes(two + one, len(one + two)) is None


def test_pixel_data_behind_a_large_header_are_reached_where_the_whole_was_kept() -> None:
    made = native()
    made.add_new(0x00091010, "OB", bytes(40_000))
    made.add_new(0x00090010, "LO", "MAKER")
    data = encode(made, implicit=False)
    kept, head = PayloadStore(keep=True), PayloadStore()
    answers = []
    for store in (head, kept):
        writer = store.writer(1 << 14)
        writer.write(data)
        answers.append(try_payload(writer.finish(True)))
    assert [a and a.pixels for a in answers] == ["unseen", "native"]


def test_what_lies_behind_a_hole_is_not_read() -> None:
    data = encode(native(), implicit=False)
    writer = PayloadStore(keep=True).writer(1 << 14)
    writer.write(data[:90])
    writer.skip(10)
    writer.write(data[100:])
    found = try_payload(writer.finish(True))
    assert found is not None and found.pixels == "unseen"


@given(st.binary(max_size=600), st.sampled_from([b"", encode(image())[:60], encode(image(), implicit=False)[:60]]))
def test_no_bytes_raise(data: bytes, start: bytes) -> None:
    found = try_bytes(start + data, len(start + data))
    assert found is None or found.encoding in trial.ENCODINGS
