"""Values that look like attacks."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.pdu.values import ProposedContext
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.security.hostile_value import RULE
from tests.forge.traffic import CT, IMPLICIT, STUDY_MOVE, TrafficForge
from tests.rules.judging import found, only


def stored(instance: str = "1.2.3", **fields: Any) -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0, sop_instance=instance, **fields)
    return forge.traffic()


@pytest.mark.parametrize(
    "instance", ["../../etc/passwd", "1.2.3\\x", "1.2;rm -rf", "1.2.%2e", "1." + "2" * 255, "1.2\x00.3"]
)
def test_fires(instance: str) -> None:
    finding = only(RULE, stored(instance))
    assert finding.message.startswith("CT01 (10.0.0.1) sends") and "as SOP Instance UID" in finding.message
    assert (finding.severity, finding.act, finding.exchange) == (Severity.WARNING, Side.REQUESTOR, 1)
    assert all(c.isprintable() for c in finding.message)


@pytest.mark.parametrize("instance", ["1.2.840.10008", "1..2", "1.2.03", "ABC", "1." + "2" * 63])
def test_is_quiet(instance: str) -> None:
    assert found(RULE, stored(instance)) == ()


@pytest.mark.parametrize(("title", "hostile"), [("../../x", True), ("%s%s%n", True), ("$(reboot)", True), ("A' OR 1=1", True), ("<script>", True), ("R&D_CT/MR (1)", False), ("A+B-50%", False)])  # fmt: skip
def test_only_what_has_no_honest_use_in_a_title_is_told(title: str, hostile: bool) -> None:
    forge = TrafficForge()
    forge.association(calling=title)
    assert bool(found(RULE, forge.traffic())) is hostile


def test_a_move_destination_and_a_flood_of_contexts() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)])
    forge.exchange(association, "C-MOVE", status=0xA801, move_destination="../../x")
    assert "as Move Destination" in only(RULE, forge.traffic()).message
    forge = TrafficForge()
    forge.association(request_fields={"contexts": tuple(ProposedContext(n % 256, CT, ()) for n in range(1001))})
    assert "1001 presentation contexts" in only(RULE, forge.traffic()).message


@pytest.mark.parametrize(
    ("start", "words"), [(b"MZ\x90", "Windows program"), (b"\x7fELF", "ELF"), (b"PK\x03\x04", "ZIP"), (b"", "")]
)
def test_a_whole_file_with_a_program_in_its_preamble(start: bytes, words: str) -> None:
    findings = found(RULE, stored(data=start.ljust(128, b"\0") + b"DICM" + bytes(40)))
    assert [words in finding.message for finding in findings] == ([True] if words else [])
    assert found(RULE, stored(data=start.ljust(200, b"\0"))) == ()
