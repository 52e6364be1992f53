"""Bulk C-STORE as fast as the machine sends it and short associations beside it, between two network namespaces, and a watch
between them: `unshare -n python -m bench.live.load [SECONDS] [PER_SECOND]` (root, DCMTK and tcpdump). Says how much passed,
what was dropped and whether that was counted exactly, and how much memory and processor time it took.

(Not over loopback: there the kernel shows each packet twice, and counts what it drops of both.)
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pydicom
from pydicom.data import get_testdata_file

from bench.live.watching import Watched
from tests.forge import pdus
from tests.forge.messages import command_bytes

BULK, SHORT = 11112, 11113
WIRE, HERE, THERE = "v0", "10.9.0.1", "10.9.0.2"
MACS = "02:00:00:00:00:01", "02:00:00:00:00:02"
VERIFICATION = pdus.VERIFICATION
FRAMES = 32
"""512 x 512 of two bytes each: 16 MB."""
LANES = 5
"""Short associations that may be under way at once: the two cores are busy, and each answer waits for its turn."""


def main() -> None:
    if sys.argv[1:2] == ["answer"]:
        _answer_all(socket.create_server((THERE, SHORT)))
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
    with tempfile.TemporaryDirectory() as name, _other_namespace() as inside:
        _measure(Path(name), seconds, rate, inside)


@contextmanager
def _other_namespace() -> Iterator[list[str]]:
    """How a command is run at the other end of the wire."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "3600"])
    inside = ["nsenter", "-t", str(holder.pid), "-n"]
    time.sleep(0.5)
    quiet = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"
    steps = (
        quiet.split(), [*inside, *quiet.split()],
        ["ip", "link", "add", WIRE, "address", MACS[0], "type", "veth", "peer", "name", "v1", "address", MACS[1]],
        ["ip", "link", "set", "v1", "netns", str(holder.pid)],
        ["ip", "address", "add", f"{HERE}/24", "dev", WIRE], [*inside, "ip", "address", "add", f"{THERE}/24", "dev", "v1"],
        ["ip", "link", "set", WIRE, "up"], [*inside, "ip", "link", "set", "v1", "up"],
        ["ip", "neighbour", "add", THERE, "lladdr", MACS[1], "dev", WIRE],
        [*inside, "ip", "neighbour", "add", HERE, "lladdr", MACS[0], "dev", "v1"],
    )  # fmt: skip
    try:
        for step in steps:
            subprocess.run(step, check=True)
        yield inside
    finally:
        holder.kill()
        holder.wait()


def _measure(folder: Path, seconds: float, rate: float, inside: list[str]) -> None:
    image = _image(folder / "bulk.dcm")
    report = folder / "report.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    servers = [
        subprocess.Popen([*inside, "storescp", "--ignore", "-aet", "PACS", str(BULK)], **quiet),
        subprocess.Popen([*inside, sys.executable, "-m", "bench.live.load", "answer"]),
    ]
    over = threading.Event()
    watched = Watched(["-i", WIRE, "-p", f"{BULK},{SHORT}", "--json", str(report)]).begin()
    watched.wait_until_said("watching")
    before, begun = _passed(), time.monotonic()
    bulk = threading.Thread(target=_store, args=(image, over))
    ended: list[float] = []
    short = [threading.Thread(target=_short, args=(rate / LANES, over, ended)) for _ in range(LANES)]
    for thread in (bulk, *short):
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in (bulk, *short):
        thread.join()
    took, after = time.monotonic() - begun, _passed()
    print(f"{len(ended) / took:.0f} short associations a second")
    time.sleep(3)
    code = watched.end()
    for server in servers:
        server.kill()
        server.wait()
    _tell(watched, json.loads(report.read_text()), took, after[0] - before[0], after[1] - before[1], code)


def _tell(watched: Watched, report: dict[str, Any], took: float, packets: int, sent: int, code: int) -> None:
    capture = report["captures"][0]
    seen, dropped = capture["packets"], capture["dropped"] or 0
    print(f"{took:.0f} s: {sent / 1e6:.0f} MB in {packets} packets passed, {sent / took / 1e6:.0f} MB/s")
    print(
        f"{watched.counts.get('association_closed', 0)} associations ended, {watched.counts.get('exchange', 0)} operations"
    )
    print(f"{seen} packets seen, {dropped} dropped and counted, {packets - seen - dropped} neither; exit code {code}")
    early = next((each for each in watched.samples if each.seconds >= took / 3), watched.samples[-1])
    last = watched.samples[-1]
    print(f"after {early.seconds:.0f} s {early.megabytes:.1f} MB, after {last.seconds:.0f} s {last.megabytes:.1f} MB")
    print(f"{last.processor:.1f} s of processor time in {last.seconds:.0f} s")


def _passed() -> tuple[int, int]:
    """Packets and bytes that passed over the wire."""
    line = next(line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith(f"{WIRE}:"))
    counts = [int(each) for each in line.partition(":")[2].split()]
    return counts[1] + counts[9], counts[0] + counts[8]


def _image(path: Path) -> Path:
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    made.Rows = made.Columns = 512
    made.NumberOfFrames = FRAMES
    made.PixelData = np.random.default_rng(1).integers(0, 4096, 512 * 512 * FRAMES, np.uint16).tobytes()
    made.save_as(path)
    return path


def _store(image: Path, over: threading.Event) -> None:
    """Send it again and again, twenty times on each association."""
    line = ["storescu", "--repeat", "20", "-aec", "PACS", "--max-pdu", "131072", THERE, str(BULK), str(image)]
    while not over.is_set():
        with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
            while program.poll() is None:
                if over.wait(0.2):
                    program.terminate()


def _request() -> bytes:
    context = pdus.proposed_context(1, VERIFICATION, pdus.IMPLICIT_LITTLE)
    return pdus.associate(1, pdus.uid(0x10, pdus.APPLICATION_CONTEXT), context, pdus.user_information())


def _echo(**elements: int) -> bytes:
    command = command_bytes(AffectedSOPClassUID=VERIFICATION, CommandDataSetType=0x0101, **elements)
    return pdus.p_data(pdus.pdv(command, 1, command=True))


_STEPS = (
    (_request(), pdus.acceptance(pdus.answered_context(1, 0, pdus.IMPLICIT_LITTLE))),
    (_echo(CommandField=0x30, MessageID=1), _echo(CommandField=0x8030, MessageIDBeingRespondedTo=1, Status=0)),
    (pdus.release_request(), pdus.release_response()),
)
"""What the one says, and what the other answers."""


def _short(rate: float, over: threading.Event, ended: list[float]) -> None:
    """So many associations a second, one after the other; when each ended."""
    begun, number = time.monotonic(), 0
    while not over.wait(max(0.0, begun + number / rate - time.monotonic())):
        number += 1
        with suppress(OSError), socket.create_connection((THERE, SHORT), 5) as line:
            for said, answer in _STEPS:
                line.sendall(said)
                _read(line, len(answer))
            ended.append(time.monotonic())


def _answer_all(listening: socket.socket) -> NoReturn:
    while True:
        line, _ = listening.accept()
        threading.Thread(target=_answer, args=(line,), daemon=True).start()


def _answer(line: socket.socket) -> None:
    with suppress(OSError), line:
        for said, answer in _STEPS:
            _read(line, len(said))
            line.sendall(answer)


def _read(line: socket.socket, length: int) -> None:
    while length > 0:
        data = line.recv(length)
        if not data:
            raise OSError("it is closed")
        length -= len(data)


if __name__ == "__main__":
    main()
