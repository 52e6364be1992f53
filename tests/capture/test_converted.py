"""Captures in other tools' formats: read through editcap or tshark where there is one, refused by name elsewhere."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from dicomsniff.capture import CaptureError, converted, open_captures
from dicomsniff.capture.paths import expand
from tests.capture.reading import read, rows
from tests.forge.capture_files import packets, pcap, pcapng

EDITCAP = shutil.which("editcap")
installed = pytest.mark.skipif(EDITCAP is None, reason="editcap is not installed")
ERF = (struct.pack("<II", 0, 1_700_000_000) + struct.pack(">BBHHH", 2, 4, 80, 0, 64) + bytes(64)) * 3
WRITTEN = packets(9)


def _foreign(directory: Path, kind: str) -> Path:
    """Nine packets in another tool's format."""
    plain, path = directory / "plain.pcap", directory / f"field.{kind}"
    plain.write_bytes(pcap(WRITTEN))
    subprocess.run([str(EDITCAP), "-F", kind, str(plain), str(path)], check=True, capture_output=True)
    plain.unlink()
    return path


def _program(directory: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only converter on the path is this shell script."""
    folder = directory / "bin"
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}")


@installed
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("snoop", "snoop"),
        ("netmon1", "netmon 1"),
        ("netmon2", "netmon 2"),
        ("ngsniffer", "sniffer"),
        ("ngwsniffer_1_1", "netxray"),
        ("ngwsniffer_2_0", "netxray"),
        ("visual", "visual"),
        ("5views", "5views"),
        ("lanalyzer", "lanalyzer"),
        ("nettl", "nettl"),
    ],
)
def test_what_editcap_writes_in_another_format_is_read_as_it_was(tmp_path: Path, kind: str, name: str) -> None:
    with open_captures([_foreign(tmp_path, kind)]) as source:
        found, [facts] = rows(source), source.facts()
    # Sniffers measure in ticks of their own, some keep no fractions and some pad to the shortest Ethernet frame.
    assert [row.data[: len(p.data)] for row, p in zip(found, WRITTEN, strict=True)] == [p.data for p in WRITTEN]
    assert (facts.format, facts.packets, facts.cut) == (f"{name} via editcap", 9, False)
    assert "read through editcap" in facts.notes[0]


@installed
def test_snoop_keeps_times_and_wire_lengths(tmp_path: Path) -> None:
    with open_captures([_foreign(tmp_path, "snoop")]) as source:
        assert [(row.time_ns, row.wire) for row in rows(source)] == [(p.time_ns, len(p.data)) for p in WRITTEN]


@installed
def test_converted_files_take_their_place_in_the_timeline(tmp_path: Path) -> None:
    later = packets(3, 1_800_000_000)
    (tmp_path / "a_later.pcap").write_bytes(pcap(later))
    _foreign(tmp_path, "snoop")
    with open_captures([tmp_path]) as source:
        assert [row.data for row in rows(source)] == [p.data for p in (*WRITTEN, *later)]
        assert [f.format for f in source.facts()] == ["snoop via editcap", "pcap"]


@installed
def test_a_cut_snoop_file_is_read_up_to_there_and_editcap_is_quoted(tmp_path: Path) -> None:
    path = _foreign(tmp_path, "snoop")
    path.write_bytes(path.read_bytes()[:-7])
    with open_captures([path]) as source:
        assert len(rows(source)) == 8
        [facts] = source.facts()
    assert facts.cut
    assert "cut short" in facts.notes[-1]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"snoop\0\0\0" + bytes(100), "snoop"),
        (b"GMBU" + bytes(100), "Network Monitor"),
        (b"TRSNIFF data    \x1a" + bytes(100), "Sniffer"),
        (b"XCP\0" + bytes(100), "Sniffer"),
        (b"iptrace 2.0" + bytes(100), "AIX iptrace"),
        (b"TR\0d\0" + bytes(100), "HP-UX nettl"),
        (ERF, "ERF"),
    ],
)
def test_without_a_converter_one_line_names_it(
    tmp_path: Path, content: bytes, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "field.cap"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as error:
        open_captures([path])
    line = str(error.value)
    assert [word for word in (str(path), what, "editcap", "tshark") if word not in line] == []
    assert "\n" not in line


@installed
def test_a_directory_holds_what_can_be_converted_only_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _foreign(tmp_path, "snoop")
    assert expand([tmp_path]) == [str(path)]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaptureError):
        expand([tmp_path])


@installed
def test_what_the_converter_refuses_is_an_error_in_its_words(tmp_path: Path) -> None:
    path = tmp_path / "-F"  # a name like an option is a name
    path.write_bytes(b"snoop\0\0\0" + b"\xff" * 100)
    with pytest.raises(CaptureError, match=r"could not be converted: editcap stopped: .+") as error:
        open_captures([path])
    assert "\n" not in str(error.value)


def test_a_converter_that_falls_silent_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "editcap", "exec /bin/sleep 600", monkeypatch)
    stream = converted.ConvertedStream(__file__, "a snoop capture", silence=0.2)
    assert stream.readinto(memoryview(bytearray(100))) == 0
    assert (stream.cut, stream.notes) == (True, ["editcap gave nothing for 0 s and was ended"])
    stream.close()


def test_what_came_before_the_converter_failed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good").write_bytes(pcapng(WRITTEN))
    script = f"/bin/cat '{tmp_path}/good'; echo 'editcap: \x1b[31mno more' >&2; echo more >&2; exit 1"
    _program(tmp_path, "editcap", script, monkeypatch)
    found, facts = read(tmp_path, b"snoop\0\0\0")
    assert len(found) == 9
    assert (facts.cut, facts.notes[-1]) == (True, "editcap stopped: ?[31mno more")


def test_a_converter_that_talks_without_end_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good").write_bytes(pcapng(WRITTEN))
    script = f"echo Running as user root >&2; /usr/bin/head -c 300000 /dev/zero | /usr/bin/tr '\\0' '\\n' >&2; /bin/cat '{tmp_path}/good'"
    _program(tmp_path, "tshark", script, monkeypatch)
    found, facts = read(tmp_path, b"snoop\0\0\0")
    assert (len(found), facts.cut, facts.format) == (9, False, "snoop via tshark")


def test_a_converter_that_gives_no_capture_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "editcap", "echo hello", monkeypatch)
    with pytest.raises(CaptureError, match="editcap made no capture of it"):
        read(tmp_path, b"snoop\0\0\0")


def test_closing_early_ends_the_converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good").write_bytes(pcapng(WRITTEN))
    script = f"echo $$ >'{tmp_path}/pid'; /bin/cat '{tmp_path}/good'; exec /bin/sleep 600"
    _program(tmp_path, "editcap", script, monkeypatch)
    (tmp_path / "field").write_bytes(b"snoop\0\0\0")
    stream = converted.ConvertedStream(str(tmp_path / "field"), "a snoop capture")
    assert stream.readinto(memoryview(bytearray(10))) == 10
    stream.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_pipe_cannot_be_given_to_a_converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "editcap", "exit 0", monkeypatch)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CaptureError, match="save it to a file first"):
        converted.ConvertedStream(str(tmp_path / "pipe"), "a snoop capture")
