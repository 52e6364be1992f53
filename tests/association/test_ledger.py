"""The ledger: scheduled, begun, sent, answered and committed, study by study."""

from dicomsniff.association.ledger import BY_ACCESSION, BY_INSTANCES, BY_STUDY, BY_TIME, Study, studies
from dicomsniff.association.values import Blind, Traffic
from tests.captures import real
from tests.forge.traffic import CT
from tests.forge.workflow import STUDY, Day, scheduled


def _only(traffic: Traffic) -> Study:
    [study] = studies(traffic)
    return study


@real.here
def test_the_real_workflow_is_one_entry_with_everything_joined() -> None:
    study = _only(real.analysis("workflow_mwl_mpps_commit").traffic)
    assert len(study.instances) == len(study.committed) == 3 and not study.unsent
    assert [how for how, _ in study.steps] == [BY_TIME]
    assert [(how, query.exchange.id, item) for how, query, item in study.worklist] == [(BY_TIME, 1, None)]
    assert len(study.commitments) == 1 and not study.results


@real.here
def test_the_real_series_of_six_studies_are_six_entries() -> None:
    found = studies(real.analysis("store_series").traffic)
    assert sorted(len(study.instances) for study in found) == [1] * 6
    assert {modality for study in found for modality in study.modalities} == {
        "CT",
        "MR",
        "OT",
        "SR",
        "RTDOSE",
        "RTPLAN",
    }


def test_a_whole_day_is_joined_by_its_identifiers() -> None:
    day = Day()
    day.worklist(scheduled(), scheduled(StudyInstanceUID="7.7", AccessionNumber="A2"))
    day.create()
    day.stores("1.1", "1.2", AccessionNumber="A1")
    day.set(images=["1.1", "1.2"])
    day.request("1.1", "1.2")
    day.result(["1.1", "1.2"])
    study = _only(day.traffic())
    assert study.uid == STUDY and list(study.accession_numbers) == ["A1"] and list(study.patient_ids) == ["P1"]
    assert [(how, item and item.place) for how, _, item in study.worklist] == [(BY_STUDY, 0)]
    assert [how for how, _ in study.steps] == [BY_STUDY]
    assert study.committed == study.instances == {"1.1", "1.2"} and not study.not_committed


def test_an_accession_number_joins_what_names_no_study() -> None:
    day = Day()
    day.worklist(scheduled(StudyInstanceUID=None))
    day.create(study=None)
    day.stores("1.1", AccessionNumber="A1")
    study = _only(day.traffic())
    assert [how for how, _ in study.steps] == [BY_ACCESSION]
    assert [how for how, _, _ in study.worklist] == [BY_ACCESSION]


def test_the_images_of_a_step_join_it() -> None:
    day = Day()
    day.create(study=None, ScheduledStepAttributesSequence=[])
    day.stores("1.1")
    day.set(images=["1.1", "1.2"])
    study = _only(day.traffic())
    assert [how for how, _ in study.steps] == [BY_INSTANCES] and study.unsent == ("1.2",)


def test_a_step_that_may_belong_to_two_studies_belongs_to_none() -> None:
    day = Day()
    day.create(study=None, ScheduledStepAttributesSequence=[])
    day.stores("1.1")
    day.stores("2.1", StudyInstanceUID="1.2.4")
    step, *others = studies(day.traffic())
    assert step.uid is None and len(step.steps) == 1 and len(others) == 2
    assert not any(study.steps for study in others)


def test_a_commitment_of_objects_that_were_not_sent_here_is_an_entry_of_its_own() -> None:
    day = Day()
    day.stores("1.1")
    day.request("8.1", "8.2")
    day.result(["8.1"], ["8.2"])
    known, loose = studies(day.traffic())
    assert known.uid == STUDY and not known.commitments
    assert loose.uid is None and loose.committed == {"8.1"} and loose.not_committed == {"8.2"}


def test_a_result_without_its_request_goes_to_the_study_of_its_objects() -> None:
    day = Day()
    day.stores("1.1", "1.2")
    day.result(["1.1"], ["1.2"])
    study = _only(day.traffic())
    assert study.committed == {"1.1"} and study.not_committed == {"1.2"} and len(study.results) == 1


def test_gaps_are_told_and_not_where_the_capture_has_holes() -> None:
    for blind, missing in (((), ((3, 4),)), ((Blind.HOLE_TO_ACCEPTOR,), ())):
        day = Day()
        association = day.associate(CT, blind=blind)
        for number in (1, 2, 5):
            day.store(association, f"1.{number}", number)
        [series] = _only(day.traffic()).series
        assert series.numbers.missing == missing and bool(series.numbers.unclear) is bool(blind)


def test_objects_that_name_no_study_are_one_entry() -> None:
    day = Day()
    day.stores("1.1", "1.2", StudyInstanceUID=None, SeriesInstanceUID=None)
    study = _only(day.traffic())
    assert study.uid is None and len(study.instances) == 2
