"""User identity on the wire."""

import pytest

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.pdu.values import UserIdentityRequest, UserIdentityResponse, UserInformation
from dicomsniff.rules.finding import Finding, Severity, Verdict
from dicomsniff.rules.security.clear_credentials import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def identified(kind: int = 2, respond: bool = False, confirmed: bool = False, line: Kind = Kind.DICOM) -> Traffic:
    forge = TrafficForge()
    identity = UserIdentityRequest(
        kind, respond, "jdoe" if kind < 3 else "", 4 if kind < 3 else 700, 7 if kind == 2 else 0
    )
    answer = UserIdentityResponse(0) if confirmed else None
    forge.association(
        forge.connection(kind=line),
        request_fields={"user_information": UserInformation(user_identity=identity)},
        accept_fields={"user_information": UserInformation(user_identity_response=answer)},
    )
    return forge.traffic()


def anonymous() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, identified()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, anonymous()) is Verdict.CLEAR


def test_the_name_is_marked_for_masking_and_the_passcode_told_by_length() -> None:
    finding = only(RULE, identified())
    assert finding.message == "User '⟦jdoe⟧' and passcode (7 bytes) sent in clear to PACS (10.0.0.2:104)."
    assert (finding.severity, finding.facts["secret_bytes"]) == (Severity.WARNING, 7)


@pytest.mark.parametrize(
    ("kind", "severity"), [(1, Severity.NOTE), (2, Severity.WARNING), (4, Severity.WARNING), (5, Severity.WARNING)]
)
def test_each_kind_weighs_what_it_gives_away(kind: int, severity: Severity) -> None:
    assert only(RULE, identified(kind)).severity is severity


@pytest.mark.parametrize("traffic", [identified(3), identified(line=Kind.DICOM_TLS)], ids=["kerberos", "tls"])
def test_what_is_encrypted_is_not_reported(traffic: Traffic) -> None:
    assert found(RULE, traffic) == ()


def test_a_confirmation_that_was_asked_for_and_not_given_is_a_note() -> None:
    def unconfirmed(traffic: Traffic) -> list[Finding]:
        return [f for f in found(RULE, traffic) if "without confirming" in f.message]

    (note,) = unconfirmed(identified(respond=True))
    assert note.severity is Severity.NOTE
    assert unconfirmed(identified(respond=True, confirmed=True)) == []
    assert unconfirmed(identified(respond=False)) == []
