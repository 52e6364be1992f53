"""Who waits for whom, by the times of segments alone."""

from collections.abc import Sequence

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.turns import MOST, Turns
from dicomsniff.tls.values import Wait
from tests.forge.reading import traffic_of
from tests.forge.wire import BACK, OUT, Wire
from tests.tls.openssl import Ends
from tests.tls.transfers import frames_of, secret, seen

MS = 1_000_000


def said(way: Direction, *times: int) -> Chunk:
    """Segments of one byte at these times in ms."""
    return Chunk(1, way, 0, bytes(len(times)), list(range(len(times))), [1] * len(times), [time * MS for time in times])


def waits(*blocks: Sequence[Chunk | Gap], after: int = 0) -> tuple[Wait, Wait] | None:
    turns = Turns()
    for block in blocks:
        turns.feed(block)
    found = turns.waits(after * MS)
    return None if found is None else (found.for_responder, found.for_initiator)


def test_a_wait_is_from_the_last_byte_of_one_side_to_the_first_of_the_other() -> None:
    talk = [said(OUT, 1, 2, 3, 30, 31, 80), said(BACK, 10, 20, 61)]
    expected = Wait(2, 37 * MS, 18_500_000, 30 * MS), Wait(2, 29 * MS, 14_500_000, 19 * MS)
    assert waits(talk) == waits(talk[::-1]) == expected


def test_the_cut_into_blocks_changes_nothing_and_the_handshake_is_left_out() -> None:
    early, late = [said(OUT, 1, 2), said(BACK, 10)], [said(OUT, 30, 80), said(BACK, 61)]
    assert waits(early, late) == waits([*early, *late])
    assert waits(early, late, after=29) == (Wait(1, 31 * MS, 31 * MS, 31 * MS), Wait(2, 39 * MS, 19_500_000, 20 * MS))


def test_what_is_missing_or_has_no_time_is_not_estimated() -> None:
    talk = [said(OUT, 1, 30), said(BACK, 10, 40)]
    assert waits(talk) is not None
    assert waits(talk, [Gap(1, BACK, 2, 5, GapCause.LOST, 9, 50 * MS)]) is None
    assert waits([said(OUT, -1), *talk]) is None
    assert waits([said(OUT, 1, 2, 3)]) is None and waits() is None


def test_what_is_kept_is_bounded() -> None:
    turns = Turns()
    for at in range(MOST + 100):
        turns.feed([said(Direction(at % 2), at)])
    found = turns.waits(0)
    assert found is not None and found.for_responder.times + found.for_initiator.times <= MOST


def test_a_slow_server_beneath_tls_shows_by_its_times() -> None:
    wire = Wire(server=("10.0.0.2", 2762)).connect()
    for way, data in secret(Ends()).flights:
        wire.wait(0.25 if way is BACK and len(data) < 400 else 0).send(way, data)
    [conversation] = traffic_of(wire.close().frames).conversations
    assert conversation.tls is not None and conversation.tls.waits is not None
    server, client = conversation.tls.waits
    assert server.times >= 6 and 240 * MS < server.median_ns < 260 * MS and client.median_ns < 2 * MS


def test_with_keys_nothing_is_estimated() -> None:
    frames, keys = frames_of(secret(Ends()))
    for given, estimated in ((keys, False), (Keys(), True)):
        [conversation] = seen(frames, given).traffic.conversations
        assert conversation.tls is not None and (conversation.tls.waits is not None) is estimated
