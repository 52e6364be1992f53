"""Where the time of real exchanges went, against what the lab injected."""

from dataclasses import replace

from dicomsniff.association.time_sums import sums
from dicomsniff.association.timing import Time, timing
from dicomsniff.association.values import Traffic
from tests.captures import real
from tests.forge.dialogue import ECHO, Dialogue
from tests.forge.pdus import VERIFICATION, abort
from tests.forge.traffic import TrafficForge
from tests.forge.wire import OUT
from tests.rules.spoken import traffic_of

MS = 1_000_000


def times(name: str) -> list[Time]:
    traffic = real.analysis(name).traffic
    return [timing(traffic).exchange(e) for e in traffic.exchanges]


@real.here
def test_a_server_that_sleeps_is_slow_and_nobody_else() -> None:
    for time in times("slow_server"):
        assert time.server is not None and time.server_min is not None and time.think is not None
        assert abs(time.server - 1500 * MS) < 20 * MS and time.server - time.server_min < 5 * MS
        assert time.think < 10 * MS and time.queue is not None and time.queue < MS and time.confidence == "high"


@real.here
def test_a_sender_that_sleeps_is_slow_and_nobody_else() -> None:
    for time in times("slow_client"):
        assert time.think is not None and time.server is not None
        assert abs(time.think - 1200 * MS) < 20 * MS and time.server < 20 * MS


@real.here
def test_a_narrow_line_is_on_the_wire() -> None:
    for time in times("slow_link"):
        assert time.parts is not None and time.transfer is not None and time.server is not None
        assert time.parts.wire > 0.9 * time.transfer > 1900 * MS and time.server < 20 * MS


@real.here
def test_small_writes_that_wait_for_delayed_acknowledgements_are_found_in_the_response() -> None:
    for time in times("slow_nagle"):
        assert time.response_parts is not None
        assert 35 * MS < time.response_parts.nagle < 60 * MS


@real.here
def test_recovery_behind_the_capture_point_is_not_billed_to_the_server() -> None:
    second = times("lossy_network")[1]
    assert second.queue is not None and second.server is not None and second.server_min is not None
    assert second.queue > 150 * MS and second.server < 20 * MS and second.server_min < 20 * MS


def test_an_abort_sent_while_the_answer_was_awaited_is_not_a_slow_network() -> None:
    def gives_up(talk: Dialogue) -> None:
        talk.ask(ECHO, VERIFICATION)
        talk.wire.acknowledge(OUT).wait(1).send(OUT, abort()).acknowledge(OUT)
        talk.answer(ECHO, VERIFICATION, 0, after=2)
        talk.wire.close()

    traffic = traffic_of(gives_up, end="")
    time = timing(traffic).exchange(traffic.exchanges[0])
    assert time.queue is not None and time.server is not None
    assert time.queue < 5 * MS and 2990 * MS < time.server < 3010 * MS


def whole_stores() -> Traffic:
    forge = TrafficForge()
    number = forge.association()
    for _ in range(3):
        forge.exchange(number, "C-STORE", status=0, after=2.0)
    return forge.traffic()


def test_a_clock_that_was_set_makes_times_unknown() -> None:
    traffic = whole_stores()
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    broken = replace(traffic, captures=(capture,))
    time = timing(broken).exchange(broken.exchanges[1])
    assert (time.think, time.server, time.server_max) == (None, None, None)
    assert sums(broken.associations[0], timing(broken)) is None


def test_without_round_trips_only_bounds_are_known() -> None:
    traffic = whole_stores()
    conversation = traffic.conversations[0]
    tcp = replace(conversation.tcp, rtt_initiator_ns=None, rtt_responder_ns=None)
    late = replace(traffic, conversations=(replace(conversation, tcp=tcp),))
    time = timing(late).exchange(late.exchanges[1])
    assert (time.think, time.server, time.confidence) == (None, None, "low")
    assert time.server_max is not None and time.server_min == 0
