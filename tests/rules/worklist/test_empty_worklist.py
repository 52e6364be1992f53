"""DS-MWL-001: empty worklists, with the reason where other answers of the server show it."""

from datetime import UTC, datetime

from dicomsniff.association.values import Blind
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.empty_worklist import RULE
from tests.captures import real
from tests.forge.traffic import WORKLIST
from tests.forge.workflow import Day, item, scheduled
from tests.rules.applying import doubts, hits, is_quiet, only


def test_fires_where_the_server_writes_the_station_differently() -> None:
    day = Day()
    day.worklist(scheduled(ScheduledStationAETitle="CT_01"), station="", calling="WS1")
    day.worklist(station="ct01")
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.WARNING and hit.act is Side.UNKNOWN
    assert "CT01 (10.0.0.1) gets an empty worklist from PACS (10.0.0.2:104) for AE 'ct01'" in hit.message
    assert "the server has items for 'CT_01', written differently" in hit.message


def test_fires_where_the_items_of_the_station_have_another_modality() -> None:
    day = Day()
    day.worklist(scheduled(Modality="DX"), station="", modality="")
    day.worklist(modality="CR")
    assert "the server's items for 'CT01' have modality DX" in only(RULE, day.traffic()).message


def test_fires_as_a_remark_after_three_times() -> None:
    day = Day()
    for _ in range(3):
        day.worklist(date="20200101")
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.NOTE and "3 times in a row" in hit.message
    assert "the query asks for ⟦20200101⟧, the capture was made on 20231114 (UTC)" in hit.message


def test_is_quiet_where_an_idle_room_asks_once_or_twice() -> None:
    day = Day()
    day.worklist(scheduled(ScheduledStationAETitle="MR01", Modality="MR"), station="MR01", modality="MR")
    day.worklist()
    day.worklist()
    assert is_quiet(RULE, day.traffic())


def test_is_quiet_where_the_items_came_in_the_end() -> None:
    day = Day()
    for _ in range(4):
        day.worklist()
    day.worklist(scheduled())
    assert is_quiet(RULE, day.traffic())


def test_is_quiet_where_one_patient_was_looked_for_or_the_query_failed() -> None:
    day = Day()
    for _ in range(4):
        day.worklist(keys=item(PatientID="P1", ScheduledProcedureStepSequence=[item(Modality="CT")]))
        day.worklist(status=0xA700)
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)


def test_is_inconclusive_where_items_may_have_escaped() -> None:
    day = Day()
    for _ in range(3):
        day.worklist(association=day.associate(WORKLIST, blind=[Blind.HOLE_TO_REQUESTOR]))
    assert doubts(RULE, day.traffic()) == ["worklist items may have been sent in a stretch that was not captured"]


def test_the_day_before_at_the_end_of_a_month_is_a_matter_of_time_zones() -> None:
    def remark(date: str, start: datetime) -> str:
        day = Day()
        day.forge.now_ns = int(start.timestamp()) * 10**9
        for _ in range(3):
            day.worklist(date=date)
        return only(RULE, day.traffic()).message

    new_year = datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert "the capture was made on" not in remark("20251231", new_year)
    assert "the capture was made on 20260101" in remark("20251230", new_year)


def test_a_station_that_asks_for_any_title_is_not_spelt_differently() -> None:
    for station in ("", "*", "CT0?"):
        day = Day()
        day.worklist(scheduled(ScheduledStationAETitle="CT_01"), station="CT_01", calling="WS1")
        for _ in range(3):
            day.worklist(station=station, date="20990101")
        assert {hit.severity for hit in hits(RULE, day.traffic())} <= {Severity.NOTE}


def test_a_title_that_the_server_has_items_for_is_not_spelt_differently() -> None:
    day = Day()
    items = [scheduled(ScheduledStationAETitle=title) for title in ("CT_01", "CT01")]
    day.worklist(*items, station="", calling="WS1")
    for _ in range(3):
        day.worklist(date="20990101")
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.NOTE and "written differently" not in hit.message
