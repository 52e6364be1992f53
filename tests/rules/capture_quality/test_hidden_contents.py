"""What of a capture cannot be read, and DICOM where nobody looks for it."""

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.capture_quality.hidden_contents import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from tests.forge.reading import traffic_of
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict
from tests.tls.handshaking import Setup, Version, talk

NEW = Setup(version=Version.TLSv1_3)


def clear(port: int = 104) -> Traffic:
    forge = TrafficForge()
    forge.association(forge.connection(responder=Endpoint("10.0.0.2", port)))
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, traffic_of(talk(NEW).frames())) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, clear()) is Verdict.CLEAR
    assert verdict(RULE, traffic_of(talk(NEW).frames(port=443))) is Verdict.CLEAR
    assert verdict(RULE, traffic_of(talk(Setup(trusted="other")).frames())) is Verdict.CLEAR


def test_encrypted_connections_are_told_with_what_they_agreed_on() -> None:
    finding = only(RULE, traffic_of(talk(NEW).frames()))
    assert finding.message == (
        "1 connection to 10.0.0.2:2762 is encrypted (TLS 1.3, TLS_AES_256_GCM_SHA384) for pacs.example.org: only handshake,"
        " times, sizes and end events can be judged."
    )
    assert (finding.severity, finding.act) == (Severity.INFO, Side.CAPTURE)


def test_dicom_on_a_port_of_its_own_is_told() -> None:
    assert not found(RULE, clear(11112))
    assert "DICOM on port 5001 of 10.0.0.2" in only(RULE, clear(5001)).message


def test_what_nobody_knows_on_a_port_of_dicom_is_told() -> None:
    forge = TrafficForge()
    forge.connection(opened="midstream", kind=Kind.OTHER)
    forge.connection(kind=Kind.OTHER, responder=Endpoint("10.0.0.2", 9999))
    finding = only(RULE, forge.traffic())
    assert finding.message == (
        "In 1 connection to 10.0.0.2:104 nothing was recognised; 1 had begun before the capture: not judged."
    )
