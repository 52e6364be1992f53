"""DS-PC-002: a SOP class that was refused although it was needed."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.contexts.unsupported_sop_class import RULE
from dicomsniff.rules.finding import Severity
from tests.forge.traffic import CT, IMPLICIT, MR, STUDY_MOVE, VERIFICATION, ContextSpec, TrafficForge, data_set
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.judging import shape

PRIVATE = "1.2.840.113619.4.2"
CATALOGUE: list[ContextSpec] = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 0) for n in range(30, 60)]


def test_fires_for_the_only_class_besides_verification() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[(VERIFICATION, [IMPLICIT], 0), (MR, [IMPLICIT], 3)]), "C-ECHO", status=0)
    hit = only(RULE, forge.traffic())
    assert "does not support MR Image Storage" in hit.message and "nothing else was asked for" in hit.message
    assert hit.severity is Severity.ERROR


def test_fires_when_the_requestor_left_without_doing_anything() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)])
    hit = only(RULE, forge.traffic())
    assert "released without asking" in hit.message and hit.severity is Severity.ERROR


def test_fires_when_the_same_requestor_uses_the_class_elsewhere() -> None:
    forge = TrafficForge()
    other = forge.association(contexts=[(MR, [IMPLICIT], 0)], called="OTHER")
    forge.exchange(other, "C-STORE", status=0)
    here = forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)])
    forge.exchange(here, "C-STORE", status=0)
    hit = only(RULE, forge.traffic())
    assert "uses it in association 1" in hit.message and hit.severity is Severity.ERROR


def test_fires_when_a_retrieve_then_lists_objects_of_the_class_as_failed() -> None:
    forge = TrafficForge()
    stored = forge.association(contexts=[(MR, [IMPLICIT], 0)], calling="MR01")
    forge.exchange(stored, "C-STORE", status=0, sop_instance="1.2.3")
    here = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0), (MR, [IMPLICIT], 3)])
    failed = data_set(FailedSOPInstanceUIDList=["1.2.3"])
    forge.exchange(here, "C-GET", status=0xB000, answers=[failed], suboperations=(None, 0, 1, 0))
    assert "C-GET of association 2 then listed objects" in only(RULE, forge.traffic()).message


def test_states_a_refusal_among_few_classes_as_a_note() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)]), "C-STORE", status=0)
    hit = only(RULE, forge.traffic())
    assert hit.severity is Severity.NOTE and "no object of it could be sent" in hit.message


def test_is_quiet_when_the_class_was_accepted_in_another_context() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(MR, [IMPLICIT], 3), (MR, [IMPLICIT], 0)])
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_a_catalogue_but_for_a_fact() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[*CATALOGUE, (MR, [IMPLICIT], 3)]), "C-STORE", status=0)
    assert [hit.severity for hit in hits(RULE, forge.traffic())] == [Severity.INFO]


def test_is_quiet_about_a_private_class_when_nothing_was_sent() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [IMPLICIT], 0), (PRIVATE, [IMPLICIT], 3)])
    assert [hit.severity for hit in hits(RULE, forge.traffic())] == [Severity.NOTE]


def test_does_not_accuse_when_the_acceptor_aborted() -> None:
    forge = TrafficForge()
    contexts: list[ContextSpec] = [(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)]
    forge.association(contexts=contexts, outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
    assert only(RULE, forge.traffic()).severity is Severity.NOTE


def test_is_inconclusive_when_operations_may_have_escaped_the_capture() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)], blind=[Blind.HOLE_TO_ACCEPTOR])
    assert doubts(RULE, forge.traffic()) and not hits(RULE, forge.traffic())


def test_who_leaves_as_the_only_class_it_wanted_was_refused_does_so_for_that() -> None:
    def left(*contexts: ContextSpec) -> TrafficForge:
        forge = TrafficForge()
        forge.association(contexts=contexts, outcome=Outcome.CLOSED, closed_by="requestor")
        return forge

    alone = left((VERIFICATION, [IMPLICIT], 0), (MR, [IMPLICIT], 3))
    assert shape(alone.traffic()) == [(RULE.id, ["DS-TCP-005"])]
    one_of_two = left((CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3))
    assert sorted(shape(one_of_two.traffic())) == [(RULE.id, []), ("DS-TCP-005", [])]


def test_a_class_of_a_catalogue_that_was_mostly_taken_weighs_less() -> None:
    forge = TrafficForge()
    forge.association(contexts=[*CATALOGUE, (MR, [IMPLICIT], 3)])
    assert only(RULE, forge.traffic()).severity is Severity.WARNING
    forge = TrafficForge()
    refused: list[ContextSpec] = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 3) for n in range(30, 60)]
    forge.association(contexts=[*refused, (MR, [IMPLICIT], 3)])
    assert only(RULE, forge.traffic()).severity is Severity.ERROR
