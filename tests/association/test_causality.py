"""Both directions in the order that their acknowledgements prove, whatever the packets say."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.causality import CausalOrder, Timed
from dicomsniff.association.lifecycle import LifeCycle
from dicomsniff.core import Anomaly, AnomalyCode, Direction, Evidence
from dicomsniff.pdu.values import PduType

THERE, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR


def said(way: Direction, start: int, packet: int, heard: int, length: int = 10) -> Timed:
    """`length` bytes of a direction in one packet."""
    evidence = Evidence(way, start, start + length, packet, packet, packet, packet, heard)
    return packet, way, Anomaly(AnomalyCode.PDU_TRUNCATED, evidence, ""), ()


def ordered(*feeds: list[Timed]) -> list[list[tuple[Direction, int]]]:
    """What is passed on after each feed, and at the end: direction and start."""
    order, given = CausalOrder(), []
    for feed in feeds:
        for _, way, item, _ in feed:
            order.read(way, item.evidence.end)
        given.append(order.put(feed))
    given.append(order.put([], last=True))
    return [[(way, item.evidence.start) for _, way, item, _ in part] for part in given]


def test_an_answer_captured_before_its_request_comes_after_it() -> None:
    assert ordered([said(BACK, 0, 4, 10), said(THERE, 0, 5, 0)]) == [[(THERE, 0), (BACK, 0)], []]


def test_what_no_acknowledgement_orders_is_taken_by_the_packets() -> None:
    assert ordered([said(THERE, 0, 5, 0), said(BACK, 0, 4, 0)])[0] == [(BACK, 0), (THERE, 0)]
    assert ordered([said(THERE, 0, 5, -1), said(BACK, 0, 4, -1)])[0] == [(BACK, 0), (THERE, 0)]


def test_an_answer_waits_one_block_for_its_request() -> None:
    assert ordered([said(BACK, 0, 4, 10)], [said(THERE, 0, 5, 0)]) == [[], [(THERE, 0), (BACK, 0)], []]


def test_an_answer_waits_no_longer_than_one_block() -> None:
    assert ordered([said(BACK, 0, 4, 10)], [said(BACK, 10, 9, 20)], []) == [[], [(BACK, 0)], [(BACK, 10)], []]
    assert ordered([said(BACK, 0, 4, 10)]) == [[], [(BACK, 0)]]


def test_acknowledgements_that_contradict_each_other_lose_nothing() -> None:
    parts = ordered([said(THERE, 0, 5, 99), said(BACK, 0, 4, 99)])
    assert sorted(one for part in parts for one in part) == [(THERE, 0), (BACK, 0)]


@given(st.permutations(range(12)), st.integers(1, 12))
def test_a_dialogue_is_put_in_order_however_its_packets_were_exchanged(packets: list[int], cut: int) -> None:
    """Requests and answers in turn, in packets of any order; blocks end anywhere."""
    turns = [
        (THERE, 10 * n, 10 * n) if way is THERE else (BACK, 10 * n, 10 * n + 10) for n in range(6) for way in Direction
    ]
    ways: dict[Direction, list[Timed]] = {THERE: [], BACK: []}
    latest = {THERE: 0, BACK: 0}
    for (way, start, heard), packet in zip(turns, packets, strict=True):
        latest[way] = max(latest[way], packet)  # a stream is read in order
        ways[way].append(said(way, start, latest[way], heard))
    every = [*ways[THERE], *ways[BACK]]
    parts = ordered([one for one in every if one[0] < cut], [one for one in every if one[0] >= cut])
    assert [one for part in parts for one in part] == [(way, start) for way, start, _ in turns]


def test_who_sent_before_it_heard_is_not_out_of_phase() -> None:
    """The acceptor's rejection was captured long before the requestor's data, which its sender sent without knowing."""
    steps = [
        ("requestor", PduType.ASSOCIATE_RQ, said(THERE, 0, 1, 0)),
        ("acceptor", PduType.ASSOCIATE_RJ, said(BACK, 10, 3, 10)),
    ]
    for heard, wrong in ((10, 0), (20, 1)):
        life = LifeCycle()
        for role, kind, (_, _, item, _) in [*steps, ("requestor", PduType.P_DATA_TF, said(THERE, 10, 9, heard))]:
            life.step(role, kind, item.evidence, 2)
        life.finish()
        assert len(life.wrong) == wrong
