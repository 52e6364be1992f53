"""Short associations, as many as asked for, at a rate, through a pipe to a watch: `python -m bench.live.soak 100000 56`.

Says once a minute, and at the end, how much memory and processor time it took.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from bench.live.watching import Watched
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import OUT, Frame, Wire, pcap_head, pcap_record

CT, STUDY_FIND = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.2.2.1"
CLIENTS = 250
_PROPOSALS = [(abstract, (IMPLICIT_LITTLE,), 0) for abstract in (VERIFICATION, STUDY_FIND, CT)]
_KEYS = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="")
_MATCH = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="1.2.3.4", PatientName="A^B")
_OBJECT = data_set(
    SOPClassUID=CT, SOPInstanceUID="1.2.3.000000", PatientName="A^B", PatientID="P1", StudyInstanceUID="1.2.3.4",
    SeriesInstanceUID="1.2.3.4.5", StudyDate="20240101", Modality="CT", Rows=1, Columns=1,
)  # fmt: skip


def association(number: int, start_ns: int, emit: list[Frame]) -> None:
    """An echo, and a query or an object; of a hundred one is rejected, one aborted, and one object refused."""
    client = f"10.1.0.{number % CLIENTS + 1}", 20_000 + number // CLIENTS % 40_000
    wire = Wire(client, ("10.0.0.2", 104), start_ns=start_ns, emit=emit.append)
    dialogue, kind = Dialogue(wire, f"MOD{number % 40:02}", "ARCHIVE", *_PROPOSALS).request(), number % 100
    if kind == 7:
        dialogue.reject(1, 1, 7)
        return
    dialogue.accept().echo()
    if kind % 3 == 0:
        dialogue.find(STUDY_FIND, _KEYS, [_MATCH] * 2)
    elif kind % 3 == 1:
        instance = f"{number % 1_000_000:06}"
        data = _OBJECT.replace(b"000000", instance.encode())
        dialogue.store(CT, f"1.2.3.{instance}", data, 0xA700 if kind == 31 else 0)
    if kind == 50:
        dialogue.abort(OUT)
    else:
        dialogue.release()


def stream(count: int, rate: float) -> Iterator[bytes]:
    """A capture of them that comes as they happen."""
    yield pcap_head()
    begun, frames = time.time(), list[Frame]()
    for number in range(count):
        due = begun + number / rate
        if due > time.time():
            yield b"".join(map(pcap_record, sorted(frames, key=lambda frame: frame[0])))
            frames.clear()
            time.sleep(max(0.0, due - time.time() + 0.05))
        association(number, int(due * 1e9), frames)
    yield b"".join(map(pcap_record, sorted(frames, key=lambda frame: frame[0])))


def main() -> None:
    count, rate = int(sys.argv[1]), float(sys.argv[2])
    watched = Watched(["-"], stdin=subprocess.PIPE).begin()
    told = threading.Thread(target=_tell, args=(watched,), daemon=True)
    told.start()
    pipe = watched.program.stdin
    assert pipe is not None
    for piece in stream(count, rate):
        pipe.write(piece)
        pipe.flush()
    pipe.close()
    print(f"exit code {watched.end(None)}; {watched.counts}")
    early = next((each.megabytes for each in watched.samples if each.seconds >= 120), 0.0)
    last = watched.samples[-1]
    print(f"{last.seconds:.0f} s, {last.processor:.0f} s of processor time")
    print(f"after two minutes {early:.1f} MB, at the end {last.megabytes:.1f} MB")


def _tell(watched: Watched) -> None:
    while watched.program.poll() is None:
        time.sleep(60)
        one = watched.samples[-1]
        closed = watched.counts.get("association_closed", 0)
        print(f"{one.seconds:6.0f} s {one.megabytes:6.1f} MB {one.processor:6.1f} s {closed} ended", flush=True)


if __name__ == "__main__":
    os.nice(5)
    main()
