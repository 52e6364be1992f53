"""Command sets, sound and odd, against an independent encoder."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.dimse.command import decode_command, message_name, service_name, starts_command
from tests.forge.messages import CT, command_bytes, echo_rq, element, response, store_rq


def test_every_element_of_a_store_request_is_read() -> None:
    data = command_bytes(
        AffectedSOPClassUID=CT,
        CommandField=0x0001,
        MessageID=7,
        Priority=2,
        CommandDataSetType=0xFEFE,
        AffectedSOPInstanceUID="1.2.3",
        MoveOriginatorApplicationEntityTitle="ARCHIVE",
        MoveOriginatorMessageID=9,
    )
    command, odd = decode_command(data)
    assert command is not None and odd is None
    assert (command.command_field, command.message_id, command.priority) == (1, 7, 2)
    assert (command.sop_class_uid, command.sop_instance_uid) == (CT, "1.2.3")
    assert (command.move_originator_ae, command.move_originator_message_id) == ("ARCHIVE", 9)
    assert command.has_data_set and not command.is_response and command.status is None


def test_every_element_of_a_failed_response_is_read() -> None:
    data = command_bytes(
        CommandField=0x8120,
        MessageIDBeingRespondedTo=3,
        CommandDataSetType=0x0101,
        Status=0x0120,
        OffendingElement=[0x00100010, 0x00100020],
        ErrorComment="no name ",
        ErrorID=5,
        RequestedSOPClassUID="1.2",
        RequestedSOPInstanceUID="1.2.9",
        AttributeIdentifierList=[0x00080018],
    )
    command, odd = decode_command(data)
    assert command is not None and odd is None
    assert command.offending_elements == (0x00100010, 0x00100020)
    assert command.attribute_identifiers == (0x00080018,)
    assert (command.error_comment, command.error_id, command.status) == ("no name", 5, 0x0120)
    assert (command.sop_class_uid, command.sop_instance_uid) == ("1.2", "1.2.9")
    assert command.is_response and not command.has_data_set


def test_suboperation_counts_and_the_rest_are_read() -> None:
    counts = {f"NumberOf{n}Suboperations": i for i, n in enumerate(("Remaining", "Completed", "Failed", "Warning"))}
    command, _ = decode_command(
        command_bytes(CommandField=0x8021, MoveDestination="WS ", EventTypeID=2, ActionTypeID=1, **counts)
    )
    assert command is not None
    assert (command.remaining_suboperations, command.completed_suboperations) == (0, 1)
    assert (command.failed_suboperations, command.warning_suboperations) == (2, 3)
    assert (command.move_destination, command.event_type_id, command.action_type_id) == ("WS", 2, 1)


def test_a_command_without_command_field_is_no_command() -> None:
    assert decode_command(command_bytes(MessageID=1)) == (None, "no Command Field (0000,0100)")
    assert decode_command(b"")[0] is None


def test_a_command_in_explicit_vr_says_which_length_does_not_fit() -> None:
    data = struct.pack("<HH2sHI", 0, 0, b"UL", 4, 20) + struct.pack("<HH2sHH", 0, 0x0100, b"US", 2, 1)
    command, odd = decode_command(data)
    assert command is None and odd is not None and odd.startswith("(0000,0000) claims 281685 bytes")


def test_a_length_past_the_end_keeps_what_came_before() -> None:
    command, odd = decode_command(echo_rq() + element(0x00000902, b"ab", length=4000))
    assert command is not None and command.command_field == 0x0030
    assert odd is not None and "group length" in odd


def test_oddities_are_named_and_tolerated() -> None:
    field = element(0x00000100, b"\x30\x00")
    cases = {
        "no group length (0000,0000)": field,
        "(0000,0100) comes after (0000,0110)": _with_group_length(element(0x00000110, b"\x01\x00") + field),
        "(0008,0018) is not of group 0000": _with_group_length(field + element(0x00080018, b"1.2\0")),
        "(0000,0902) has an odd length of 3": _with_group_length(field + element(0x00000902, b"abc")),
        "(0000,0110) has 4 bytes, not 2": _with_group_length(field + element(0x00000110, b"\x01\0\0\0")),
        "(0000,0901) has 6 bytes, not a multiple of 4": _with_group_length(field + element(0x00000901, bytes(6))),
        "group length 99 where 10 bytes follow": element(0, struct.pack("<I", 99)) + field,
        "(0000,0000) has 2 bytes, not 4": element(0, b"\0\0") + field,
        "3 bytes after the last element": element(0, struct.pack("<I", 13)) + field + b"\0\0\0",
    }
    for said, data in cases.items():
        command, odd = decode_command(data)
        assert command is not None and command.command_field == 0x0030, said
        assert odd == said


def test_elements_that_are_not_known_are_kept_as_they_are() -> None:
    command, odd = decode_command(_with_group_length(element(0x00000001, b"12") + element(0x00000100, b"\x30\x00")))
    assert command is not None and command.unknown == ((0x00000001, b"12"),)
    assert odd == "C-ECHO-RQ without the mandatory (0000,0002)"


def test_an_error_comment_that_is_not_utf_8_is_read_as_latin_1() -> None:
    data = _with_group_length(element(0x00000100, b"\x01\x80") + element(0x00000902, "nicht möglich".encode("latin-1")))
    command, _ = decode_command(data)
    assert command is not None and command.error_comment == "nicht möglich"


def test_a_long_command_decodes_like_a_short_one() -> None:
    tags = list(range(0x00100000, 0x00100400))
    command, odd = decode_command(command_bytes(CommandField=0x0110, AttributeIdentifierList=tags))
    assert command is not None and command.attribute_identifiers == tuple(tags)
    assert odd == "N-GET-RQ without the mandatory (0000,0003)"


def test_names_of_messages_and_services() -> None:
    assert [message_name(f) for f in (0x0001, 0x8021, 0x0FFF, 0x1234)] == [
        "C-STORE-RQ",
        "C-MOVE-RSP",
        "C-CANCEL-RQ",
        "0x1234",
    ]
    assert [service_name(f) for f in (0x8001, 0x0150, 0x0FFF, 0x9234)] == ["C-STORE", "N-DELETE", "C-CANCEL", "0x1234"]


def test_only_a_whole_command_starts_one() -> None:
    data = store_rq()
    assert starts_command(data) and starts_command(response(0x8001))
    assert not any(starts_command(data[i:]) for i in range(1, len(data)))
    assert not any(starts_command(data[:i]) for i in range(len(data)))


@given(st.binary(max_size=300))
def test_no_bytes_make_the_decoder_raise(data: bytes) -> None:
    command, odd = decode_command(data)
    assert command is not None or odd


@given(st.binary(max_size=60), st.integers(0, 120))
def test_no_damage_to_a_command_makes_the_decoder_raise(noise: bytes, at: int) -> None:
    data = store_rq()
    command, odd = decode_command(data[:at] + noise + data[at + len(noise) :])
    assert command is not None or odd


def _with_group_length(rest: bytes) -> bytes:
    return element(0x00000000, struct.pack("<I", len(rest))) + rest
