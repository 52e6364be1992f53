"""C-MOVEs find their deliveries by what these say of themselves, by their objects, or by address and time; or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.retrieval import join_retrievals
from dicomsniff.association.values import Delivery, Kind, Outcome, Strength, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules import retrieve
from dicomsniff.rules.runner import judge
from tests.captures import real
from tests.forge.retrieve import CLIENT, LISTENER, Move, delivered
from tests.forge.traffic import CT, IMPLICIT, VERIFICATION, TrafficForge

DATA = Path(__file__).parent / "data" / "retrieves"
OTHER_ARCHIVE = Endpoint("10.0.0.9", 104)
NOBODY = (None, None)


def analysis(name: str) -> Analysis:
    return analyze(DATA / f"{name}.pcap")


def deliveries(traffic: Traffic, move: Move) -> tuple[Delivery, ...]:
    found = traffic.retrieval(move.id)
    assert found is not None
    return found.deliveries


def only(traffic: Traffic, move: Move) -> Delivery:
    [found] = deliveries(traffic, move)
    return found


def test_sub_operations_that_name_their_origin_are_joined_strongly() -> None:
    forge = TrafficForge()
    move = delivered(forge)
    traffic = forge.traffic()
    found = only(traffic, move)
    assert (found.association, found.strength, len(found.stores)) == (2, Strength.STRONG, 3)
    assert all(traffic.exchange(id).parent == move.id for id in found.stores)
    assert traffic.exchange(move.id).children == list(found.stores)
    assert "AE title and message ID" in found.why[0]


def test_joining_twice_changes_nothing() -> None:
    forge = TrafficForge()
    delivered(forge)
    traffic = forge.traffic()
    children = list(traffic.exchange(1).children)
    assert join_retrievals(traffic).retrievals == traffic.retrievals and traffic.exchange(1).children == children


def test_without_an_origin_the_objects_decide() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE")
    callback = move.callback(Endpoint("10.0.0.7", 104))
    move.store(callback, origin=NOBODY)
    other = move.store(callback, origin=NOBODY, study="1.2.9")
    move.done(0, (None, 1, 0, 0))
    traffic = forge.traffic()
    assert only(traffic, move).strength is Strength.STRONG
    assert traffic.exchange(other).parent is None


def test_without_origin_and_objects_the_address_makes_it_probable() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(), origin=NOBODY, data=b"")
    move.done(0, (None, 1, 0, 0))
    assert only(forge.traffic(), move).strength is Strength.PROBABLE


def test_an_archive_that_names_itself_as_origin_is_believed_by_message_id_and_objects() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(), origin=("PACS", 1))
    assert only(forge.traffic(), move).strength is Strength.STRONG


def test_a_modality_that_sends_to_the_same_workstation_meanwhile_has_nothing_to_do_with_it() -> None:
    forge = TrafficForge()
    move = Move(forge)
    push = move.callback(source="10.0.0.77", calling="CT05")
    stored = move.store(push, origin=NOBODY, study="1.2.9")
    move.done(0, (None, 0, 0, 0))
    traffic = forge.traffic()
    assert deliveries(traffic, move) == () and traffic.exchange(stored).parent is None


def test_message_id_1_of_every_client_is_told_apart_by_title_and_time() -> None:
    forge = TrafficForge()
    moves = [
        delivered(forge, calling=title, destination=title, client=ip)
        for title, ip in (("WS1", CLIENT), ("WS2", "10.0.0.3"))
    ]
    again = delivered(forge, study="1.2.4")
    traffic = forge.traffic()
    for move in (*moves, again):
        stores = traffic.exchange(move.id).children
        assert len(stores) == 3 and {traffic.exchange(id).parent for id in stores} == {move.id}


def test_one_pooled_association_serves_several_moves() -> None:
    forge = TrafficForge()
    first = Move(forge)
    callback = first.callback()
    first.store(callback)
    first.done(0, (None, 1, 0, 0))
    second = Move(forge, study="1.2.4", message_id=1, beside=first)
    second.store(callback, 2)
    second.done(0, (None, 1, 0, 0))
    traffic = forge.traffic()
    assert [only(traffic, m).association for m in (first, second)] == [callback, callback]
    assert [len(only(traffic, m).stores) for m in (first, second)] == [1, 1]


def test_what_an_archive_queues_and_sends_behind_the_next_move_goes_to_the_one_that_asked_for_it() -> None:
    forge = TrafficForge()
    first = Move(forge).done(0)
    second = Move(forge, study="1.2.4").done(0)
    callback = second.callback()
    late = first.store(callback, 1)
    own = second.store(callback, 2)
    traffic = forge.traffic()
    assert [traffic.exchange(id).parent for id in (late, own)] == [first.id, second.id]


def test_an_archive_that_fetches_from_another_forwards_the_move() -> None:
    forge = TrafficForge()
    first = Move(forge)
    second = Move(forge, "PACS", calling="PACS", client="10.0.0.2", archive=OTHER_ARCHIVE, message_id=7)
    second.store(second.callback(Endpoint("10.0.0.2", 104)))
    second.done(0, (None, 1, 0, 0))
    first.store(first.callback())
    first.done(0, (None, 1, 0, 0))
    traffic = forge.traffic()
    chained = traffic.retrieval(first.id)
    assert chained is not None and chained.forwarded == (second.id,)
    assert [len(only(traffic, m).stores) for m in (first, second)] == [1, 1]


def test_another_archive_that_delivers_in_the_name_of_the_first_requestor_is_found() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback(source="10.7.7.7", calling="DEEP")
    move.store(callback)
    assert only(forge.traffic(), move).strength is Strength.STRONG


def test_a_refused_connection_to_an_unknown_place_is_a_weak_sign() -> None:
    forge = TrafficForge()
    move = Move(forge, "WS9")
    line = move.refused(Endpoint("10.0.0.8", 104))
    move.done(0xA702, (None, 0, 3, 0))
    found = only(forge.traffic(), move)
    assert (found.connection, found.association, found.strength) == (line, None, Strength.WEAK)


def test_a_refused_connection_back_to_the_requestor_is_more() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0xA702, (None, 0, 3, 0))
    assert only(forge.traffic(), move).strength is Strength.PROBABLE


def test_connections_that_other_reasons_explain_are_left_alone() -> None:
    forge = TrafficForge()
    before = Move(forge, "NOWHERE").done(0xA801)
    forge.wait(0.1)
    before.refused(Endpoint("10.0.0.8", 4242))  # with no C-MOVE under way: the archive forwards to a dead host
    forge.wait(0.1)
    move = Move(forge, "WS9")
    move.refused(Endpoint("10.0.0.8", 4242))
    move.refused(Endpoint("10.0.0.6", 5432))
    move.done(0xA702, (None, 0, 3, 0))
    whole = delivered(forge, study="1.2.4")
    traffic = forge.traffic()
    assert deliveries(traffic, move) == () and len(deliveries(traffic, whole)) == 1


def test_a_dead_host_that_the_archive_goes_on_calling_later_is_not_the_destination() -> None:
    forge = TrafficForge()
    move = Move(forge, "WS9")
    move.refused(Endpoint("10.0.0.8", 4242))
    move.done(0xA702, (None, 0, 3, 0))
    forge.wait(5)
    move.refused(Endpoint("10.0.0.8", 4242))
    assert deliveries(forge.traffic(), move) == ()


def test_an_archive_that_goes_on_trying_after_the_requestor_left_is_no_such_case() -> None:
    forge = TrafficForge()
    move = Move(forge, "WS9", association={"outcome": Outcome.ABORTED, "end_after": 3})
    lines = [move.refused(Endpoint("10.0.0.8", 4242), tcp_stream=7) for _ in range(2)]
    traffic = forge.traffic()
    left = traffic.association(move.association).last_packet
    assert traffic.conversation(lines[1]).tcp.first_packet > left > 0
    early = replace(
        traffic.conversation(lines[0]).tcp, first_packet=left - 1, first_ns=traffic.association(1).last_ns - 1
    )
    conversations = list(traffic.conversations)
    conversations[lines[0] - 1] = replace(conversations[lines[0] - 1], tcp=early)
    assert only(join_retrievals(replace(traffic, conversations=tuple(conversations))), move).connection == lines[0]


def test_a_packet_that_the_capture_swapped_with_its_neighbour_is_forgiven() -> None:
    forge = TrafficForge()
    early = Move(forge, association={"outcome": Outcome.OPEN})
    line = early.refused()
    request = forge.traffic().exchange(early.id).request
    syn = forge.traffic().conversation(line).tcp
    assert request is not None
    swapped = request._replace(last_packet=syn.first_packet + 3, last_ns=syn.first_ns + 2_000_000)
    forge.traffic().exchange(early.id).request = swapped
    assert only(forge.traffic(), early).connection == line


def test_two_moves_to_different_places_share_no_refused_connection() -> None:
    forge = TrafficForge()
    first, second = Move(forge, "WS8"), Move(forge, "WS9", client="10.0.0.3", calling="WS3")
    first.refused(Endpoint("10.0.0.8", 104))
    first.done(0xA702)
    second.done(0xA702)
    traffic = forge.traffic()
    assert deliveries(traffic, first) == deliveries(traffic, second) == ()


def test_a_rejected_association_to_the_destination_is_probable_and_an_echo_is_none() -> None:
    forge = TrafficForge()
    move = Move(forge)
    rejected = move.rejected(1, 1, 3)
    move.callback(contexts=[(VERIFICATION, [IMPLICIT], 0)])
    move.done(0xA702, (None, 0, 3, 0))
    found = only(forge.traffic(), move)
    assert (found.association, found.strength) == (rejected, Strength.PROBABLE)


def test_an_association_to_another_title_of_the_host_that_asked_is_weak() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 7, called="WS-1")
    move.done(0xA702)
    assert only(forge.traffic(), move).strength is Strength.WEAK


def test_an_encrypted_delivery_is_weak() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.connect(Endpoint(CLIENT, 2762), kind=Kind.DICOM_TLS)
    move.done(0, (None, 3, 0, 0))
    found = only(forge.traffic(), move)
    assert (found.association, found.strength) == (None, Strength.WEAK) and "encrypted" in found.why[-1]


def test_deliveries_go_on_after_the_requestor_left() -> None:
    forge = TrafficForge()
    move = Move(forge, association={"outcome": Outcome.ABORTED})
    callback = move.callback()
    for number in range(1, 4):
        forge.wait(50)
        move.store(callback, number)
    assert len(only(forge.traffic(), move).stores) == 3


def test_traffic_without_retrieves_is_the_same_object() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[(CT, [IMPLICIT], 0)]), "C-STORE", status=0)
    traffic = forge.traffic()
    assert join_retrievals(traffic) is traffic and traffic.retrieval(1) is None


def test_hostile_titles_and_addresses_do_no_harm() -> None:
    forge = TrafficForge()
    move = Move(forge, "", client="fe80::1", archive=Endpoint("fe80::2", 104), calling="")
    move.store(move.callback(Endpoint("fe80::1", 1), source="fe80::7"), origin=("", 1))
    move.store(move.callback(LISTENER, source="fe80::7"), origin=NOBODY)
    assert forge.traffic().retrievals[0].exchange == move.id


STEPS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 2)), max_size=12)


def _play(forge: TrafficForge, moves: list[Move], step: tuple[int, int, int]) -> None:
    """One step: a new move, or something that the archive of one of them does."""
    what, one, other = step
    title = ("WS1", "WS2", "")[other]
    if what == 0 or not moves:
        beside = moves[-1] if moves and one else None
        moves.append(Move(forge, title, study=f"1.2.{one}", client=f"10.0.0.{3 + one}", beside=beside))
        return
    move = moves[-1 - one % len(moves)]
    if what == 1:
        move.refused(Endpoint(f"10.0.0.{3 + other}", 104))
    elif what == 2:
        move.rejected(1, 1, 3 + other)
    elif what == 3:
        move.done((0, 0xA702, 0xB000)[other], (None, one, other, 0))
    else:
        origin = (None, ("WS1", 1), ("PACS", 7))[other] or NOBODY
        move.store(move.callback(source=f"10.0.{one}.2", called=title), one, origin=origin, status=0 if other else None)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_happens_a_store_has_one_parent_and_parents_know_their_children(
    steps: list[tuple[int, int, int]],
) -> None:
    forge, moves = TrafficForge(), list[Move]()
    for step in steps:
        _play(forge, moves, step)
    traffic = forge.traffic()
    assert [one.exchange for one in traffic.retrievals] == [move.id for move in sorted(moves, key=lambda m: m.id)]
    parented = {e.id: e.parent for e in traffic.exchanges if e.parent is not None}
    told = {child: one.exchange for one in traffic.retrievals for child in one.stores}
    assert parented == told and all(traffic.exchange(id).service == "C-STORE" for id in told)
    for one in traffic.retrievals:
        assert sorted(one.stores) == traffic.exchange(one.exchange).children
        assert all(delivery.why and (delivery.stores or delivery.strength != "strong") for delivery in one.deliveries)
    judge(traffic, fence=False, rules=retrieve.RULES)


@pytest.mark.parametrize(
    ("name", "carried", "strengths"),
    [
        ("ok", [3], ["strong"]),
        ("refused", [0], ["probable"]),
        ("silent", [0], ["weak"]),
        ("rejected_called", [0], ["weak"]),
        ("rejected_calling", [0], ["probable"]),
        ("no_context", [0], ["probable"]),
        ("nothing", [], []),
        ("elsewhere", [3], ["strong"]),
        ("elsewhere_rejected", [0], ["probable"]),
        ("gave_up", [5], ["strong"]),
        ("early", [3], ["strong"]),
        ("parallel", [2, 2, 2], ["strong"] * 3),
        ("pooled", [3, 3, 3], ["strong"] * 3),
        ("partly", [3], ["strong"]),
        ("get_partly", [3], ["strong"]),
    ],
)
def test_real_retrieves_are_joined(name: str, carried: list[int], strengths: list[str]) -> None:
    traffic = analysis(name).traffic
    found = [delivery for one in traffic.retrievals for delivery in one.deliveries]
    assert [len(one.stores) for one in found] == carried
    assert [one.strength for one in found] == strengths


@real.here
def test_the_archive_of_the_capture_delivers_once_and_fails_twice_for_different_causes() -> None:
    traffic = real.analysis("query_retrieve").traffic
    worked, unknown, unreached, get = traffic.retrievals
    assert [d.association for d in worked.deliveries] == [5] and len(worked.stores) == 3
    assert unknown.deliveries == ()
    [attempt] = unreached.deliveries
    assert str(traffic.conversation(attempt.connection).tcp.responder) == "10.77.0.1:5678"
    assert len(get.stores) == 3
