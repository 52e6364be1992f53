"""Captures in a heading, and in a command that can be typed as it stands."""

import shlex

import pytest

from dicomsniff.report.html.named import command_line, heading
from dicomsniff.report.values import Row


def captures(*names: str) -> list[Row]:
    return [{"path": f"/field/{name}"} for name in names]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), "no capture"),
        (("a.pcap",), "a.pcap"),
        (("a.pcap", "b.pcap", "c.pcap"), "a.pcap, b.pcap and c.pcap"),
        (("a.pcap", "b.pcap", "c.pcap", "d.pcap"), "a.pcap and 3 more captures"),
    ],
)
def test_a_heading_names_few_files_and_counts_many(names: tuple[str, ...], told: str) -> None:
    assert heading(captures(*names)) == told


def test_a_shell_takes_the_names_as_they_are() -> None:
    names = ("a b.pcap", "$(reboot).pcap", "it's.pcap", "-q.pcap")
    assert shlex.split(command_line(captures(*names))) == [*names[:3], "./-q.pcap"]
    assert command_line(captures("a.pcap")) == "a.pcap"


def test_what_is_too_long_to_type_is_a_placeholder() -> None:
    assert command_line(captures(*(f"ring_{number:05d}.pcap" for number in range(20)))) == "CAPTURE…"
    assert command_line([]) == "CAPTURE…"
