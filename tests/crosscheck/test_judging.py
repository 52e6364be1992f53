"""Wireshark's opinion of the same bytes: an oracle where it is installed, and what is said where the two differ."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.crosscheck import AskingError, Disagreement, ask, disagreements
from dicomsniff.crosscheck.judging import Reading, _compare
from tests.captures import real
from tests.cli.running import Shell, dialogue

with_wireshark = pytest.mark.skipif(
    shutil.which("tshark") is None or find_spec("pyshark") is None, reason="tshark or pyshark is not installed"
)


def asked(path: Path, folder: Path, connection: int = 1) -> tuple[list[Disagreement], int]:
    """What differs about one connection, and how much is read alike."""
    read = analyze(path, transcribe="pdus", rules=False)
    try:
        numbers = read.cut_out([connection], folder / "cut.pcapng")
        tcp = read.traffic.conversation(connection).tcp
        own = [a for a in read.associations if a.connection == connection]
        return disagreements(tcp, own, ask(folder / "cut.pcapng", own[0].acceptor.port), numbers)
    finally:
        read.close()


@real.here
@with_wireshark
@pytest.mark.parametrize(
    "name", ["echo_ok", "print_film", "find_failure_and_cancel", "edge/e27_two_assoc", "lossy_network"]
)
def test_wireshark_reads_healthy_conversations_as_we_do(tmp_path: Path, name: str) -> None:
    found, same = asked(real.capture(name), tmp_path)
    assert found == [] and same >= 8


@real.here
@with_wireshark
def test_a_value_of_odd_length_that_wireshark_does_not_read_is_told(tmp_path: Path) -> None:
    found, _ = asked(real.capture("edge/e34_odd"), tmp_path)
    assert {one.what for one in found} == {"pdu"} and len(found) == 2
    assert found[0].ours is not None and found[0].theirs is not None
    assert found[0].ours.packet == found[0].theirs.packet == 7 and "PDV 1003 bytes" in found[0].ours.text


def test_what_only_one_of_them_reads_is_told_in_its_place() -> None:
    ours = [Reading(1, "a"), Reading(2, "b"), Reading(3, "c")]
    assert _compare(ours, ours) == ([], 3)
    assert _compare(ours, [ours[0], ours[2]]) == ([(ours[1], None)], 2)
    assert _compare([], ours[:1]) == ([(None, ours[0])], 0)
    changed = Reading(2, "x")
    assert _compare(ours, [ours[0], changed, ours[2]]) == ([(ours[1], changed)], 2)


def test_very_many_differences_are_told_as_one() -> None:
    ours, theirs = [Reading(n, "a") for n in range(5_000)], [Reading(n, "b") for n in range(5_000)]
    [(left, right)], same = _compare(ours, theirs)
    assert same == 0 and left is not None and right is not None and left.text == "and 4999 more after it: a"


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nsleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    with pytest.raises(AskingError, match=r"longer than 0\.3 seconds"):
        ask(tmp_path / "x.pcapng", 104, timeout=0.3)


def test_a_child_that_fails_gives_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho first >&2\necho no such module >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(AskingError, match="could not read it: no such module"):
        ask(tmp_path / "x.pcapng", 104)


@with_wireshark
def test_the_command_says_what_is_alike(shell: Shell, tmp_path: Path) -> None:
    done = shell("crosscheck", dialogue(0).save(tmp_path / "c.pcap"))
    assert (done.code, done.err) == (0, "") and "9 PDUs and messages read alike" in done.out


def test_an_association_that_there_is_not_is_one_line(shell: Shell, tmp_path: Path) -> None:
    assert "no association 3" in shell.refused(
        "crosscheck", dialogue(0).save(tmp_path / "c.pcap"), "--association", "3"
    )


@with_wireshark
def test_of_several_captures_every_connection_is_asked_about(shell: Shell, tmp_path: Path) -> None:
    one, other = tmp_path / "one.pcap", tmp_path / "two.pcap"
    dialogue(0).save(one)
    dialogue(0, 0, port=50_001, after=60.0).save(other)
    done = shell("crosscheck", one, other)
    assert (done.code, done.err) == (0, "") and done.out.count("read alike") == 2


@real.here
@with_wireshark
def test_what_was_decrypted_is_not_held_against_wireshark_which_looks_for_no_dicom_in_tls(shell: Shell) -> None:
    path = real.capture("tls")
    done = shell("crosscheck", path, "--keylog", path.with_name("keylog.txt"))
    assert (done.code, done.err) == (0, "")
    assert "looks for no DICOM: not asked" in done.out and "1 PDUs and messages read alike" in done.out
