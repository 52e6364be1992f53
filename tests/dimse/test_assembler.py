"""Fragments to messages: whole, in any packing, with holes, after losses, and as no one should send them."""

import hashlib
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Anomaly, AnomalyCode, Direction, Limits
from dicomsniff.dimse.assembler import MessageAssembler
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pdu.values import BrokenPdu, PData, Pdv
from tests.forge.messages import (
    command_bytes,
    echo_rq,
    evidence,
    fragments,
    lost,
    message,
    one_each,
    p_data,
    packed,
    response,
    store_rq,
)

Out = list[Message | Anomaly]
DATA = bytes(range(250)) * 4


@pytest.fixture
def store() -> Iterator[PayloadStore]:
    with PayloadStore(keep=True) as opened:
        yield opened


def assemble(
    store: PayloadStore, pdus: Sequence[PData | BrokenPdu], *, limits: Limits | None = None, midstream: bool = False
) -> Out:
    assembler = MessageAssembler(Direction.TO_RESPONDER, store, limits or Limits(), midstream=midstream)
    return [found for pdu in pdus for found in assembler.feed(pdu)] + assembler.close()


def messages(out: Out) -> list[Message]:
    return [m for m in out if isinstance(m, Message)]


def codes(out: Out) -> list[AnomalyCode]:
    return [a.code for a in out if isinstance(a, Anomaly)]


def whole(m: Message) -> bytes | None:
    return None if m.payload is None else b"".join(m.payload.pieces())


def test_a_message_without_data_set_is_done_with_its_command(store: PayloadStore) -> None:
    [m] = messages(assemble(store, [p_data(1, *message(3, echo_rq(7)))]))
    assert (m.context_id, m.command.message_id, m.payload) == (3, 7, None)
    assert m.complete and m.finished and m.evidence == evidence(1) and m.odd is None


def test_a_data_set_in_many_fragments_is_hashed_and_kept(store: PayloadStore) -> None:
    out = assemble(store, one_each(message(1, store_rq(), DATA, size=100)))
    [m] = messages(out)
    assert m.payload is not None and m.payload.sha256 == hashlib.sha256(DATA).hexdigest()
    assert m.complete and m.finished and whole(m) == DATA and not codes(out)
    assert m.evidence == evidence(1).through(evidence(12))


def test_command_and_data_may_share_a_pdu_and_the_last_fragment_may_be_empty(store: PayloadStore) -> None:
    end = [Pdv(1, True, True, b"")], [Pdv(1, False, True, b"")]
    command, data = Pdv(1, True, False, store_rq()), Pdv(1, False, False, DATA)
    [m] = messages(assemble(store, [p_data(1, command, *end[0], data, *end[1])]))
    assert m.complete and whole(m) == DATA


def test_a_fragment_in_pieces_ends_with_its_last_piece(store: PayloadStore) -> None:
    pieces = [Pdv(1, False, True, DATA[:400], more=True), Pdv(1, False, True, DATA[400:])]
    [m] = messages(assemble(store, one_each([*message(1, store_rq()), *pieces])))
    assert m.complete and whole(m) == DATA


def test_a_hole_in_the_data_is_marked_and_the_message_goes_on(store: PayloadStore) -> None:
    data = [Pdv(1, False, False, DATA[:100]), Pdv(1, False, False, b"", missing=50), Pdv(1, False, True, DATA[150:])]
    out = assemble(store, one_each([*message(1, store_rq()), *data]))
    [m] = messages(out)
    assert m.finished and not m.complete and m.payload is not None and not codes(out)
    assert m.payload.missing == ((100, 150),) and m.payload.sha256 is None and m.payload.length == len(DATA)


def test_a_command_with_a_hole_is_as_if_not_seen(store: PayloadStore) -> None:
    command = [Pdv(1, True, False, b"", missing=30), Pdv(1, True, True, store_rq()[30:])]
    later = message(1, echo_rq(9))
    out = assemble(store, one_each([*command, *fragments(1, DATA, command=False, size=100), *later]))
    assert [m.command.message_id for m in messages(out)] == [9] and not codes(out)


@pytest.mark.parametrize("reason", ["lost", "malformed", "cut"])
def test_past_a_loss_the_message_is_unfinished_and_its_rest_is_dropped(store: PayloadStore, reason: str) -> None:
    before = one_each(message(1, store_rq(1), DATA, size=300)[:2])
    after = one_each([*fragments(1, DATA, command=False, size=300), *message(1, store_rq(2), DATA)], first=9)
    out = assemble(store, [*before, lost(8, reason), *after])
    first, second = messages(out)
    assert (first.command.message_id, first.complete, first.finished) == (1, False, False)
    assert whole(first) == DATA[:300] and first.evidence == evidence(1).through(evidence(2))
    assert second.complete and whole(second) == DATA and not codes(out)


