"""Aborts by the protocol layer, and what provoked them."""

from collections.abc import Callable

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.contexts import unaccepted_context
from dicomsniff.rules.dimse import broken_fragments, invalid_command
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import malformed_pdu
from dicomsniff.rules.negotiation.protocol_abort import RULE
from dicomsniff.rules.runner import judge
from tests.forge import pdus
from tests.forge.dialogue import ECHO, STORE, Dialogue
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import BACK, OUT, Wire
from tests.rules.judging import found, only, verdict
from tests.rules.spoken import traffic_of as spoken


def aborted(codes: tuple[AnomalyCode, ...] = (), source: int = 2, role: str = "requestor") -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", source, 2), ("acceptor", 2, 1)])
    forge.exchange(association, "C-ECHO", status=0)
    for code in codes:
        forge.anomaly(association, code, f"detail of {code}", role)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, aborted()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, aborted(source=0)) is Verdict.CLEAR


@pytest.mark.parametrize("code", sorted(set(AnomalyCode) - {AnomalyCode.PDU_TRUNCATED, AnomalyCode.DATASET_NEVER_SENT}))
def test_each_oddity_is_named_as_the_offending_pdu(code: AnomalyCode) -> None:
    finding = only(RULE, aborted((code,)))
    assert f"Offending PDU: packet 8 (detail of {code})" in finding.message
    assert (finding.act, finding.facts["anomaly"]) == (Side.REQUESTOR, str(code))


def test_the_first_of_several_is_the_cause() -> None:
    finding = only(RULE, aborted((AnomalyCode.PDV_BAD_LENGTH, AnomalyCode.PDU_UNKNOWN_TYPE)))
    assert finding.facts["anomaly"] == "pdv-bad-length"


def test_without_an_offence_the_side_that_aborted_must_look() -> None:
    finding = only(RULE, aborted())
    assert "Nothing wrong was recognised in what it had received." in finding.message
    assert finding.act is Side.ACCEPTOR


def test_its_own_oddity_or_one_it_went_on_after_is_no_cause() -> None:
    assert only(RULE, aborted((AnomalyCode.PDV_BAD_LENGTH,), role="acceptor")).facts["anomaly"] is None
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
    forge.anomaly(association, AnomalyCode.PDV_ODD_LENGTH)
    forge.exchange(association, "C-ECHO", status=0)
    assert only(RULE, forge.traffic()).facts["anomaly"] is None


@pytest.mark.parametrize("blind", [Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR, Blind.REQUEST])
def test_where_the_offence_may_be_in_what_was_not_captured_nobody_must_act(blind: Blind) -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 2)], blind=[blind])
    forge.exchange(association, "C-ECHO", status=0)
    finding = only(RULE, forge.traffic())
    assert "What it had received was not captured whole." in finding.message
    assert (finding.act, finding.actor) == (Side.UNKNOWN, None)


def test_an_offence_captured_after_the_abort_that_knew_it_is_the_cause() -> None:
    talk = Dialogue(Wire(), "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.wire.send(OUT, b"\x63\0\0\0\0\x04abcd")  # a PDU of no type there is
    talk.abort(BACK, 2, 1)
    frames = talk.wire.frames
    swapped = [*frames[:-2], (frames[-2][0], frames[-1][1]), (frames[-1][0], frames[-2][1])]
    for captured in (frames, swapped):
        assert only(RULE, traffic_of(captured)).act is Side.REQUESTOR


def test_the_reserved_source_is_treated_alike() -> None:
    assert "reserved" in only(RULE, aborted(source=1)).message


def test_an_abort_during_negotiation_is_told_by_another_rule() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
    assert found(RULE, forge.traffic()) == ()


def test_where_the_acceptance_was_not_captured_nobody_knows_which_contexts_it_accepted() -> None:
    talk = Dialogue(Wire(), "CT01", "PACS", (CT, (IMPLICIT,), 3)).request().accept()
    talk.ask(STORE, CT, AffectedSOPInstanceUID="1.2.3").abort(BACK, 2, 2)
    whole, holey = traffic_of(talk.wire.frames), traffic_of([f for f in talk.wire.frames if b"FORGE_SCP" not in f[1]])
    assert only(RULE, whole).act is Side.REQUESTOR
    assert only(RULE, holey).act is Side.UNKNOWN


def idle(silence: float, role: str = "acceptor", codes: tuple[AnomalyCode, ...] = ()) -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[(role, 2, 0)], end_after=silence)
    forge.exchange(association, "C-ECHO", status=0)
    for code in codes:
        forge.anomaly(association, code)
    return forge.traffic()


