"""Keywords of a command and a data set in; command bytes, PDVs and P-DATA-TF values as the pdu room gives them out.

Command sets are encoded by pydicom, so that the decoder under test never meets its own idea of the encoding.
"""

import struct
import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from dicomsniff.core import Direction, Evidence
from dicomsniff.pdu.values import BrokenPdu, PData, Pdv

CT = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"


def encode(data_set: Dataset, *, implicit: bool = True, little: bool = True) -> bytes:
    """Bytes of a data set as pydicom writes them."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, data_set)
    return buffer.getvalue()


def command_bytes(**elements: object) -> bytes:
    """A command set by keyword (`CommandField=0x0001`...), with its group length (PS3.7 §6.3.1)."""
    data_set = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some values are wrong on purpose
        for keyword, value in elements.items():
            setattr(data_set, keyword, value)
        rest = encode(data_set)
    return element(0x00000000, struct.pack("<I", len(rest))) + rest


def element(tag: int, value: bytes, length: int | None = None) -> bytes:
    """One implicit VR little-endian element as given, sound or not."""
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def store_rq(message_id: int = 1, instance: str = "1.2.3.4", data_set_type: int = 0x0001) -> bytes:
    return command_bytes(
        AffectedSOPClassUID=CT,
        CommandField=0x0001,
        MessageID=message_id,
        Priority=0,
        CommandDataSetType=data_set_type,
        AffectedSOPInstanceUID=instance,
    )


def echo_rq(message_id: int = 1) -> bytes:
    return command_bytes(
        AffectedSOPClassUID=VERIFICATION, CommandField=0x0030, MessageID=message_id, CommandDataSetType=0x0101
    )


def response(command_field: int, message_id: int = 1, status: int = 0, data_set_type: int = 0x0101) -> bytes:
    return command_bytes(
        AffectedSOPClassUID=VERIFICATION if command_field == 0x8030 else CT,
        CommandField=command_field,
        MessageIDBeingRespondedTo=message_id,
        CommandDataSetType=data_set_type,
        Status=status,
    )


def fragments(context_id: int, data: bytes, *, command: bool, size: int = 1 << 20) -> list[Pdv]:
    """One part of a message as PDVs of at most `size` bytes, the last one flagged (PS3.8 §E.2)."""
    starts = range(0, len(data), size) if data else range(1)
    return [Pdv(context_id, command, s + size >= len(data), data[s : s + size]) for s in starts]


def message(context_id: int, command: bytes, data: bytes | None = None, size: int = 1 << 20) -> list[Pdv]:
    """The PDVs of a whole message."""
    pdvs = fragments(context_id, command, command=True, size=size)
    return pdvs if data is None else pdvs + fragments(context_id, data, command=False, size=size)


def evidence(number: int, direction: Direction = Direction.TO_RESPONDER) -> Evidence:
    """The evidence of the PDU with this number, counted from 1: ten stream bytes, one packet, one second each."""
    return Evidence(direction, 10 * number, 10 * number + 10, number, number, number * 10**9, number * 10**9)


def p_data(number: int, *pdvs: Pdv) -> PData:
    """P-DATA-TF number `number` of a stream."""
    return PData(evidence(number), sum(len(p.data) + 6 for p in pdvs), pdvs)


def one_each(pdvs: Iterable[Pdv], first: int = 1) -> list[PData]:
    """Every PDV in a PDU of its own."""
    return [p_data(number, pdv) for number, pdv in enumerate(pdvs, first)]


def packed(pdvs: Sequence[Pdv], cuts: Iterable[int]) -> list[PData]:
    """The PDVs over PDUs, a new PDU before each position in `cuts`."""
    edges = sorted({0, len(pdvs), *(c for c in cuts if 0 < c < len(pdvs))})
    return [p_data(n, *pdvs[a:b]) for n, (a, b) in enumerate(pairwise(edges), 1)]


def lost(number: int, reason: str = "lost") -> BrokenPdu:
    """What the pdu room says where bytes are not there."""
    return BrokenPdu(evidence(number), reason)
