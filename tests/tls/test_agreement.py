"""Handshake messages of OpenSSL: when the keys are known, and when no hope is left."""

from dicomsniff.core import Direction
from dicomsniff.tls.agreement import Agreement
from dicomsniff.tls.keylog import Keys
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import converse
from tests.tls.handshaking import Setup, Version

OLD, NEW = Setup(server="rsa", checks=False), Setup(server="rsa", checks=False, version=Version.TLSv1_3)


def hellos(setup: Setup) -> tuple[list[tuple[Direction, bytes]], bytes]:
    """The first handshake message of either side, and the key log."""
    made = converse([], setup)
    firsts = [next(data for way, data in made.flights if way is own) for own in (OUT, BACK)]
    return [
        (way, data[5 : 9 + int.from_bytes(data[6:9], "big")]) for way, data in zip((OUT, BACK), firsts, strict=True)
    ], made.keys


def heard(setup: Setup, keys: Keys) -> Agreement:
    agreement = Agreement(keys)
    for way, message in hellos(setup)[0]:
        agreement.hear(way, message)
    return agreement


def test_nothing_is_known_before_both_hellos() -> None:
    said, log = hellos(NEW)
    keys = Keys()
    keys.learn(log)
    agreement = Agreement(keys)
    agreement.hear(*said[0])
    assert not agreement.reached and agreement.openers(OUT) is None and not agreement.hopeless
    agreement.hear(*said[1])
    assert agreement.reached and agreement.tls13 and not agreement.changes_keys
    assert len(agreement.openers(OUT) or ()) == len(agreement.openers(BACK) or ()) == 2  # handshake, then traffic


def test_up_to_tls_1_2_each_side_has_one_set_of_keys() -> None:
    said, log = hellos(OLD)
    keys = Keys()
    keys.learn(log)
    agreement = Agreement(keys)
    for way, message in said:
        agreement.hear(way, message)
    assert agreement.changes_keys and len(agreement.openers(OUT) or ()) == len(agreement.openers(BACK) or ()) == 1


def test_without_a_secret_of_the_session_there_is_no_hope() -> None:
    for setup in (OLD, NEW):
        agreement = heard(setup, Keys())
        assert agreement.reached and agreement.openers(OUT) is None and agreement.hopeless


def test_a_further_handshake_is_unsettled_until_both_hellos_are_there_in_any_order() -> None:
    said, log = hellos(OLD)
    again, log2 = hellos(OLD)
    keys = Keys()
    keys.learn(log + log2)
    agreement = Agreement(keys)
    for way, message in said:
        agreement.hear(way, message)
    assert not agreement.unsettled
    agreement.hear(*again[1])  # the server's direction is read ahead
    assert agreement.unsettled
    agreement.hear(*again[0])
    assert not agreement.unsettled and agreement.reached
