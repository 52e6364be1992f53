"""Handshake messages of OpenSSL: when the keys are known, and when no hope is left."""

from dataclasses import replace

from dicomsniff.core import Direction
from dicomsniff.tls.agreement import Agreement
from dicomsniff.tls.keylog import Keys, read_server_key
from dicomsniff.tls.messages import client_hello, server_hello
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import converse
from tests.tls.handshaking import DATA, Setup, Version

OLD, NEW = Setup(server="rsa", checks=False), Setup(server="rsa", checks=False, version=Version.TLSv1_3)


def hellos(setup: Setup) -> tuple[list[tuple[Direction, bytes]], bytes]:
    """The first handshake message of either side, and the key log."""
    made = converse([], setup)
    firsts = [next(data for way, data in made.flights if way is own) for own in (OUT, BACK)]
    return [
        (way, data[5 : 9 + int.from_bytes(data[6:9], "big")]) for way, data in zip((OUT, BACK), firsts, strict=True)
    ], made.keys


def take(agreement: Agreement, way: Direction, message: bytes) -> None:
    """One hello."""
    if way is OUT:
        hello = client_hello(message[4:], 0, 0)
        assert hello is not None
        agreement.begin(hello, way)
    else:
        answer = server_hello(message[4:], 0, 0)
        assert answer is not None
        agreement.answer(answer)


def heard(setup: Setup, keys: Keys) -> Agreement:
    agreement = Agreement(keys)
    for way, message in hellos(setup)[0]:
        take(agreement, way, message)
    return agreement


def test_nothing_is_known_before_both_hellos() -> None:
    said, log = hellos(NEW)
    keys = Keys()
    keys.learn(log)
    agreement = Agreement(keys)
    take(agreement, *said[0])
    assert not agreement.reached and agreement.openers(OUT) is None and not agreement.hopeless
    take(agreement, *said[1])
    assert agreement.reached and agreement.tls13 and not agreement.changes_keys
    assert len(agreement.openers(OUT) or ()) == len(agreement.openers(BACK) or ()) == 2  # handshake, then traffic


def test_up_to_tls_1_2_each_side_has_one_set_of_keys() -> None:
    said, log = hellos(OLD)
    keys = Keys()
    keys.learn(log)
    agreement = Agreement(keys)
    for way, message in said:
        take(agreement, way, message)
    assert agreement.changes_keys and len(agreement.openers(OUT) or ()) == len(agreement.openers(BACK) or ()) == 1


def test_without_a_secret_of_the_session_there_is_no_hope() -> None:
    for setup in (OLD, NEW):
        agreement = heard(setup, Keys())
        assert agreement.reached and agreement.openers(OUT) is None and agreement.hopeless


def test_a_resumed_session_is_hopeless_with_the_servers_key_alone() -> None:
    """Nothing was encrypted for it in this handshake."""
    agreement = Agreement(Keys(server_keys=(read_server_key(DATA / "rsa.key"),)))
    for way, message in hellos(replace(OLD, client_ciphers="AES128-SHA:@SECLEVEL=0"))[0]:
        take(agreement, way, message)
    assert agreement.open_question
    agreement.changes(OUT)
    assert agreement.open_question
    agreement.changes(BACK)
    assert agreement.hopeless and not agreement.open_question
