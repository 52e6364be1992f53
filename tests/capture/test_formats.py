"""What is said of files that are no capture: what they are, and what to do."""

import gzip
from pathlib import Path

import pytest

from dicomsniff.capture import CaptureError, open_captures


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ["is empty"]),
        (b"\xd4\xc3", ["2 bytes"]),
        (bytes(5000), ["zeros"]),
        (b"<!DOCTYPE html><html>", ["HTML"]),
        (b"\n <html><body>404", ["HTML", "download"]),
        (b"<?xml version='1.0'?><pdml>", ["Wireshark XML"]),
        (b"12:00:01.5 IP 10.0.0.1.104 > 10.0.0.2: Flags [S]\n", ["text", "tcpdump -w"]),
        (bytes(128) + b"DICM" + bytes(100), ["DICOM Part 10"]),
        (b"PK\3\4" + bytes(100), ["zip", "unpack"]),
        (b"\xfd7zXZ\0" + bytes(100), ["xz -d"]),
        (bytes(257) + b"ustar" + bytes(300), ["tar"]),
        (gzip.compress(bytes(257) + b"ustar" + bytes(300), mtime=0), ["tar"]),
        (b"\x0a\x0d\x0d\x0a" + bytes(60), ["something unknown"]),
        (b"\x80\x81\x82\x83\x01" * 20, ["something unknown"]),
    ],
)
def test_what_is_no_capture_is_named_with_advice(tmp_path: Path, content: bytes, said: list[str]) -> None:
    path = tmp_path / "evidence.pcap"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as error:
        open_captures([path])
    line = str(error.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    assert [word for word in said if word not in line] == []
