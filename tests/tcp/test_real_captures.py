"""Real captures: bytes and ends of every direction are those of an independent decoding, under any field condition."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.core import Direction, Endpoint, Limits
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import GapCause
from tests.tcp.assembling import Outcome

SHARED = Path(__file__).resolve().parents[3] / "shared"
CAPTURES, MUTATE = SHARED / "captures", SHARED / "lab" / "mutate.py"
NAMES = [str(path.relative_to(CAPTURES)) for path in sorted(CAPTURES.glob("*/*.pcap*"))]
SAME = [
    "vlan",
    "qinq",
    "mpls",
    "pppoe",
    "rawip",
    "sll",
    "null",
    "vxlan",
    "gre",
    "spandup",
    "shuffle",
    "nano",
    "bigendian",
    "fragment",
]
MUTATED = ["slow_server/capture.pcap", "query_retrieve/capture.pcap"]
here = pytest.mark.skipif(not NAMES, reason="the shared captures are not here")
lab = pytest.mark.skipif(not MUTATE.exists(), reason="the shared captures and what puts them to the test are not here")


def _read(path: Path, block_bytes: int = 1 << 20) -> Outcome:
    assembler, outcome = Assembler(), Outcome()
    with open_captures([path], Limits(block_bytes=block_bytes)) as source:
        for block in source.blocks():
            outcome.add(assembler.feed(block))
    outcome.add(assembler.finish())
    return outcome


def _mutate(kind: str, name: str, target: Path, *argument: str) -> Path:
    path = target / f"{kind}.pcap"
    subprocess.run([sys.executable, str(MUTATE), kind, str(CAPTURES / name), str(path), *argument], check=True)
    return path


def _said(outcome: Outcome) -> dict[tuple[Endpoint, Endpoint], list[bytes]]:
    """What both sides of each connection said; every 4-tuple of these captures is used once."""
    return {(c.initiator, c.responder): [outcome.data(d, c.id) for d in Direction] for c in outcome.connections}


@here
@pytest.mark.parametrize("name", NAMES)
def test_bytes_and_ends_are_those_of_the_independent_decoding(name: str) -> None:
    path = CAPTURES / name
    facts: list[dict[str, Any]] = json.loads(path.with_name(path.name.split(".")[0] + ".facts.json").read_text())
    outcome = _read(path)
    for stream in facts:
        [connection] = [c for c in outcome.connections if c.tcp_stream == stream["stream"]]
        if "e22_" in name or "tls/" in name:  # there the truth is about the decrypted bytes
            assert connection.to_responder.bytes > 0
            continue
        assert [str(connection.initiator), str(connection.responder)] == stream["nodes"]
        assert [connection.facts(d).bytes for d in Direction] == stream["bytes"]
    assert all(cause is GapCause.ONE_WAY for line in outcome.lines.values() for _, _, cause in line.holes)


@here
@pytest.mark.parametrize("name", ["lossy_network/capture.pcap", "edge/e13_ooo.pcap", "ipv6_any_interface/capture.pcap"])
def test_the_size_of_blocks_makes_no_difference(name: str) -> None:
    whole = _read(CAPTURES / name)
    for block_bytes in (2000, 20_000):
        assert _read(CAPTURES / name, block_bytes) == whole


@here
def test_a_lossy_network_shows_retransmissions_and_loses_nothing() -> None:
    connection = _read(CAPTURES / "lossy_network/capture.pcap").only
    assert connection.to_responder.retransmitted_bytes > 10_000
    assert connection.to_responder.out_of_order > 0
    assert connection.to_responder.lost_bytes == 0


@here
def test_a_sound_network_shows_no_retransmission() -> None:
    for connection in _read(CAPTURES / "store_series/capture.pcapng").connections:
        for direction in Direction:
            facts = connection.facts(direction)
            assert (facts.retransmitted_bytes, facts.duplicates, facts.out_of_order) == (0, 0, 0)


@lab
@pytest.mark.parametrize("name", MUTATED)
@pytest.mark.parametrize("kind", SAME)
def test_another_wrapping_or_order_carries_the_very_same_streams(kind: str, name: str, tmp_path: Path) -> None:
    clean, outcome = _read(CAPTURES / name), _read(_mutate(kind, name, tmp_path))
    assert _said(outcome) == _said(clean)
    others = {(c.initiator, c.responder): c for c in clean.connections}
    for one in outcome.connections:
        other = others[one.initiator, one.responder]
        assert (one.opened, one.closed) == (other.opened, other.closed)
        if kind != "shuffle":  # which also swaps the beginnings of connections, and times
            assert one.tcp_stream == other.tcp_stream
            for direction in Direction:
                assert one.facts(direction).retransmitted_bytes == other.facts(direction).retransmitted_bytes


@lab
@pytest.mark.parametrize("name", MUTATED)
def test_a_capture_of_mirrored_ports_counts_each_packet_once(name: str, tmp_path: Path) -> None:
    clean, outcome = _read(CAPTURES / name), _read(_mutate("spandup", name, tmp_path))
    for one, other in zip(outcome.connections, clean.connections, strict=True):
        for direction in Direction:
            facts, truth = one.facts(direction), other.facts(direction)
            assert facts.duplicates == truth.packets
            assert replace(facts, duplicates=truth.duplicates) == truth


@lab
@pytest.mark.parametrize("argument", ["0.01", "0.2"])
def test_packets_that_were_not_captured_leave_gaps_and_nothing_else(argument: str, tmp_path: Path) -> None:
    clean, outcome = _read(CAPTURES / MUTATED[0]), _read(_mutate("drop", MUTATED[0], tmp_path, argument))
    for direction in Direction:
        whole, position = clean.data(direction), 0
        for part in outcome.parts(direction):
            if isinstance(part, bytes):
                assert whole[position : position + len(part)] == part
            position += len(part) if isinstance(part, bytes) else part[1]
        assert position == len(whole)


@lab
@pytest.mark.parametrize(("kind", "argument"), [("garbage", "60"), ("garbage", "3000"), ("payloadfuzz", "0.2")])
def test_garbage_in_a_capture_never_raises(kind: str, argument: str, tmp_path: Path) -> None:
    outcome = _read(_mutate(kind, MUTATED[0], tmp_path, argument))
    assert any(len(part) > 1000 for line in outcome.lines.values() for part in line.parts)
