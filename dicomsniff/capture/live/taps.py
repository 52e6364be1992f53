"""Where live packets come from: an interface, standard input or a file in, its bytes and its drop counters out."""

import os
import stat
import sys
from collections.abc import Collection, Sequence
from typing import Protocol

from dicomsniff.capture.block import CaptureError
from dicomsniff.capture.live import programs
from dicomsniff.capture.live.filters import kernel_filter
from dicomsniff.capture.live.interfaces import interfaces, is_up
from dicomsniff.capture.live.programs import CaptureProgram
from dicomsniff.capture.live.refusals import RefusedError, refusal
from dicomsniff.capture.live.streams import GrowingStream, LiveStream, PipeStream


class Tap(Protocol):
    """A place where packets are taken. `name` is what to call it; `prompt` says that packets arrive as they happen, so that
    silence here is silence there. `dropped` are the packets lost before they came here, None where that is not told."""

    name: str
    prompt: bool

    @property
    def stream(self) -> LiveStream: ...
    @property
    def dropped(self) -> int | None: ...
    @property
    def up(self) -> bool:
        """Whether packets can come at all: an interface may be down for a while."""
        ...

    def stop(self) -> None:
        """Take no more; what is under way still comes."""
        ...

    def complaint(self) -> str:
        """Once the stream has ended: why, where that is a fault; "" else."""
        ...

    def close(self) -> None: ...


class StreamTap:
    """Standard input or a file: bytes that something else captured. Silence there may be a pipe that is stuck."""

    prompt = False
    dropped = None
    up = True

    def __init__(self, name: str, stream: LiveStream) -> None:
        self.name, self.stream = name, stream

    def stop(self) -> None:
        self.stream.stop()

    def complaint(self) -> str:
        return ""

    def close(self) -> None:
        self.stream.close()


class ProgramTap:
    """A capture program on an interface of this machine."""

    prompt = True

    def __init__(self, interface: str, program: CaptureProgram) -> None:
        self.name = f"{interface} ({program.name})"
        self.stream = program.stream
        self._interface, self._program = interface, program

    @property
    def dropped(self) -> int | None:
        return self._program.dropped

    @property
    def up(self) -> bool:
        return is_up(self._interface)

    def stop(self) -> None:
        self._program.stop()

    def complaint(self) -> str:
        return self._program.complaint()

    def close(self) -> None:
        self._program.close()
        self.stream.close()


def open_standard_input() -> Tap:
    """The stream that another program writes to us. Raises CaptureError where a person sits there."""
    if sys.stdin is None or sys.stdin.isatty():
        raise CaptureError(
            "standard input is a terminal; pipe a capture to it: tcpdump -U -w - port 104 | dicomsniff live -"
        )
    return StreamTap("standard input", PipeStream(sys.stdin.fileno()))


def open_file(path: str, follow: bool) -> Tap:
    """A capture file, read to its end, or with `follow` on and on as it grows. Raises OSError."""
    if follow and stat.S_ISREG(os.stat(path).st_mode):
        return StreamTap(path, GrowingStream(path))
    return StreamTap(path, PipeStream(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))))


def open_interface(interface: str, ports: Collection[int] | None, program: str | None = None) -> Tap:
    """Captures on an interface what concerns these ports (None: all TCP), with the first of the capture programs that may;
    with scapy where none is installed. Raises CaptureError with one line that says what to grant."""
    chosen: Sequence[str] = [program] if program else programs.installed()
    refused: list[RefusedError] = []
    for name in (each for each in chosen if each != "scapy"):
        for vlan in (True, False):
            try:
                return ProgramTap(interface, CaptureProgram(name, interface, kernel_filter(ports, vlan)))
            except RefusedError as error:
                if not (vlan and error.no_vlan):
                    refused.append(error)
                    break
    if program == "scapy" or not chosen:
        from dicomsniff.capture.live.scapy_tap import open_scapy

        try:
            return open_scapy(interface, ports)
        except RefusedError as error:
            refused.append(error)
        except ImportError:
            pass
    raise refusal(interface, refused, [each.name for each in interfaces()])
