"""DS-DIMSE-004: data sets announced and not sent, or the other way round."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.dimse.mismatched_data_set_flag import RULE
from tests.forge import pdus
from tests.forge.dialogue import FIND, STORE, Dialogue
from tests.forge.messages import store_rq
from tests.forge.traffic import TrafficForge
from tests.forge.wire import OUT
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.judging import shape
from tests.rules.spoken import CT, STUDY_FIND, traffic_of


def test_fires_for_data_that_was_not_announced() -> None:
    def talk(d: Dialogue) -> None:
        text = store_rq(data_set_type=0x0101)
        d.wire.send(OUT, pdus.p_data(pdus.pdv(text, 3, command=True), pdus.pdv(b"data", 3)))
        d._message_id = 1
        d.answer(STORE, CT, 0)

    hit = only(RULE, traffic_of(talk))
    assert "data fragments follow a command whose (0000,0800) announces none" in hit.message
    assert hit.act == "requestor"


def test_fires_for_data_that_the_next_command_came_instead_of() -> None:
    def talk(d: Dialogue) -> None:
        d.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(), 1, command=True)))
        d.echo()

    assert "announced a data set and none followed" in only(RULE, traffic_of(talk)).message


def test_fires_for_data_that_did_not_come_before_the_release() -> None:
    def talk(d: Dialogue) -> None:
        d.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(), 3, command=True)))

    traffic = traffic_of(talk)
    assert "announces a data set, but none followed" in only(RULE, traffic).message
    assert shape(traffic) == [(RULE.id, ["DS-STORE-006"])]


def test_fires_for_an_object_and_for_matches_that_say_they_have_no_data_set() -> None:
    def talk(d: Dialogue) -> None:
        d.ask(STORE, CT, AffectedSOPInstanceUID="1.2.3").answer(STORE, CT, 0)

    assert "says that it has no data set, but it must carry one" in only(RULE, traffic_of(talk)).message

    def find(d: Dialogue) -> None:
        d.ask(FIND, STUDY_FIND, b"\x08\0\x52\0\0\0\0\0").answer(FIND, STUDY_FIND, 0xFF00).answer(FIND, STUDY_FIND, 0)

    hit = only(RULE, traffic_of(find))
    assert "with 1 of 1 pending response that say" in hit.message and hit.act == "acceptor"


def test_is_quiet_about_a_sender_that_was_aborted_before_its_data() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED)
    forge.exchange(association, "C-STORE", payload=None, has_data_set=True, request_finished=False)
    assert is_quiet(RULE, forge.traffic())
    assert is_quiet(RULE, traffic_of(lambda d: d.echo().store(CT, "1.2.3", b"12")))


def test_is_inconclusive_where_the_data_may_not_have_been_captured() -> None:
    forge = TrafficForge()
    association = forge.association(blind=[Blind.HOLE_TO_ACCEPTOR])
    forge.exchange(association, "C-STORE", payload=None, has_data_set=True, request_finished=False)
    assert "without being captured" in doubts(RULE, forge.traffic())[0]


def test_fires_as_a_warning_where_the_requestor_went_on_after_a_response_without_its_data() -> None:
    def talk(d: Dialogue) -> None:
        d.ask(STORE, CT, b"data", AffectedSOPInstanceUID="1.2.3").answer(STORE, CT, 0, CommandDataSetType=0)
        d.store(CT, "1.2.4", b"data")

    hit = only(RULE, traffic_of(talk))
    assert (hit.severity, hit.act) == ("warning", "acceptor")
    assert "C-STORE-RSP announced a data set and none followed" in hit.message


def test_is_inconclusive_where_the_capture_ended_before_the_data() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.OPEN)
    forge.exchange(association, "C-STORE", payload=None, has_data_set=True, request_finished=False)
    assert not hits(RULE, forge.traffic())
