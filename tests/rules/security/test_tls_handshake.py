"""TLS that failed or is weak: handshakes that OpenSSL really made."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Finding, Severity, Side, Verdict
from dicomsniff.rules.runner import judge
from dicomsniff.rules.security.tls_handshake import RULE
from dicomsniff.rules.security.tls_words import unmet_profile
from dicomsniff.tls.values import TLS12, Certificate, Chain, Handshake, ServerHello
from tests.forge.reading import traffic_of
from tests.forge.wire import BACK, OUT, Wire, write_pcap
from tests.rules.judging import check, found, only, verdict
from tests.tls.handshaking import Setup, Talk, Version, talk

MUTUAL = Setup(asks_client=True, client="client")
NEW = Setup(version=Version.TLSv1_3)


def tls(setup: Setup, closer: object = None, port: int = 2762) -> Traffic:
    way = None if closer is None else (OUT if closer == "client" else BACK)
    return traffic_of(talk(setup).frames(way, port))


def hello(*, wait: float = 0.0, closes: bool = True) -> Traffic:
    """A ClientHello, and the server says nothing."""
    wire = Wire(server=("10.0.0.2", 2762)).connect().send(OUT, talk(NEW).flights[0][1]).acknowledge(OUT).wait(wait)
    if closes:
        wire.close(BACK)
    else:
        wire.packet(BACK, 16)
    return traffic_of(wire.frames)


def said(finding: Finding) -> tuple[str, Severity, Side]:
    return finding.message, finding.severity, finding.act


def test_fires() -> None:
    assert verdict(RULE, tls(Setup(trusted="other"))) is Verdict.FINDING


def test_is_quiet() -> None:
    for setup in (MUTUAL, NEW, replace(NEW, asks_client=True, client="client"), replace(NEW, name=None)):
        for closer in ("client", "server"):
            assert verdict(RULE, tls(setup, closer)) is Verdict.CLEAR, setup
    assert verdict(RULE, tls(Setup(trusted="other"), port=443)) is Verdict.NOT_APPLICABLE


def test_is_inconclusive() -> None:
    frames = [f for f in talk(NEW).frames() if len(f[1]) < 600 or f[1][34:36] != (2762).to_bytes(2, "big")]
    assert verdict(RULE, traffic_of(frames)) is Verdict.INCONCLUSIVE
    assert check(RULE, hello(closes=False, wait=3)).reasons == ("the capture ended during the handshake",)


def test_a_client_that_does_not_trust_the_ca_must_be_given_it() -> None:
    for version in (Version.TLSv1_2, Version.TLSv1_3):
        finding = only(RULE, tls(Setup(version=version, trusted="other")))
        assert (
            "failed: 10.0.0.1 sent unknown_ca (48): the certificate of 10.0.0.2:2762 was issued by a CA"
            in finding.message
        )
        assert (finding.severity, finding.act) == (Severity.ERROR, Side.REQUESTOR)
        assert finding.facts["alert"] == 48


def test_an_expired_certificate_is_its_owners_to_renew() -> None:
    finding = only(RULE, tls(Setup(server="expired")))
    assert "10.0.0.1 sent certificate_expired (45): the certificate of 10.0.0.2:2762 has expired" in finding.message
    assert (
        "'O=Clinic, CN=pacs.example.org' issued by 'O=Clinic, CN=Clinic ca', expired on 2021-01-01" in finding.message
    )
    assert finding.act is Side.ACCEPTOR
    assert finding.facts["certificate"]["subject"] == "O=Clinic, CN=pacs.example.org"


def test_an_expired_certificate_that_nobody_checks_is_a_warning() -> None:
    finding = next(
        f for f in found(RULE, tls(replace(MUTUAL, server="expired", checks=False))) if f.facts["weak"] != "anybody"
    )
    assert finding.severity is Severity.WARNING
    assert "is weak: the certificate of 10.0.0.2:2762" in finding.message
    assert "expired on 2021-01-01" in finding.message


def test_a_client_without_a_certificate_is_told_to_get_one() -> None:
    finding = only(RULE, tls(Setup(asks_client=True)))
    assert (
        "10.0.0.2:2762 sent handshake_failure (40): 10.0.0.2:2762 asks for a client certificate and got none"
        in finding.message
    )
    assert finding.act is Side.REQUESTOR


def test_in_tls_1_3_a_refused_client_certificate_shows_by_the_size_of_what_follows() -> None:
    finding = only(RULE, tls(replace(NEW, asks_client=True)))
    assert "answered the end of the handshake with an encrypted alert and closed" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.UNKNOWN)


def test_two_sides_without_a_version_in_common_are_told_so() -> None:
    finding = only(RULE, tls(Setup(version=Version.TLSv1_1, server_version=Version.TLSv1_2)))
    assert "sent protocol_version (70): the two sides have no protocol version in common" in finding.message
    assert "The client offered TLS 1.1" in finding.message
    assert finding.act is Side.REQUESTOR


def test_two_sides_without_a_cipher_suite_in_common_are_told_so() -> None:
    setup = Setup(client_ciphers="ECDHE-ECDSA-AES128-GCM-SHA256", server_ciphers="ECDHE-ECDSA-AES256-GCM-SHA384")
    finding = only(RULE, tls(setup))
    assert "10.0.0.2:2762 sent handshake_failure (40): the two sides have no cipher suite" in finding.message
    assert finding.act is Side.UNKNOWN
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in finding.facts["offered_cipher_suites"]


def test_a_hello_without_an_answer_is_the_servers_matter() -> None:
    finding = only(RULE, hello())
    assert "10.0.0.2:2762 closed the connection without answering the ClientHello" in finding.message
    assert finding.act is Side.ACCEPTOR
    assert "did not answer the ClientHello for 20 s" in only(RULE, hello(closes=False, wait=20)).message


@pytest.mark.parametrize("version", [Version.TLSv1, Version.TLSv1_1])
def test_an_old_version_is_a_warning(version: object) -> None:
    [finding, *_] = found(RULE, tls(replace(MUTUAL, version=version)))  # type: ignore[arg-type]
    assert "they agreed on TLS 1." in finding.message and "no longer safe" in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.REQUESTOR)


def test_a_suite_without_encryption_is_a_warning() -> None:
    setup = replace(MUTUAL, client_ciphers="eNULL:@SECLEVEL=0", server_ciphers="eNULL:@SECLEVEL=0")
    [finding] = found(RULE, tls(setup))
    assert "they agreed on TLS_ECDHE_ECDSA_WITH_NULL_SHA: no encryption" in finding.message


def test_a_server_for_anybody_and_a_certificate_for_another_name_are_notes() -> None:
    finding = only(RULE, tls(Setup()))
    assert finding.message.endswith("10.0.0.2:2762 asks for no client certificate: anybody may connect.")
    assert finding.severity is Severity.NOTE
    finding = only(RULE, tls(replace(MUTUAL, name="other.example.org")))
    assert (
        "asked for 'other.example.org', and the certificate is for pacs.example.org, *.pacs.example.org"
        in finding.message
    )
    assert not found(RULE, tls(replace(MUTUAL, name="ct.pacs.example.org")))


def test_a_health_check_that_says_good_bye_was_not_refused() -> None:
    made = talk(replace(NEW, said=b"x" * 100))
    good_bye = b"\x17\x03\x03\x00\x13" + bytes(19)
    flights = [flight for flight in made.flights if len(flight[1]) != len(b"x" * 100) + 22][:3]
    assert not found(RULE, traffic_of(Talk([*flights, (OUT, good_bye), (BACK, good_bye)]).frames(BACK)))


def test_tls_to_a_port_of_plain_dicom_is_another_rules_matter() -> None:
    findings = judge(traffic_of(Talk(talk(NEW).flights[:1]).frames(BACK, 104))).findings
    assert [(f.rule, [c.rule for c in f.children]) for f in findings] == [("DS-TCP-004", ["DS-SEC-005"])]


def test_a_client_that_finds_another_name_in_the_certificate_is_told_which() -> None:
    finding = only(RULE, tls(Setup(name="other.example.org", checks_name=True)))
    assert finding.severity is Severity.ERROR and "10.0.0.1 sent bad_certificate (42)" in finding.message
    assert "The client asked for 'other.example.org', and the certificate is for pacs.example.org" in finding.message
    assert "asked for" not in only(RULE, tls(Setup(trusted="other"))).message


def test_what_bcp_195_advises_against_is_a_note_without_an_actor() -> None:
    old = Setup(
        server="rsa", checks=False, asks_client=True, client="client", client_ciphers="AES128-SHA256:@SECLEVEL=0"
    )
    [finding] = [f for f in found(RULE, tls(old)) if f.facts["weak"] == "profile"]
    assert (finding.severity, finding.act) == (Severity.NOTE, Side.UNKNOWN)
    assert "TLS_RSA_WITH_AES_128_CBC_SHA256 has no forward secrecy; BCP 195" in finding.message
    assert "PS3.15 §B.12" in finding.message
    newer = replace(old, client_ciphers="ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    assert not [f for f in found(RULE, tls(newer)) if f.facts["weak"] == "profile"]


def test_a_short_key_is_a_note_and_one_of_2048_bits_is_none() -> None:
    def shown(key: str) -> Handshake:
        chain = Chain(2, (Certificate("CN=a", "CN=b", key=key),))
        return Handshake(server=ServerHello(2, 2, bytes(32), TLS12, 0xC02F), server_chain=chain)

    assert ["RSA 1024" in each for each in unmet_profile(shown("RSA 1024"))] == [True]
    assert not [*unmet_profile(shown("RSA 2048")), *unmet_profile(shown("EC P-256")), *unmet_profile(Handshake())]


@pytest.mark.parametrize("version", [Version.TLSv1, Version.TLSv1_1])
def test_an_old_version_names_the_clause_that_it_does_not_meet(version: object) -> None:
    [finding, *_] = found(RULE, tls(replace(MUTUAL, version=version)))  # type: ignore[arg-type]
    assert "PS3.15 §B.12 asks for TLS 1.2 or later" in finding.message


def test_a_port_that_was_said_to_be_dicoms_is_judged_like_the_registered_one(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "c.pcap", talk(Setup(trusted="other")).frames(None, 443))
    assert [f.rule for f in analyze(path, ports=[443]).findings if f.severity is Severity.ERROR] == ["DS-SEC-005"]
    assert not [f for f in analyze(path).findings if f.severity is Severity.ERROR]
