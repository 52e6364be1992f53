"""Rejections for the called AE title."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.unknown_called_ae import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.judging import only, verdict


def rejected(
    called: str = "PACSS", reject: tuple[int, int, int] = (1, 1, 7), accepted: tuple[str, ...] = ()
) -> Traffic:
    forge = TrafficForge()
    forge.association(called=called, outcome=Outcome.REJECTED, reject=reject)
    for title in accepted:
        forge.association(called=title)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, rejected()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, rejected(reject=(1, 1, 3))) is Verdict.CLEAR


def test_the_server_is_named_by_its_address_as_its_title_is_what_is_wrong() -> None:
    finding = only(RULE, rejected())
    assert finding.message.startswith("10.0.0.2:104 does not know itself as 'PACSS' (asked by 'CT01' from 10.0.0.1).")
    assert (finding.severity, finding.act, finding.actor) == (Severity.ERROR, Side.REQUESTOR, "CT01 (10.0.0.1)")


def test_result_source_and_reason_are_told() -> None:
    finding = only(RULE, rejected(reject=(2, 1, 7)))
    assert "rejected-transient" in finding.message
    assert "called-AE-title-not-recognized (2/1/7)" in finding.message
    assert (finding.facts["result"], finding.facts["source"], finding.facts["reason"]) == (2, 1, 7)


def test_titles_accepted_elsewhere_are_the_hint_nearest_first() -> None:
    finding = only(RULE, rejected(accepted=("ARCHIVE", "PACS")))
    assert "It accepted 'PACS' and 'ARCHIVE' elsewhere" in finding.message


def test_a_title_accepted_from_another_caller_points_at_the_calling_title() -> None:
    forge = TrafficForge()
    forge.association(calling="NEW", called="PACS", outcome=Outcome.REJECTED, reject=(1, 1, 7))
    forge.association(calling="CT01", called="PACS")
    finding = only(RULE, forge.traffic())
    assert "accepted the same title from 'CT01'" in finding.message
    assert finding.causes[0].startswith("The calling AE title 'NEW' is not configured")


def test_the_same_titles_accepted_later_blame_no_title() -> None:
    finding = only(RULE, rejected(called="PACS", accepted=("PACS",)))
    assert "accepted the same two titles" in finding.message
    assert finding.act is Side.ACCEPTOR


def test_retries_are_one_finding() -> None:
    forge = TrafficForge()
    for _ in range(30):
        forge.association(called="WRONG", outcome=Outcome.REJECTED, reject=(1, 1, 7))
    finding = only(RULE, forge.traffic())
    assert finding.count == 30
    assert len(finding.packets) == 12


def test_the_fix_names_the_one_title_that_was_accepted() -> None:
    assert "to 'PACS', letter" in only(RULE, rejected(accepted=("PACS",))).fix
    assert "'" not in only(RULE, rejected(accepted=("PACS", "ARCHIVE"))).fix.replace("server's", "")
