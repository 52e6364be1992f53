"""The first bytes of a message as its PDUs carried it in, the bytes of its command set out (PS3.8 §9.3.5, §E.2)."""

from struct import Struct

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import PduType

_pdu = Struct(">BxI").unpack_from
_pdv = Struct(">IBB").unpack_from
_HEADER, _PDV = 6, 6
_COMMAND, _LAST = 1, 2


class CommandPart(NamedTuple):
    """`whole`: its last fragment is in it to the end."""

    text: bytes
    whole: bool


def command_part(data: bytes) -> CommandPart | None:
    """None where `data` does not begin with a P-DATA-TF or holds no fragment of a command. Fragments of a data set before it
    end the message before, and are passed over."""
    text, at = bytearray(), 0
    while len(data) - at >= _HEADER:
        kind, length = _pdu(data, at)
        if kind != PduType.P_DATA_TF:
            break
        end, at = at + _HEADER + length, at + _HEADER
        while at < end and len(data) - at >= _PDV:
            item, _, control = _pdv(data, at)
            stop = at + 4 + item
            if item < 2 or stop > end:
                return _part(text, False)
            if control & _COMMAND:
                text += data[at + _PDV : stop]
                if control & _LAST:
                    return _part(text, stop <= len(data))
            at = stop
        if at < end:
            break
    return _part(text, False)


def _part(text: bytearray, whole: bool) -> CommandPart | None:
    return CommandPart(bytes(text), whole) if text else None
