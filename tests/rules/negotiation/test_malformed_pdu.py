"""PDUs that are wrong in themselves, or come when they may not."""

from pathlib import Path

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import aborted_negotiation, protocol_abort, unanswered_request
from dicomsniff.rules.negotiation.malformed_pdu import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from tests.association.dialogue import Dialogue, read
from tests.forge import pdus
from tests.forge.dialogue import Dialogue as Spoken
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import BACK, OUT, Wire
from tests.rules.judging import found, only, shape, verdict


def odd(code: AnomalyCode, outcome: Outcome = Outcome.RELEASED, role: str = "requestor", **fields: object) -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=outcome, **fields)  # type: ignore[arg-type]
    forge.anomaly(association, code, "the detail", role)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, odd(AnomalyCode.PDU_UNKNOWN_TYPE, Outcome.CLOSED))
    assert "CT01 (10.0.0.1) sent a malformed PDU: the detail (stream offset" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.REQUESTOR)


def test_is_quiet() -> None:
    forge = TrafficForge()
    forge.association()
    assert found(RULE, forge.traffic()) == ()
    assert found(RULE, odd(AnomalyCode.PDV_ODD_LENGTH)) == ()


def test_what_was_borne_with_weighs_less() -> None:
    assert only(RULE, odd(AnomalyCode.PDU_ITEMS_DO_NOT_FIT)).severity is Severity.WARNING
    assert only(RULE, odd(AnomalyCode.PDU_UID_INVALID)).severity is Severity.NOTE
    silent = odd(AnomalyCode.PDU_UID_INVALID, Outcome.CLOSED, contexts=[(CT, [IMPLICIT], None)])
    assert only(RULE, silent).severity is Severity.NOTE  # it may have been closed for anything
    aborted = odd(AnomalyCode.PDU_UID_INVALID, Outcome.ABORTED, aborts=[("acceptor", 2, 6)])
    assert only(RULE, aborted).severity is Severity.ERROR


@pytest.mark.parametrize("code", sorted(RULE.claims))
def test_each_oddity_is_told_with_its_sender(code: AnomalyCode) -> None:
    finding = only(RULE, odd(code, Outcome.CLOSED, "acceptor"))
    assert finding.act is Side.ACCEPTOR and finding.facts["oddities"] == {str(code): 1}


def test_is_inconclusive_where_a_hole_may_have_put_the_stream_out_of_step() -> None:
    blind = [Blind.HOLE_TO_ACCEPTOR]
    assert verdict(RULE, odd(AnomalyCode.PDU_UNKNOWN_TYPE, blind=blind)) is Verdict.INCONCLUSIVE
    assert verdict(RULE, odd(AnomalyCode.PDU_UNKNOWN_TYPE, role="acceptor", blind=blind)) is Verdict.FINDING


def test_the_abort_it_provoked_is_its_consequence() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 1)])
    forge.exchange(association, "C-ECHO", status=0)
    forge.anomaly(association, AnomalyCode.PDU_UNKNOWN_TYPE, "PDU type 4FH where a PDU header must stand")
    (root,) = judge(forge.traffic(), fence=False, rules=(RULE, protocol_abort.RULE)).findings
    assert (root.rule, [child.rule for child in root.children]) == ("DS-ASSOC-015", ["DS-ASSOC-009"])


def test_the_same_in_many_associations_is_one_finding() -> None:
    forge = TrafficForge()
    for n in range(5):
        association = forge.association(outcome=Outcome.CLOSED)
        forge.anomaly(association, AnomalyCode.PDU_BAD_LENGTH, f"A-RELEASE-RQ has PDU-length {n} instead of 4")
    assert only(RULE, forge.traffic()).count == 5


def test_a_padded_implementation_class_uid_is_a_note_on_the_wire(tmp_path: Path) -> None:
    talk = Dialogue()
    talk.wire.connect()
    talk.say(pdus.request(sub_items=(pdus.item(0x52, b"1.2.3.4\0"),))).say(pdus.acceptance(), BACK).echo().release()
    finding = only(RULE, read(tmp_path / "padded.pcap", talk))
    assert finding.severity is Severity.NOTE
    assert "the implementation class UID is padded with a NUL" in finding.message


