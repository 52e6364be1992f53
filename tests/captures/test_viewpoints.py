"""Real captures as two points would have made them: apart, nothing wrong is said; joined, they are the clean capture again."""

import gzip
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dicomsniff.api import Analysis, analyze
from dicomsniff.tcp.events import Connection, DirectionFacts
from tests.captures import real
from tests.forge.capture_files import Packet
from tests.forge.viewpoints import Elsewhere, packets_of, write

pytestmark = real.here
SERVER = "10.77.0.2"
HOUR, MS = 3_600_000_000_000, 1_000_000
NAMES = ("store_series", "query_retrieve", "lossy_network", "slow_server", "store_failures", "association_per_image")
POINTS = {
    "the same clock": Elsewhere(SERVER, 2 * MS),
    "clocks as close as NTP": Elsewhere(SERVER, 300_000, 150_000, hops=1),
    "three hours behind": Elsewhere(SERVER, 2 * MS, -3 * HOUR, hops=2),
    "three hours ahead and drifting": Elsewhere(SERVER, 20 * MS, 3 * HOUR, 4e-5, hops=1),
    "only the heads": Elsewhere(SERVER, 2 * MS, 5 * MS, snap=96),
    "only one direction": Elsewhere(SERVER, 2 * MS, 40 * MS, hops=1, one_way=True),
}


def _direction(facts: DirectionFacts) -> DirectionFacts:
    """Without what depends on the last microsecond."""
    return replace(facts, duplicates=0, zero_window_ns=0, out_of_order=0)


def essence(analysis: Analysis) -> dict[str, Any]:
    """All that was seen, without packet numbers and times."""
    tcp = [c.tcp for c in analysis.connections]
    return {
        "connections": [
            (t.initiator, t.opened, t.closed, _direction(t.to_responder), _direction(t.to_initiator)) for t in tcp
        ],
        "associations": [(a.calling_ae, a.called_ae, a.outcome, a.blind) for a in analysis.associations],
        "exchanges": [
            (e.service, e.message_id, e.status, e.outcome, e.payload and (e.payload.sha256, e.payload.missing))
            for e in analysis.exchanges
        ],
        "findings": sorted((f.rule, f.severity) for f in analysis.findings if not f.rule.startswith("DS-CAP")),
    }


def _bytes(tcp: Connection) -> list[tuple[int, int, int]]:
    return [(f.bytes, f.retransmitted_bytes, f.lost_bytes) for f in (tcp.to_responder, tcp.to_initiator)]


def _without(packets: list[Packet], missed: Collection[int]) -> list[Packet]:
    return [p for place, p in enumerate(packets) if place not in missed]


def _pair(directory: Path, packets: list[Packet], missed: Collection[int], other: Elsewhere) -> tuple[Path, Path]:
    server = write(directory / "server.pcap", _without(packets, missed))
    return server, write(directory / "client.pcap", other.view(packets))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_two_whole_captures_are_one_capture_apart_and_joined(name: str, point: str, tmp_path: Path) -> None:
    packets, other = packets_of(real.capture(name)), POINTS[point]
    clean = real.analysis(name)
    paths = _pair(tmp_path, packets, (), other)
    joined = analyze(*paths, merge_views=True)
    assert essence(joined) == essence(clean)
    assert [f.point.number for f in joined.captures] == [1, 2]
    apart = analyze(*paths)
    assert essence(apart)["findings"] == essence(clean)["findings"]
    assert apart.report().summary["associations"] == len(clean.associations)
    assert all(c.view_of for c in apart.connections[len(clean.connections) :])
    clock = apart.captures[1].point
    if not other.one_way:
        drifted = abs(other.drift) * 60e9
        assert clock.uncertainty_ns is not None and clock.delay_ns is not None
        assert abs(clock.ahead_ns - other.ahead_ns) <= clock.uncertainty_ns + drifted
        assert clock.delay_ns <= other.delay_ns * 1.5 + 5_000


