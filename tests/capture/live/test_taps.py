"""Where packets are taken: the programs in turn, one line where none may, files and standard input."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.capture import CaptureError
from dicomsniff.capture.live import LiveSource, open_file, open_interface, open_standard_input, programs, taps
from dicomsniff.capture.live.refusals import RefusedError
from tests.cli.running import dialogue


class Refusing:
    """Stands in for programs; each is refused for its own reason."""

    tried: list[tuple[str, str]]

    def __init__(self, reasons: dict[str, str]) -> None:
        self.tried, self._reasons = [], reasons

    def __call__(self, program: str, interface: str, expression: str) -> Any:
        self.tried.append((program, expression))
        raise RefusedError(program, [self._reasons[program]])


def test_each_program_is_tried_and_all_reasons_make_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Refusing({"dumpcap": "You don't have permission to capture", "tcpdump": "Operation not permitted"})
    monkeypatch.setattr(taps, "CaptureProgram", refusing)
    monkeypatch.setattr(programs, "installed", lambda: ["dumpcap", "tcpdump"])
    with pytest.raises(CaptureError, match="no permission to capture with dumpcap or tcpdump"):
        open_interface("eth0", (104,))
    assert [program for program, _ in refusing.tried] == ["dumpcap", "tcpdump"]


def test_a_link_layer_without_tags_is_asked_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Refusing({"tcpdump": "no VLAN support for data link type 12"})
    monkeypatch.setattr(taps, "CaptureProgram", refusing)
    with pytest.raises(CaptureError):
        open_interface("tun0", (104,), "tcpdump")
    assert ["vlan" in expression for _, expression in refusing.tried] == [True, False]


def test_nothing_to_capture_with_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "installed", list)
    monkeypatch.setitem(__import__("sys").modules, "scapy.all", None)
    with pytest.raises(CaptureError, match="nothing to capture with"):
        open_interface("eth0", (104,))


def test_a_terminal_is_no_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    with pytest.raises(CaptureError, match="pipe a capture to it"):
        open_standard_input()


@pytest.mark.parametrize("follow", [True, False])
def test_a_file_is_read_to_its_end_or_until_told_to_stop(follow: bool, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "one.pcap")
    source = LiveSource(open_file(str(path), follow))
    first = source.take(5)
    assert first is not None and not source.complaint()
    source.stop()
    while not source.ended:
        source.take(0.1)
    source.close()


def test_a_named_pipe_is_followed_as_any_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = os.fork()
    if not writer:
        with (tmp_path / "pipe").open("wb") as pipe:
            pipe.write(dialogue(0).save(tmp_path / "one.pcap").read_bytes())
        os._exit(0)
    source = LiveSource(open_file(str(tmp_path / "pipe"), follow=True))
    assert source.take(5) is not None
    os.waitpid(writer, 0)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_file(str(tmp_path / "none"), follow=False)
