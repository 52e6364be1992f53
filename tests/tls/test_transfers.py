"""Images stored over every kind of TLS, with changes of keys in the middle and with packets missing."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.core import Direction
from dicomsniff.tls.keylog import Keys
from tests.forge.wire import BACK, OUT, Frame
from tests.tls import openssl
from tests.tls.openssl import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER_SECRET, TLS13, Ends, Turn
from tests.tls.transfers import OBJECTS, data_sets, frames_of, full_packets, secret, seen, stores

pytestmark = openssl.here
A_RECORD = 1 << 14

Kind = tuple[Ends, tuple[tuple[Direction, Turn], ...]]
KINDS: dict[str, Kind] = {
    "1.3": (Ends(version=TLS13), ()),
    "1.3 AES-256": (Ends(version=TLS13, suites="TLS_AES_256_GCM_SHA384"), ()),
    "1.3 key update": (Ends(version=TLS13), ((OUT, "updates keys"),)),
    "1.3 key update of both": (
        Ends(version=TLS13, suites="TLS_CHACHA20_POLY1305_SHA256"),
        ((BACK, "updates both keys"), (OUT, "updates both keys")),
    ),
    "1.2 AES-GCM": (Ends(), ()),
    "1.2 AES-GCM renegotiated": (Ends(), ((OUT, "renegotiates"),)),
    "1.2 AES-GCM renegotiated twice": (Ends(), ((OUT, "renegotiates"), (BACK, "renegotiates"))),
    "1.2 AES-GCM resumed by renegotiation": (Ends(), ((BACK, "renegotiates briefly"),)),
    "1.2 without extended master secret, renegotiated": (
        Ends(off=NO_EXTENDED_MASTER_SECRET),
        ((BACK, "renegotiates"),),
    ),
    "1.2 ChaCha20": (Ends(ciphers="ECDHE-RSA-CHACHA20-POLY1305"), ()),
    "1.2 AES-CBC": (Ends(ciphers="ECDHE-RSA-AES128-SHA256"), ()),
    "1.2 AES-CBC, MAC first": (Ends(ciphers="ECDHE-RSA-AES256-SHA384", off=NO_ENCRYPT_THEN_MAC), ()),
    "1.2 AES-CBC renegotiated": (Ends(ciphers="AES128-SHA"), ((OUT, "renegotiates"),)),
    "1.0 AES-CBC": (Ends(version=0x0301, ciphers="AES128-SHA"), ()),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def made(kind: str) -> tuple[list[Frame], Keys]:
    ends, turns = KINDS[kind]
    return frames_of(secret(ends, *turns))


@every_kind
def test_all_images_are_those_that_were_sent(kind: str) -> None:
    found = seen(*made(kind))
    assert found.whole == data_sets() and not found.holed
    [association] = found.traffic.associations
    assert association.outcome == "released" and not association.blind
    assert [exchange.status for exchange in association.exchanges] == [0] * (OBJECTS + 1)
    [conversation] = found.traffic.conversations
    assert conversation.tls and conversation.tls.decryption and conversation.tls.decryption.unreadable == 0


@every_kind
def test_a_missing_packet_of_a_transfer_costs_the_records_that_it_carried_and_nothing_else(kind: str) -> None:
    frames, keys = made(kind)
    sent = data_sets()
    for at in full_packets(frames)[::23]:
        found = seen(frames, keys, {at})
        assert len(found.whole) >= OBJECTS - 1
        assert all(sent[instance] == data for instance, data in found.whole.items())
        for instance, (data, missing) in found.holed.items():
            want = bytearray(sent[instance])
            if not kind.startswith("1.0"):  # where what is lost hides the block before the next record
                assert len(want) - len(data) + sum(end - start for start, end in missing) <= 2 * A_RECORD
            for start, end in missing:
                want[start:end] = bytes(end - start)
            assert data == want[: len(data)]
        [association] = found.traffic.associations
        assert [exchange.status for exchange in association.exchanges] == [0] * (OBJECTS + 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.sets(st.integers(0, 380), max_size=8))
def test_whatever_is_missing_no_image_is_another(kind: str, lost: set[int]) -> None:
    """Be it of the first handshake or of a second."""
    frames, keys = made(kind)
    sent = data_sets()
    assert all(sent[instance] == data for instance, data in seen(frames, keys, lost).whole.items())


@pytest.mark.parametrize("kind", ["1.2 AES-GCM renegotiated", "1.2 AES-CBC renegotiated"])
def test_a_hole_around_the_second_handshake_costs_at_most_what_comes_after_it(kind: str) -> None:
    frames, keys = made(kind)
    sent, after = data_sets(), set()
    middle = next(at for at, frame in enumerate(frames) if at > 20 and frame[1][54:55] == b"\x16")
    for at in range(middle - 14, middle + 14):
        for lost in ({at}, {at, at + 1}, {at, at + 3}):
            found = seen(frames, keys, lost)
            assert all(sent[instance] == data for instance, data in found.whole.items())
            after.add(len(found.whole))
    assert min(after) >= OBJECTS // 2 - 1 and max(after) >= OBJECTS - 1  # a lost hello costs the rest, others do not


def test_without_the_keys_of_the_second_handshake_the_first_part_is_whole_and_the_rest_is_a_gap() -> None:
    ends, turns = KINDS["1.2 AES-GCM renegotiated"]
    both = secret(ends, *turns)
    first, second = both.keys.splitlines()
    frames, keys = both.talk().frames(OUT), Keys()
    keys.learn(first)
    found = seen(frames, keys)
    assert 1 <= len(found.whole) < OBJECTS and found.whole.items() <= data_sets().items()
    [association], [conversation] = found.traffic.associations, found.traffic.conversations
    assert association.blind and conversation.tls and conversation.tls.decryption
    assert conversation.tls.decryption.unreadable > 5
    keys = Keys()
    keys.learn(second)  # in the first handshake, which cannot be read, it is of no use
    assert not seen(frames, keys).traffic.associations


def test_the_stores_have_more_than_one_record_each() -> None:
    assert all(len(data) > 20_000 for way, data in stores() if way is OUT and len(data) > 1000)
