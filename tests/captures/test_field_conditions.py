"""A clean capture under every field condition: the same answer where nothing is lost, else the truth or "not seen"."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.capture import CaptureError
from dicomsniff.report import write_json
from dicomsniff.report.html import write_html
from dicomsniff.rules.finding import Finding, Severity, Verdict
from tests.captures import real

pytestmark = pytest.mark.skipif(not real.MUTATE.is_file(), reason="the laboratory is not beside this checkout")

HARMLESS = (
    *("vlan", "qinq", "mpls", "pppoe", "rawip", "sll", "null", "vxlan", "gre", "fragment"),
    *("spandup", "shuffle", "nano", "bigendian", "gz", "split:2", "split:4", "split:9", "cutfile:1"),
)
LOSSY = tuple(
    f"{kind}:{argument}"
    for kind, arguments in {
        "head": (0.001, 0.004, 0.01, 0.05, 0.3, 0.5, 0.7, 0.9, 0.99, 0.995),
        "midstream": (0.001, 0.002, 0.004, 0.01, 0.3, 0.5, 0.9, 0.99, 0.999),
        "oneway": (104,),
        "onewayserver": (104,),
        "drop": (0.003, 0.01, 0.05, 0.2, 0.5, 0.9),
        "snap": (40, 54, 60, 66, 68, 72, 73, 78, 96, 100, 128, 200, 600, 1400, 1500),
        "cutfile": (0.0001, 0.001, 0.01, 0.1, 0.5, 0.8, 0.999),
    }.items()
    for argument in arguments
)
CORRUPT = (*(f"garbage:{n}" for n in (5, 60, 500, 5000)), *(f"payloadfuzz:{share}" for share in (0.01, 0.05, 0.3, 1)))
SOURCES = ("slow_server", "query_retrieve", "find_failure_and_cancel")
ACCUSATIONS = {
    "DS-DIMSE-001",
    "DS-ASSOC-006",
    "DS-TCP-005",
    "DS-STORE-006",
    "DS-ASSOC-008",
    "DS-ASSOC-009",
    "DS-TCP-004",
}
ALARMS = (Severity.ERROR, Severity.WARNING)


class Seen(NamedTuple):
    """What was read of a capture and what is said about it."""

    traffic: Traffic
    findings: tuple[Finding, ...]

    @property
    def alarms(self) -> set[str]:
        return {f.rule for f in real.flat(self.findings) if f.severity in ALARMS}


def look(paths: list[Path]) -> Seen:
    """Everything that dicomsniff does with a capture; a fault anywhere fails the test."""
    analysis = analyze(*paths)
    assert not [note for c in analysis.captures for note in c.notes if "could not be analysed" in note]
    assert not [check for check in analysis.checks if check.verdict is Verdict.ERROR]
    write_json(analysis.report(redact=False), io.StringIO())
    analysis.close()
    return Seen(analysis.traffic, analysis.findings)


def mutated(condition: str, name: str, directory: Path) -> list[Path]:
    """The files of a capture under "kind" or "kind:argument"."""
    kind, _, argument = condition.partition(":")
    target = directory / ("part%.pcap" if kind == "split" else "capture.pcap")
    real.mutate(kind, real.capture(name), target, argument or None)
    return sorted(directory.iterdir())


def exchange_row(exchange: Exchange) -> tuple[object, ...]:
    return (
        exchange.service, exchange.context_id, exchange.message_id, exchange.status, exchange.outcome, exchange.sop_instance,
        exchange.transfer_syntax, exchange.pending, exchange.payload and (exchange.payload.sha256, exchange.payload.length),
    )  # fmt: skip


def association_row(association: Association) -> tuple[object, ...]:
    return (
        association.calling_ae, association.called_ae, association.outcome, association.blind, association.contexts,
        dict(association.pdu_counts), str(association.requestor), [exchange_row(e) for e in association.exchanges],
    )  # fmt: skip


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """What is told of the traffic: that packets were captured twice or late, is told of the capture."""
    own = ("DS-CAP-005", "DS-PERF")  # and how fast it was cannot be said where packets are out of order
    return sorted((f.rule, f.severity) for f in real.flat(findings) if not f.rule.startswith(own))


def sent(name: str) -> set[str]:
    """The hash of every data set that was really sent."""
    messages = (m for c in real.facts(name) for side in c["messages"] for m in side)
    return {m["dataset_sha256"] for m in messages if "dataset_sha256" in m}


def payload_hashes(traffic: Traffic) -> Iterator[str]:
    """The hash of every data set that is said to be complete."""
    for exchange in traffic.exchanges:
        for payload in (exchange.payload, *exchange.answers):
            if payload is not None and payload.complete:
                assert payload.sha256 is not None and payload.missing == ()
                yield payload.sha256


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", HARMLESS)
def test_what_loses_nothing_changes_nothing(condition: str, name: str, tmp_path: Path) -> None:
    clean = real.analysis(name)
    seen = look(mutated(condition, name, tmp_path))
    assert [association_row(a) for a in seen.traffic.associations] == [association_row(a) for a in clean.associations]
    assert [c.tcp.closed for c in seen.traffic.conversations] == [c.tcp.closed for c in clean.connections]
    assert told(seen.findings) == told(clean.findings)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", LOSSY)
def test_what_loses_something_never_gives_a_wrong_object(condition: str, name: str, tmp_path: Path) -> None:
    try:
        traffic = real.read(mutated(condition, name, tmp_path))
    except CaptureError as error:
        assert condition.startswith("cutfile") and "\n" not in str(error)
        return
    assert set(payload_hashes(traffic)) <= sent(name)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", LOSSY)
def test_what_loses_something_never_gives_a_wrong_status(condition: str, name: str, tmp_path: Path) -> None:
    truth = {
        (c["stream"], m["command"][:-4], m["message_id"], m["status"])
        for c in real.facts(name)
        for side in c["messages"]
        for m in side
        if "status" in m
    }
    paths = mutated(condition, name, tmp_path)
    try:
        traffic = real.read(paths)
    except CaptureError:
        return
    clean = {(c.tcp.initiator, c.tcp.responder): c.tcp.tcp_stream for c in real.analysis(name).connections}
    clean |= {(responder, initiator): stream for (initiator, responder), stream in clean.items()}
    for exchange in traffic.exchanges:
        association = traffic.association(exchange.association)
        stream = clean[association.requestor, association.acceptor]
        if exchange.status is not None:
            assert (stream, exchange.service, exchange.message_id, exchange.status) in truth


@pytest.mark.parametrize("condition", LOSSY)
def test_loss_in_the_capture_is_nobodys_fault(condition: str, tmp_path: Path) -> None:
    try:
        seen = look(mutated(condition, "slow_server", tmp_path))
    except CaptureError:
        return
    slow = {"DS-PERF-001"}  # which is true, and told of the whole capture as well
    assert all(rule.startswith("DS-CAP-") or rule in slow for rule in seen.alarms), [f.message for f in seen.findings]


@pytest.mark.parametrize("name", SOURCES[1:])
@pytest.mark.parametrize("condition", LOSSY)
def test_loss_in_the_capture_accuses_nobody_of_what_did_not_happen(condition: str, name: str, tmp_path: Path) -> None:
    try:
        seen = look(mutated(condition, name, tmp_path))
    except CaptureError:
        return
    alarms = {rule for rule in seen.alarms if not rule.startswith("DS-CAP-")}
    real_ones = {f.rule for f in real.flat(real.analysis(name).findings) if f.severity in ALARMS}
    assert alarms <= real_ones
    assert not alarms & ACCUSATIONS


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", CORRUPT)
def test_corrupt_bytes_never_raise_and_findings_name_packets_that_exist(
    condition: str, name: str, tmp_path: Path
) -> None:
    try:
        seen = look(mutated(condition, name, tmp_path))
    except CaptureError as error:
        assert "\n" not in str(error)
        return
    packets = sum(c.packets for c in seen.traffic.captures)
    for finding in real.flat(seen.findings):
        assert all(1 <= packet <= packets for packet in finding.packets)


def test_a_capture_that_ends_inside_a_packet_is_told_in_a_finding(tmp_path: Path) -> None:
    seen = look(mutated("cutfile:.9999", "slow_server", tmp_path))
    assert seen.traffic.captures[0].cut
    assert [f for f in seen.findings if f.rule.startswith("DS-CAP-")]


def test_packets_cut_inside_their_tcp_headers_are_told_in_a_finding(tmp_path: Path) -> None:
    seen = look(mutated("snap:40", "slow_server", tmp_path))
    assert seen.traffic.captures[0].truncated_packets > 1000
    assert [f.rule for f in seen.findings] == ["DS-CAP-001"]


@pytest.mark.parametrize("condition", ["head:.01", "drop:.9", "snap:96"])
def test_an_association_whose_tcp_handshake_was_captured_was_not_running_before(condition: str, tmp_path: Path) -> None:
    seen = look(mutated(condition, "slow_server", tmp_path))
    assert seen.traffic.conversations[0].tcp.opened == "handshake"
    assert not [f.message for f in seen.findings if "already running" in f.message]


@pytest.mark.parametrize("condition", ["head:.5", "midstream:.3", "oneway:104", "drop:.01", "snap:600", "cutfile:.5"])
def test_the_page_says_what_was_not_seen(condition: str, tmp_path: Path) -> None:
    analysis = analyze(*mutated(condition, "slow_server", tmp_path))
    assert any(association.blind for association in analysis.associations)
    page = io.StringIO()
    write_html(analysis.report(), page)
    assert "The capture does not show" in page.getvalue()


@pytest.mark.parametrize("name", SOURCES)
def test_lost_bytes_are_counted_as_they_were_lost(name: str, tmp_path: Path) -> None:
    traffic = real.read(mutated("drop:.05", name, tmp_path))
    clean = {str(c.tcp.initiator): c.tcp for c in real.analysis(name).connections}
    for conversation in traffic.conversations:
        tcp, whole = conversation.tcp, clean[str(conversation.tcp.initiator)]
        assert tcp.to_responder.bytes + tcp.to_responder.lost_bytes == whole.to_responder.bytes
        assert tcp.to_initiator.bytes + tcp.to_initiator.lost_bytes == whole.to_initiator.bytes


def test_an_object_before_the_loss_is_whole_and_one_with_a_hole_says_where(tmp_path: Path) -> None:
    traffic = real.read(mutated("drop:.01", "slow_server", tmp_path))
    lengths = [m["dataset_bytes"] for m in real.facts("slow_server")[0]["messages"][0]]
    assert {e.payload.complete for e in traffic.exchanges if e.payload} == {True, False}
    for exchange, length in zip(traffic.exchanges, lengths, strict=True):
        assert exchange.payload is not None and exchange.payload.length == length
        assert exchange.payload.complete == (exchange.payload.missing == ())


def test_the_seen_bytes_around_a_hole_are_the_ones_that_were_sent(tmp_path: Path) -> None:
    analysis = analyze(*mutated("drop:.01", "slow_server", tmp_path), keep_payloads=True)
    whole = analyze(real.capture("slow_server"), keep_payloads=True)
    for holed, exchange in zip(analysis.exchanges, whole.exchanges, strict=True):
        assert holed.payload is not None and exchange.payload is not None
        seen, data = bytearray(b"".join(holed.payload.pieces())), b"".join(exchange.payload.pieces())
        for start, end in holed.payload.missing:
            assert not any(seen[start:end])
            seen[start:end] = data[start:end]
        assert hashlib.sha256(seen).digest() == hashlib.sha256(data).digest()
    analysis.close()
    whole.close()
