"""What a pause waited for: lost bytes, a shut or full window, an acknowledgement, or its sender's application."""

from typing import Any

import pytest

from dicomsniff.association.pauses import PARTS, Sorter
from dicomsniff.core import Direction
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.meter import NOT_METERED, Stretch, Trips
from dicomsniff.tcp.options import MSS, WINDOW_SCALE
from dicomsniff.tcp.pace import Pause, Told
from dicomsniff.tcp.segment_facts import SegmentFacts
from tests.forge.traffic import TrafficForge

MS = 1_000_000
OUT = Direction.TO_RESPONDER
SYN = bytes([MSS, 4, 5, 180, WINDOW_SCALE, 3, 0, 1])


def connection(back_ms: int = 0, round_ms: int = 20, recoveries: tuple[tuple[int, int], ...] = ()) -> Connection:
    forge = TrafficForge()
    forge.association()
    tcp = forge.traffic().conversations[0].tcp
    facts = SegmentFacts(syn_options=SYN, recoveries=recoveries)
    values = {name: getattr(tcp, name) for name in Connection.__dataclass_fields__}
    changed = {
        "rtt_initiator_ns": back_ms * MS,
        "rtt_responder_ns": (round_ms - back_ms) * MS,
        "segments": (facts, facts),
    }
    return Connection(**{**values, **changed})


def pause(**changed: Any) -> Pause:
    """40 ms after a full segment that was all acknowledged after 39 ms; the window is wide."""
    made = {
        "direction": OUT, "turn": False, "again": False, "since_ns": 0, "time_ns": 40 * MS, "since_packet": 1, "packet": 3,
        "before": 1460, "flight": 1460, "window": 60_000, "nearly_ns": 0, "acked_ns": 39 * MS, "last_ack_ns": 39 * MS, "closed_ns": 0,
    }  # fmt: skip
    return Pause(**{**made, **changed})


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("congestion", {}),
        ("nagle", {"before": 12, "flight": 12, "after": 90}),
        ("receive_window", {"window": 700, "flight": 1300}),
        ("zero_window", {"closed_ns": 39 * MS}),
        ("loss", {"again": True}),
        ("sender", {"acked_ns": 1 * MS, "last_ack_ns": 1 * MS, "first_ack_ns": 1 * MS}),
        ("wire", {"acked_ns": None, "last_ack_ns": None, "nearly_ns": None}),
    ],
)
def test_most_of_a_pause_is_of_one_kind(kind: str, changed: dict[str, Any]) -> None:
    parts = Sorter(connection(), OUT).parts([pause(**changed)], 0, 50 * MS)
    amounts = {name: getattr(parts, name) for name in PARTS}
    assert sum(amounts.values()) == 50 * MS
    assert amounts[kind] >= 38 * MS


def test_an_acknowledgement_that_cannot_have_reached_the_sender_released_nothing() -> None:
    parts = Sorter(connection(back_ms=60, round_ms=60), OUT).parts([pause()], 0, 40 * MS)
    assert (parts.congestion, parts.wire) == (0, 40 * MS)


@pytest.mark.parametrize(
    ("kind", "told", "changed"),
    [
        ("zero_window", Told(True, None, 39 * MS), {}),
        ("receive_window", Told(True, 39 * MS), {}),
        ("congestion", Told(False, 39 * MS), {}),
        ("sender", Told(False, None), {"first_ack_ns": 1 * MS}),
    ],
)
def test_what_is_told_of_a_pause_says_of_which_kind_it_is(kind: str, told: Told, changed: dict[str, Any]) -> None:
    parts = Sorter(with_facts(told={3: told}), OUT).parts([pause(**changed)], 0, 40 * MS)
    assert getattr(parts, kind) >= 38 * MS


def test_a_sender_that_an_acknowledgement_did_not_set_free_had_nothing_to_send_from_the_beginning() -> None:
    early = pause(time_ns=250 * MS, first_ack_ns=21 * MS, acked_ns=180 * MS, last_ack_ns=180 * MS, flight=90_000)
    told = with_facts(told={3: Told(False, 180 * MS)})
    assert Sorter(told, OUT).parts([early], 0, 250 * MS).sender == 250 * MS


def test_a_window_that_still_grows_is_no_setting_of_the_receiver() -> None:
    grown = NOT_METERED._replace(window=4000)
    for window, kind in ((1000, "congestion"), (3000, "receive_window"), (0, "receive_window")):
        tcp = with_facts(told={3: Told(True, 39 * MS, opening=window)}, meters=(grown, NOT_METERED))
        assert getattr(Sorter(tcp, OUT).parts([pause()], 0, 40 * MS), kind) == 40 * MS