@pytest.mark.parametrize("name", NAMES)
def test_what_one_point_missed_the_other_supplies(name: str, tmp_path: Path) -> None:
    packets = packets_of(real.capture(name))
    here, there = set(range(0, len(packets), 7)), set(range(3, len(packets), 7))
    paths = _pair(tmp_path, packets, here, Elsewhere(SERVER, 2 * MS, -HOUR, missed=there))
    joined = analyze(*paths, merge_views=True)
    assert not any(c.gaps for c in joined.connections)
    if name == "lossy_network":  # a bridge doubled packets there: which copy a point lacks nobody can tell
        assert [_bytes(c.tcp) for c in joined.connections] == [_bytes(c.tcp) for c in real.analysis(name).connections]
    else:
        assert essence(joined) == essence(real.analysis(name))


def test_one_direction_at_each_point_makes_whole_conversations(tmp_path: Path) -> None:
    """Both ways have too little in common to be two points, or are joined by what they have."""
    packets = packets_of(real.capture("store_series"))
    here = {place for place, p in enumerate(packets) if p.data[30:34] == bytes((10, 77, 0, 2)) and place > 20}
    paths = _pair(tmp_path, packets, here, Elsewhere(SERVER, MS, 5 * MS, one_way=True))
    assert essence(analyze(*paths, merge_views=True)) == essence(real.analysis("store_series"))


