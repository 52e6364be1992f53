"""DS-FIND-005: queries that ask for too much."""

from typing import Any

import pytest

from dicomsniff.association.values import Outcome
from dicomsniff.rules.query.broad_query import RULE
from tests.rules.applying import is_quiet, only
from tests.rules.query.asked import WORKLIST, asked

ALL: dict[str, Any] = {"QueryRetrieveLevel": "STUDY", "PatientID": "", "PatientName": "*"}
SOME: dict[str, Any] = {"QueryRetrieveLevel": "STUDY", "StudyDate": "20240101"}


@pytest.mark.parametrize(
    ("keys", "fields", "words", "severity"),
    [
        (ALL, {"pending": 150}, "asks PACS (10.0.0.2:104) for everything (STUDY): 150 answers", "warning"),
        (ALL, {"pending": 3}, "for everything (STUDY): 3 answers", "info"),
        ({"PatientName": ""}, {"pending": 150, "model": WORKLIST}, "for everything: 150 answers", "warning"),
        (SOME, {"pending": 2500}, "for very much (STUDY): 2500 answers", "warning"),
        (SOME, {"pending": 500}, "a round number, perhaps a limit", "note"),
        (SOME, {"pending": 700, "status": 0xB001}, "cut at a limit of the server", "warning"),
        (SOME, {"pending": 700, "status": 0xFE00, "cancelled_after": 1.0}, "then the client gave up", "warning"),
        (
            SOME,
            {"pending": 700, "status": None, "association": {"outcome": Outcome.ABORTED}},
            "then the client gave up",
            "warning",
        ),
    ],
)
def test_fires_for_each_kind(keys: dict[str, Any], fields: dict[str, Any], words: str, severity: str) -> None:
    hit = only(RULE, asked(keys, **fields))
    assert words in hit.message and (hit.severity, hit.act) == (severity, "requestor"), hit.message


@pytest.mark.parametrize(
    ("keys", "fields"),
    [
        (SOME, {"pending": 99}),
        (SOME, {"pending": 3, "status": 0xFE00, "cancelled_after": 1.0}),
        ({"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": "1.2"}, {"pending": 150}),
        ({"ScheduledProcedureStepStartDate": "20240101"}, {"pending": 150, "model": WORKLIST}),
    ],
)
def test_is_quiet_about_ordinary_queries(keys: dict[str, Any], fields: dict[str, Any]) -> None:
    assert is_quiet(RULE, asked(keys, **fields))
