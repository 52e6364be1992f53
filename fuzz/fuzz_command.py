"""Bytes of a command set through its decoder, beside a plain reading of the same bytes."""

import struct

from dicomsniff.dimse.command import (
    CommandSet,
    decode_command,
    is_known_field,
    message_name,
    service_name,
    starts_command,
)
from fuzz.engine import run

NUMBERS = {
    0x0100: "command_field",
    0x0110: "message_id",
    0x0120: "message_id_being_responded_to",
    0x0700: "priority",
    0x0800: "data_set_type",
    0x0900: "status",
    0x0903: "error_id",
    0x1002: "event_type_id",
    0x1008: "action_type_id",
    0x1020: "remaining_suboperations",
    0x1021: "completed_suboperations",
    0x1022: "failed_suboperations",
    0x1023: "warning_suboperations",
    0x1031: "move_originator_message_id",
}
UIDS = {
    0x0002: "affected_sop_class_uid",
    0x0003: "requested_sop_class_uid",
    0x1000: "affected_sop_instance_uid",
    0x1001: "requested_sop_instance_uid",
}


def plain(data: bytes) -> dict[int, bytes] | None:
    """Element number -> value, None unless the bytes are elements of group 0000 in order, each of even length, with a
    right group length first (PS3.7 §6.3.1)."""
    found: dict[int, bytes] = {}
    at, before = 0, -1
    while at < len(data):
        if at + 8 > len(data):
            return None
        group, element, length = struct.unpack_from("<HHI", data, at)
        at += 8
        if group or element <= before or length % 2 or at + length > len(data):
            return None
        found[element] = data[at : at + length]
        before, at = element, at + length
    return found if found.get(0) == max(0, len(data) - 12).to_bytes(4, "little") else None


def invariant(data: bytes) -> None:
    """Never raises; a sound command set is read as a plain reader reads it, and what is not sound is called odd."""
    command, odd = decode_command(data)
    assert decode_command(data + b"") == (command, odd)
    assert odd is None or (odd and odd.isprintable())
    assert command is not None or odd
    elements = plain(data)
    if elements is None:
        assert odd
    elif command is not None:
        assert starts_command(data)
        _same(command, elements)
    if command is not None:
        assert message_name(command.command_field).isprintable() and service_name(command.command_field)
        assert is_known_field(command.command_field) or message_name(command.command_field).startswith("0x")


def _same(command: CommandSet, elements: dict[int, bytes]) -> None:
    for element, name in NUMBERS.items():
        value = elements.get(element)
        wanted = int.from_bytes(value[:2], "little") if value is not None and len(value) >= 2 else None
        assert getattr(command, name) == wanted, name
    for element, name in UIDS.items():
        value = elements.get(element)
        assert getattr(command, name) == (None if value is None else value.rstrip(b"\0 ").decode("latin-1")), name


if __name__ == "__main__":
    run("fuzz.fuzz_command")