@pytest.mark.parametrize("cut", [8, 12, 20, 60])
def test_the_rest_of_a_command_after_a_loss_is_no_command(store: PayloadStore, cut: int) -> None:
    rest = Pdv(1, True, True, store_rq(1)[cut:])
    out = assemble(store, [lost(1), *one_each([rest, *message(1, store_rq(2), DATA)], first=2)])
    assert [m.command.message_id for m in messages(out)] == [2] and not codes(out)


def test_a_stream_joined_in_the_middle_starts_with_the_next_command(store: PayloadStore) -> None:
    pdus = one_each([*fragments(1, DATA, command=False, size=300), *message(1, echo_rq(4))])
    out = assemble(store, pdus, midstream=True)
    assert [m.command.message_id for m in messages(out)] == [4] and not codes(out)


def test_data_without_a_command_are_told_once(store: PayloadStore) -> None:
    out = assemble(store, one_each([*fragments(1, DATA, command=False, size=100), *message(1, echo_rq())]))
    assert codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT] and len(messages(out)) == 1


def test_a_command_inside_a_data_set_breaks_it_off(store: PayloadStore) -> None:
    out = assemble(store, one_each([*message(1, store_rq(1), DATA, size=300)[:2], *message(1, store_rq(2), DATA)]))
    first, second = messages(out)
    assert not first.finished and whole(first) == DATA[:300]
    assert second.complete and codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT]


def test_messages_interleaved_on_two_contexts_are_told_and_never_mixed(store: PayloadStore) -> None:
    a, b = message(1, store_rq(1), DATA, size=300), message(3, store_rq(2), DATA[::-1], size=300)
    out = assemble(store, one_each([a[0], a[1], b[0], a[2], b[1], b[2], a[3], b[3], b[4]]))
    first, second = messages(out)
    assert not first.finished and not first.complete
    assert second.complete and whole(second) == DATA[::-1]
    assert codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT] * 2


def test_data_inside_an_unfinished_command_taint_the_message(store: PayloadStore) -> None:
    command = fragments(1, store_rq(), command=True, size=60)
    data = fragments(1, DATA, command=False, size=500)
    out = assemble(store, one_each([command[0], data[0], *command[1:], data[1]]))
    [m] = messages(out)
    assert m.finished and not m.complete and m.payload is not None and not m.payload.complete
    assert codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT]


def test_a_command_inside_a_command_of_another_context_is_told(store: PayloadStore) -> None:
    half = fragments(1, store_rq(), command=True, size=60)[0]
    out = assemble(store, one_each([half, *message(3, echo_rq(5))]))
    assert [m.command.message_id for m in messages(out)] == [5]
    assert codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT]


def test_data_although_none_were_announced(store: PayloadStore) -> None:
    out = assemble(store, one_each([*message(1, response(0x8020, 4), DATA, size=300), *message(1, echo_rq())]))
    assert [m.payload for m in messages(out)] == [None, None]
    assert codes(out) == [AnomalyCode.DATASET_UNANNOUNCED]


def test_a_data_set_announced_and_never_sent(store: PayloadStore) -> None:
    out = assemble(store, one_each([*message(1, store_rq(1)), *message(1, store_rq(2), DATA)]))
    first, second = messages(out)
    assert not first.complete and not first.finished and first.payload is None and second.complete
    assert codes(out) == [AnomalyCode.DATASET_NEVER_SENT]


def test_an_undecodable_command_is_told_and_takes_its_data_with_it(store: PayloadStore) -> None:
    out = assemble(store, one_each([*message(1, b"\x05\0garbage", DATA, size=300), *message(1, echo_rq())]))
    assert codes(out) == [AnomalyCode.COMMAND_UNDECODABLE] and len(messages(out)) == 1


def test_a_command_past_the_limit_is_not_gathered(store: PayloadStore) -> None:
    parts = fragments(1, bytes(1000), command=True, size=100)
    out = assemble(store, one_each([*parts, *message(1, echo_rq())]), limits=Limits(command_bytes=300))
    assert codes(out) == [AnomalyCode.COMMAND_UNDECODABLE] and len(messages(out)) == 1


def test_an_unknown_command_field_is_told_and_the_message_given(store: PayloadStore) -> None:
    out = assemble(store, one_each(message(1, command_bytes(CommandField=0x7777, CommandDataSetType=0x0101))))
    assert codes(out) == [AnomalyCode.COMMAND_UNKNOWN_FIELD]
    assert messages(out)[0].command.command_field == 0x7777 and messages(out)[0].complete


def test_what_is_odd_about_a_readable_command_stays_with_the_message(store: PayloadStore) -> None:
    [m] = messages(assemble(store, one_each(message(1, echo_rq()[12:]))))
    assert m.odd == "no group length (0000,0000)" and m.complete


def test_the_end_of_the_stream_gives_the_unfinished_message_once(store: PayloadStore) -> None:
    assembler = MessageAssembler(Direction.TO_INITIATOR, store)
    for pdu in one_each(message(1, store_rq(), DATA, size=300)[:3]):
        assert assembler.feed(pdu) == []
    [m] = assembler.close()
    assert isinstance(m, Message) and m.direction is Direction.TO_INITIATOR
    assert not m.complete and not m.finished and whole(m) == DATA[:600]
    assert assembler.close() == []


