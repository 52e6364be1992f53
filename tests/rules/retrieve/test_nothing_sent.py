"""DS-RET-007: success without objects."""

from dicomsniff.association.values import Kind
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.nothing_sent import RULE
from tests.forge.retrieve import CLIENT, STUDY, Move, delivered
from tests.forge.traffic import IMPLICIT, STUDY_FIND, TrafficForge, data_set
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules


def test_fires_when_the_archive_counts_nothing_and_quotes_the_keys_masked() -> None:
    forge = TrafficForge()
    Move(forge, data=data_set(QueryRetrieveLevel="PATIENT", PatientID="4711")).done(0, (None, 0, 0, 0))
    hit = only(RULE, forge.traffic())
    assert "succeeded with 0 objects: nothing matched the query at level PATIENT (PatientID='⟦4711⟧')" in hit.message
    assert hit.act is Side.REQUESTOR and hit.facts["keys"] == {"PatientID": "4711"}


def test_fires_without_counters_when_nothing_came_in_a_minute() -> None:
    forge = TrafficForge()
    Move(forge).done(0)
    forge.wait(70)
    forge.connection()
    assert "nothing was sent in 60 s" in only(RULE, forge.traffic()).message


def test_is_inconclusive_when_the_capture_ends_too_soon_or_would_not_show_it() -> None:
    for destination, wait in (("WS1", 5), ("GATE", 70)):
        forge = TrafficForge()
        Move(forge, destination).done(0)
        forge.wait(wait)
        forge.connection()
        assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_a_third_host_that_the_archive_reaches_elsewhere_would_be_seen() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE")
    move.store(move.callback(Endpoint("10.0.0.8", 104)))
    move.done(0, (None, 1, 0, 0))
    forge.wait(100)
    Move(forge, "GATE", study="1.2.9").done(0)
    forge.wait(70)
    forge.connection()
    assert "'GATE' succeeded with 0 objects" in only(RULE, forge.traffic()).message


def test_an_association_released_without_an_object_is_told() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback()
    move.done(0, (None, 0, 0, 0))
    hit = only(RULE, forge.traffic())
    assert "released without a single C-STORE" in hit.message and hit.act is Side.ACCEPTOR


def test_a_counted_delivery_that_does_not_show_is_a_fact() -> None:
    forge = TrafficForge()
    Move(forge, "GATE").done(0, (None, 5, 0, 0))
    hit = only(RULE, forge.traffic())
    assert (
        hit.severity is Severity.INFO and "5 objects to 'GATE'" in hit.message and "outside this capture" in hit.message
    )


def test_a_move_that_the_archive_forwarded_is_not_called_empty() -> None:
    forge = TrafficForge()
    move = Move(forge)
    Move(forge, calling="PACS", client="10.0.0.2", archive=Endpoint("10.0.0.9", 104)).done(0xA702)
    move.done(0, (None, 0, 0, 0))
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_an_encrypted_delivery_is_named_as_such() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.connect(Endpoint(CLIENT, 2762), kind=Kind.DICOM_TLS)
    move.done(0, (None, 5, 0, 0))
    assert "encrypted" in only(RULE, forge.traffic()).message
    forge = TrafficForge()
    move = Move(forge)
    move.connect(Endpoint(CLIENT, 2762), kind=Kind.DICOM_TLS)
    move.done(0)
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_is_quiet_when_objects_came_or_the_move_failed() -> None:
    forge = TrafficForge()
    delivered(forge)
    Move(forge, study="1.2.8").done(0xA702, (None, 0, 3, 0))
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_a_real_capture() -> None:
    assert rules("nothing") == ["DS-RET-007"]
    assert "(it counts no object, unless it delivers later)" in root("nothing", "DS-RET-007").message


def test_a_study_that_the_archive_lists_was_not_asked_for_wrongly() -> None:
    forge = TrafficForge()
    query = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)])
    keys = data_set(QueryRetrieveLevel="STUDY", PatientID="P1")
    forge.exchange(query, "C-FIND", status=0, data=keys, answers=[data_set(StudyInstanceUID=STUDY)])
    Move(forge).done(0, (None, 0, 0, 0))
    hit = only(RULE, forge.traffic())
    assert "lists that study in an answer to C-FIND" in hit.message and hit.act is Side.UNKNOWN


def test_is_inconclusive_where_packets_are_missing_from_the_capture() -> None:
    forge = TrafficForge().capture(dropped=3)
    Move(forge).done(0)
    forge.wait(70)
    forge.connection()
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_is_quiet_where_the_archive_tried_in_vain() -> None:
    """How is told by the rule on that."""
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0)
    forge.wait(70)
    forge.connection()
    assert hits(RULE, forge.traffic()) == []
