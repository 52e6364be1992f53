"""The measures of the live analysis: what they send is what they say."""

from pathlib import Path

import pytest

from bench.live.latency import records
from bench.live.soak import stream
from dicomsniff.api import analyze
from tests.cli.running import dialogue


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """An object stored, one refused."""
    return dialogue(0, 0xA700).save(tmp_path / "failing.pcap")


def test_the_soak_sends_short_associations_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "soak.pcap"
    path.write_bytes(b"".join(stream(100, 1e6)))
    outcomes = [str(association.outcome) for association in analyze(path).associations]
    assert len(outcomes) == 100 and outcomes.count("rejected") == outcomes.count("aborted") == 1


def test_a_capture_is_played_packet_by_packet(failing: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pcap"
    played = list(records(failing))
    again.write_bytes(b"".join(data for _, _, data in played))
    assert [number for number, _, _ in played] == list(range(1, len(played) + 1)) and played[0][1] == 0.0
    assert [f.message for f in analyze(again).findings] == [f.message for f in analyze(failing).findings]