def test_short_pauses_with_a_window_that_still_grows_do_not_count_as_a_full_one() -> None:
    stretches = (Stretch(0, 100 * MS, 80 * MS, 60 * MS, 1000),)
    tcp = with_facts(meters=(NOT_METERED._replace(stretches=stretches, window=4000), NOT_METERED))
    parts = Sorter(tcp, OUT).parts([], 0, 100 * MS)
    assert (parts.receive_window, parts.congestion, parts.wire) == (20 * MS, 60 * MS, 20 * MS)


def test_a_nearly_full_window_counts_where_nothing_was_ever_lost() -> None:
    nearly = {3: Told(False, 39 * MS, nearly=True)}
    assert Sorter(with_facts(told=nearly), OUT).parts([pause()], 0, 40 * MS).receive_window == 40 * MS
    lossy = connection(recoveries=((-9000 * MS, -8000 * MS),))
    lossy = Connection(**{**{n: getattr(lossy, n) for n in Connection.__dataclass_fields__}, "told": nearly})
    assert Sorter(lossy, OUT).parts([pause()], 0, 40 * MS).congestion == 40 * MS


def test_what_goes_into_a_queue_had_not_waited_for_anything_else() -> None:
    told = with_facts(told={3: Told(False, 39 * MS, busy=True)})
    assert Sorter(told, OUT).parts([pause()], 0, 40 * MS).wire == 40 * MS


def test_a_window_that_shrank_before_it_was_shut_was_not_read() -> None:
    shut = with_facts(told={3: Told(True, 39 * MS, 30 * MS)})
    assert Sorter(shut, OUT).parts([pause()], 0, 40 * MS).zero_window == 40 * MS


def test_a_short_piece_waited_for_nothing_that_had_not_reached_its_sender() -> None:
    small = pause(before=12, flight=12, after=90)
    for whole, kind in ((True, "nagle"), (False, "sender")):
        told = with_facts(told={3: Told(False, 39 * MS, whole=whole)})
        assert getattr(Sorter(told, OUT).parts([small], 0, 40 * MS), kind) == 40 * MS
    far = Sorter(connection(back_ms=2), OUT)
    assert not far.stalled(small) and far.stalled(pause(before=12, after=90, acked_ns=38 * MS, last_ack_ns=38 * MS))


def small_pauses(took_ms: int, count: int = 20, **changed: Any) -> list[Pause]:
    """Pieces of 100 bytes one after another, with nothing under way but the one before and the acknowledgement too late."""
    made = []
    for n in range(count):
        begin = (took_ms + 1) * n * MS
        values = {
            "acked_ns": begin + 1 * MS,
            "last_ack_ns": begin + 1 * MS,
            "before": 250,
            "flight": 350,
            "after": 100,
            "packet": n,
        }
        made.append(pause(since_ns=begin, time_ns=begin + took_ms * MS, **{**values, **changed}))
    return made


def at(back_ms: int, pauses: list[Pause], bytes_between: int = 0, hasty: int = 0) -> Sorter:
    """Seen so far from the sender; `bytes_between`: what follows each pause at once."""
    tcp = connection(back_ms)
    carried = tuple((each.time_ns >> 20, each.after + bytes_between) for each in pauses)
    meter = NOT_METERED._replace(shift=20, carried=carried, hasty=hasty)
    values = {name: getattr(tcp, name) for name in Connection.__dataclass_fields__}
    return Sorter(Connection(**{**values, "meters": (meter, NOT_METERED), "pauses": tuple(pauses)}), OUT)


def test_a_sender_that_does_not_hold_short_pieces_back_did_not_wait_with_one() -> None:
    found = small_pauses(40, acked_ns=39 * MS, last_ack_ns=39 * MS)[:1]
    for hasty, kind in ((0, "nagle"), (3, "sender")):
        assert getattr(at(0, found, hasty=hasty).parts(found, 0, 40 * MS), kind) == 40 * MS


def test_short_pieces_that_follow_acknowledgements_late_every_time_did_not_wait_for_them() -> None:
    late = [p._replace(acked_ns=p.since_ns + 9 * MS, last_ack_ns=p.since_ns + 9 * MS) for p in small_pauses(30)]
    assert at(16, late, 250).parts(late, 0, 620 * MS).nagle == 0  # 5 ms after it had reached the sender
    prompt = [p._replace(acked_ns=p.since_ns + 13 * MS, last_ack_ns=p.since_ns + 13 * MS) for p in small_pauses(30)]
    assert at(16, prompt, 250).parts(prompt, 0, 620 * MS).nagle == 600 * MS


def test_pauses_as_short_as_jitter_are_the_senders_where_they_add_up() -> None:
    many = small_pauses(8)
    parts = at(16, many, 250, hasty=9).parts(many, 0, 180 * MS)
    assert parts.sender > 140 * MS and parts.sender + parts.wire == 180 * MS
    few = many[:7]
    assert at(16, few, 250, hasty=9).parts(few, 0, 63 * MS).sender == 0


