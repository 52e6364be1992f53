"""Real handshakes of OpenSSL, whole, in pieces of any size, with holes and with any bytes."""

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.messages import RETRY
from dicomsniff.tls.names import suite_name
from dicomsniff.tls.reader import ENOUGH, HandshakeReader
from dicomsniff.tls.values import TLS12, TLS13, Handshake
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import converse
from tests.tls.handshaking import Setup, Talk, Version, contexts, talk
from tests.tls.openssl import Ends
from tests.tls.transfers import frames_of, secret, seen

OLD = Setup(asks_client=True, client="client")
NEW = Setup(version=Version.TLSv1_3)


def read(made: Talk, size: int = 100_000, cut: tuple[Direction, int] | None = None) -> Handshake:
    """The flights in chunks of `size` bytes, one packet each; `cut` leaves out one byte."""
    reader, offsets, packet = HandshakeReader(), [0, 0], 0
    for way, data in made.flights:
        for at in range(0, len(data), size):
            piece, start, packet = data[at : at + size], offsets[way], packet + 1
            offsets[way] += len(piece)
            if cut is not None and cut[0] is way and start <= cut[1] < start + len(piece):
                reader.feed(Gap(1, way, start, len(piece), GapCause.LOST, packet, packet))
            else:
                reader.feed(Chunk(1, way, start, piece, [start], [packet], [packet]))
    return reader.handshake()


def test_a_tls_1_2_handshake_shows_everything() -> None:
    seen = read(talk(OLD))
    assert seen.client is not None and seen.server is not None and seen.server_chain is not None
    assert seen.client.versions == (TLS12,)
    assert seen.client.server_name == "pacs.example.org"
    assert len(seen.client.cipher_suites) > 20
    assert seen.server.version == TLS12
    assert suite_name(seen.server.cipher_suite) == "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    assert seen.server_chain.certificates[0].subject == "O=Clinic, CN=pacs.example.org"
    assert seen.certificate_request is not None
    assert seen.client_chain is not None
    assert seen.client_chain.certificates[0].subject == "O=Clinic, CN=ct.example.org"
    assert seen.changed == {OUT, BACK} and seen.whole and not seen.resumed
    assert seen.sealed_by(OUT) and seen.sealed_by(BACK) and not seen.alerts


def test_a_tls_1_3_handshake_shows_the_hellos_and_the_sizes() -> None:
    seen = read(talk(NEW))
    assert seen.client is not None and seen.server is not None
    assert (seen.client.versions, seen.server.version) == ((TLS13,), TLS13)
    assert (seen.server_chain, seen.certificate_request) == (None, None)
    assert seen.sealed_by(OUT)[-1].length > len(NEW.said)


def test_a_client_without_a_certificate_shows_an_empty_chain_and_gets_an_alert() -> None:
    seen = read(talk(Setup(asks_client=True)))
    assert seen.client_chain is not None and seen.client_chain.certificates == ()
    [alert] = seen.alerts
    assert (alert.direction, alert.level, alert.description) == (BACK, 2, 40)


@pytest.mark.parametrize("setup", [OLD, NEW, Setup(trusted="other"), Setup(asks_client=True)])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 1448])
def test_the_cut_into_segments_changes_nothing_but_the_packets(setup: Setup, size: int) -> None:
    made = talk(setup)

    def told(seen: Handshake) -> tuple[object, ...]:
        client, server = seen.client, seen.server
        return (
            client and client[2:], server and server[2:], seen.server_chain and seen.server_chain.certificates,
            seen.client_chain and seen.client_chain.certificates, [(a.direction, a.level, a.description) for a in seen.alerts],
            sorted((s.direction, s.length) for s in seen.sealed), seen.changed,
        )  # fmt: skip

    assert told(read(made, size)) == told(read(made))


@pytest.mark.parametrize("setup", [OLD, NEW, Setup(trusted="other"), Setup(asks_client=True)])
def test_it_does_not_matter_which_direction_is_read_first(setup: Setup) -> None:
    made = talk(setup)
    one, other = ([f for f in made.flights if f[0] is way] for way in (OUT, BACK))
    for first, second in ((one, other), (other, one)):
        seen = read(Talk([*first, *second]))
        assert seen.whole
        assert (seen.client, seen.server) != (None, None)
        assert len(seen.sealed) == len(read(made).sealed)
        assert [a.description for a in seen.alerts] == [a.description for a in read(made).alerts]


