"""What leaves the room: names that scripts and rules rely on, and the facts of a connection from either side."""

import pytest

from dicomsniff.core import Direction, Endpoint
from dicomsniff.tcp.events import Connection, DirectionFacts, GapCause
from tests.forge.wire import BACK, FIN, OUT, Wire
from tests.tcp.assembling import assemble


@pytest.fixture(scope="module")
def connection() -> Connection:
    return assemble(Wire(round_trip_ns=4_000_000).connect().send(OUT, b"ask").send(BACK, b"answer").close().frames).only


def test_sender_and_receiver_change_places_with_the_direction(connection: Connection) -> None:
    client, server = Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 104)
    assert (connection.sender(OUT), connection.receiver(OUT)) == (client, server)
    assert (connection.sender(BACK), connection.receiver(BACK)) == (server, client)


def test_facts_are_those_of_the_direction_asked_for(connection: Connection) -> None:
    assert connection.facts(Direction.TO_RESPONDER).bytes == 3
    assert connection.facts(Direction.TO_INITIATOR).bytes == 6


def test_the_round_trip_is_the_sum_of_both_halves(connection: Connection) -> None:
    assert connection.rtt_responder_ns == 4_020_000
    assert connection.rtt_initiator_ns == 20_000
    assert connection.rtt_ns == 4_040_000


def test_half_a_round_trip_is_none() -> None:
    without_syn = Wire().connect().send(OUT, b"ask").frames[1:]
    connection = assemble(without_syn).only
    assert connection.rtt_initiator_ns is not None
    assert connection.rtt_ns is None


def test_causes_of_gaps_are_the_words_of_the_design() -> None:
    assert {str(cause) for cause in GapCause} == {"lost", "snaplen", "one-way", "unreadable", "limit"}


def test_a_direction_without_packets_has_zeros_and_no_acknowledgement() -> None:
    facts = DirectionFacts()
    assert (facts.packets, facts.bytes, facts.duplicates, facts.acknowledged) == (0, 0, 0, None)


def test_a_fin_that_only_its_acknowledgement_tells_of_is_known(connection: Connection) -> None:
    frames = Wire().connect().send(OUT, b"ask").send(BACK, b"answer").close().frames
    assert not connection.unseen_fin
    assert assemble([frame for frame in frames if not frame[1][47] & FIN]).only.unseen_fin
