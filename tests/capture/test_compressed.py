"""gzip and zstd by magic number, in one piece or several, whole or cut."""

import gzip
import struct
import sys
import zlib
from bisect import bisect_right
from pathlib import Path

import pytest

from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.capture.compressed import open_stream
from dicomsniff.core import Limits
from tests.capture.reading import read
from tests.forge.capture_files import packets, pcap, pcapng

zstandard = pytest.importorskip("zstandard")

WRITTEN = packets(300)
CONTENTS = [p.data for p in WRITTEN]


def _zstd(data: bytes) -> bytes:
    packed: bytes = zstandard.ZstdCompressor().compress(data)
    return packed


@pytest.mark.parametrize(("plain", "name"), [(pcap(WRITTEN), "pcap"), (pcapng(WRITTEN), "pcapng")])
def test_compression_is_told_by_magic_number(tmp_path: Path, plain: bytes, name: str) -> None:
    for packed, suffix in ((gzip.compress(plain), "gz"), (_zstd(plain), "zst")):
        found, facts = read(tmp_path, packed)
        assert [row.data for row in found] == CONTENTS
        assert (facts.format, facts.cut, facts.notes) == (f"{name}.{suffix}", False, ())


@pytest.mark.parametrize("block_bytes", [1, 1000, 8 << 20])
def test_members_and_frames_that_follow_one_another_are_one_file(tmp_path: Path, block_bytes: int) -> None:
    plain = pcap(WRITTEN)
    pieces = [plain[i : i + 5000] for i in range(0, len(plain), 5000)]
    skippable = struct.pack("<II", 0x184D2A50, 3) + b"abc"
    for packed in (b"".join(map(gzip.compress, pieces)), skippable.join(map(_zstd, pieces))):
        found, facts = read(tmp_path, packed, Limits(block_bytes=block_bytes))
        assert [row.data for row in found] == CONTENTS
        assert not facts.cut


def test_a_cut_compressed_file_is_read_to_where_it_ends(tmp_path: Path) -> None:
    # Frames of their own, as zstd gives nothing of an unfinished one that is this small.
    plain = pcap(packets(300, length=999))
    for packed in (gzip.compress(plain, 0), b"".join(_zstd(plain[i : i + 9000]) for i in range(0, len(plain), 9000))):
        found, facts = read(tmp_path, packed[: len(packed) // 2])
        assert 20 < len(found) < 300
        assert facts.cut
        assert any("compressed file ends in the middle" in note for note in facts.notes)


def test_a_cut_between_packets_shows_in_compressed_files_all_the_same(tmp_path: Path) -> None:
    found, facts = read(tmp_path, gzip.compress(pcap(WRITTEN))[:-4])
    assert len(found) == 300
    assert facts.cut


def test_damaged_compression_is_read_to_the_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(pcap(WRITTEN)))
    packed[-6] ^= 0xFF  # in the checksum
    found, facts = read(tmp_path, bytes(packed))
    assert [row.data for row in found] == CONTENTS
    assert facts.cut
    assert any("compressed file is damaged" in note for note in facts.notes)


def test_a_compressed_file_of_which_nothing_can_be_had_is_an_error(tmp_path: Path) -> None:
    for packed in (gzip.compress(pcap(WRITTEN))[:12], _zstd(pcap(WRITTEN))[:12]):
        with pytest.raises(CaptureError, match="cannot be read: the compressed file ends in the middle"):
            read(tmp_path, packed)


@pytest.mark.parametrize("end", [1, 2, 3, 4, 9])
def test_a_cut_in_the_magic_of_the_next_frame_is_a_cut(tmp_path: Path, end: int) -> None:
    frame = _zstd(pcap(WRITTEN))
    found, facts = read(tmp_path, frame + frame[:end])
    assert len(found) == 300
    assert facts.cut


@pytest.mark.parametrize(("tail", "noted"), [(bytes(5000), False), (b"\0" * 512 + b"signature", True)])
def test_padding_is_ignored_and_other_bytes_behind_are_noted(tmp_path: Path, tail: bytes, noted: bool) -> None:
    found, facts = read(tmp_path, gzip.compress(pcap(WRITTEN)) + tail)
    assert len(found) == 300
    assert (bool(facts.notes), facts.cut) == (noted, False)


def test_without_zstandard_one_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "field.pcap.zst"
    path.write_bytes(_zstd(pcap(WRITTEN)))
    with pytest.raises(CaptureError, match=r"pip install 'dicomsniff\[compress\]'") as error:
        open_captures([path])
    assert "\n" not in str(error.value)


def _reaching(packed: bytes, length: int) -> int:
    """How many of these bytes are more than `length` once inflated."""
    return bisect_right(range(len(packed)), length, key=lambda end: len(_inflated(packed[:end])))


def _inflated(packed: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(packed)


def test_what_grows_a_thousandfold_comes_out_whole_wherever_it_is_cut(tmp_path: Path) -> None:
    content = bytes(3_000_000) + bytes(range(256)) * 20 + bytes(2_500_000)
    packed = gzip.compress(content, mtime=0)
    steps = [_reaching(packed, number << 20) for number in range(1, 6)]  # where a megabyte is full and more is held
    for end in (len(packed), *range(18, len(packed), 199), *steps, len(packed) - 8, len(packed) - 9):
        path = tmp_path / "file"
        path.write_bytes(packed[:end])
        stream, found = open_stream(str(path)), bytearray()
        target = memoryview(bytearray(1 << 20))
        while count := stream.readinto(target):
            found += target[:count]
        stream.close()
        assert found == _inflated(packed[:end])
        assert stream.cut == (end < len(packed))
