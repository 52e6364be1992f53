"""The head of a compressed frame and the transfer syntaxes it can be sent under."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association import frame_syntax as fs


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def jpeg(process: int, predictor: int = 0, extra: bytes = b"") -> bytes:
    frame = segment(process, bytes.fromhex("0c0040004001011100"))
    scan = segment(0xDA, bytes([1, 1, 0, predictor, 0, 0]))
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0" + bytes(9)) + extra + frame + segment(0xC4, bytes(20)) + scan + b"\x12"


def jpeg_2000(wavelet: int, capabilities: int = 0) -> bytes:
    size = segment(0x51, struct.pack(">H", capabilities) + bytes(36))
    return b"\xff\x4f" + size + segment(0x52, bytes([0, 0, 0, 1, 0, 5, 4, 4, 0, wavelet])) + segment(0x64, b"\0\1x")


def rle(*offsets: int) -> bytes:
    return struct.pack("<16I", len(offsets), *offsets, *(0,) * (15 - len(offsets))) + bytes(9)


@pytest.mark.parametrize(
    ("frame", "syntaxes"),
    [
        (jpeg(0xC0), (fs.BASELINE, fs.EXTENDED)),
        (jpeg(0xC1), (fs.EXTENDED,)),
        (jpeg(0xC2), ()),
        (jpeg(0xC9), ()),
        (jpeg(0xC3, 1), (fs.LOSSLESS_SV1, fs.LOSSLESS)),
        (jpeg(0xC3, 6), (fs.LOSSLESS,)),
        (jpeg(0xF7, 0), (fs.LS_LOSSLESS, fs.LS_NEAR)),
        (jpeg(0xF7, 2), (fs.LS_NEAR,)),
        (jpeg_2000(1), (fs.J2K_LOSSLESS, fs.J2K)),
        (jpeg_2000(0), (fs.J2K,)),
        (jpeg_2000(0, 0x4000), ()),
        (rle(64), (fs.RLE,)),
        (rle(64, 900), (fs.RLE,)),
        (rle(64, 64), ()),
        (rle(65), ()),
        (b"\0\0\1\xb3" + bytes(99), ()),
        (bytes(99), ()),
    ],
)
def test_a_frame_fits_exactly_the_syntaxes_that_allow_it(frame: bytes, syntaxes: tuple[str, ...]) -> None:
    assert fs.frame_syntaxes(frame) == syntaxes


@pytest.mark.parametrize("frame", [jpeg(0xC1), jpeg(0xC3, 6), jpeg(0xF7, 2), jpeg_2000(0), rle(64, 900)])
def test_a_frame_that_is_cut_says_less_but_nothing_else(frame: bytes) -> None:
    whole = fs.frame_syntaxes(frame)
    answers = [fs.frame_syntaxes(frame[:length]) for length in range(len(frame))]
    assert answers[0] is None and {a for a in answers if a is not None} == {whole}


def test_markers_in_front_are_passed_over() -> None:
    assert fs.frame_syntaxes(jpeg(0xC1, extra=segment(0xFE, b"comment") + b"\xff")) == (fs.EXTENDED,)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8", b"\xff\x4f\xff\x51", b"\1\0\0\0"]))
def test_no_bytes_raise(data: bytes, start: bytes) -> None:
    assert fs.frame_syntaxes(start + data) is None or isinstance(fs.frame_syntaxes(start + data), tuple)