def test_after_the_end_of_an_association_the_next_one_starts_afresh(store: PayloadStore) -> None:
    assembler = MessageAssembler(Direction.TO_RESPONDER, store)
    assembler.feed(p_data(1, *message(1, store_rq(), DATA, size=300)[:2]))
    assembler.close()
    out = assembler.feed(p_data(2, *fragments(1, DATA, command=False), *message(1, echo_rq()[12:])))
    assert codes(out) == [AnomalyCode.PDV_UNEXPECTED_FRAGMENT, AnomalyCode.COMMAND_ODD] and len(messages(out)) == 1


def test_each_oddity_of_a_kind_of_command_is_told_once(store: PayloadStore) -> None:
    headless = [message(1, echo_rq(id)[12:]) for id in (1, 2, 3)]
    out = assemble(store, one_each([pdv for pdvs in headless for pdv in pdvs]))
    assert [a.detail for a in out if isinstance(a, Anomaly)] == ["C-ECHO-RQ: no group length (0000,0000)"]


def test_images_keep_a_short_head_and_identifiers_a_long_one() -> None:
    limits = Limits(payload_head_bytes=10, identifier_bytes=20)
    with PayloadStore(limits) as store:
        pdvs = [*message(1, store_rq(), DATA), *message(1, response(0x8020, data_set_type=0), DATA)]
        image, identifier = messages(assemble(store, one_each(pdvs), limits=limits))
        assert image.payload is not None and image.payload.head() == DATA[:10]
        assert identifier.payload is not None and identifier.payload.head() == DATA[:20]


# Properties: a conversation is a list of (context, message ID, data set or None).
conversations = st.lists(
    st.tuples(st.sampled_from([1, 3, 5]), st.integers(1, 9), st.none() | st.binary(max_size=90)), max_size=6
)


def spoken(conversation: list[tuple[int, int, bytes | None]], size: int) -> list[Pdv]:
    return [
        pdv
        for context, number, data in conversation
        for pdv in message(context, echo_rq(number) if data is None else store_rq(number), data, size)
    ]


@given(conversations, st.integers(1, 200), st.lists(st.integers(0, 300), max_size=40))
def test_any_packing_of_fragments_gives_the_same_messages(
    conversation: list[tuple[int, int, bytes | None]], size: int, cuts: list[int]
) -> None:
    with PayloadStore(keep=True) as store:
        out = assemble(store, packed(spoken(conversation, size), cuts))
        assert not codes(out) and all(m.complete and m.finished for m in messages(out))
        assert [(m.context_id, m.command.message_id, whole(m)) for m in messages(out)] == conversation


@given(conversations, st.integers(1, 60), st.data())
def test_a_complete_message_never_has_other_bytes_than_were_sent(
    conversation: list[tuple[int, int, bytes | None]], size: int, data: st.DataObject
) -> None:
    """PDUs are lost and said to be lost, or lose their value bytes."""
    pdus: list[PData | BrokenPdu] = []
    for pdu in one_each(spoken(conversation, size)):
        fate = data.draw(st.sampled_from(["seen", "seen", "seen", "lost", "hole"]))
        if fate == "hole" and pdu.pdvs[0].data:
            [pdv] = pdu.pdvs
            pdu = pdu._replace(pdvs=(pdv._replace(data=b"", missing=len(pdv.data)),))
        pdus.append(BrokenPdu(pdu.evidence, "lost") if fate == "lost" else pdu)
    with PayloadStore(keep=True) as store:
        out = assemble(store, pdus)
        assert not codes(out)
        sent = list(conversation)
        for m in messages(out):
            same = [s for s in sent if s[:2] == (m.context_id, m.command.message_id)]
            assert same
            if m.complete:
                assert any(s[2] == whole(m) for s in same)


pdvs = st.builds(
    Pdv,
    st.sampled_from([1, 3]),
    st.booleans(),
    st.booleans(),
    st.binary(max_size=40) | st.sampled_from([echo_rq(), store_rq(), store_rq()[:30], store_rq()[30:]]),
    st.just(0),
    st.booleans(),
) | st.builds(Pdv, st.sampled_from([1, 3]), st.booleans(), st.booleans(), st.just(b""), st.integers(1, 99))


@given(st.lists(st.lists(pdvs, max_size=4) | st.just(None), max_size=12), st.booleans())
def test_no_sequence_of_fragments_raises_and_nothing_unfinished_is_complete(
    turns: list[list[Pdv] | None], keep: bool
) -> None:
    pdus = [lost(n) if turn is None else p_data(n, *turn) for n, turn in enumerate(turns, 1)]
    with PayloadStore(keep=keep) as store:
        for m in messages(assemble(store, pdus, limits=Limits(command_bytes=200))):
            assert m.finished or not m.complete
            assert m.payload is None or not m.complete or not m.payload.missing
            assert m.evidence.first_packet <= m.evidence.last_packet