def test_garbage_between_two_messages_is_told_once_on_the_wire(tmp_path: Path) -> None:
    talk = Dialogue().open(abstract=pdus.VERIFICATION).echo(1).say(b"GET / HTTP/1.1\r\n\r\n")
    talk.wire.send(BACK, pdus.abort(2, 1)).close(BACK)
    finding = only(RULE, read(tmp_path / "garbage.pcap", talk))
    assert "PDU type 47H" in finding.message and finding.severity is Severity.ERROR


def test_an_answer_that_nobody_asked_for_is_unexpected_on_the_wire(tmp_path: Path) -> None:
    talk = Dialogue().open(abstract=pdus.VERIFICATION).echo(1)
    talk.wire.wait(1).send(BACK, pdus.release_response()).wait(1).send(OUT, pdus.abort(2, 2)).close()
    finding = only(RULE, read(tmp_path / "unexpected.pcap", talk))
    assert "RELEASE_RP not allowed from the acceptor" in finding.message and finding.act is Side.ACCEPTOR


def test_what_comes_behind_the_end_harms_nobody(tmp_path: Path) -> None:
    talk = Dialogue().open(abstract=pdus.VERIFICATION).echo(1).say(pdus.release_request())
    talk.say(pdus.release_response(), BACK)
    talk.wire.wait(1)
    talk.say(pdus.release_response(), BACK)
    talk.wire.close()
    finding = only(RULE, read(tmp_path / "behind.pcap", talk))
    assert finding.severity is Severity.NOTE and "RELEASE_RP not allowed" in finding.message


@pytest.mark.parametrize("end", ["close", "abort", "silence", "accept"])
def test_a_request_without_contexts_is_why_nothing_came_of_it(end: str) -> None:
    """However the acceptor takes it: DCMTK closes, pynetdicom accepts it without contexts, Orthanc never answers."""
    wire = Wire()
    talk = Spoken(wire, "CT01", "PACS").request()
    if end == "accept":
        talk.accept().wire.wait(0.3).close()
    elif end == "abort":
        wire.wait(0.01).send(BACK, pdus.abort(2, 0)).close(BACK)
    else:
        wire.wait(0.01 if end == "close" else 31).close(BACK if end == "close" else OUT)
    rules = (RULE, protocol_abort.RULE, aborted_negotiation.RULE, closed_association.RULE, unanswered_request.RULE)
    (root,) = judge(traffic_of(wire.frames), fence=False, rules=rules).findings
    assert (root.rule, root.severity, root.act) == ("DS-ASSOC-015", Severity.ERROR, Side.REQUESTOR)
    assert "CT01 (10.0.0.1) proposed no presentation context in its A-ASSOCIATE-RQ" in root.message
    assert "propose a context for each SOP class" in root.fix and len(root.children) == 1


def test_a_request_without_contexts_that_is_borne_with_is_a_warning() -> None:
    wire = Wire()
    Spoken(wire, "CT01", "PACS").request().accept().release()
    assert only(RULE, traffic_of(wire.frames)).severity is Severity.WARNING


def test_what_the_receiver_went_on_after_is_not_why_it_ended() -> None:
    def ended(answered: bool) -> Traffic:
        forge = TrafficForge()
        association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
        forge.exchange(association, "C-ECHO", status=0 if answered else None)
        request = forge.traffic().exchange(1).request
        forge.anomaly(association, AnomalyCode.PDU_ITEMS_DO_NOT_FIT, "odd", evidence=request)
        return forge.traffic()

    assert only(RULE, ended(True)).severity is Severity.WARNING
    assert shape(ended(True)) == [("DS-ASSOC-009", [])]
    assert [root for root, _ in shape(ended(False))] == [RULE.id]
