"""Conversations of OpenSSL with every kind of protection: all that was said comes out, and with holes all but what they touch."""

import random
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.messages import RETRY
from dicomsniff.tls.session import Session
from dicomsniff.tls.values import Decryption
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import Heard, Secret, converse, events, heard
from tests.tls.handshaking import DATA, Setup, Version, contexts

REQUEST = random.Random(1).randbytes(70_000)
ANSWER = random.Random(2).randbytes(20_000)
SAID = ((OUT, REQUEST[:100]), (BACK, ANSWER[:90]), (OUT, REQUEST[100:]), (BACK, ANSWER[90:]))
KINDS = {
    "TLS 1.3": Setup(server="rsa", checks=False, version=Version.TLSv1_3),
    **{
        name: Setup(server="rsa", checks=False, client_ciphers=f"{name}:@SECLEVEL=0")
        for name in (
            "ECDHE-RSA-AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "AES128-SHA",
            "AES256-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "AES128-CCM",
            "AES128-CCM8",
        )
    },
    "TLS 1.1": Setup(server="rsa", checks=False, version=Version.TLSv1_1, client_ciphers="AES128-SHA:@SECLEVEL=0"),
    "TLS 1.0": Setup(server="rsa", checks=False, version=Version.TLSv1, client_ciphers="AES256-SHA:@SECLEVEL=0"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
made: dict[str, Secret] = {}


def spoken(kind: str) -> Secret:
    return made.setdefault(kind, converse(SAID, KINDS[kind]))


def keys_of(secret: Secret) -> Keys:
    keys = Keys()
    keys.learn(secret.keys)
    return keys


def opened(
    secret: Secret, lost: frozenset[int] = frozenset(), block: int = 40, keys: Keys | None = None, sorts: bool = False
) -> tuple[Session, Heard, Heard]:
    """The session after all, and what either side said; `sorts`: in every block one direction after the other."""
    session = Session(1, keys or keys_of(secret))
    every, out = events(secret.flights, lost), list[Chunk | Gap]()
    for at in range(0, len(every), block):
        part = every[at : at + block]
        out += session.feed(sorted(part, key=lambda event: event.direction) if sorts else part)
    out += session.close()
    return session, heard(out, OUT), heard(out, BACK)


@every_kind
@pytest.mark.parametrize("block", [1, 7, 10_000])
def test_all_that_was_said_is_heard_whatever_the_blocks(kind: str, block: int) -> None:
    for sorts in (False, True):
        session, request, answer = opened(spoken(kind), block=block, sorts=sorts)
        assert request.is_all_of(REQUEST) and answer.is_all_of(ANSWER)
        assert session.decryption().opened > 10 and session.decryption().unreadable == 0 and not session.failed


@every_kind
def test_one_lost_packet_costs_the_records_that_it_touches_and_no_others(kind: str) -> None:
    secret = spoken(kind)
    count = len(events(secret.flights))
    exact = not kind.startswith(("TLS 1.0", "TLS 1.1"))
    for packet in range(7, count, 9):
        _, request, answer = opened(secret, frozenset({packet}))
        assert len(request.gaps) + len(answer.gaps) <= 2
        assert sum(gap.length for gap in request.gaps + answer.gaps) <= 3 * 16400
        assert only_what_was_said(request, REQUEST) and only_what_was_said(answer, ANSWER)
        if exact:
            assert request.agrees_with(REQUEST) and answer.agrees_with(ANSWER)
            assert len(request.data) > len(REQUEST) - 2 * 16400


def test_many_holes_leave_what_lies_between_them() -> None:
    pieces = [(OUT, REQUEST[at : at + 3000]) for at in range(0, len(REQUEST), 3000)]
    _, request, _ = opened(converse(pieces, KINDS["TLS 1.3"]), frozenset(range(20, 50, 13)))
    assert len(request.gaps) >= 2 and request.agrees_with(REQUEST)
    assert len(request.data) - sum(gap.length for gap in request.gaps) > 10_000


def test_a_gap_has_the_cause_and_the_packet_of_the_hole_that_made_it() -> None:
    _, request, _ = opened(spoken("TLS 1.3"), frozenset({40}))
    assert [(gap.cause, gap.packet) for gap in request.gaps] == [(GapCause.LOST, 41)]


def test_a_damaged_record_is_counted_and_never_passed_on() -> None:
    secret = spoken("ECDHE-RSA-AES128-GCM-SHA256")
    at = max(range(len(secret.flights)), key=lambda place: len(secret.flights[place][1]))
    way, data = secret.flights[at]
    damaged = bytearray(data)
    damaged[20_000] ^= 1
    session, request, _ = opened(
        Secret([*secret.flights[:at], (way, bytes(damaged)), *secret.flights[at + 1 :]], secret.keys)
    )
    assert [gap.cause for gap in request.gaps] == [GapCause.UNREADABLE] and request.agrees_with(REQUEST)
    told = session.decryption()
    assert told.unreadable == 1 and told.opened > 10 and len(told.packets) == 1


@pytest.mark.parametrize("kind", ["TLS 1.3", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"])
@pytest.mark.parametrize("type_", [20, 21, 22])
def test_a_record_whose_type_is_damaged_is_a_gap_and_those_behind_it_open(kind: str, type_: int) -> None:
    secret = spoken(kind)
    at = max(range(len(secret.flights)), key=lambda place: len(secret.flights[place][1]))
    way, data = secret.flights[at]
    damaged = (way, bytes([type_]) + data[1:])
    session, request, _ = opened(Secret([*secret.flights[:at], damaged, *secret.flights[at + 1 :]], secret.keys))
    assert len(request.gaps) == 1 and request.agrees_with(REQUEST) and len(request.data) == len(REQUEST)
    assert session.decryption().unreadable == 1


@every_kind
def test_keys_of_another_session_open_nothing(kind: str) -> None:
    other = keys_of(converse(SAID[:2], KINDS[kind]))
    session, request, answer = opened(spoken(kind), keys=other)
    assert session.failed and session.decryption().opened == 0 and not request.data and not answer.data


@every_kind
def test_wrong_secrets_under_the_right_name_open_nothing(kind: str) -> None:
    right = keys_of(spoken(kind))
    wrong = Keys(
        {random_: {label: secret[::-1] for label, secret in own.items()} for random_, own in right.secrets.items()}
    )
    session, request, answer = opened(spoken(kind), keys=wrong)
    assert session.decryption().opened == 0 and not request.data and not answer.data


def test_a_log_without_the_secrets_of_the_handshake_opens_what_comes_after() -> None:
    lines = [line for line in spoken("TLS 1.3").keys.splitlines() if b"HANDSHAKE" not in line]
    keys = Keys()
    keys.learn(b"\n".join(lines))
    session, request, answer = opened(spoken("TLS 1.3"), keys=keys)
    assert request.is_all_of(REQUEST) and answer.is_all_of(ANSWER)
    assert session.decryption().unreadable == 0


@pytest.mark.parametrize("kind", ["AES256-GCM-SHA384", "AES128-SHA", "TLS 1.1", "TLS 1.0"])
def test_the_private_key_of_the_server_opens_an_rsa_key_exchange(kind: str) -> None:
    from dicomsniff.tls.keylog import read_server_key

    keys = Keys(server_keys=(read_server_key(DATA / "rsa.key"),))
    _, request, answer = opened(spoken(kind), keys=keys, sorts=True)
    assert request.is_all_of(REQUEST) and answer.is_all_of(ANSWER)


def test_the_private_key_of_the_server_is_of_no_use_where_the_secret_is_agreed_on_otherwise() -> None:
    from dicomsniff.tls.keylog import read_server_key

    keys = Keys(server_keys=(read_server_key(DATA / "rsa.key"),))
    session, request, _ = opened(spoken("ECDHE-RSA-AES128-GCM-SHA256"), keys=keys)
    assert session.failed and not request.data


@pytest.mark.parametrize("kind", ["TLS 1.3", "ECDHE-RSA-AES128-GCM-SHA256"])
def test_a_resumed_session_opens_too(kind: str) -> None:
    sessions: list[ssl.SSLSession] = []
    both = contexts(KINDS[kind])
    first, second = (converse(SAID, session=sessions, both=both) for _ in range(2))
    assert sum(len(data) for _, data in second.flights) < sum(len(data) for _, data in first.flights)
    _, request, answer = opened(second)
    assert request.is_all_of(REQUEST) and answer.is_all_of(ANSWER)


def test_a_handshake_that_the_server_wants_again_opens_too() -> None:
    """DCMTK's servers accept no X25519: between the retry request and the hello comes a change of keys that means nothing."""
    secret = converse(SAID, Setup(server="rsa", checks=False, version=Version.TLSv1_3, curve="secp384r1"))
    assert secret.flights[1][1][11:43] == RETRY
    for sorts, block in ((False, 1), (True, 10_000)):
        _, request, answer = opened(secret, sorts=sorts, block=block)
        assert request.is_all_of(REQUEST) and answer.is_all_of(ANSWER)


def test_what_never_opens_is_a_gap_and_not_the_end_of_what_was_said() -> None:
    """The keys of a second handshake are not known."""
    secret = spoken("ECDHE-RSA-AES128-GCM-SHA256")
    session = Session(1, keys_of(secret))
    every = events(secret.flights)
    half = len(every) * 2 // 3
    out = session.feed(every[:half])
    other = converse([], KINDS["ECDHE-RSA-AES128-GCM-SHA256"]).flights[0][1]
    session._handshakes.hear(OUT, other[5 : 9 + int.from_bytes(other[6:9], "big")])
    last = next(e for e in reversed(every[:half]) if e.direction is OUT)
    assert isinstance(last, Chunk)
    end = last.start + len(last.data)
    waiting = session._ways[OUT].reader
    rest = waiting._start + 5 + int.from_bytes(waiting._buffer[3:5], "big") - end  # of the record that is under way
    change = bytes(rest) + b"\x14\x03\x03\x00\x20" + bytes(32)
    out += session.feed([Chunk(1, OUT, end, change, [end], [900], [900_000], [0])]) + session.close()
    found = [gap.cause for gap in heard(out, OUT).gaps]  # of the record that this breaks, and of what waits behind it
    assert found == [GapCause.UNREADABLE, GapCause.UNREADABLE]


def test_decrypted_alerts_are_told() -> None:
    session, _, _ = opened(spoken("TLS 1.3"))
    assert [(alert.direction, alert.level, alert.description) for alert in session.alerts] == [(OUT, 1, 0)]


def test_without_the_servers_side_nothing_is_opened_and_nothing_breaks() -> None:
    secret = spoken("TLS 1.3")
    session = Session(1, keys_of(secret))
    out = session.feed([event for event in events(secret.flights) if event.direction is OUT])
    assert out + session.close() == [] and session.decryption() == Decryption(0)


def test_what_a_sender_had_heard_is_told_in_bytes_of_the_other_application() -> None:
    secret = spoken("TLS 1.3")
    session = Session(1, keys_of(secret))
    out = session.feed(events(secret.flights)) + session.close()
    second = next(e for e in out if isinstance(e, Chunk) and e.direction is OUT and e.start + len(e.data) > 100)
    assert set(second.heard) <= {0, 90, len(ANSWER)} and 90 in second.heard


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["TLS 1.3", "ECDHE-RSA-CHACHA20-POLY1305", "AES256-GCM-SHA384", "AES128-SHA", "TLS 1.0"]),
    st.sets(st.integers(6, 80), max_size=6),
    st.integers(1, 200),
)
def test_no_byte_that_was_not_said_comes_out(kind: str, lost: set[int], block: int) -> None:
    _, request, answer = opened(spoken(kind), frozenset(lost), block)
    if kind not in ("AES128-SHA", "TLS 1.0"):  # how long a lost record was its padding hides
        assert request.agrees_with(REQUEST) and answer.agrees_with(ANSWER)
    assert only_what_was_said(request, REQUEST) and only_what_was_said(answer, ANSWER)


def only_what_was_said(one: Heard, said: bytes) -> bool:
    """Whether the pieces between the gaps are pieces of it, in its order."""
    at = 0
    for piece in split(one):
        found = said.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def split(one: Heard) -> list[bytes]:
    """The bytes between the gaps."""
    out, at = [], 0
    for gap in one.gaps:
        out.append(one.data[at : gap.start])
        at = gap.start + gap.length
    return [*out, one.data[at:]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Direction), st.binary(max_size=300)), max_size=12), st.integers(0, 400))
def test_any_bytes_are_survived(noise: list[tuple[Direction, bytes]], where: int) -> None:
    secret = spoken("TLS 1.3")
    flights = [*secret.flights[:where], *noise, *secret.flights[where:]]
    opened(Secret(flights, secret.keys))
