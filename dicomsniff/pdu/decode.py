"""A PDU header or a whole PDU in; whether it can be one, or its value and flaws, out (PS3.8 §9.3.1)."""

from struct import Struct
from typing import Final

from dicomsniff.core import Evidence, Limits
from dicomsniff.pdu.associate import decode_acceptance, decode_request
from dicomsniff.pdu.control import decode_control
from dicomsniff.pdu.items import Flaw
from dicomsniff.pdu.tables import PDU_NAMES
from dicomsniff.pdu.values import Abort, AssociateAc, AssociateRj, AssociateRq, BrokenPdu, PduType, ReleaseRp, ReleaseRq

HEADER: Final = Struct(">BxI")
"""PDU type and PDU-length; the reserved byte between them may hold anything."""

Decoded = AssociateRq | AssociateAc | AssociateRj | ReleaseRq | ReleaseRp | Abort | BrokenPdu


def longest_length(kind: int, limits: Limits) -> int:
    """The largest PDU-length that is believed of a PDU of this type."""
    return limits.pdu_length if kind == PduType.P_DATA_TF else limits.associate_bytes


def is_plausible(kind: int, length: int, limits: Limits) -> bool:
    """Whether a header of this type and PDU-length may be real where the framing is in doubt."""
    entry = PDU_NAMES.get(kind)
    if entry is None or entry.fixed_length not in (None, length):
        return False
    return length <= longest_length(kind, limits)


def decode_pdu(pdu: bytes, evidence: Evidence) -> tuple[Decoded, list[Flaw]]:
    """A whole PDU of a known type but P-DATA-TF, with its header. Flaw offsets count from its start."""
    match pdu[0]:
        case PduType.ASSOCIATE_RQ:
            return decode_request(pdu, evidence)
        case PduType.ASSOCIATE_AC:
            return decode_acceptance(pdu, evidence)
        case _:
            return decode_control(pdu, evidence)
