"""DCMTK over a path that lost and reordered, captured at both ends at once (see data/two_ends.py): judged once, joined whole."""

import hashlib
import runpy
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from dicomsniff.api import Analysis, analyze
from dicomsniff.tcp.events import DirectionFacts
from tests.captures.real import flat
from tests.forge.capture_files import Packet
from tests.forge.viewpoints import packets_of, write

DATA = Path(__file__).parent / "data"
CLIENT, SERVER = DATA / "two_ends_client.pcap", DATA / "two_ends_server.pcap"
HOUR, MS = 3_600_000_000_000, 1_000_000
CLOCKS = {
    "the same clock": (0, 0.0),
    "hardly ahead": (10_000, 0.0),
    "less than copies of a mirror lag": (MS, 0.0),
    "two hours ahead": (2 * HOUR, 0.0),
    "three hours behind": (-3 * HOUR, 0.0),
    "two hours ahead and running fast": (2 * HOUR, 4e-5),
    "three hours behind and running slow": (-3 * HOUR, -8e-5),
}
clocks = pytest.mark.parametrize("clock", CLOCKS)


@cache
def alone(path: Path) -> Analysis:
    return analyze(path)


def told(analysis: Analysis) -> list[str]:
    """What is told of the traffic, not of the capture."""
    return sorted(f.rule for f in flat(analysis.findings) if not f.rule.startswith(("DS-CAP", "DS-PERF")))


def stored(analysis: Analysis) -> list[str]:
    """The data sets of all stored objects of which no byte is missing, by hash."""
    payloads = [e.payload for e in analysis.exchanges if e.service == "C-STORE" and e.payload]
    return sorted({str(p.sha256) for p in payloads if p.complete})


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ...]:
    """The data sets that the modality had on its disk, without the file meta information."""
    folder = tmp_path_factory.mktemp("sent")
    script = runpy.run_path(str(DATA / "two_ends.py"))
    files = (path.read_bytes() for path in script["images"](folder, script["COUNT"], script["SIZE"]))
    return tuple(whole[144 + int.from_bytes(whole[140:144], "little") :] for whole in files)


def _hashes(sent: Sequence[bytes]) -> list[str]:
    return sorted(hashlib.sha256(data).hexdigest() for data in sent)


def _shifted(path: Path, ahead_ns: int, drift: float, folder: Path) -> tuple[Path, int]:
    """The capture as another clock would have timed it, and when it began on the right one."""
    packets = packets_of(path)
    start = packets[0].time_ns
    moved = [Packet(t + ahead_ns + round(drift * (t - start)), data, wire) for t, data, wire in packets]
    return write(folder / path.name, moved), start


def _counts(facts: DirectionFacts) -> tuple[int, ...]:
    return facts.packets, facts.bytes, facts.retransmitted_bytes, facts.lost_bytes, facts.duplicates


def test_the_two_ends_saw_different_packets(sent: tuple[bytes, ...]) -> None:
    """Otherwise nothing below would be proved: packets were lost between them, and both hold all objects."""
    here, there = (analysis.connections[0].tcp.to_responder for analysis in (alone(CLIENT), alone(SERVER)))
    assert here.packets - there.packets == 7 and here.retransmitted_bytes > there.retransmitted_bytes > 0
    assert stored(alone(CLIENT)) == stored(alone(SERVER)) == _hashes(sent)
    assert [c.tcp.opened for c in alone(CLIENT).connections] == ["handshake", "handshake", "handshake", "refused"]


