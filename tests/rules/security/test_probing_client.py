"""Clients that look for DICOM services, and clients that only work with many."""

from collections.abc import Iterable

from dicomsniff.association.values import Kind, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.security.probing_client import RULE
from tests.forge.traffic import ARCHIVE, IMPLICIT, STUDY_MOVE, TrafficForge, data_set
from tests.rules.judging import found, only, verdict

PATIENTS = "1.2.840.10008.5.1.4.1.2.1.1"
SCANNER = Endpoint("10.0.0.66", 50_000)


def scan(hosts: int, *, opened: str = "refused", port: int = 104, every: float = 1, moving: bool = False) -> Traffic:
    forge = TrafficForge()
    if moving:
        made = forge.association(
            forge.connection(initiator=Endpoint("10.0.0.1", 1), responder=Endpoint(SCANNER.ip, 104)),
            contexts=((STUDY_MOVE, (IMPLICIT,), 0),),
        )
        forge.exchange(made, "C-MOVE")
    for number in range(hosts):
        target = Endpoint(f"10.0.1.{number}", port)
        forge.connection(opened=opened, kind=Kind.EMPTY, initiator=SCANNER, responder=target)
        forge.wait(every)
    if moving:
        forge.exchange(1, "C-ECHO", status=0)
    return forge.traffic()


def titles(tried: Iterable[str], accepted: Iterable[str] = (), *, which: str = "called", every: float = 1) -> Traffic:
    forge, taken = TrafficForge(), set(accepted)
    for title in tried:
        line = forge.connection(initiator=SCANNER)
        outcome = Outcome.RELEASED if title in taken else Outcome.REJECTED
        reject = None if title in taken else (1, 1, 7 if which == "called" else 3)
        forge.association(line, outcome=outcome, reject=reject, **{which: title})  # type: ignore[arg-type]
        forge.wait(every)
    return forge.traffic()


def listing(requests: int, *, patient: str = "", level: str = "PATIENT") -> Traffic:
    forge = TrafficForge()
    made = forge.association(contexts=((PATIENTS, (IMPLICIT,), 0),))
    keys = data_set(QueryRetrieveLevel=level, PatientID=patient, PatientName="*")
    forge.exchange(made, "C-FIND", status=0, data=keys, pending=400)
    for number in range(requests):
        forge.exchange(made, "C-FIND", status=0, data=data_set(QueryRetrieveLevel="STUDY", PatientID=str(number)))
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, scan(12)) is Verdict.FINDING


def test_is_quiet() -> None:
    forge = TrafficForge()
    forge.association()
    assert verdict(RULE, forge.traffic()) is Verdict.CLEAR
    assert not found(RULE, scan(9))
    assert not found(RULE, scan(12, every=70))
    assert not found(RULE, scan(12, port=8080))


def test_hosts_contacted_in_vain_are_counted() -> None:
    finding = only(RULE, scan(12))
    assert finding.severity is Severity.WARNING
    assert finding.message.startswith(
        "10.0.0.66 probes DICOM services: it contacted 12 hosts on 1 port within ten minutes"
    )
    assert (finding.act, finding.actor) == (Side.REQUESTOR, "10.0.0.66")
    assert finding.facts["hosts"] == 12
    assert only(RULE, scan(12, opened="handshake")).facts["hosts"] == 12


def test_an_archive_that_delivers_to_workstations_that_are_off_is_no_scanner() -> None:
    assert not found(RULE, scan(12, moving=True))


def test_titles_tried_one_after_the_other_are_told() -> None:
    finding = only(RULE, titles(["PACS", "ARCHIVE", "DCM4CHEE", "ORTHANC", "ANY-SCP"], ["ORTHANC"]))
    assert "it tried 5 called AE titles on 10.0.0.2:104 within ten minutes, of which 4 were refused" in finding.message
    assert "'PACS', 'ARCHIVE'" in finding.message
    assert "tried 5 calling AE titles" in only(RULE, titles("ABCDE", which="calling")).message


def test_a_gateway_with_many_titles_is_no_scanner() -> None:
    assert not found(RULE, titles("ABCDEF", "ABCDE"))
    assert not found(RULE, titles("ABCD"))
    assert not found(RULE, titles("ABCDE", every=200))


def test_an_archive_listed_and_walked_through_is_told() -> None:
    finding = only(RULE, listing(12))
    assert (
        "asked 10.0.0.2:104 for all patients (400 records listed) and sent 12 queries and retrieves" in finding.message
    )
    assert not found(RULE, listing(9))
    assert not found(RULE, listing(12, patient="4711"))
    assert not found(RULE, listing(12, level="STUDY"))


def test_a_public_address_that_a_private_server_accepts_is_told() -> None:
    def asked(client: str, server: str = ARCHIVE.ip) -> Traffic:
        forge = TrafficForge()
        forge.association(forge.connection(initiator=Endpoint(client, 40_000), responder=Endpoint(server, 104)))
        return forge.traffic()

    assert "10.0.0.2:104 accepts associations from the public address 8.8.4.4" in only(RULE, asked("8.8.4.4")).message
    assert not found(RULE, asked("8.8.4.4", "8.8.8.8"))
    assert not found(RULE, asked("192.168.3.4"))
    assert not found(RULE, asked("2a00:1450::1", "fd00::2"))
