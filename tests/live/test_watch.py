"""The loop of a live analysis: it says at the end what the file says, and nothing on the way that the file takes back."""

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from dicomsniff.api import analyze
from dicomsniff.live.events import CLOSED, EXCHANGE, FINDING, OPENED, Event
from dicomsniff.live.judging import judging
from dicomsniff.live.watch import Status, Watch
from dicomsniff.live.window import Bounds
from dicomsniff.pipeline import Options
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.forge.capture_files import Packet, enhanced, interface, option, section, statistics
from tests.forge.wire import BACK, OUT, Wire, write_pcap
from tests.live.replaying import ENDLESS, Heard, flat, judged, piped, replay

LARGEST = 6 << 20
SAMPLES = sorted((Path(__file__).parents[2] / "sample_captures").glob("*.pcap"))
REAL = sorted(path.parent.name for path in real.CAPTURES.glob("*/capture.pcap*") if path.stat().st_size < LARGEST)
UNSURE = {"DS-TCP-003", "DS-CAP-006", "DS-SEC-001", "DS-DATA-006"}
"""Remarks that may be about another subject once more is known; none of them accuses anybody."""


def compare(path: Path) -> None:
    piece = max(2500, path.stat().st_size // 5)
    known = analyze(path, merge_views=False)
    heard, ending = replay(path, piece, name=str(path))
    whole = [(f.rule, f.severity, f.message, f.count) for f in known.findings]
    assert [(f.rule, f.severity, f.message, f.count) for f in ending.judgement.findings] == whole
    subjects = {(f.rule, f.connection, f.association) for f in flat(known.findings)}
    for row in heard.findings:
        about = row["rule"], row["connection"], row["association"]
        assert about in subjects or (row["rule"] in UNSURE and row["severity"] in ("note", "info")), row["message"]
    told = [(row["rule"], row["connection"], row["association"], row["exchange"]) for row in heard.findings]
    assert len(told) == len(set(told)), "a finding is told once"
    names = {row["rule"] for row in heard.findings}
    assert names >= {f.rule for f in known.findings}
    assert [row["id"] for row in heard.rows(CLOSED)].sort() == [a.id for a in known.associations].sort()
    assert len(heard.rows(OPENED)) == len(heard.rows(CLOSED)) == len(known.associations)
    assert len(heard.rows(EXCHANGE)) == len(known.exchanges)
    assert heard.packets == known.captures[0].packets


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_through_a_pipe_is_judged_as_the_file_is(path: Path) -> None:
    compare(path)


@real.here
@pytest.mark.parametrize("name", REAL)
def test_a_real_capture_through_a_pipe_is_judged_as_the_file_is(name: str) -> None:
    compare(next((real.CAPTURES / name).glob("capture.pcap*")))


def test_pieces_of_any_size_give_the_same(failing: Path) -> None:
    for piece in (1, 7, 1000, 1 << 20):
        _, ending = replay(failing if piece > 1 else failing.read_bytes()[:4000], piece)
        if piece > 1:
            assert [f.rule for f in ending.judgement.findings] == [f.rule for f in analyze(failing).findings]


def test_a_stream_that_ends_in_the_middle_of_a_packet_is_analysed_up_to_there(failing: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(failing.read_bytes()[:-100])
    compare(cut)


def test_what_is_open_at_the_end_is_told_as_open(tmp_path: Path) -> None:
    path = Dialogue().open().echo().save(tmp_path / "open.pcap")
    heard, ending = replay(path)
    assert [row["outcome"] for row in heard.rows(CLOSED)] == ["open"]
    assert [a.outcome for a in ending.moment.traffic.associations] == ["open"]


def test_patient_data_are_masked_in_events_unless_asked_for() -> None:
    path = next(path for path in SAMPLES if path.stem == "troubled_morning")
    masked, _ = replay(path, redact=True)
    assert any("•••" in row["message"] for row in masked.findings)
    shown, _ = replay(path, redact=False)
    assert not any("•••" in row["message"] or "⟦" in row["message"] for row in shown.findings)


def test_a_window_that_forgets_accuses_nobody_of_what_it_forgot(tmp_path: Path) -> None:
    """With room for very little, fewer findings are told, and none that the whole capture does not hold."""
    for path in SAMPLES:
        findings = list(flat(analyze(path).findings))
        known = {(f.rule, f.connection) for f in findings} | {(f.rule, None) for f in findings if f.count > 1}
        heard, _ = replay(path, max(3000, path.stat().st_size // 12), bounds=Bounds(seconds=1e9, connections=2))
        for row in heard.findings:
            if row["severity"] in ("error", "warning") and not row["rule"].startswith("DS-CAP"):
                assert known & {(row["rule"], row["connection"]), (row["rule"], None)}, (path, row["message"])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_looks_at_what_is_new_tell_only_what_the_file_holds(path: Path) -> None:
    """Between the first look and the last none is whole."""
    known = analyze(path, merge_views=False)
    subjects = {(f.rule, f.connection, f.association) for f in flat(known.findings)}
    joined = {f.rule for f in flat(known.findings) if f.count > 1}
    heard, ending = replay(
        path, max(2500, path.stat().st_size // 5), name=str(path), whole_share=1e9, judge=judging((), ())
    )
    assert [f.message for f in ending.judgement.findings] == [f.message for f in known.findings]
    for row in heard.findings:
        known_one = (row["rule"], row["connection"], row["association"]) in subjects
        assert known_one or row["rule"] in joined | UNSURE, row["message"]
    told = [(row["rule"], row["connection"], row["association"], row["exchange"]) for row in heard.findings]
    assert len(told) == len(set(told)) and {row["rule"] for row in heard.findings} >= {f.rule for f in known.findings}
    assert len(heard.rows(OPENED)) == len(heard.rows(CLOSED)) == len(known.associations)
    assert len(heard.rows(EXCHANGE)) == len(known.exchanges)


def test_a_refusal_is_told_before_everything_is_looked_at(failing: Path) -> None:
    analyze(failing).close()  # or the first look would load the rules while the capture goes by
    source = piped(failing.read_bytes(), 500, pause=0.15)
    told: list[tuple[str, bool]] = []

    class Told(Heard):
        def happened(self, events: Sequence[Event], status: Status) -> None:
            told.extend((event.row["rule"], status.moment.whole) for event in events if event.kind == FINDING)

    with patch("dicomsniff.live.looks.SOONEST", 0.0), patch("dicomsniff.live.looks.WHOLE_SHARE", 1e9):
        Watch(source, Options(fence=False), judging((), ()), [Told()], bounds=ENDLESS).run()
    assert ("DS-STORE-001", False) in told


def test_what_many_have_in_common_is_told_once_where_only_what_is_new_is_looked_at(tmp_path: Path) -> None:
    wires = [Wire(("10.0.0.1", 40000 + n), start_ns=1_700_000_000_000_000_000 + n * 10_000_000_000) for n in range(8)]
    for wire in wires:
        Dialogue(wire).open().store("1.2.3", bytes(300), 0xA700).release()
    path = write_pcap(tmp_path / "eight.pcap", [frame for wire in wires for frame in wire.frames])
    heard, ending = replay(path, 500, whole_share=1e9, judge=judging((), ()))
    assert [row["rule"] for row in heard.findings].count("DS-STORE-001") == 1
    [finding] = [f for f in ending.judgement.findings if f.rule == "DS-STORE-001"]
    assert finding.count == 8


def test_ids_grow_although_the_window_forgets(tmp_path: Path) -> None:
    wires = [Wire(("10.0.0.1", 40000 + n), start_ns=1_700_000_000_000_000_000 + n * 10_000_000_000) for n in range(8)]
    dialogues = [Dialogue(wire).open().echo().release() for wire in wires]
    assert len(dialogues) == 8
    path = write_pcap(tmp_path / "eight.pcap", [frame for wire in wires for frame in wire.frames])
    heard, ending = replay(path, 500, bounds=Bounds(seconds=15.0))
    assert [row["id"] for row in heard.rows(CLOSED)] == list(range(1, 9))
    assert [row["id"] for row in heard.rows(EXCHANGE)] == list(range(1, 9))
    assert len(ending.moment.traffic.associations) < 8
    assert "judged then" in ending.moment.traffic.captures[0].notes[-1]


def test_drops_before_the_window_are_counted_and_make_nothing_doubtful_that_is_in_it(tmp_path: Path) -> None:
    wires = [Wire(("10.0.0.1", 40000 + n), start_ns=1_700_000_000_000_000_000 + n * 10_000_000_000) for n in range(8)]
    for wire in wires:
        Dialogue(wire).open().echo().release()
    packets = [enhanced(Packet(at, data)) for wire in wires for at, data in wire.frames]
    drops = statistics(0, option(5, (7).to_bytes(8, "little")))  # isb_ifdrop
    path = tmp_path / "eight.pcapng"
    path.write_bytes(section() + interface() + packets[0] + drops + b"".join(packets[1:]))
    _, ending = replay(path, 500, bounds=Bounds(seconds=15.0))
    facts = ending.moment.traffic.captures[0]
    assert (facts.dropped, facts.dropped_since) == (7, 0)
    _, ending = replay(path, 500, bounds=ENDLESS)
    facts = ending.moment.traffic.captures[0]
    assert (facts.dropped, facts.dropped_since) == (7, 7)


def test_it_ends_after_its_time_and_when_a_finding_is_severe_enough(failing: Path) -> None:
    source = piped(failing.read_bytes(), 300, pause=1)
    ending = Watch(source, Options(fence=False), judged, bounds=ENDLESS).run(seconds=0.3)
    assert ending.moment.traffic.captures[0].packets < analyze(failing).captures[0].packets
    source = piped(failing.read_bytes(), 4000, pause=0.05)
    ending = Watch(source, Options(fence=False), judged, bounds=ENDLESS).run(until=lambda told: "error" in told)
    assert "error" in ending.severities


def test_a_request_is_said_to_be_unanswered_while_it_still_is(tmp_path: Path) -> None:
    wire = Wire()
    dialogue = Dialogue(wire).open().echo(1, None)
    wire.acknowledge(BACK)
    wire.wait(40)
    wire.acknowledge(OUT)  # time passes, the association stays open
    wire.wait(5)
    dialogue.echo(2)
    heard, _ = replay(dialogue.save(tmp_path / "late.pcap"), 90)
    assert "DS-DIMSE-001" in {row["rule"] for row in heard.findings}
