"""Makes the captures beside it anew: DCMTK over paths that fail, between two network namespaces.

Needs root, DCMTK, tcpdump, iproute2, pydicom and the folder of the traffic lab (lab.py with `Lab` and `Bridge`):
`python make.py LAB_FOLDER FOLDER_FOR_RESULTS`.
"""

import contextlib
import os
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, str(Path(__file__).parents[4]))

import pydicom
from lab import IP, A, B, Bridge, Lab, sh  # type: ignore[import-not-found]

from tests.forge.dialogue import Dialogue
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION, release_request
from tests.forge.wire import Wire

OUT = Path(sys.argv[2]).absolute()
SERVER = "storescp -v +xa -aet PYPACS -od /tmp 104"
CT = "1.2.840.10008.5.1.4.1.1.2"
CLIENT = """
import socket, time
say = [bytes.fromhex(each) for each in {said!r}]
def talk(line, data):
    line.sendall(data)
    return line.recv(65536)
one = socket.create_connection(({server!r}, 104))
talk(one, say[0]), talk(one, say[1])
time.sleep(40)
one.settimeout(8)
try:
    talk(one, say[1])
except OSError as error:
    print(error)
other = socket.create_connection(({server!r}, 104))
[talk(other, each) for each in say]
other.close()
time.sleep(3)
one.close()
"""
CHECKS = """
import socket, time
for _ in range(6):
    socket.create_connection(({server!r}, 104)).close()
    time.sleep(1)
line = socket.create_connection(({server!r}, 104))
time.sleep(12)
"""


class Cruel(Bridge):  # type: ignore[misc]
    """Drops frames longer than `longest`, and everything but SYNs of connections silent for longer than `forget` s."""

    def __init__(self, longest: int | None = None, forget: float | None = None) -> None:
        super().__init__()
        self.longest, self.forget = longest, forget
        self.seen: dict[frozenset[tuple[bytes, bytes]], float] = {}

    def passes(self, frame: bytes) -> bool:
        if self.longest and len(frame) > self.longest:
            return False
        if not self.forget or frame[12:14] != b"\x08\0" or frame[23] != 6:
            return True
        ends, now = frozenset([(frame[26:30], frame[34:36]), (frame[30:34], frame[36:38])]), time.monotonic()
        if now - self.seen.get(ends, now) > self.forget and not frame[47] & 2:
            return False
        self.seen[ends] = now
        return True

    def run(self) -> None:
        other = {self.fds[A]: self.fds[B], self.fds[B]: self.fds[A]}
        while not self.stop_flag:
            for fd in select.select(list(other), [], [], 0.01)[0]:
                with contextlib.suppress(OSError):
                    while frame := os.read(fd, 65536):
                        if self.passes(frame):
                            os.write(other[fd], frame)


def image() -> Path:
    """A CT image of 128 x 128."""
    made = pydicom.Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.PatientName, made.PatientID = CT, "1.2.3.4.5", "Lab^One", "L1"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Rows, made.Columns = "1.2.3", "1.2.3.4", 128, 128
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 15, 0, 1
    made.PhotometricInterpretation, made.PixelData = "MONOCHROME2", os.urandom(128 * 128 * 2)
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.save_as(OUT / "ct.dcm", enforce_file_format=True)
    return OUT / "ct.dcm"


def play(name: str, *commands: str, bridge: Cruel | None = None, settings: Sequence[str] = ()) -> None:
    """One scenario: what the client does, captured beside it."""
    with Lab(OUT / name, bridge=bridge) as lab:
        for setting in settings:
            sh(setting)
        lab.bg(B, SERVER, "server.log")
        capture = lab.capture(f"{name}.pcap", ns=A, flt="tcp or icmp")
        for command in commands:
            lab.fg(A, command, "client.log", 60)
        capture.stop()


def spoken() -> list[str]:
    """An association request, a C-ECHO and a release, as hexadecimal digits."""
    wire = Wire()
    Dialogue(wire, "IDLER", "PYPACS", (VERIFICATION, (IMPLICIT_LITTLE,), 0)).request().accept().echo()
    ours = [data[54 : 14 + int.from_bytes(data[16:18], "big")] for _, data in wire.frames if data[34:36] == b"\x9c\x40"]
    return [data.hex() for data in (*filter(None, ours), release_request())][:3]


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    echo, store = f"echoscu -aec PYPACS {IP[B]} 104", f"storescu -R -td 10 -aec PYPACS {IP[B]} 104 {image()}"
    for name, program in (("idle.py", CLIENT), ("checks.py", CHECKS)):
        (OUT / name).write_text(program.format(server=IP[B], said=spoken()))
    play("mtu_black_hole", echo, f"timeout 14 {store}", echo, bridge=Cruel(longest=1200))
    play("forgotten_connection", f"{sys.executable} {OUT}/idle.py", bridge=Cruel(forget=35))
    play("health_checks", echo, f"{sys.executable} {OUT}/checks.py")
    small = [f"ip -n {end} route change 10.77.0.0/24 dev eth0 advmss 500" for end in (A, B)]
    play("small_segments", store, settings=small)


main()
