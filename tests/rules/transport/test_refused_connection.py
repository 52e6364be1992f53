"""Connections refused by a reset."""

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.attempts import moving
from dicomsniff.rules.transport.refused_connection import RULE
from tests.forge.traffic import ARCHIVE, MODALITY, TrafficForge
from tests.rules.judging import found, only, verdict


def refused(times: int = 1, port: int = 104) -> Traffic:
    forge = TrafficForge()
    for _ in range(times):
        forge.connection(opened="refused", kind=Kind.EMPTY, responder=Endpoint(ARCHIVE.ip, port))
        forge.wait(5)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, refused()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_refusals_of_one_client_and_port_are_one_finding_with_their_count() -> None:
    finding = only(RULE, refused(3))
    assert finding.severity is Severity.ERROR
    assert "refused 3 times" in finding.message
    assert finding.facts["refusals"] == 3
    assert finding.display_filter.startswith("frame.number in {1, 2, ")


def test_a_single_refusal_is_shown_by_its_syn_and_reset() -> None:
    assert only(RULE, refused()).display_filter == "tcp.stream eq 0 and frame.number in {1, 2}"


def test_a_service_that_is_back_within_a_minute_was_restarted() -> None:
    forge = TrafficForge()
    forge.connection(opened="refused", kind=Kind.EMPTY)
    forge.wait(20)
    forge.association()
    finding = only(RULE, forge.traffic())
    assert finding.severity is Severity.NOTE
    assert "It was open at" in finding.message


def test_a_port_that_answered_before_is_said_to_have_stopped() -> None:
    forge = TrafficForge()
    forge.association()
    forge.wait(300)
    forge.connection(opened="refused", kind=Kind.EMPTY)
    finding = only(RULE, forge.traffic())
    assert finding.severity is Severity.ERROR
    assert finding.act is Side.ACCEPTOR
    assert "The port was open at" in finding.message


def test_a_refused_callback_names_the_move_it_belongs_to() -> None:
    forge = TrafficForge()
    association = forge.association()
    line = forge.connection(opened="refused", kind=Kind.EMPTY, initiator=ARCHIVE, responder=Endpoint(MODALITY.ip, 5678))
    traffic = forge.traffic()
    assert line == 2
    assert "C-MOVE" not in only(RULE, traffic).message
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-MOVE", move_destination="CT01")
    forge.connection(opened="refused", kind=Kind.EMPTY, initiator=ARCHIVE, responder=Endpoint(MODALITY.ip, 5678))
    forge.exchange(association, "C-ECHO", status=0)
    finding = only(RULE, forge.traffic())
    assert "carrying out a C-MOVE to 'CT01'" in finding.message
    assert finding.facts["move_exchange"] == 1


def test_what_is_not_dicoms_business_is_not_reported() -> None:
    forge = TrafficForge()
    forge.association()
    forge.connection(opened="refused", kind=Kind.EMPTY, responder=Endpoint(ARCHIVE.ip, 443))
    forge.connection(
        opened="refused", kind=Kind.EMPTY, responder=Endpoint("192.0.2.1", 9999), initiator=Endpoint("192.0.2.2", 1)
    )
    assert found(RULE, forge.traffic()) == ()


def test_a_port_scan_is_one_note() -> None:
    forge = TrafficForge()
    forge.association()
    for port in (104, 11112, 11113, 4242, 5678, 2762):
        forge.connection(opened="refused", kind=Kind.EMPTY, responder=Endpoint("10.0.0.9", port))
    finding = only(RULE, forge.traffic())
    assert (finding.severity, finding.count) == (Severity.NOTE, 6)
    assert "port scan" in finding.message
    forge = TrafficForge()
    forge.association(forge.connection(responder=Endpoint("10.0.0.9", 104)))
    for port in (104, 11112, 11113, 4242, 5678, 2762):
        forge.connection(opened="refused", kind=Kind.EMPTY, responder=Endpoint("10.0.0.9", port))
    assert only(RULE, forge.traffic()).act is Side.UNKNOWN  # whoever scans has no claim to an open port


def test_of_moves_that_overlap_one_that_runs_is_named() -> None:
    forge = TrafficForge()
    long, short = forge.association(), forge.association()
    forge.exchange(long, "C-MOVE", status=0, after=60.0, move_destination="LONG")
    forge.exchange(short, "C-MOVE", status=0, move_destination="SHORT")
    traffic = forge.traffic()
    [first, second] = traffic.exchanges
    assert first.request and first.final and second.request and second.final
    host = traffic.association(1).acceptor.ip
    for exchange in (first, second):
        assert exchange.request and exchange.final
        found = moving(traffic, host, (exchange.request.last_ns + exchange.final.last_ns) // 2)
        assert found is exchange
    assert moving(traffic, host, first.request.last_ns - 1) is None
    assert moving(traffic, host, second.final.last_ns + 10**12) is None
