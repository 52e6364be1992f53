"""DS-FIND-006: one query for each item."""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.query.query_per_item import RULE
from tests.forge.dialogue import data_set
from tests.forge.traffic import IMPLICIT, TrafficForge
from tests.rules.applying import is_quiet, only
from tests.rules.query.asked import STUDY_ROOT


def _series(count: int, *, parent: bool = True, apart: float = 0.1, alone: bool = False, same: bool = False) -> Traffic:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_ROOT, [IMPLICIT], 0)])
    uids = [f"1.2.{1 if same else n + 1}" for n in range(count)]
    if parent:
        answers = [data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID=uid) for uid in uids]
        keys = data_set(QueryRetrieveLevel="STUDY", StudyDate="20240101", StudyInstanceUID="")
        forge.exchange(association, "C-FIND", data=keys, answers=answers, status=0)
    for uid in uids:
        forge.wait(apart)
        if alone:
            association = forge.association(contexts=[(STUDY_ROOT, [IMPLICIT], 0)])
        forge.exchange(
            association, "C-FIND", data=data_set(QueryRetrieveLevel="SERIES", StudyInstanceUID=uid), status=0
        )
    return forge.traffic()


def test_fires_for_a_query_for_each_match_of_another() -> None:
    hit = only(RULE, _series(25))
    assert (
        "sends 25 SERIES queries one by one to PACS" in hit.message and "one for each match of C-FIND 1" in hit.message
    )
    assert (hit.severity or RULE.severity, hit.act, hit.facts["queries"]) == ("warning", "requestor", 25)


def test_fires_for_an_association_for_each_query() -> None:
    hit = only(RULE, _series(25, parent=False, alone=True))
    assert "each on an association of its own" in hit.message and hit.facts["associations"] == 25


def test_is_quiet_about_few_slow_or_equal_queries() -> None:
    assert is_quiet(RULE, _series(15))
    assert is_quiet(RULE, _series(25, apart=20.0))
    assert is_quiet(RULE, _series(25, same=True))
    assert is_quiet(RULE, _series(25, parent=False))