def test_after_a_long_silence_with_nothing_to_answer_it_is_a_timer_and_no_fault_of_what_was_received() -> None:
    for role in ("acceptor", "requestor"):
        finding = only(RULE, idle(60, role))
        assert finding.severity is Severity.WARNING and "Let the requestor release" in finding.fix
        assert "There had been silence for 60 s, with nothing left to answer." in finding.message
    assert only(RULE, idle(60)).act is Side.UNKNOWN and only(RULE, idle(60, "requestor")).act is Side.REQUESTOR
    assert only(RULE, idle(3)).severity is Severity.ERROR
    assert only(RULE, idle(60, codes=(AnomalyCode.PDV_ODD_LENGTH,))).severity is Severity.ERROR


def test_every_request_that_it_left_unanswered_is_told_of() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
    for status in (0, None, None):
        forge.exchange(association, "C-STORE", status=status)
    assert only(RULE, forge.traffic()).exchanges == (2, 3)


def unknown_type(talk: Dialogue) -> None:
    talk.wire.send(OUT, pdus.pdu(0x0F, b"abcd"))


def garbage_on_an_unknown_context(talk: Dialogue) -> None:
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(b"x" * 20, 99, command=True)))


def fragment_of_a_wrong_length(talk: Dialogue) -> None:
    talk.wire.send(OUT, pdus.pdu(4, bytes.fromhex("000000400103") + b"abc"))


def data_without_a_command(talk: Dialogue) -> None:
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(b"x" * 20, 3, command=False)))


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (unknown_type, "DS-ASSOC-015"),
        (garbage_on_an_unknown_context, "DS-DIMSE-003"),
        (fragment_of_a_wrong_length, "DS-DIMSE-006"),
        (data_without_a_command, "DS-DIMSE-006"),
    ],
)
def test_the_abort_follows_from_what_provoked_it_though_a_request_is_left_unanswered(
    wrong: Callable[[Dialogue], None], rule: str
) -> None:
    def talk(d: Dialogue) -> None:
        d.ask(ECHO, pdus.VERIFICATION)
        wrong(d)
        d.wire.wait(0.01).send(BACK, pdus.abort(2, 1)).close(BACK)

    rules = (RULE, malformed_pdu.RULE, unaccepted_context.RULE, broken_fragments.RULE, invalid_command.RULE)
    (root,) = judge(spoken(talk, end=""), fence=False, rules=rules).findings
    assert (root.rule, root.severity, root.act, root.exchanges) == (rule, Severity.ERROR, Side.REQUESTOR, (1,))
    assert [child.rule for child in root.children] == ["DS-ASSOC-009"]


@pytest.mark.parametrize(("wait", "act"), [(60, Side.ACCEPTOR), (1, Side.REQUESTOR)])
def test_who_waited_long_for_an_answer_is_not_the_one_to_act(wait: float, act: Side) -> None:
    """Some protocol layers abort so when a timer runs out."""

    def talk(d: Dialogue) -> None:
        d.ask(ECHO, pdus.VERIFICATION)
        d.wire.acknowledge(OUT).wait(wait)
        d.abort(OUT, 2, 0)

    finding = only(RULE, spoken(talk, end=""))
    assert finding.act is act and ("It had waited 60 s for an answer" in finding.message) is (wait > 1)
