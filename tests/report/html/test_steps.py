"""What either side sent, step by step, in the order of time."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.report.html.steps import Step, steps_of
from tests.captures.real import analysis, here
from tests.forge.traffic import STUDY_FIND, TrafficForge


def steps(traffic: Traffic, number: int = 1, shown: range | None = None) -> list[Step]:
    association = traffic.association(number)
    ids = frozenset(shown or (e.id for e in association.exchanges))
    return steps_of(association, traffic.conversation(association.connection), ids)


def test_a_rejection_is_an_answer_and_an_error() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 7))
    told = [(step.name, step.detail, step.tone) for step in steps(forge.traffic()) if step.kind == "pdu"]
    assert ("A-ASSOCIATE-RJ", "1/1/7", "error") in told


def test_pending_answers_are_one_step_with_their_number() -> None:
    forge = TrafficForge()
    number = forge.association(contexts=((STUDY_FIND, ("1.2.840.10008.1.2",), 0),))
    forge.exchange(number, "C-FIND", answers=(b"x", b"y"), status=0)
    told = [(step.name, step.detail, step.from_requestor) for step in steps(forge.traffic()) if step.kind == "message"]
    assert [name for name, _, _ in told] == ["C-FIND-RQ", "C-FIND-RSP", "C-FIND-RSP"]
    assert told[1][1:] == ("2 pending answers", False)


def test_a_failed_answer_is_an_error_and_leads_to_its_operation() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0xA700)
    answer = next(step for step in steps(forge.traffic()) if step.name == "C-STORE-RSP")
    assert (answer.detail, answer.tone, answer.target, answer.answers) == (
        "0xA700 failure",
        "error",
        "exchange-1",
        True,
    )


def test_operations_that_are_left_out_are_counted_where_they_were() -> None:
    forge = TrafficForge()
    number = forge.association()
    for _ in range(10):
        forge.exchange(number, "C-ECHO", status=0)
    told = steps(forge.traffic(), shown=range(1, 3))
    skipped = [(step.name, step.skipped) for step in told if step.skipped]
    assert len(skipped) == 1 and skipped[0][1] == 8
    assert sum(step.name == "C-ECHO-RQ" for step in told) == 2


@here
def test_a_real_echo_is_told_from_the_handshake_to_the_end() -> None:
    names = [step.name for step in steps(analysis("echo_ok").traffic)]
    assert names[:6] == ["TCP SYN", "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC", "C-ECHO-RQ", "C-ECHO-RSP", "A-RELEASE-RQ"]
    assert names[6] == "A-RELEASE-RP" and "TCP FIN" in names[7:]


@here
def test_a_real_abort_is_told_by_whom() -> None:
    traffic = analysis("abort_by_scp").traffic
    aborts = [s for a in traffic.associations for s in steps(traffic, a.id) if s.name == "A-ABORT"]
    assert aborts and not any(step.from_requestor for step in aborts)
