"""Captures in other tools' formats: a path in, the pcapng bytes that Wireshark's editcap or tshark makes of it out."""

import os
import shutil
import stat
import subprocess
import threading
from contextlib import suppress

from dicomsniff.capture.block import CaptureError

PROGRAMS = ("editcap", "tshark")
"""Who converts, in the order they are tried; both read a file by its content and write to a pipe. tshark also dissects
what it copies, which takes longer and much memory."""
SILENCE = 60.0
"""Seconds that a converter may take for one block; a slow disk gives a megabyte a second, a hung program nothing."""
_SAID = 4096
"""Bytes kept of what a converter complains of; its first line says what matters."""
_LINE = 300
_CHATTER = "Running as user"
"""tshark's warning to root."""


def converter() -> str | None:
    """The program on the path that converts captures, None where there is none."""
    return next((name for name in PROGRAMS if shutil.which(name)), None)


class ConvertedStream:
    """A ByteStream: the pcapng that a child process writes of a file that is `what`. No shell, no temporary file.

    A converter that fails or falls silent ends the stream: `cut` is set and `notes` quote the first line it said.
    Raises CaptureError where no converter is installed or the file can be read only once, OSError as the system does.
    """

    compression = ""

    def __init__(self, path: str, what: str, *, as_ethernet: bool = False, silence: float = SILENCE) -> None:
        self.cut = False
        self.notes: list[str] = []
        self.program = converter() or ""
        if not self.program:
            raise CaptureError(
                f"{path} is {what}; install Wireshark's editcap (or tshark) so that it can be read, or convert it "
                "elsewhere with 'editcap FILE out.pcapng' and give the result"
            )
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise CaptureError(
                f"{path} is {what} in a pipe; save it to a file first, as {self.program} reads only files"
            )
        self._silence = silence
        self._silent = False
        self._ended = False
        self._said = b""
        self._process = _start(self.program, path, as_ethernet)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def readinto(self, target: memoryview) -> int:
        if self._ended or self._process.stdout is None:
            return 0
        watch = threading.Timer(self._silence, self._give_up)
        watch.start()
        try:
            count: int = self._process.stdout.readinto(target)  # type: ignore[attr-defined]  # BufferedReader has it
        finally:
            watch.cancel()
        if not count:
            self._end()
        return count

    def close(self) -> None:
        """Ends the converter, if it has not ended by itself, and waits for it."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        """Reads on after what is kept, so that a talkative converter does not wait for a reader."""
        pipe = self._process.stderr
        while pipe is not None and (piece := pipe.read1(_SAID)):  # type: ignore[attr-defined]  # so has it this
            self._said += piece[: _SAID - len(self._said)]

    def _give_up(self) -> None:
        self._silent = True
        self._process.kill()

    def _end(self) -> None:
        self._ended = True
        try:
            code = self._process.wait(self._silence)
        except subprocess.TimeoutExpired:  # it closed its output and went on
            self._give_up()
            code = self._process.wait()
        self._listener.join()
        if self._silent:
            self._stop(f"{self.program} gave nothing for {self._silence:.0f} s and was ended")
        elif (words := _complaint(self._said)) or code:
            self._stop(f"{self.program} stopped: {words or f'exit code {code}'}")

    def _stop(self, note: str) -> None:
        self.cut = True
        self.notes.append(note)


def _start(program: str, path: str, as_ethernet: bool) -> "subprocess.Popen[bytes]":
    # An absolute path cannot be taken for an option; what the child inherits of our descriptors is nothing.
    full, executable = os.path.abspath(path), shutil.which(program) or program
    if program == "tshark":
        command = [executable, "-n", "-r", full, "-F", "pcapng", "-w", "-"]
    else:
        command = [executable, "-F", "pcapng", *(("-T", "ether") if as_ethernet else ()), full, "-"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _complaint(said: bytes) -> str:
    """The first line of what a converter said, without its own name; some complain and yet end with code 0."""
    for line in said.decode("utf-8", "replace").splitlines():
        words = "".join(c if c.isprintable() else "?" for c in line).strip()
        if words and not words.startswith(_CHATTER):
            return words.removeprefix("editcap: ").removeprefix("tshark: ")[:_LINE]
    return ""
