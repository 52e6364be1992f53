"""What is left out when the cost of attribution is measured: all of it, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

from bench.attribution.cost import WITH, WITHOUT, child

CAPTURE = Path(__file__).parents[1] / "captures" / "data" / "attribution" / "nagle_middle.pcap.gz"
SHOW = """
import json, sys
from bench.attribution.cost import WITHOUT, leave_out
if sys.argv[1] == WITHOUT:
    leave_out()
import dicomsniff
from dicomsniff.tcp.meter import NOT_METERED
analysis = dicomsniff.analyze(sys.argv[2])
[tcp] = [connection.tcp for connection in analysis.connections]
print(json.dumps({
    "pauses": len(tcp.pauses), "told": len(tcp.told), "metered": any(m.carried or m.trips for m in tcp.meters),
    "rules": [f.rule for f in analysis.findings if f.rule.startswith("DS-PERF")],
    "rest": [[e.service, e.status, e.outcome] for e in analysis.exchanges] + [tcp.rtt_initiator_ns, tcp.to_responder.bytes],
}))
"""


def shown(how: str) -> dict[str, object]:
    command = [sys.executable, "-c", SHOW, how, str(CAPTURE)]
    said: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said


def test_without_attribution_nothing_is_measured_and_all_else_is_the_same() -> None:
    whole, plain = shown(WITH), shown(WITHOUT)
    assert whole["pauses"] and whole["told"] and whole["metered"] and whole["rules"] == ["DS-PERF-007"]
    assert not (plain["pauses"] or plain["told"] or plain["metered"] or plain["rules"])
    assert whole["rest"] == plain["rest"]


def test_a_child_says_what_start_and_analysis_took() -> None:
    taken = child(WITH, CAPTURE, CAPTURE)
    assert taken.analysis > 0 and taken.start > 0
