"""An interface in, a running dumpcap or tcpdump out: its packets on a pipe, its drop counters, and what it said last."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from contextlib import suppress

from dicomsniff.capture.live.refusals import RefusedError
from dicomsniff.capture.live.streams import PipeStream
from dicomsniff.core.patterns import pattern

BUFFER_MIB = 64
"""Room for packets in the kernel while nobody reads: half a second of 1 Gbit/s."""
POLL_SECONDS = 1.0
HELD_SECONDS = 1.2
"""How long packets may wait in the kernel before a program gets them: as long a program goes on when it is told to stop."""
START_SECONDS = 10.0
_WORDS = 20
_TCPDUMP = pattern(r"(\d+) packets? dropped by kernel")
_TCPDUMP_INTERFACE = pattern(r"(\d+) packets? dropped by interface")
_DUMPCAP = pattern(r"received/dropped on interface .*?: (\d+)/(\d+)")
_BEGUN = {"tcpdump": "listening on", "dumpcap": "File: "}
"""What each says once it captures."""
_LISTENING = ("listening on", "Capturing on", "File: ")
ASK = getattr(signal, "SIGINFO", None) or getattr(signal, "SIGUSR1", None)
"""The signal upon which tcpdump says how many packets were dropped so far."""


def installed() -> list[str]:
    """The capture programs there are, the one to be tried first in front: tcpdump tells its drops as they happen, dumpcap
    may be allowed to capture where we are not."""
    root = not hasattr(os, "geteuid") or os.geteuid() == 0
    order = ("tcpdump", "dumpcap") if root and os.name != "nt" else ("dumpcap", "tcpdump")
    return [name for name in order if shutil.which(name)]


def command(program: str, interface: str, expression: str) -> list[str]:
    """The line that makes a program write every packet, as it comes, to its standard output."""
    if program == "dumpcap":
        return ["dumpcap", "-q", "-i", interface, "-B", str(BUFFER_MIB), "-w", "-", "-f", expression]
    options = ["-n", "-U", "-s", "0", "-B", str(BUFFER_MIB << 10), "-w", "-"]
    return ["tcpdump", "-i", interface, *options, expression]


class CaptureProgram:
    """A capture program at work. Raises RefusedError, with what it said, where it does not begin."""

    def __init__(self, program: str, interface: str, expression: str) -> None:
        self.name = program
        self.said: deque[str] = deque(maxlen=_WORDS)
        self._dropped: int | None = None
        self._stopping = False
        self._begun = threading.Event()
        line = command(program, interface, expression)
        new_session = {"start_new_session": True} if os.name != "nt" else {}
        try:  # a session of its own: Ctrl-C is for us, we end it
            self.process = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **new_session
            )  # type: ignore[call-overload]
        except OSError as error:
            raise RefusedError(program, [f"{program}: {error.strerror}"]) from error
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._begun.wait(START_SECONDS)
        if self._failed():
            self.close()
            raise RefusedError(program, list(self.said))
        self.stream = PipeStream(self.process.stdout.fileno())
        threading.Thread(target=self._poll, daemon=True).start()

    @property
    def dropped(self) -> int | None:
        """Packets that kernel and interface dropped so far; None while the program has not told."""
        return self._dropped

    def stop(self) -> None:
        """Let it write what it has and end; its pipe then ends too."""
        if not self._stopping:
            self._stopping = True
            timer = threading.Timer(HELD_SECONDS, self._terminate)
            timer.daemon = True
            timer.start()

    def _terminate(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def close(self) -> None:
        """End it for good."""
        self._stopping = True
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._listener.join(1)

    def complaint(self) -> str:
        """Why it ended, if nobody told it to; "" else."""
        code = self.process.wait()
        self._listener.join(1)
        if self._stopping:
            return ""
        words = [line for line in self.said if not _counts(line) and not any(word in line for word in _LISTENING)]
        told = words[-1].removeprefix(f"{self.name}: ") if words else ""
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {ended}" + (f": {told}" if told else "")

    def _failed(self) -> bool:
        """Whether it ended instead of beginning."""
        if any(_BEGUN[self.name] in line for line in self.said):
            return False
        with suppress(subprocess.TimeoutExpired):  # it closed its standard error: it is about to end
            self.process.wait(1)
        return self.process.poll() is not None

    def _listen(self) -> None:
        for raw in self.process.stderr:
            line = " ".join(raw.decode("utf-8", "replace").split())
            if not line:
                continue
            self._count(line)
            self.said.append(line)
            if _BEGUN[self.name] in line:
                self._begun.set()
        self._begun.set()

    def _count(self, line: str) -> None:
        if found := _DUMPCAP.search(line):
            self._dropped = int(found[2])
        elif found := _TCPDUMP.search(line):
            own = _TCPDUMP_INTERFACE.search(line)
            self._dropped = max(int(found[1]) + int(own[1] if own else 0), self._dropped or 0)

    def _poll(self) -> None:
        """Ask tcpdump for its counters again and again."""
        while self.name == "tcpdump" and ASK is not None and not self._stopping and self.process.poll() is None:
            self.process.send_signal(ASK)
            time.sleep(POLL_SECONDS)


def _counts(line: str) -> bool:
    """Whether a line of a program only counts packets."""
    return bool(re.search(r"\d+ packets? |Packets (captured|received)|^File: ", line))
