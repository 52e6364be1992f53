"""Every cell of the life cycle's table, PDUs that cross, and captures that exchange two of them."""

import pytest

from dicomsniff.association.lifecycle import NEXT, REORDERED_NS, LifeCycle, Phase
from dicomsniff.core import LIMITS, Direction, Evidence, Limits
from dicomsniff.pdu.values import PduType

T = PduType
R, A = "requestor", "acceptor"
MS = 1_000_000
SECOND = 1000 * MS
Step = tuple[str, PduType]
ESTABLISHED: list[Step] = [(R, T.ASSOCIATE_RQ), (A, T.ASSOCIATE_AC)]


def evidence(time_ns: int) -> Evidence:
    return Evidence(Direction.TO_RESPONDER, 0, 10, 1, 1, time_ns, time_ns)


def live(steps: list[Step], gap_ns: int = SECOND, round_trip_ns: int = MS, limits: Limits = LIMITS) -> LifeCycle:
    """A life with one step every `gap_ns`."""
    life = LifeCycle(limits)
    for place, (role, kind) in enumerate(steps):
        life.step(role, kind, evidence(place * gap_ns), round_trip_ns)
    life.finish()
    return life


@pytest.mark.parametrize(
    ("steps", "phase"),
    [
        ([], Phase.OPEN),
        ([(R, T.ASSOCIATE_RQ)], Phase.NEGOTIATING),
        (ESTABLISHED, Phase.ESTABLISHED),
        ([(R, T.ASSOCIATE_RQ), (A, T.ASSOCIATE_RJ)], Phase.ENDED_BY_ACCEPTOR),
        ([*ESTABLISHED, (R, T.P_DATA_TF), (A, T.P_DATA_TF)], Phase.ESTABLISHED),
        ([*ESTABLISHED, (R, T.RELEASE_RQ)], Phase.RELEASING_BY_REQUESTOR),
        ([*ESTABLISHED, (R, T.RELEASE_RQ), (A, T.P_DATA_TF)], Phase.RELEASING_BY_REQUESTOR),
        ([*ESTABLISHED, (R, T.RELEASE_RQ), (A, T.RELEASE_RP)], Phase.ENDED_BY_ACCEPTOR),
        ([*ESTABLISHED, (A, T.RELEASE_RQ), (R, T.RELEASE_RP)], Phase.ENDED_BY_REQUESTOR),
        ([*ESTABLISHED, (R, T.RELEASE_RQ), (A, T.RELEASE_RQ)], Phase.RELEASE_COLLISION),
        ([*ESTABLISHED, (R, T.RELEASE_RQ), (A, T.RELEASE_RQ), (A, T.RELEASE_RP), (R, T.RELEASE_RP)], Phase.ENDED_BY_REQUESTOR),
        ([(R, T.ASSOCIATE_RQ), (R, T.ABORT)], Phase.ENDED_BY_REQUESTOR),
        ([*ESTABLISHED, (A, T.ABORT)], Phase.ENDED_BY_ACCEPTOR),
        ([*ESTABLISHED, (A, T.ABORT), (R, T.ABORT)], Phase.ENDED_BY_ACCEPTOR),
        ([*ESTABLISHED, (A, T.ABORT), (A, T.ABORT)], Phase.ENDED_BY_ACCEPTOR),
    ],
)  # fmt: skip
def test_what_the_standard_allows_is_followed_without_complaint(steps: list[Step], phase: Phase) -> None:
    life = live(steps)
    assert (life.phase, life.wrong) == (phase, [])


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([(A, T.ASSOCIATE_AC)], "ASSOCIATE_AC not allowed from the acceptor while the association is open"),
        ([(R, T.P_DATA_TF)], "P_DATA_TF not allowed from the requestor while the association is open"),
        ([(R, T.ASSOCIATE_RQ), (R, T.P_DATA_TF)], "P_DATA_TF not allowed from the requestor while the association is negotiating"),
        ([(R, T.ASSOCIATE_RQ), (A, T.P_DATA_TF)], "P_DATA_TF not allowed from the acceptor while the association is negotiating"),
        ([*ESTABLISHED, (A, T.ASSOCIATE_AC)], "ASSOCIATE_AC not allowed from the acceptor while the association is established"),
        ([*ESTABLISHED, (R, T.RELEASE_RP)], "RELEASE_RP not allowed from the requestor while the association is established"),
        ([*ESTABLISHED, (R, T.RELEASE_RQ), (R, T.P_DATA_TF)], "P_DATA_TF not allowed from the requestor while the association is releasing by the requestor"),
        ([*ESTABLISHED, (R, T.ABORT), (R, T.P_DATA_TF)], "P_DATA_TF not allowed from the requestor while the association is ended by the requestor"),
        ([*ESTABLISHED, (A, T.ABORT), (A, T.RELEASE_RQ)], "RELEASE_RQ not allowed from the acceptor while the association is ended by the acceptor"),
    ],
)  # fmt: skip
def test_what_no_sender_may_do_is_said_once(steps: list[Step], complaint: str) -> None:
    assert [detail for _, _, detail in live(steps).wrong] == [complaint]


def test_every_pair_of_phase_and_pdu_is_followed_or_said_and_never_raises() -> None:
    for phase in Phase:
        for role in (R, A):
            for kind in PduType:
                life = LifeCycle()
                life.phase = phase
                life.step(role, kind, evidence(SECOND), 0)
                life.finish()
                assert bool(life.wrong) != ((phase, role, kind) in NEXT)


def test_who_is_aborted_may_write_the_rest_before_reading_that_and_who_aborts_may_not() -> None:
    assert live([*ESTABLISHED, (A, T.ABORT), (R, T.P_DATA_TF), (R, T.P_DATA_TF)], gap_ns=1000 * MS).wrong == []
    assert len(live([*ESTABLISHED, (A, T.ABORT), (A, T.P_DATA_TF)], gap_ns=1000 * MS).wrong) == 1


def test_a_pdu_that_crossed_another_is_no_offence() -> None:
    steps = [(R, T.ASSOCIATE_RQ), (A, T.ASSOCIATE_RJ), (R, T.P_DATA_TF)]
    assert live(steps, gap_ns=MS // 2).wrong == []
    assert len(live(steps, gap_ns=2 * MS).wrong) == 1


def test_an_answer_captured_just_before_what_it_answers_is_no_offence() -> None:
    steps = [*ESTABLISHED, (A, T.RELEASE_RP), (R, T.RELEASE_RQ)]
    life = live(steps, gap_ns=REORDERED_NS, round_trip_ns=0)
    assert (life.phase, life.wrong) == (Phase.ENDED_BY_ACCEPTOR, [])


def test_an_answer_long_before_its_question_is_one() -> None:
    life = live([*ESTABLISHED, (A, T.RELEASE_RP), (R, T.RELEASE_RQ)], gap_ns=REORDERED_NS + 1, round_trip_ns=0)
    assert [detail.split()[0] for _, _, detail in life.wrong] == ["RELEASE_RP"]
    assert life.phase is Phase.RELEASING_BY_REQUESTOR


def test_the_complaint_names_the_pdu_that_was_early_and_not_the_one_after_it() -> None:
    life = live([(R, T.ASSOCIATE_RQ), (R, T.P_DATA_TF), (A, T.ASSOCIATE_AC)])
    assert [seen.first_ns for _, seen, _ in life.wrong] == [SECOND]


def test_complaints_are_bounded() -> None:
    life = live([(R, T.P_DATA_TF)] * 50, limits=Limits(anomalies=7))
    assert len(life.wrong) == 7
