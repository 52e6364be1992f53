"""What a capture program said when it would not begin in, one line with what to do about it out."""

import os
import sys
from collections.abc import Iterable, Sequence

from dicomsniff.capture.block import CaptureError

_FORBIDDEN = ("permission", "not permitted", "eacces", "eperm", "access is denied", "cap_net_raw", "bpf")
_UNKNOWN = ("no such device", "doesn't exist", "does not exist", "no interface", "invalid interface", "not found")
_NO_VLAN = ("no vlan support", "vlan not supported", "vlan")


class RefusedError(Exception):
    """A program did not begin to capture; `said` is what it wrote."""

    def __init__(self, program: str, said: Sequence[str]) -> None:
        super().__init__(program)
        self.program, self.said = program, tuple(said)

    @property
    def forbidden(self) -> bool:
        """Whether a right is missing."""
        return self._mentions(_FORBIDDEN)

    @property
    def unknown(self) -> bool:
        """Whether there is no such interface."""
        return self._mentions(_UNKNOWN) and not self.forbidden

    @property
    def no_vlan(self) -> bool:
        """Whether the link layer cannot have VLAN tags, which the filter asked for."""
        return self._mentions(_NO_VLAN)

    def _mentions(self, words: Iterable[str]) -> bool:
        text = " ".join(self.said).lower()
        return any(word in text for word in words)


def grant(platform: str = sys.platform) -> str:
    """What to grant so that an ordinary user may capture."""
    if platform.startswith("linux"):
        user = os.environ.get("USER") or "USER"
        return (
            f"run it with sudo, or 'sudo usermod -aG wireshark {user}' and log in again (dumpcap; on Debian after"
            " 'sudo dpkg-reconfigure wireshark-common'), or 'sudo setcap cap_net_raw,cap_net_admin=eip $(which tcpdump)'"
        )
    if platform == "darwin":
        return "run it with sudo, or install ChmodBPF, which comes with Wireshark, so that your user may read /dev/bpf*"
    return "install Npcap without 'restrict to administrators', or run it as administrator"


def refusal(interface: str, refused: Sequence[RefusedError], known: Sequence[str]) -> CaptureError:
    """The error for an interface that no program could open; `known` are the interfaces there are."""
    if forbidden := [one.program for one in refused if one.forbidden]:
        return CaptureError(f"{interface}: no permission to capture with {' or '.join(forbidden)}; {grant()}")
    if any(one.unknown for one in refused):
        there = f"; there are {', '.join(known)}" if known else ""
        return CaptureError(f"{interface}: no such interface{there}")
    if not refused:
        return CaptureError(
            f"{interface}: nothing to capture with; install Wireshark's dumpcap, tcpdump, or pip install 'dicomsniff[live]'"
        )
    said = "; ".join(f"{one.program}: {' '.join(one.said) or 'ended at once'}" for one in refused)
    return CaptureError(f"{interface} cannot be captured on: {said}")