def test_each_message_names_the_packet_that_began_its_record() -> None:
    seen = read(talk(OLD))
    assert seen.client is not None and seen.server is not None
    assert (seen.client.packet, seen.server.packet, seen.client.time_ns) == (1, 2, 1)


def test_a_hello_that_the_server_wants_again_is_no_answer() -> None:
    made = talk(Setup(version=Version.TLSv1_3, curve="secp521r1"))
    assert made.flights[1][1].count(RETRY) == 1
    for flights in (made.flights, sorted(made.flights, key=lambda flight: flight[0])):
        seen = read(Talk(flights))
        assert seen.server is not None and seen.server.random != RETRY
        assert seen.whole and seen.sealed_by(BACK) and seen.sealed_by(OUT)


def test_after_a_hole_a_direction_says_no_more_and_the_other_one_is_still_read() -> None:
    seen = read(talk(OLD), 100, (BACK, 300))
    assert not seen.whole
    assert seen.server is not None and seen.server_chain is None
    assert seen.client_chain is not None


def test_what_follows_a_handshake_is_counted_not_kept() -> None:
    reader, start = HandshakeReader(), 0
    record = b"\x17\x03\x03\x40\x00" + bytes(0x4000)
    while not reader.done:
        for way in (OUT, BACK):
            reader.feed(Chunk(1, way, start, record, [start], [1], [1]))
        start += len(record)
    assert start < 4 * ENOUGH
    assert len(reader.handshake().sealed) < 40


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=60)), max_size=12))
def test_no_bytes_raise(pieces: list[tuple[bool, bytes]]) -> None:
    reader, offsets = HandshakeReader(), [0, 0]
    for back, data in pieces:
        way = BACK if back else OUT
        reader.feed(Chunk(1, way, offsets[way], data, [offsets[way]], [1], [1]))
        offsets[way] += len(data)
    reader.handshake()


@given(st.data())
def test_a_handshake_with_broken_bytes_does_not_raise(data: st.DataObject) -> None:
    flights = []
    for way, said in FLIGHTS:
        broken = bytearray(said)
        for at in data.draw(st.lists(st.integers(0, len(said) - 1), max_size=4)):
            broken[at] = data.draw(st.integers(0, 255))
        flights.append((way, bytes(broken)))
    read(Talk(flights), 50)


FLIGHTS = talk(OLD).flights


@pytest.mark.parametrize("version", [Version.TLSv1_2, Version.TLSv1_3])
def test_a_resumed_session_is_said_to_be_one(version: Version) -> None:
    setup = Setup(server="rsa", checks=False, version=version)
    both, sessions = contexts(setup), list[ssl.SSLSession]()
    first, second = (read(converse([(OUT, b"x"), (BACK, b"y")], None, sessions, both).talk()) for _ in range(2))
    assert (first.resumed, second.resumed) == (False, True)


def test_a_long_transfer_that_is_read_before_the_servers_side_hides_nothing() -> None:
    made = converse([(OUT, bytes(10 * ENOUGH))], Setup(server="rsa", checks=False)).flights
    whole = read(Talk(made))
    assert whole.server is not None and whole.server_chain is not None
    reader, ways = HandshakeReader(), {way: b"".join(data for own, data in made if own is way) for way in Direction}
    for way, data in ways.items():
        reader.feed(Chunk(1, way, 0, data, [0], [1], [1]))
    assert reader.done and reader.handshake().server_chain == whole.server_chain._replace(packet=1)


def test_a_long_transfer_in_one_block_hides_nothing() -> None:
    frames, _ = frames_of(secret(Ends()))
    [conversation] = seen(frames, Keys()).traffic.conversations
    assert conversation.tls is not None and conversation.tls.server is not None
    assert conversation.tls.server_chain is not None and conversation.tls.duration_ns
