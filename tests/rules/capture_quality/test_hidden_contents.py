"""What of a capture cannot be read, and DICOM where nobody looks for it."""

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.capture_quality.hidden_contents import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from tests.forge.reading import traffic_of
from tests.forge.traffic import TrafficForge
from tests.forge.wire import BACK, Wire
from tests.rules.judging import found, only, verdict
from tests.tls.handshaking import Setup, Version, talk
from tests.tls.openssl import Ends
from tests.tls.transfers import secret

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


def storing(port: int, slow: float = 0.0) -> Traffic:
    wire = Wire(server=("10.0.0.2", port)).connect()
    for way, data in secret(Ends()).flights:
        wire.wait(slow if way is BACK and len(data) < 400 else 0).send(way, data)
    return traffic_of(wire.close().frames)


def test_tls_elsewhere_that_looks_like_storing_is_told_and_called_a_guess() -> None:
    finding = only(RULE, storing(9443))
    assert (finding.severity, finding.act) == (Severity.INFO, Side.CAPTURE)
    assert finding.message.startswith("By its sizes and times alone, what 1 TLS connection to 10.0.0.2:9443 (TLS 1.2, ")
    assert "may be DICOM, which is a guess" in finding.message and finding.facts["estimated"] is True
    assert not found(RULE, storing(443)) and not found(RULE, traffic_of(talk(NEW).frames(port=9443)))


def test_without_keys_who_waited_for_whom_is_an_estimate() -> None:
    finding = only(RULE, storing(2762, slow=0.25))
    assert "By times alone, which is an estimate: the server took at most" in finding.message
    assert "the longest 250 ms" in finding.message and "estimate" not in only(RULE, storing(2762)).message
