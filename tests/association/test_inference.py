"""Contexts whose negotiation was not captured: what the messages on them prove, and what they leave open."""

import hashlib
from pathlib import Path

import pytest

from dicomsniff.association.inference import abstract_syntax_of
from dicomsniff.association.values import Association, Context, Exchange, ExchangeOutcome
from dicomsniff.core import Direction
from tests.association.dialogue import CT, EXPLICIT, Dialogue, p_data, read
from tests.association.test_frame_syntax import jpeg
from tests.association.test_trial import ENCODED, compressed, image, native
from tests.forge import messages, pdus
from tests.forge.messages import encode
from tests.forge.wire import BACK, OUT, Wire

IMPLICIT = "1.2.840.10008.1.2"
PRINT = "1.2.840.10008.5.1.1.1"
SECOND = "1.2.840.10008.5.1.4.1.1.4"


def midstream(*data: bytes) -> Dialogue:
    """Stores on a connection of which neither SYN nor negotiation was captured; echoes give the framing."""
    dialogue = Dialogue()
    for number, one in enumerate(data):
        dialogue.store(f"1.2.3.{number}", one)
    return dialogue


def association(tmp_path: Path, dialogue: Dialogue) -> Association:
    [found] = read(tmp_path / "c.pcap", dialogue).associations
    return found


def context(tmp_path: Path, *data: bytes) -> Context:
    [found] = association(tmp_path, midstream(*data)).contexts
    return found


def only(dialogue: Dialogue, sender: int) -> Dialogue:
    """What a tap of one direction sees."""
    dialogue.wire.frames[:] = [f for f in dialogue.wire.frames if int.from_bytes(f[1][34:36], "big") == sender]
    return dialogue


@pytest.mark.parametrize("syntax", ENCODED)
def test_objects_of_the_announced_class_prove_their_syntax(syntax: str, tmp_path: Path) -> None:
    found = context(tmp_path, *[ENCODED[syntax](native())] * 3)
    assert (found.abstract_syntax, found.transfer_syntax, found.confidence) == (CT, syntax, "high")
    assert found.inferred and not found.accepted and found.proposed == ()


def test_the_exchanges_on_a_context_have_its_inferred_syntax(tmp_path: Path) -> None:
    found = association(tmp_path, midstream(*[encode(native())] * 3))
    assert {e.transfer_syntax for e in found.exchanges} == {IMPLICIT}


def test_an_object_of_another_class_than_announced_proves_little(tmp_path: Path) -> None:
    other = native()
    other.SOPClassUID = SECOND
    found = context(tmp_path, *[encode(other)] * 3)
    assert (found.transfer_syntax, found.confidence) == (IMPLICIT, "low")


def test_two_syntaxes_on_one_context_are_no_syntax(tmp_path: Path) -> None:
    found = context(tmp_path, encode(native()), encode(native(), implicit=False), encode(native()))
    assert (found.transfer_syntax, found.confidence) == (None, None)


def test_a_data_set_that_cannot_be_read_lowers_the_confidence(tmp_path: Path) -> None:
    found = context(tmp_path, encode(native()), b"\xee" * 80, encode(native()))
    assert (found.transfer_syntax, found.confidence) == (IMPLICIT, "low")


def test_processes_that_cannot_be_told_apart_are_unknown(tmp_path: Path) -> None:
    found = context(tmp_path, *[compressed(jpeg(0xC3, 1))] * 3)
    assert (found.abstract_syntax, found.transfer_syntax, found.confidence) == (CT, None, None)


def test_of_the_proposed_syntaxes_the_one_that_fits_is_it(tmp_path: Path) -> None:
    lossless = "1.2.840.10008.1.2.4.70"
    dialogue = Dialogue().open(transfer=lossless).store("1.2.3", compressed(jpeg(0xC3, 1))).release()
    [found] = association(tmp_path, only(dialogue, 40000)).contexts
    assert (found.proposed, found.transfer_syntax, found.confidence) == ((lossless,), lossless, "high")
    assert found.inferred and found.result_code is None


def test_a_syntax_that_was_not_proposed_is_not_concluded(tmp_path: Path) -> None:
    dialogue = Dialogue().open(transfer=IMPLICIT).store("1.2.3", encode(native(), implicit=False)).release()
    [found] = association(tmp_path, only(dialogue, 40000)).contexts
    assert (found.transfer_syntax, found.confidence, found.inferred) == (None, None, False)


def test_what_was_negotiated_is_never_overridden(tmp_path: Path) -> None:
    dialogue = Dialogue().open(transfer=EXPLICIT).store("1.2.3", encode(native())).release()
    [found] = association(tmp_path, dialogue).contexts
    assert (found.transfer_syntax, found.confidence, found.inferred) == (EXPLICIT, None, False)


