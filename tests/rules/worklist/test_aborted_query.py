"""DS-MWL-003: stations that cut the association while they are given their worklist."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.aborted_query import RULE
from tests.captures import real
from tests.forge.traffic import WORKLIST
from tests.forge.workflow import Day, item, scheduled
from tests.rules.applying import doubts, is_quiet, only

KEYS = item(PatientID="", ScheduledProcedureStepSequence=[item(Modality="CT")])


def _cut(
    day: Day,
    *,
    final: bool = False,
    abort_after: float = 0.0,
    outcome: Outcome = Outcome.ABORTED,
    **item_fields: object,
) -> Day:
    association = day.associate(WORKLIST, outcome=outcome, end_after=abort_after, closed_by="requestor")
    items = [scheduled(), scheduled(**item_fields)]
    day.worklist(*items, keys=KEYS, association=association, status=0 if final else None)
    return day


def test_fires_where_the_station_aborts_between_two_items() -> None:
    hit = only(RULE, _cut(Day()).traffic())
    assert "CT01 (10.0.0.1) aborted" in hit.message and "after response 2 (2 worklist items)" in hit.message
    assert hit.severity is Severity.ERROR and hit.act is Side.REQUESTOR


def test_fires_at_the_server_whose_item_is_odd() -> None:
    hit = only(RULE, _cut(Day(), final=True, PatientID="").traffic())
    assert "an item lacks PatientID" in hit.message and hit.severity is Severity.ERROR and hit.act is Side.ACCEPTOR


def test_fires_where_the_connection_was_cut() -> None:
    assert "cut the connection" in only(RULE, _cut(Day(), outcome=Outcome.CLOSED).traffic()).message


def test_a_station_that_always_aborts_is_a_remark() -> None:
    day = _cut(_cut(Day(), final=True), final=True)
    from tests.rules.applying import hits

    assert [hit.severity for hit in hits(RULE, day.traffic())] == [Severity.NOTE] * 2
    assert "it ends every worklist query of this capture so" in hits(RULE, day.traffic())[0].message


def test_is_quiet_where_the_abort_came_long_after() -> None:
    assert is_quiet(RULE, _cut(Day(), final=True, abort_after=30.0).traffic())


def test_is_quiet_where_the_server_aborted_or_the_query_was_cancelled_or_had_no_items() -> None:
    day = Day()
    server = day.associate(WORKLIST, outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)], closed_by="acceptor")
    day.worklist(scheduled(), association=server, status=None)
    day.worklist(
        scheduled(), association=day.associate(WORKLIST, outcome=Outcome.ABORTED), cancelled_after=0.1, status=0xFE00
    )
    day.worklist(association=day.associate(WORKLIST, outcome=Outcome.ABORTED), status=None)
    day.worklist(scheduled())
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)


def test_is_inconclusive_where_a_release_may_have_escaped() -> None:
    day = Day()
    cut = day.associate(WORKLIST, outcome=Outcome.CLOSED, closed_by="requestor", blind=[Blind.HOLE_TO_ACCEPTOR])
    day.worklist(scheduled(), association=cut, status=None)
    assert "may have passed" in doubts(RULE, day.traffic())[0]


def test_is_quiet_where_the_station_had_waited_long_for_the_next_item() -> None:
    assert is_quiet(RULE, _cut(Day(), abort_after=30.0).traffic())


def test_is_quiet_where_the_station_went_on_after_its_query() -> None:
    day = Day()
    association = day.associate(WORKLIST, outcome=Outcome.ABORTED, closed_by="requestor")
    day.worklist(scheduled(), association=association)
    day.forge.exchange(association, "C-ECHO", status=0)
    assert is_quiet(RULE, day.traffic())


def test_a_station_that_aborts_only_now_and_then_does_so_for_a_reason() -> None:
    day = _cut(Day())
    day.worklist(scheduled())
    assert only(RULE, day.traffic()).severity is Severity.ERROR
