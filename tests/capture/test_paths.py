"""Files, directories and patterns: which captures they mean, and what is said when they mean none."""

import gzip
import os
import socket
from pathlib import Path

import pytest

from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.capture.paths import expand
from tests.forge.capture_files import packets, pcap, pcapng


@pytest.fixture
def field(tmp_path: Path) -> Path:
    """A directory with three captures under odd names among other things."""
    (tmp_path / "b.txt").write_bytes(pcap(packets(2)))
    (tmp_path / "a.cap").write_bytes(gzip.compress(pcapng(packets(2))))
    (tmp_path / "c").write_bytes(pcap([]))
    (tmp_path / "notes.pcap").write_bytes(b"ward 3, archive slow")
    (tmp_path / "empty.pcap").write_bytes(b"")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.pcap").write_bytes(pcap(packets(2)))
    os.mkfifo(tmp_path / "pipe.pcap")
    return tmp_path


def test_a_directory_means_the_captures_in_it_by_content_and_name(field: Path) -> None:
    assert expand([field]) == [str(field / name) for name in ("a.cap", "b.txt", "c")]


def test_a_pattern_means_what_it_matches(field: Path) -> None:
    assert expand([f"{field}/**/*.pcap"])[-1] == str(field / "sub" / "d.pcap")
    assert expand([str(field / "[bc]*")]) == [str(field / "b.txt"), str(field / "c")]


def test_a_file_named_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ward[3].pcap"
    path.write_bytes(pcap([]))
    assert expand([path]) == [str(path)]


def test_a_file_named_twice_is_read_once(field: Path) -> None:
    (field / "link").symlink_to(field / "c")
    assert len(expand([field / "c", field, field / "link"])) == 3


def test_a_pattern_without_a_match_is_an_error(field: Path) -> None:
    with pytest.raises(CaptureError, match=r"no file matches .*\*\.cap9"):
        open_captures([field / "*.cap9"])


def test_a_directory_without_captures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="holds no pcap or pcapng capture"):
        open_captures([tmp_path])


def test_nothing_named_is_an_error() -> None:
    with pytest.raises(CaptureError, match="no capture was named"):
        open_captures([])


def test_a_pattern_that_matches_something_else_names_the_culprit(field: Path) -> None:
    with pytest.raises(CaptureError, match=r"notes\.pcap is not a pcap"):
        open_captures([field / "[nc]*"])


def test_what_the_system_refuses_stays_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_captures([tmp_path / "missing.pcap"])
    with pytest.raises(OSError, match="is a device"):
        open_captures([os.devnull])
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="No such device"):
            open_captures([tmp_path / "s"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_stays_a_permission_error(tmp_path: Path) -> None:
    path = tmp_path / "locked.pcap"
    path.write_bytes(pcap([]))
    path.chmod(0)
    with pytest.raises(PermissionError):
        open_captures([path])
