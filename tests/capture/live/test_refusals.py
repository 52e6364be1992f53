"""Why a capture cannot begin, in one line with what to do."""

import pytest

from dicomsniff.capture.live.refusals import RefusedError, grant, refusal

NOT_ALLOWED = RefusedError(
    "tcpdump",
    ["tcpdump: eth0: You don't have permission to capture on that device", "(socket: Operation not permitted)"],
)
DUMPCAP = RefusedError(
    "dumpcap",
    [
        "The capture session could not be initiated on interface 'eth0' (You don't have permission to capture on that device)."
    ],
)
NO_SUCH = RefusedError("tcpdump", ["tcpdump: eth7: No such device exists", "(No such device exists)"])


def test_a_missing_right_is_told_with_what_to_grant() -> None:
    line = str(refusal("eth0", [DUMPCAP, NOT_ALLOWED], ["lo"]))
    assert line.startswith("eth0: no permission to capture with dumpcap or tcpdump; ") and "\n" not in line


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "setcap cap_net_raw"), ("darwin", "ChmodBPF"), ("win32", "Npcap")]
)
def test_what_to_grant_depends_on_the_system(platform: str, word: str) -> None:
    assert word in grant(platform)


def test_an_unknown_interface_is_told_with_those_there_are() -> None:
    assert str(refusal("eth7", [NO_SUCH], ["eth0", "lo"])) == "eth7: no such interface; there are eth0, lo"


def test_nothing_to_capture_with_and_anything_else_are_told() -> None:
    assert "install Wireshark's dumpcap, tcpdump" in str(refusal("eth0", [], []))
    assert "syntax error" in str(refusal("eth0", [RefusedError("tcpdump", ["syntax error in filter"])], []))
    assert RefusedError("tcpdump", ["tcpdump: no VLAN support for data link type 12"]).no_vlan