@clocks
@pytest.mark.parametrize("shifted", [CLIENT, SERVER], ids=["client", "server"])
@pytest.mark.parametrize("first", [CLIENT, SERVER], ids=["client-first", "server-first"])
def test_whatever_the_clocks_show_and_whichever_file_is_named_first(
    first: Path, shifted: Path, clock: str, sent: tuple[bytes, ...], tmp_path: Path
) -> None:
    ahead, drift = CLOCKS[clock]
    moved, start = _shifted(shifted, ahead, drift, tmp_path)
    second = SERVER if first is CLIENT else CLIENT
    paths = [moved if path is shifted else path for path in (first, second)]
    apart, joined = analyze(*paths), analyze(*paths, merge_views=True)

    for analysis in (apart, joined):
        assert told(analysis) == told(alone(CLIENT)) == told(alone(SERVER))
        assert analysis.report().summary["associations"] == 3
        assert stored(analysis) == _hashes(sent)
        point = analysis.captures[1].point
        true = point.at_ns - start
        if shifted is first:  # its clock counts; the other shows the right time
            true = -(ahead + round(drift * (point.at_ns - start)))
        else:
            true = ahead + round(drift * (point.at_ns - ahead - start))
        assert point.uncertainty_ns is not None and abs(point.ahead_ns - true) <= point.uncertainty_ns
        assert point.delay_ns is not None and 19 * MS < point.delay_ns < 25 * MS
        notes = " ".join(note for capture in analysis.captures for note in capture.notes)
        assert "captured at 2 points" in notes and "the clock at point 2 was" in notes
    assert [c.view_of is None for c in apart.connections].count(True) == 4 == len(apart.connections) // 2

    for place, connection in enumerate(joined.connections):
        from_client, from_server = (alone(path).connections[place].tcp for path in (CLIENT, SERVER))
        assert not connection.gaps
        assert _counts(connection.tcp.to_responder) == _counts(from_client.to_responder)
        assert _counts(connection.tcp.to_initiator) == _counts(from_server.to_initiator)
    assert len(joined.connections) == 4


@pytest.mark.parametrize("place", [0, 1])
def test_holes_of_either_end_are_filled_from_the_other_and_objects_are_exported_as_they_were(
    place: int, sent: tuple[bytes, ...], tmp_path: Path
) -> None:
    holed = [CLIENT, SERVER]
    packets = packets_of(holed[place])
    holed[place] = write(tmp_path / "holed.pcap", [p for at, p in enumerate(packets) if at % 9 != 4])
    assert stored(analyze(holed[place])) == []
    joined = analyze(*holed, merge_views=True)
    rows = joined.export(tmp_path / "out")
    files = [path.read_bytes() for path in sorted((tmp_path / "out").rglob("*.dcm"))]
    assert sorted(data[144 + int.from_bytes(data[140:144], "little") :] for data in files) == sorted(sent)
    assert all(row.complete for row in rows) and len(rows) == len(sent)
    read = dcmread(next((tmp_path / "out").rglob("*.dcm")))
    assert str(read.PatientName) == "Lab^Two" and len(read.PixelData) == read.Rows * read.Columns * 2


def test_a_finding_says_that_another_point_captured_it_too() -> None:
    [finding] = [f for f in flat(analyze(CLIENT, SERVER).findings) if f.rule == "DS-CAP-005"]
    assert finding.message == "4 conversations were captured at another point too: judged once."
    assert not [f for f in flat(analyze(CLIENT, SERVER, merge_views=True).findings) if f.rule == "DS-CAP-005"]


def _subsets(size: int) -> st.SearchStrategy[set[int]]:
    """Places of lost packets: scattered ones, few or nearly all, or all in a row from somewhere to somewhere."""
    few = st.sets(st.integers(0, size - 1), max_size=size // 4)
    most = few.map(lambda kept: set(range(size)) - kept)
    row = st.tuples(st.integers(0, size), st.integers(0, size)).map(lambda ends: set(range(min(ends), max(ends))))
    return few | most | row


@given(data=st.data(), ahead_ns=st.integers(-3 * HOUR, 3 * HOUR) | st.integers(-2 * MS, 2 * MS))
@settings(derandomize=True, max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_one_end_lost_every_object_of_the_other_is_whole_and_nobody_is_blamed_for_it(
    tmp_path: Path, data: st.DataObject, ahead_ns: int
) -> None:
    whole, losing = data.draw(st.sampled_from([(CLIENT, SERVER), (SERVER, CLIENT)]))
    packets = packets_of(losing)
    lost = data.draw(_subsets(len(packets)))
    kept = [Packet(p.time_ns + ahead_ns, p.data, p.wire) for place, p in enumerate(packets) if place not in lost]
    holed = write(tmp_path / "holed.pcap", kept)
    paths = data.draw(st.permutations([whole, holed]))
    joined, apart = analyze(*paths, merge_views=True), analyze(*paths)
    assert stored(joined) == stored(alone(whole))
    assert set(told(apart)) <= {*told(alone(whole)), *told(analyze(holed))}
    assert set(told(joined)) <= set(told(alone(whole)))
