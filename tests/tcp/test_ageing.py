"""An assembler for days: what is closed or silent ends by the clock, and nothing that is over is kept."""

from pathlib import Path

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.tcp import ageing
from dicomsniff.tcp.ageing import BURIED, HALF_CLOSED_NS, HALF_OPEN_NS, IDLE_NS, OVER_NS, AgeingAssembler
from dicomsniff.tcp.connection import LINGER_NS
from dicomsniff.tcp.events import End
from tests.forge.wire import BACK, OUT, Wire, write_pcap

START = 1_700_000_000_000_000_000


def fed(tmp_path: Path, *wires: Wire) -> tuple[AgeingAssembler, int]:
    """An assembler that has seen these, and the time of the last packet."""
    assembler = AgeingAssembler()
    frames = [frame for wire in wires for frame in wire.frames]
    with open_captures([write_pcap(tmp_path / "c.pcap", frames)]) as source:
        for block in source.blocks():
            assembler.feed(block)
            last = int(block.time_ns[-1])
    return assembler, last


def ends(assembler: AgeingAssembler, now_ns: int) -> list[str]:
    return [event.facts.closed for event in assembler.age(now_ns) if isinstance(event, End)]


def test_a_closed_connection_ends_without_another_packet(tmp_path: Path) -> None:
    assembler, last = fed(tmp_path, Wire(start_ns=START).connect().send(OUT, b"x").close())
    assert len(list(assembler.open())) == 1
    assert ends(assembler, last) == []
    assert ends(assembler, last + LINGER_NS + 1) == ["fin"]
    assert not list(assembler.open())


def test_an_idle_connection_ends_late_one_that_was_never_opened_soon(tmp_path: Path) -> None:
    idle = Wire(start_ns=START).connect().send(OUT, b"hello")
    knocking = Wire(("10.0.0.1", 50000), start_ns=START)
    knocking.packet(OUT, 0x02)
    assembler, last = fed(tmp_path, idle, knocking)
    assert ends(assembler, last + HALF_OPEN_NS - 10**9) == []
    assert ends(assembler, last + HALF_OPEN_NS + 10**9) == ["open"]
    assert ends(assembler, last + IDLE_NS - 10**9) == []
    assert ends(assembler, last + IDLE_NS + 10**9) == ["open"]


def test_a_half_closed_connection_is_given_up(tmp_path: Path) -> None:
    wire = Wire(start_ns=START).connect().send(OUT, b"hello")
    wire.packet(OUT, 0x11)
    assembler, last = fed(tmp_path, wire)
    assert ends(assembler, last + HALF_CLOSED_NS - 10**9) == []
    assert ends(assembler, last + HALF_CLOSED_NS + 10**9) == ["fin"]


def test_of_too_many_that_are_open_the_longest_silent_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ageing, "CROWDED", 2)
    second = 10**9
    wires = [Wire(("10.0.0.1", 50000 + n), start_ns=START + n * second).connect().send(OUT, b"hello") for n in range(4)]
    assembler, last = fed(tmp_path, *wires)
    assert ends(assembler, last + HALF_CLOSED_NS - 4 * second) == []
    assert ends(assembler, last + HALF_CLOSED_NS + second) == ["open", "open"]
    assert [facts.initiator.port for facts, _ in assembler.open()] == [50002, 50003]
    assert ends(assembler, last + IDLE_NS - 5 * second) == []


def test_where_it_is_crowded_those_on_which_all_was_said_end_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ageing, "CROWDED", 1)
    wires = [Wire(("10.0.0.1", 50000 + n), start_ns=START).connect().send(OUT, b"hello") for n in range(3)]
    assembler, last = fed(tmp_path, *wires)
    ids = {facts.initiator.port: facts.id for facts, _ in assembler.open()}
    said = {ids[50001], ids[50002]}
    assert not assembler.age(last + OVER_NS - 10**9, said.__contains__)
    gone = [
        e.facts.initiator.port for e in assembler.age(last + OVER_NS + 10**9, said.__contains__) if isinstance(e, End)
    ]
    assert gone == [50001, 50002]


def test_bytes_that_were_confirmed_and_not_seen_are_a_hole_that_stands_open(tmp_path: Path) -> None:
    wire = Wire(start_ns=START).connect().send(OUT, b"request")
    hidden = len(wire.frames)
    wire.send(BACK, b"response").acknowledge(OUT)
    del wire.frames[hidden]
    assembler, _ = fed(tmp_path, wire)
    [(facts, holes)] = assembler.open()
    assert facts.closed == "open" and [(gap.direction, gap.start) for gap in holes] == [(BACK, 0)]


def test_memory_does_not_grow_with_connections_that_are_over(tmp_path: Path) -> None:
    wires = [Wire(("10.0.0.1", 1024 + n), start_ns=START + n * 10**8).connect().close() for n in range(300)]
    assembler, last = fed(tmp_path, *wires)
    assembler.age(last + 10**10)
    assert not assembler._flows.flows and not assembler.begins and assembler.empty == 0
    assert len(assembler._flows._past) == 300 <= BURIED
