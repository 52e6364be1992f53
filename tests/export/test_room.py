"""The header of an object is as long as was forecast while it was sent, or nothing was forecast."""

import pytest

from dicomsniff.core import Direction
from dicomsniff.dimse.command import CommandSet, decode_command
from dicomsniff.export.file_meta import part10_header
from dicomsniff.export.room import HeaderRoom
from dicomsniff.pdu.decode import decode_pdu
from dicomsniff.pdu.values import AssociateAc, AssociateRq
from tests.forge import messages, pdus
from tests.forge.messages import evidence

IMPLICIT, EXPLICIT, JPEG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70"
VERSION = "0.1.0"


def request(*syntaxes: str, calling: bytes = b"MODALITY1") -> AssociateRq:
    context = pdus.proposed_context(1, messages.CT, *syntaxes)
    application = pdus.uid(0x10, pdus.APPLICATION_CONTEXT)
    made = pdus.associate(1, application, context, pdus.user_information(), calling=calling)
    value, _ = decode_pdu(made, evidence(1))
    assert isinstance(value, AssociateRq)
    return value


def acceptance(syntax: str | None, result: int = 0) -> AssociateAc:
    value, _ = decode_pdu(pdus.acceptance(pdus.answered_context(1, result, syntax)), evidence(1))
    assert isinstance(value, AssociateAc)
    return value


def command(instance: str) -> CommandSet:
    value, _ = decode_command(messages.store_rq(1, instance))
    assert value is not None
    return value


def forecast(room: HeaderRoom, instance: str = "1.2.3", direction: Direction = Direction.TO_RESPONDER) -> int | None:
    return room(direction, 1, command(instance))


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, JPEG])
@pytest.mark.parametrize("instance", ["1", "1.2", "1." + "2" * 62])
@pytest.mark.parametrize("calling", [b"A", b"MODALITY", b"back\\slash"])
@pytest.mark.parametrize("direction", list(Direction))
def test_what_is_forecast_is_the_length_of_the_header(
    syntax: str, instance: str, calling: bytes, direction: Direction
) -> None:
    room, asked = HeaderRoom(VERSION), request(IMPLICIT, EXPLICIT, JPEG, calling=calling)
    room.learn(asked)
    room.learn(acceptance(syntax))
    titles = asked.calling_ae, asked.called_ae
    sender, receiver = titles if direction is asked.evidence.direction else titles[::-1]
    header = part10_header(messages.CT, instance, syntax, sender, receiver, VERSION)
    assert forecast(room, instance, direction) == forecast(room, instance, direction) == len(header)


def test_nothing_is_forecast_before_the_negotiation_was_seen() -> None:
    assert forecast(HeaderRoom(VERSION)) is None


def test_until_the_answer_is_known_only_what_can_be_no_other_syntax_is_forecast() -> None:
    one, several = HeaderRoom(VERSION), HeaderRoom(VERSION)
    one.learn(request(JPEG))
    several.learn(request(JPEG, IMPLICIT))
    assert forecast(one) is not None and forecast(several) is None
    several.learn(acceptance(JPEG))
    assert forecast(several) == forecast(one)


def test_an_object_on_a_context_that_was_refused_has_no_header() -> None:
    room = HeaderRoom(VERSION)
    room.learn(request(JPEG))
    room.learn(acceptance(None, 3))
    assert forecast(room) is None


def test_the_next_association_on_the_connection_negotiates_anew() -> None:
    room = HeaderRoom(VERSION)
    room.learn(request(IMPLICIT, EXPLICIT))
    room.learn(acceptance(IMPLICIT))
    first = forecast(room)
    room.learn(request(IMPLICIT, EXPLICIT, calling=b"A"))
    assert first is not None and forecast(room) is None
    room.learn(acceptance(IMPLICIT))
    second = forecast(room)
    assert second is not None and second < first


@pytest.mark.parametrize("instance", ["", "no uid", "1." + "3" * 70_000])
def test_what_is_no_uid_is_not_forecast(instance: str) -> None:
    room = HeaderRoom(VERSION)
    room.learn(request(IMPLICIT))
    made = CommandSet(1, affected_sop_class_uid=messages.CT, affected_sop_instance_uid=instance)
    assert room(Direction.TO_RESPONDER, 1, made) is None
