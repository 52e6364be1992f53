"""The command set in the first bytes of a message, whatever the fragments and PDUs, and nothing invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.pdu.command_part import CommandPart, command_part


def pdv(value: bytes, control: int) -> bytes:
    return (len(value) + 2).to_bytes(4, "big") + bytes((1, control)) + value


def pdu(*items: bytes, kind: int = 4) -> bytes:
    return bytes((kind, 0)) + sum(map(len, items)).to_bytes(4, "big") + b"".join(items)


def test_fragments_are_joined_over_items_and_pdus_to_the_last() -> None:
    data = pdu(pdv(b"ab", 1), pdv(b"cd", 1)) + pdu(pdv(b"ef", 3), pdv(b"data", 2)) + pdu(pdv(b"gh", 3))
    assert command_part(data) == CommandPart(b"abcdef", True)


def test_the_end_of_the_message_before_is_passed_over() -> None:
    assert command_part(pdu(pdv(b"data", 2), pdv(b"ab", 3))) == CommandPart(b"ab", True)


def test_what_is_cut_off_is_told_as_such() -> None:
    data = pdu(pdv(b"abcdef", 3))
    assert command_part(data[:-2]) == CommandPart(b"abcd", False)
    assert command_part(pdu(pdv(b"ab", 1))) == CommandPart(b"ab", False)


def test_what_is_no_command_is_none() -> None:
    assert command_part(b"") is command_part(b"\4\0") is None
    assert command_part(pdu(pdv(b"data", 2))) is None
    assert command_part(pdu(pdv(b"ab", 3), kind=1)) is None
    assert command_part(pdu((1).to_bytes(4, "big") + b"\1\3")) is None


def test_an_item_that_ends_beyond_its_pdu_is_not_read() -> None:
    assert command_part(pdu(pdv(b"ab", 1), (99).to_bytes(4, "big") + b"\1\3xy")) == CommandPart(b"ab", False)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    command_part(data)
    command_part(b"\4\0" + data)
