"""Captures played as they happened through a pipe to a watch: `python -m bench.live.latency CAPTURE…`. Says for each whether
the findings were those of the file, and how long after its last packet each was told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.live.watching import Watched
from dicomsniff.api import analyze
from dicomsniff.capture import open_captures
from dicomsniff.rules.catalogue import every_rule
from dicomsniff.rules.finding import Finding

LONGEST = 120.0
"""Seconds of a capture that are played; the rest at once."""
AT_END = {"DS-ASSOC-018"}
"""What an association used of what it proposed is known when it ends."""
ABSENT = {rule.id for rule in every_rule() if rule.absence}


@dataclass
class Played:
    """A capture on its way: when each of its packets was written, by number."""

    path: Path
    written: dict[int, float] = field(default_factory=dict)

    def run(self) -> Watched:
        watched = Watched(["-"], stdin=subprocess.PIPE).begin()
        pipe = watched.program.stdin
        assert pipe is not None
        watched.wait_until_said("watching")
        begun = time.time()
        for number, after, data in records(self.path):
            wait = begun + min(after, LONGEST) - time.time()
            if wait > 0:
                pipe.flush()
                time.sleep(wait)
            pipe.write(data)
            self.written[number] = time.time()
        pipe.flush()
        time.sleep(6)  # what waits for the clock, or for a second look
        pipe.close()
        watched.end(None)
        return watched


def records(path: Path) -> Iterator[tuple[int, float, bytes]]:
    """Number, seconds after the first packet, and the record; the head of the file goes with the first."""
    first, head = None, b"\x4d\x3c\xb2\xa1\x02\x00\x04\x00" + bytes(8) + (262144).to_bytes(4, "little")
    with open_captures([path]) as source:
        for block in source.blocks():
            content = block.data.tobytes()
            for row in range(len(block)):
                at = int(block.time_ns[row])
                first = at if first is None else first
                start, captured = int(block.offset[row]), int(block.captured[row])
                words = np.array([at // 10**9, at % 10**9, captured, int(block.wire[row])], "<u4").tobytes()
                data = head + (int(block.link_type[row]).to_bytes(4, "little") if head else b"") + words
                yield int(block.number[row]), (at - first) / 1e9, data + content[start : start + captured]
                head = b""


def flat(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from flat(finding.children)


def line(path: Path) -> str:
    """One row of the table."""
    played = Played(path)
    watched = played.run()
    told = {event["rule"] for _, event in watched.events if event["event"] == "finding"}
    known = analyze(path)
    late = []
    last: dict[int | None, int] = {association.id: association.last_packet for association in known.associations}
    for arrived, event in watched.events:
        proof = [
            *event.get("packets", ()),
            *([last.get(event.get("association"), 0)] if event.get("rule") in AT_END else []),
        ]
        packets = [played.written[n] for n in proof if n in played.written]
        if event["event"] == "finding" and packets and event["rule"] not in ABSENT:
            late.append((arrived - max(packets), event["rule"]))
    missing = {f.rule for f in known.findings} - told
    extra = told - {f.rule for f in flat(known.findings)}
    worst = max(late, default=(0.0, "none"))
    verdict = "the same" if not missing | extra else f"missing {sorted(missing)}, more {sorted(extra)}"
    return f"| {path.parent.name}/{path.name} | {len(told)} | {verdict} | {worst[0]:.1f} s ({worst[1]}) |"


def main(paths: list[str]) -> None:
    print("| capture | findings | beside the file | latest after its last packet |\n|---|---|---|---|", flush=True)
    threads = []
    for path in paths:
        thread = threading.Thread(target=lambda path=path: print(line(Path(path)), flush=True))
        thread.start()
        threads.append(thread)
        if len(threads) >= 3:
            threads.pop(0).join()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
