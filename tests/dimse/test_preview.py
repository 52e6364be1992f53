"""Previews: right where they can be, one line of reason where they cannot, and nothing that a peer sends breaks more than one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dicomsniff.dimse import preview
from dicomsniff.dimse.preview import Painter, Picture

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed (extra [pixels])")

EXPLICIT, IMPLICIT, JPEG, DEFLATED = (
    "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1.99",
)  # fmt: skip


@pytest.fixture(scope="module")
def painter() -> Iterator[Painter]:
    with Painter(seconds=60.0) as made:
        yield made


def data_set(pixels: bytes, implicit: bool = False, **fields: Any) -> bytes:
    from pydicom.dataset import Dataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    ds = Dataset()
    wanted = {
        "Rows": 2, "Columns": 2, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0,
        "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "PixelData": pixels,
    }  # fmt: skip
    for name, value in (wanted | fields).items():
        if value is not None:
            setattr(ds, name, value)
    if "PixelData" in ds:
        ds["PixelData"].VR = "OB"
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, implicit
    write_dataset(stream, ds)
    return stream.getvalue()


def pixels_of(picture: Picture | str) -> Any:
    assert isinstance(picture, Picture), picture
    return np.asarray(Image.open(io.BytesIO(picture.jpeg)))


def encoded(colour: str = "L") -> bytes:
    from pydicom.encaps import encapsulate

    stream = io.BytesIO()
    Image.fromarray(np.full((64, 64), 200, np.uint8)).convert(colour).save(stream, "JPEG", quality=95)
    return encapsulate([stream.getvalue()])


@pytest.mark.parametrize(("implicit", "syntax"), [(False, EXPLICIT), (True, IMPLICIT)])
def test_a_picture_shows_bright_where_it_is_bright(painter: Painter, implicit: bool, syntax: str) -> None:
    half = np.zeros((300, 200), np.uint8)
    half[:, 100:] = 250
    made = painter.paint(data_set(half.tobytes(), implicit, Rows=300, Columns=200), syntax)
    shown = pixels_of(made)
    assert isinstance(made, Picture) and (made.rows, made.columns, made.frames) == (300, 200, 1)
    assert max(shown.shape) == 128 and shown[:, 5].mean() < 10 and shown[:, -5].mean() > 245
    assert len(made.jpeg) < 6000


def test_monochrome1_is_turned_round_and_a_window_is_kept(painter: Painter) -> None:
    values = np.array([[0, 100], [200, 250]], np.uint8).repeat(32, 0).repeat(32, 1)
    fields: dict[str, Any] = {"Rows": 64, "Columns": 64, "WindowCenter": 225, "WindowWidth": 10}
    plain = pixels_of(painter.paint(data_set(values.tobytes(), **fields), EXPLICIT))
    turned = pixels_of(
        painter.paint(data_set(values.tobytes(), PhotometricInterpretation="MONOCHROME1", **fields), EXPLICIT)
    )
    assert plain[8, 8] < 20 and plain[56, 8] < 20 and plain[56, 56] > 235
    assert turned[8, 8] > 235 and turned[56, 56] < 20


def test_colours_and_the_first_of_many_frames(painter: Painter) -> None:
    red = np.zeros((2, 16, 16, 3), np.uint8)
    red[0, ..., 0] = 255
    fields: dict[str, Any] = {"Rows": 16, "Columns": 16, "SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": "RGB", "NumberOfFrames": 2}  # fmt: skip
    made = painter.paint(data_set(red.tobytes(), **fields), EXPLICIT)
    assert isinstance(made, Picture) and made.frames == 2
    assert pixels_of(made)[8, 8][0] > 240 and pixels_of(made)[8, 8][2] < 20


def test_compressed_pixel_data_are_decoded(painter: Painter) -> None:
    made = painter.paint(data_set(encoded(), Rows=64, Columns=64), JPEG)
    assert pixels_of(made).shape == (64, 64)


@pytest.mark.parametrize(
    ("data", "syntax", "why"),
    [
        (data_set(b"", PixelData=None), EXPLICIT, "it holds no pixel data"),
        (data_set(b"", Rows=65535, Columns=65535), EXPLICIT, "65535 × 65535 pixels"),
        (data_set(b"", Rows=0), EXPLICIT, "0 × 2 pixels"),
        (data_set(b"\0\0", Rows=500, Columns=500), EXPLICIT, "cannot be decoded"),
        (data_set(b"\xfe\xff\x00\xe0" * 9), JPEG, "cannot be decoded"),
        (b"\xff" * 500, EXPLICIT, ""),
        (b"", EXPLICIT, "it holds no pixel data"),
        (data_set(b"\0" * 4), DEFLATED, "not in this transfer syntax"),
        (data_set(b"\0" * 4), "1.2.3", "not in this transfer syntax"),
        (data_set(b"\0" * 4), "x\ny", "not in this transfer syntax"),
    ],
)
def test_what_cannot_be_shown_is_one_reason_and_the_next_is_drawn(
    painter: Painter, data: bytes, syntax: str, why: str
) -> None:
    told = painter.paint(data, syntax)
    assert isinstance(told, str) and why in told and "\n" not in told
    assert isinstance(painter.paint(data_set(b"\1\2\3\4"), EXPLICIT), Picture)


def test_what_is_too_large_is_not_looked_at(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "LARGEST", 10)
    assert "larger than" in str(painter.paint(b"\0" * 11, EXPLICIT))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import time; time.sleep(60)", "took longer than 0.3 s"),
        ("import os; os._exit(11)", "the decoder failed"),
        ("print('no json')", "the decoder failed"),
    ],
)
def test_a_decoder_that_hangs_or_dies_costs_one_picture(code: str, why: str) -> None:
    with Painter(seconds=0.3 if "longer" in why else 30.0, command=("-c", code)) as painter:
        for _ in range(2):  # a new one is begun for the next
            assert why in str(painter.paint(b"\0" * 100_000, EXPLICIT))
