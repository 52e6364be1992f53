"""One side DICOM, the other something else."""

import pytest

from dicomsniff.association.values import Blind, Kind, Outcome, Traffic
from dicomsniff.core import Direction, Endpoint
from dicomsniff.rules.finding import Side, Verdict
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport.closed_association import RULE as CLOSED
from dicomsniff.rules.transport.foreign_protocol import RULE
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.traffic import ARCHIVE, TrafficForge
from tests.rules.judging import found, only, verdict

TLS_PORT = Endpoint(ARCHIVE.ip, 2762)
UNANSWERED = ((("1.2.840.10008.1.1"), ("1.2.840.10008.1.2",), None),)


def tls_to_dicom() -> Traffic:
    forge = TrafficForge()
    forge.association()
    forge.connection(kind=Kind.TLS, protocols=("tls", ""), first_bytes=(b"\x16\x03\x01\x02\x00\x01", b""))
    return forge.traffic()


def dicom_to_tls(blind: tuple[Blind, ...] = ()) -> Traffic:
    forge = TrafficForge()
    forge.connection(kind=Kind.TLS, responder=TLS_PORT)
    line = forge.connection(responder=TLS_PORT, closed="rst", protocols=("dicom", ""))
    forge.association(line, contexts=UNANSWERED, outcome=Outcome.CLOSED, closed_by="acceptor", blind=blind)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    forge.connection(kind=Kind.DICOM_TLS, responder=TLS_PORT)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, tls_to_dicom()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    assert verdict(RULE, dicom_to_tls((Blind.TO_REQUESTOR,))) is Verdict.INCONCLUSIVE


def test_tls_to_a_port_that_speaks_dicom_is_the_clients_to_correct() -> None:
    finding = only(RULE, tls_to_dicom())
    assert finding.message.startswith("10.0.0.1 speaks TLS to the DICOM port 10.0.0.2:104.")
    assert finding.act is Side.REQUESTOR


def test_clear_dicom_to_a_tls_port_is_named_and_hides_how_it_ended() -> None:
    judgement = judge(dicom_to_tls(), fence=False, rules=(RULE, CLOSED))
    (finding,) = judgement.findings
    assert "10.0.0.2:2762 expects TLS, CT01 (10.0.0.1) sent clear DICOM" in finding.message
    assert [child.rule for child in finding.children] == ["DS-TCP-005"]


@pytest.mark.parametrize(
    ("protocol", "word"), [("http", "HTTP"), ("hl7", "HL7"), ("ssh", "SSH"), ("rdp", "RDP"), ("proxy", "the PROXY")]
)
def test_each_known_protocol_is_named(protocol: str, word: str) -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER, protocols=(protocol, "dicom"), first_bytes=(b"GET / HTTP/1.1\r\n", b"\x07"))
    assert f"speaks {word}" in only(RULE, forge.traffic()).message


def test_a_text_protocol_is_quoted_by_its_first_line() -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER, protocols=("http", "dicom"), first_bytes=(b"GET / HTTP/1.1\r\nHost", b""))
    assert "It began with 'GET / HTTP/1.1'." in only(RULE, forge.traffic()).message


def test_an_answer_that_is_not_dicom_is_quoted() -> None:
    forge = TrafficForge()
    line = forge.connection(protocols=("dicom", "http"), first_bytes=(b"\x01", b"HTTP/1.1 400 Bad Request\r\n"))
    forge.association(line, contexts=UNANSWERED, outcome=Outcome.CLOSED, closed_by="acceptor")
    finding = only(RULE, forge.traffic())
    assert "expects HTTP" in finding.message
    assert "HTTP/1.1 400" in finding.message


def test_two_sides_that_agree_on_another_protocol_are_no_fault() -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER, protocols=("http", "http"))
    forge.connection(kind=Kind.OTHER, protocols=("unknown", "unknown"))
    forge.connection(kind=Kind.TLS)
    assert found(RULE, forge.traffic()) == ()


def test_unknown_bytes_to_an_unknown_port_are_no_fault() -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER, protocols=("unknown", ""), responder=Endpoint("10.0.0.9", 9000))
    assert found(RULE, forge.traffic()) == ()


def test_a_rejection_in_clear_dicom_is_dicom_whatever_the_port() -> None:
    forge = TrafficForge()
    forge.association(forge.connection(responder=TLS_PORT), contexts=UNANSWERED, outcome=Outcome.REJECTED)
    assert found(RULE, forge.traffic()) == ()


def test_the_same_mistake_again_and_again_is_one_finding() -> None:
    forge = TrafficForge()
    forge.association()
    for _ in range(5):
        forge.connection(kind=Kind.TLS, protocols=("tls", "dicom"))
    assert only(RULE, forge.traffic()).count == 5


def test_a_beginning_that_was_not_captured_is_not_called_foreign() -> None:
    forge = TrafficForge()
    forge.association()
    forge.connection(kind=Kind.OTHER, protocols=("unknown", "dicom"), opened="midstream")
    gap = Gap(3, Direction.TO_RESPONDER, 10, 1448, GapCause.LOST, 9, 0)
    forge.connection(kind=Kind.OTHER, protocols=("unknown", "dicom"), gaps=[gap])
    assert found(RULE, forge.traffic()) == ()


def test_a_client_is_sent_from_the_port_of_another_protocol_to_that_of_dicom() -> None:
    forge = TrafficForge()
    line = forge.connection(protocols=("dicom", "http"), first_bytes=(b"\x01", b"HTTP/1.1 400 Bad Request\r\n"))
    forge.association(line, contexts=UNANSWERED, outcome=Outcome.CLOSED, closed_by="acceptor")
    finding = only(RULE, forge.traffic())
    assert finding.fix == "Give CT01 (10.0.0.1) the DICOM port of 10.0.0.2; 104 speaks HTTP."
    assert (finding.act, finding.actor) == (Side.REQUESTOR, "CT01 (10.0.0.1)")
