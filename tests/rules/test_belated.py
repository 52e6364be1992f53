"""What is asked when nothing may be asked any more: the fault of who asks, not of who does not answer."""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.belated import behind_release, belated, late_suboperations
from dicomsniff.rules.dimse.unanswered_request import RULE as UNANSWERED
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation.application_abort import RULE as ABORTED
from dicomsniff.rules.retrieve.early_final_response import RULE as EARLY
from dicomsniff.rules.retrieve.failed_suboperations import RULE as FAILED
from dicomsniff.rules.retrieve.inconsistent_counters import RULE as COUNTERS
from tests.forge import pdus
from tests.forge.dialogue import GET, RESPONSE, STORE, Dialogue, data_set
from tests.forge.wire import BACK, OUT
from tests.rules.applying import hits, is_quiet, only
from tests.rules.judging import shape
from tests.rules.spoken import CT, traffic_of

STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"


def _gives(talk: Dialogue, number: int) -> Dialogue:
    """A C-STORE of the acceptor."""
    body = data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.3.{number}", PatientID="1")
    return talk.message(
        BACK, CT, body, CommandField=STORE, MessageID=number, Priority=0, AffectedSOPInstanceUID=f"1.2.3.{number}"
    )


def _takes(talk: Dialogue, number: int) -> Dialogue:
    return talk.message(
        OUT,
        CT,
        CommandField=STORE | RESPONSE,
        MessageIDBeingRespondedTo=number,
        Status=0,
        AffectedSOPInstanceUID=f"1.2.3.{number}",
    )


def _asks(talk: Dialogue) -> Dialogue:
    return talk.ask(GET, STUDY_GET, data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3"))


def _ends(talk: Dialogue, completed: int) -> Dialogue:
    return talk.answer(GET, STUDY_GET, 0, NumberOfCompletedSuboperations=completed, NumberOfFailedSuboperations=0)


def _goes_on(talk: Dialogue) -> None:
    """As some servers do that queue their C-STOREs: the final response is sent at once, and the objects in their turn."""
    _gives(_asks(talk), 1)
    _takes(_ends(talk, 3), 1)
    _gives(talk, 2)
    talk.wire.wait(0.01).send(OUT, pdus.release_request())
    _takes(talk, 2)
    talk.wire.wait(0.01).send(BACK, pdus.release_response())
    talk.wire.wait(0.01)
    _gives(talk, 3)
    talk.wire.acknowledge(BACK).close()


def _aborted(talk: Dialogue) -> None:
    """As a requestor does that reads no C-STORE any more once the C-GET is over."""
    _gives(_asks(talk), 1)
    _takes(_ends(talk, 2), 1)
    talk.wire.wait(0.01).send(OUT, pdus.release_request()).wait(0.005)
    _gives(talk, 2)
    talk.wire.acknowledge(BACK).wait(0.01)
    talk.abort(OUT)


def _sound(talk: Dialogue) -> None:
    for number in (1, 2):
        _takes(_gives(_asks(talk) if number == 1 else talk, number), number)
    _ends(talk, 2)


def traffic(how: object) -> Traffic:
    return traffic_of(how, STUDY_GET, CT, end="release" if how is _sound else "")  # type: ignore[arg-type]


def test_stores_behind_the_final_response_of_their_get_are_found() -> None:
    late = late_suboperations(traffic(_goes_on))
    assert {get: [store.message_id for store in stores] for get, stores in late.items()} == {1: [2, 3]}
    assert not late_suboperations(traffic(_sound)) and not belated(traffic(_sound))


def test_a_request_behind_the_release_of_its_sender_is_known() -> None:
    seen = traffic(_goes_on)
    association = seen.association(1)
    assert [e.message_id for e in association.exchanges if behind_release(e, association)] == [3]


def test_nobody_is_accused_of_not_answering_what_came_behind_the_end() -> None:
    assert hits(UNANSWERED, traffic(_goes_on)) == []


def test_the_archive_that_answers_too_early_is_told_and_what_was_lost() -> None:
    hit = only(EARLY, traffic(_goes_on))
    assert "answers C-GET 1 of CT01 (10.0.0.1) before it has sent everything: 2 C-STOREs came after" in hit.message
    assert hit.message.endswith("1 of them was never taken.")
    assert (hit.act, hit.severity) == (Side.ACCEPTOR, Severity.ERROR)
    assert is_quiet(EARLY, traffic(_sound))


def test_the_counters_are_not_held_against_it_once_more() -> None:
    assert not [hit for hit in hits(COUNTERS, traffic(_goes_on)) if "C-STOREs succeeded" in hit.message]


def test_who_aborts_upon_a_late_store_is_not_the_one_to_act() -> None:
    hit = only(ABORTED, traffic(_aborted))
    assert "with no answer yet to C-STORE 2" in hit.message
    assert hit.act is Side.ACCEPTOR
    assert ("DS-RET-010", ["DS-ASSOC-008"]) in shape(traffic(_aborted))


def test_a_store_behind_the_release_is_not_held_against_who_released() -> None:
    def never_ends(talk: Dialogue) -> None:
        _takes(_gives(_asks(talk), 1), 1)
        talk.wire.wait(0.01).send(OUT, pdus.release_request()).wait(0.01).send(BACK, pdus.release_response())
        _gives(talk, 2)
        talk.wire.acknowledge(BACK).close()

    assert only(FAILED, traffic(never_ends)).act is Side.ACCEPTOR
