"""How fast real transfers were: each slow one has its one cause and no other, wherever it was captured; fast ones have none."""

from pathlib import Path

import pytest

from bench.attribution.table import components
from dicomsniff.api import Analysis, analyze
from tests.captures import real
from tests.captures.test_attribution import CAPTURES, DATA, INJECTED, scenario
from tests.forge.viewpoints import Elsewhere, packets_of, write

MS = 1_000_000
SERVER = "10.78.0.2"
SLOW = {
    "slow_server": "DS-PERF-001",
    "slow_client": "DS-PERF-002",
    "lossy_network": "DS-PERF-005",
    "slow_nagle": "DS-PERF-007",
    "association_per_image": "DS-PERF-009",
    "slow_link": "DS-PERF-010",
}
FAST = (
    *real.HEALTHY,
    *(
        "dcmjs_store",
        "find_failure_and_cancel",
        "ipv6_any_interface",
        "jpeg_not_accepted",
        "print_film",
        "query_retrieve",
    ),
    *("sc_not_supported", "store_failures", "store_warning_b000", "user_identity"),
)


def told(seen: Analysis) -> dict[str, str]:
    """The rules on speed that spoke, with the severity of what they said."""
    return {f.rule: f.severity for f in real.flat(seen.findings) if f.rule.startswith("DS-PERF")}


@real.here
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_capture_has_its_one_cause(name: str) -> None:
    found = told(real.analysis(name))
    assert SLOW[name] in found
    above = {rule for rule, severity in found.items() if severity in ("error", "warning")}
    assert above == ({SLOW[name]} if name != "slow_link" else set())  # that the line is full is nobody's fault


@real.here
@pytest.mark.parametrize("name", FAST)
def test_a_fast_capture_has_none(name: str) -> None:
    assert told(real.analysis(name)) == {}


@pytest.mark.parametrize("name", sorted(path.name for path in (DATA / "fast").glob("*.pcap.gz")))
def test_a_transfer_that_only_looks_slow_has_none(name: str) -> None:
    """20 ms there and back; small PDUs that follow one another; a server that stands still for a moment; a C-MOVE."""
    assert [rule for rule, severity in told(analyze(DATA / "fast" / name)).items() if severity != "note"] == []


# How far before the server each point of the lab was, and where else what it saw would have been the same, but later or
# earlier by as much all the time: not beyond a leg that loses packets or that is narrow.
BEFORE = {"client": 10 * MS, "middle": 8 * MS, "server": 0}
ALL, FAR, NEAR = ("client", "middle", "server"), ("middle", "server"), ("client", "middle")
ALIKE = {"loss_near": FAR, "rate_near": FAR, "stopped_long": FAR, "loss_far": NEAR, "rate_far": NEAR}
MOVED = [
    (name, point)
    for name in CAPTURES
    for point in ALIKE.get(scenario(name), ALL)
    if scenario(name) != "far_away"  # it had other distances
    and name.rsplit("_", 1)[1] in ALIKE.get(scenario(name), ALL)
    and f"{scenario(name)}_{point}" not in CAPTURES
]


@pytest.mark.parametrize(("name", "point"), MOVED)
def test_seen_from_elsewhere_it_is_the_same(name: str, point: str, tmp_path: Path) -> None:
    packets = packets_of(DATA / f"{name}.pcap.gz")
    other = Elsewhere(SERVER, BEFORE[point] - BEFORE[name.rsplit("_", 1)[1]])
    seen = analyze(write(tmp_path / "moved.pcap", other.view(packets)))
    component, injected, rule = INJECTED[scenario(name)]
    found = components(seen)[component]
    assert abs(found - injected) <= 0.1 * injected, (component, found, injected)
    assert rule in told(seen)
    assert {r for r, severity in told(seen).items() if severity in ("error", "warning")} <= {rule}
