"""Titles that are not where the site's table has them."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.finding import Finding, Severity, Side, Verdict
from dicomsniff.rules.known_aes import known_aes
from dicomsniff.rules.negotiation.misplaced_ae import RULE
from dicomsniff.rules.runner import Judgement, judge
from tests.forge.traffic import TrafficForge


def talk(outcome: Outcome = Outcome.RELEASED) -> Traffic:
    """CT01 at 10.0.0.1 calls PACS at 10.0.0.2:104, twice."""
    forge = TrafficForge()
    for _ in range(2):
        forge.association(outcome=outcome)
    return forge.traffic()


def judged(*rows: str, outcome: Outcome = Outcome.RELEASED) -> Judgement:
    return judge(talk(outcome), fence=False, rules=(RULE,), known_aes=known_aes(rows))


def only(*rows: str, outcome: Outcome = Outcome.RELEASED) -> Finding:
    (finding,) = judged(*rows, outcome=outcome).findings
    return finding


def test_fires() -> None:
    finding = only("CT01=10.0.0.1", "PACS=10.0.0.9:11112", outcome=Outcome.CLOSED)
    assert finding.message == "PACS is configured as 10.0.0.9:11112 but was called at 10.0.0.2:104 (2 associations)."
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.UNKNOWN)
    assert finding.facts["configured"] == [{"host": "10.0.0.9", "port": 11112}]


def test_fires_for_a_caller_from_another_host_and_more_quietly_where_it_worked() -> None:
    finding = only("CT01=10.0.0.7:5678", "PACS=10.0.0.2:104")
    assert "CT01 is configured as 10.0.0.7:5678 but was calling from 10.0.0.1" in finding.message
    assert finding.severity is Severity.WARNING


def test_is_quiet() -> None:
    assert judged().findings == ()
    assert judged("CT01=10.0.0.1:5678", "PACS=10.0.0.2:104").findings == ()  # the source port of a caller means nothing
    assert judged("CT01=10.0.0.1", "PACS=10.0.0.9:104", "PACS=10.0.0.2:104").findings == ()  # a cluster


def test_the_port_of_a_called_title_counts() -> None:
    assert "called at 10.0.0.2:104" in only("CT01=10.0.0.1", "PACS=10.0.0.2:11112").message


def test_a_title_in_no_row_is_a_note_unless_the_table_has_another_there() -> None:
    (note,) = judged("PACS=10.0.0.2:104").findings
    assert note.severity is Severity.NOTE and "CT01 is in no row" in note.message
    (warning,) = judged("CT01=10.0.0.1", "ARCHIVE=10.0.0.2:104").findings
    assert warning.severity is Severity.WARNING and "the table has ARCHIVE there" in warning.message


def test_a_host_name_or_an_address_of_another_kind_is_not_compared() -> None:
    for row in ("PACS=pacs.example.org:104", "PACS=[fd00::1]:104"):
        made = judged("CT01=10.0.0.1", row)
        assert made.findings == () and made.checks[0].verdict is Verdict.INCONCLUSIVE
