"""Hellos of several handshakes on one connection, in whatever order the directions are read."""

from dicomsniff.core import Direction
from dicomsniff.tls.handshakes import FARTHEST, Handshakes
from dicomsniff.tls.keylog import Keys
from tests.forge.wire import BACK, OUT
from tests.tls.test_agreement import NEW, OLD, hellos


def known(*logs: bytes) -> Keys:
    keys = Keys()
    for log in logs:
        keys.learn(log)
    return keys


def test_the_second_hello_of_one_side_belongs_to_the_second_of_the_other() -> None:
    (first, log), (second, log2), (third, _) = (hellos(OLD) for _ in range(3))
    for ahead in Direction:
        handshakes = Handshakes(known(log, log2))
        for said in (first, second, third):
            handshakes.hear(*said[ahead])
        one = handshakes.of(ahead)
        assert one.open_question and not handshakes.of(ahead.opposite).reached
        for said in (first, second):
            handshakes.hear(*said[ahead.opposite])
            behind = handshakes.of(ahead.opposite)
            assert behind.reached and behind.openers(OUT) and behind.openers(BACK)
        handshakes.hear(*third[ahead.opposite])
        assert one.hopeless and handshakes.of(OUT) is handshakes.of(BACK) is one


def test_the_answer_to_a_retry_is_the_same_handshake() -> None:
    said, log = hellos(NEW)
    handshakes = Handshakes(known(log))
    handshakes.hear(*said[0])
    one = handshakes.of(OUT)
    handshakes.hear(*said[0])
    assert handshakes.of(OUT) is one
    assert handshakes.begun(OUT) and not handshakes.begun(BACK)
    handshakes.hear(*said[1])
    assert handshakes.of(BACK) is one and one.tls13 and handshakes.begun(BACK)


def test_before_any_hello_nothing_is_known_and_nothing_is_kept() -> None:
    handshakes = Handshakes(Keys())
    handshakes.hear(OUT, b"\x0b\0\0\1x")
    assert not handshakes.of(OUT).reached and handshakes.of(OUT) is handshakes.of(BACK)
    handshakes.hear(OUT, b"\1\0\0\1x")  # a hello that is none
    assert handshakes.of(OUT).client is None and not handshakes.begun(OUT)


def test_who_begins_without_end_is_not_followed_without_end() -> None:
    (_, message), _ = hellos(OLD)[0]
    handshakes = Handshakes(Keys())
    for number in range(4 * FARTHEST):
        handshakes.hear(OUT, message[:6] + number.to_bytes(4, "big") + message[10:])
    assert len(handshakes._all) <= FARTHEST + 1