@given(data=st.data(), ahead_ns=st.integers(-3 * HOUR, 3 * HOUR), delay_ns=st.integers(1_000, 50 * MS))
@settings(derandomize=True, max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_two_subsets_say_what_is_true_or_that_they_do_not_know(
    tmp_path: Path, data: st.DataObject, ahead_ns: int, delay_ns: int
) -> None:
    packets = packets_of(real.capture("store_failures"))
    subset = st.sets(st.integers(0, len(packets) - 1), max_size=len(packets) // 8)
    here, there = data.draw(subset), data.draw(subset)
    paths = _pair(tmp_path, packets, here, Elsewhere(SERVER, delay_ns, ahead_ns, missed=there))
    truth = real.analysis("store_failures")
    joined = analyze(*paths, merge_views=True)
    if not here & there:
        assert essence(joined) == essence(truth)
    for analysis in (joined, analyze(*paths)):
        hashes = {e.payload.sha256 for e in analysis.exchanges if e.payload and e.payload.complete}
        assert hashes <= {e.payload.sha256 for e in truth.exchanges if e.payload}
        said = {f.rule for f in real.flat(analysis.findings) if not f.rule.startswith("DS-CAP")}
        alone = {f.rule for path in paths for f in real.flat(analyze(path).findings)}  # what holes do to one file
        assert said <= {f.rule for f in real.flat(truth.findings)} | alone


def test_three_points_are_joined_as_well(tmp_path: Path) -> None:
    packets = packets_of(real.capture("query_retrieve"))
    size = len(packets)
    middle = Elsewhere(SERVER, 2 * MS, HOUR, missed=range(1, size, 5))
    client = Elsewhere(SERVER, 5 * MS, -HOUR, missed=range(2, size, 5))
    paths = [
        write(tmp_path / "server.pcap", _without(packets, range(0, size, 5))),
        write(tmp_path / "middle.pcap", middle.view(packets)),
        write(tmp_path / "client.pcap", client.view(packets)),
    ]
    joined = analyze(*paths, merge_views=True)
    assert essence(joined) == essence(real.analysis("query_retrieve"))
    assert [c.point.number for c in joined.captures] == [1, 2, 3]


def test_numbers_lead_to_the_packets_in_their_files(tmp_path: Path) -> None:
    packets = packets_of(real.capture("store_failures"))
    paths = _pair(tmp_path, packets, range(0, len(packets), 5), Elsewhere(SERVER, MS, HOUR, missed=range(1, 99, 5)))
    stored = {path.name: packets_of(path) for path in paths}
    for analysis in (analyze(*paths), analyze(*paths, merge_views=True)):
        names = [Path(c.path).name for c in analysis.captures]
        places = analysis.traffic.places
        assert places is not None
        for row in analysis.report().findings:
            assert len(row["places"]) == len(row["packets"])
        for connection in analysis.connections:
            place = places.find(connection.tcp.first_packet)
            assert place is not None
            data = stored[names[place.capture - 1]][place.packet - 1].data
            port = int.from_bytes(data[34:36], "big"), int.from_bytes(data[36:38], "big")
            assert set(port) == {connection.tcp.initiator.port, connection.tcp.responder.port}


@pytest.mark.parametrize("merge_views", [False, True])
def test_ring_buffer_files_in_any_order_are_one_point(merge_views: bool, tmp_path: Path) -> None:
    packets = packets_of(real.capture("slow_server"))
    size = -(-len(packets) // 5)
    paths = [write(tmp_path / f"ring_{n}.pcap", packets[n * size : (n + 1) * size]) for n in range(5)]
    packed = tmp_path / "ring_2.pcap.gz"
    packed.write_bytes(gzip.compress(paths[2].read_bytes()))
    paths[2] = packed
    for order in (paths, paths[::-1], paths[2:] + paths[:2]):
        analysis = analyze(*order, merge_views=merge_views)
        assert essence(analysis) == essence(real.analysis("slow_server"))
        assert {c.point.number for c in analysis.captures} == {1}
    holed = analyze(*(path for n, path in enumerate(paths) if n != 3), merge_views=merge_views)
    assert len(holed.connections) == 1 and holed.connections[0].gaps
    said = {f.rule for f in holed.findings if not f.rule.startswith("DS-CAP")}
    assert said <= {f.rule for f in real.analysis("slow_server").findings}


def test_two_ring_buffers_of_two_points(tmp_path: Path) -> None:
    packets = packets_of(real.capture("slow_server"))
    view = Elsewhere(SERVER, 5_000, 2 * HOUR, hops=1).view(packets)  # farther off the client would answer too early
    paths = []
    for name, own, count in (("server", packets, 3), ("client", view, 4)):
        size = -(-len(own) // count)
        paths += [write(tmp_path / f"{name}_{n}.pcap", own[n * size : (n + 1) * size]) for n in range(count)]
    for order in (paths, paths[::-1]):
        apart = analyze(*order)
        assert [c.view_of is None for c in apart.connections].count(True) == 1
        assert essence(apart)["findings"] == essence(real.analysis("slow_server"))["findings"]
        assert essence(analyze(*order, merge_views=True)) == essence(real.analysis("slow_server"))


def test_overlapping_files_count_each_packet_once(tmp_path: Path) -> None:
    packets = packets_of(real.capture("store_series"))
    half = len(packets) // 2
    paths = [write(tmp_path / "a.pcap", packets[: half + 40]), write(tmp_path / "b.pcap", packets[half - 40 :])]
    paths.append(write(tmp_path / "all.pcap", packets))
    analysis = analyze(*paths)
    assert essence(analysis) == essence(real.analysis("store_series"))
    assert {c.point.number for c in analysis.captures} == {1}
    assert not any(f.to_responder.duplicates for f in (c.tcp for c in analysis.connections))


def test_objects_are_exported_whole_from_two_captures_with_holes(tmp_path: Path) -> None:
    packets = packets_of(real.capture("store_series"))
    paths = _pair(tmp_path, packets, range(5, 99, 9), Elsewhere(SERVER, MS, HOUR, missed=range(9, 99, 9)))
    whole = {row.sha256 for row in real.analysis("store_series").export(tmp_path / "clean") if row.file}
    assert {row.sha256 for row in analyze(*paths, merge_views=True).export(tmp_path / "joined") if row.file} == whole