def test_requests_alone_are_unanswered_for_the_capture_not_for_the_peer(tmp_path: Path) -> None:
    found = association(
        tmp_path, only(Dialogue().open().store("1.2.3", encode(native(), implicit=False)).release(), 40000)
    )
    [exchange] = found.exchanges
    assert (exchange.outcome, exchange.unseen) == (ExchangeOutcome.UNANSWERED, True)
    assert exchange.payload is not None and exchange.payload.complete and exchange.transfer_syntax == EXPLICIT


def test_responses_alone_tell_status_service_class_and_syntax(tmp_path: Path) -> None:
    response = messages.command_bytes(
        AffectedSOPClassUID=CT,
        CommandField=0x8001,
        MessageIDBeingRespondedTo=7,
        CommandDataSetType=0x0101,
        Status=0xA700,
        AffectedSOPInstanceUID="1.2.3",
    )
    dialogue = Dialogue().open().say(p_data(1, messages.store_rq(7), b"x")).say(p_data(1, response), BACK).release()
    found = association(tmp_path, only(dialogue, 104))
    [exchange] = found.exchanges
    assert (exchange.service, exchange.status, exchange.sop_class, exchange.sop_instance) == (
        "C-STORE",
        0xA700,
        CT,
        "1.2.3",
    )
    assert (exchange.outcome, exchange.unseen, exchange.transfer_syntax) == (
        ExchangeOutcome.ORPHAN_RESPONSE,
        True,
        EXPLICIT,
    )
    [one] = found.contexts
    assert (one.abstract_syntax, one.accepted, one.inferred, one.confidence) == (CT, True, True, None)


def test_an_answered_request_is_not_unseen(tmp_path: Path) -> None:
    found = association(tmp_path, Dialogue().open().echo().release())
    assert [e.unseen for e in found.exchanges] == [False]


def exchange(service: str, sop_class: str | None) -> Exchange:
    return Exchange(0, 0, 1, Direction.TO_RESPONDER, service, 1, "", sop_class=sop_class)


@pytest.mark.parametrize(
    ("messages_seen", "abstract"),
    [
        ([("C-STORE", CT), ("C-STORE", CT)], CT),
        ([("C-STORE", CT), ("C-STORE", SECOND)], None),
        ([("C-FIND", None)], None),
        ([("N-CREATE", PRINT)], None),
        ([("N-CREATE", "1.2.840.10008.3.1.2.3.3")], "1.2.840.10008.3.1.2.3.3"),
        ([("N-GET", "1.2.840.10008.3.1.2.3.3")], None),
        ([("N-ACTION", "1.2.840.10008.1.20.1")], "1.2.840.10008.1.20.1"),
        ([], None),
    ],
)
def test_the_abstract_syntax_is_what_messages_name_unless_a_meta_class_may_hold_it(
    messages_seen: list[tuple[str, str | None]], abstract: str | None
) -> None:
    assert abstract_syntax_of([exchange(*one) for one in messages_seen]) == abstract


def test_where_the_class_is_open_those_that_were_used_are_told(tmp_path: Path) -> None:
    create = messages.command_bytes(
        AffectedSOPClassUID=PRINT, CommandField=0x0140, MessageID=1, CommandDataSetType=0x0101
    )
    dialogue = Dialogue()
    for _ in range(3):
        dialogue.say(p_data(1, create))
    [found] = association(tmp_path, dialogue).contexts
    assert (found.abstract_syntax, found.seen_classes) == (None, (PRINT,))


def test_stores_alone_against_a_service_port_are_sub_operations(tmp_path: Path) -> None:
    dialogue = Dialogue()
    for number in range(3):
        dialogue.store(f"1.2.{number}", encode(native()), direction=BACK)
    found = association(tmp_path, dialogue)
    assert (found.to_acceptor, {e.requested_by for e in found.exchanges}) == (OUT, {"acceptor"})


def test_stores_alone_between_unknown_ports_make_their_sender_the_requestor(tmp_path: Path) -> None:
    dialogue = Dialogue(Wire(client=("10.0.0.1", 4000), server=("10.0.0.2", 3999)))
    for number in range(3):
        dialogue.store(f"1.2.{number}", encode(native()), direction=BACK)
    assert association(tmp_path, dialogue).requestor.ip == "10.0.0.2"


def test_inference_changes_no_byte(tmp_path: Path) -> None:
    sent = encode(image())
    found = association(tmp_path, midstream(sent, sent, sent))
    hashes = {e.payload.sha256 for e in found.exchanges if e.payload}
    assert hashes == {hashlib.sha256(sent).hexdigest()} and pdus.EXPLICIT_LITTLE == EXPLICIT