def test_pauses_in_which_a_line_carries_as_much_as_ever_are_no_stops() -> None:
    many = small_pauses(8)
    assert at(16, many, hasty=9).parts(many, 0, 180 * MS).sender == 0
    longer = small_pauses(80)
    assert at(16, longer, hasty=9).parts(longer, 0, 1620 * MS).sender < 1500 * MS
    assert at(0, longer, hasty=9).parts(longer, 0, 1620 * MS).sender == 1600 * MS  # no line is between


def test_a_pause_that_ends_about_when_all_is_acknowledged_is_no_stop_of_the_sender() -> None:
    late = pause(acked_ns=36 * MS, last_ack_ns=36 * MS, first_ack_ns=5 * MS)
    assert Sorter(connection(), OUT).parts([late], 0, 40 * MS).congestion == 40 * MS


def with_facts(**changed: Any) -> Connection:
    tcp = connection()
    return Connection(**{**{name: getattr(tcp, name) for name in Connection.__dataclass_fields__}, **changed})


def test_a_whole_segment_did_not_wait_for_the_acknowledgement_of_a_short_one() -> None:
    parts = Sorter(connection(), OUT).parts([pause(before=12, flight=12, after=1460)], 0, 40 * MS)
    assert (parts.nagle, parts.congestion) == (0, 40 * MS)


def test_a_window_that_stays_full_for_longer_than_acknowledgements_take_is_not_read() -> None:
    long = pause(time_ns=900 * MS, acked_ns=None, last_ack_ns=880 * MS)
    assert Sorter(with_facts(told={3: Told(True, 899 * MS)}), OUT).parts([long], 0, 900 * MS).zero_window == 900 * MS


def test_after_a_loss_what_acknowledgements_release_is_slowed_down_by_it() -> None:
    sorter = Sorter(connection(recoveries=((-30 * MS, -10 * MS),)), OUT)
    assert sorter.parts([pause()], 0, 40 * MS).loss == 40 * MS


def test_after_a_loss_the_wait_for_an_acknowledgement_is_its_even_where_the_sender_then_took_its_time() -> None:
    late = pause(time_ns=26 * MS, flight=14_600, acked_ns=None, last_ack_ns=None, first_ack_ns=None)
    for recoveries, lost in ((((-30 * MS, -10 * MS),), 22), ((), 0)):
        facts = SegmentFacts(syn_options=SYN, recoveries=recoveries)
        tcp = with_facts(segments=(facts, facts), told={3: Told(False, 22 * MS, whole=False)})
        parts = Sorter(tcp, OUT).parts([late], 0, 26 * MS)
        assert (parts.loss, parts.wire, parts.sender) == (lost * MS, (26 - lost) * MS, 0)


def test_full_segments_at_even_distances_come_from_a_narrow_line_and_nobody_stopped() -> None:
    every = [
        pause(
            since_ns=40 * n * MS, time_ns=40 * (n + 1) * MS, after=1460, acked_ns=(40 * n + 1) * MS,
            last_ack_ns=(40 * n + 1) * MS, first_ack_ns=(40 * n + 1) * MS,
        )
        for n in range(10)
    ]  # fmt: skip
    parts = Sorter(connection(), OUT).parts(every, 0, 400 * MS)
    assert (parts.sender, parts.wire) == (0, 400 * MS)


def test_where_round_trips_show_a_queue_the_line_is_busy_and_nothing_else_is_the_cause() -> None:
    trips = (Trips(-60 * MS, 20 * MS, 21 * MS, 9), Trips(-1 * MS, 90 * MS, 99 * MS, 9))
    busy = with_facts(meters=(NOT_METERED._replace(trips=trips), NOT_METERED), told={3: Told(True, 39 * MS)})
    assert Sorter(busy, OUT).parts([pause()], 0, 40 * MS).wire == 40 * MS


def test_short_pauses_with_a_full_window_count_for_the_part_of_a_transfer_that_they_share() -> None:
    stretches = (Stretch(0, 100 * MS, 80 * MS),)
    full = with_facts(meters=(NOT_METERED._replace(stretches=stretches), NOT_METERED))
    assert Sorter(full, OUT).parts([], 50 * MS, 150 * MS).receive_window == 40 * MS


def test_a_stretch_of_recovery_is_loss() -> None:
    sorter = Sorter(connection(recoveries=((10 * MS, 30 * MS),)), OUT)
    assert sorter.recovering(pause()) and not sorter.recovering(pause(since_ns=31 * MS))


def test_without_round_trips_nobody_is_accused() -> None:
    tcp = connection()
    values = {name: getattr(tcp, name) for name in Connection.__dataclass_fields__}
    blind = Connection(**{**values, "rtt_initiator_ns": None})
    assert Sorter(blind, OUT).parts([pause(acked_ns=1 * MS, last_ack_ns=1 * MS)], 0, 40 * MS).wire == 40 * MS
