"""Patient data without encryption."""

from typing import Any

import pytest

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.security.clear_patient_data import RULE, is_public
from tests.forge.traffic import IMPLICIT, STUDY_FIND, TrafficForge, data_set
from tests.rules.judging import found, only


def sent(client: str = "10.0.0.1", server: str = "10.0.0.2", kind: Kind = Kind.DICOM, **elements: str) -> Traffic:
    forge = TrafficForge()
    for n in range(2):
        line = forge.connection(initiator=Endpoint(client, 40000 + n), responder=Endpoint(server, 104), kind=kind)
        association = forge.association(line)
        for _ in range(3):
            named: dict[str, Any] = dict(elements or {"PatientName": "Doe^Jane", "PatientID": "4711"})
            data = data_set(Modality="CT", Rows=512, **named)
            forge.exchange(association, "C-STORE", data=data, status=0)
    return forge.traffic()


def test_fires_once_for_a_pair_of_hosts_and_quotes_nobody() -> None:
    finding = only(RULE, sent())
    assert (
        finding.message
        == "6 objects with patient identifiers (names and patient IDs) went unencrypted between 10.0.0.1 and 10.0.0.2."
    )
    assert (finding.severity, finding.act) == (Severity.INFO, Side.UNKNOWN)
    assert "Doe" not in str(finding) and "4711" not in str(finding)


def test_fires_for_the_answers_to_a_query() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)])
    answers = [data_set(PatientID=str(n), StudyDate="20260101", QueryRetrieveLevel="STUDY") for n in range(7)]
    forge.exchange(association, "C-FIND", answers=answers, status=0)
    assert "7 query answers with patient identifiers (patient IDs)" in only(RULE, forge.traffic()).message


def test_many_clients_of_one_server_are_told_together() -> None:
    forge = TrafficForge()
    for n in range(30):
        line = forge.connection(initiator=Endpoint(f"10.0.1.{n}", 40000))
        forge.exchange(forge.association(line), "C-STORE", data=data_set(PatientID="1", Rows=1, Columns=1), status=0)
    assert "30 objects" in only(RULE, forge.traffic()).message
    assert (
        "between 30 clients (10.0.1.0, 10.0.1.1, 10.0.1.2 and 27 more) and 10.0.0.2"
        in only(RULE, forge.traffic()).message
    )


@pytest.mark.parametrize("public", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_makes_it_a_warning(public: str) -> None:
    finding = only(RULE, sent(server=public))
    assert finding.severity is Severity.WARNING and f"over a public address ({public})" in finding.message


def test_is_quiet() -> None:
    assert found(RULE, sent(kind=Kind.DICOM_TLS)) == ()
    assert found(RULE, sent(PatientName="", PatientID="")) == ()
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-ECHO", status=0)
    assert found(RULE, forge.traffic()) == ()


def test_what_counts_as_public() -> None:
    private = (
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.0.1",
        "100.64.0.1",
        "fd00::1",
        "fe80::1",
        "::1",
    )
    assert not any(map(is_public, private))
