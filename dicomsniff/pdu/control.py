"""The bytes of an A-ASSOCIATE-RJ, A-RELEASE-RQ, A-RELEASE-RP or A-ABORT in; the PDU and a wrong length, out."""

from dicomsniff.core import AnomalyCode, Evidence
from dicomsniff.pdu.items import Flaw
from dicomsniff.pdu.tables import NOT_SENT, pdu_name
from dicomsniff.pdu.values import Abort, AssociateRj, PduType, ReleaseRp, ReleaseRq

_FIXED_LENGTH = 4


def decode_control(pdu: bytes, evidence: Evidence) -> tuple[AssociateRj | ReleaseRq | ReleaseRp | Abort, list[Flaw]]:
    """A whole PDU of type 03H or 05H-07H with its header (PS3.8 §9.3.4, §9.3.6-9.3.8).

    A length other than 4 is a flaw (offsets from the PDU's start); codes whose bytes were left out are `NOT_SENT`.
    """
    return _value(pdu, evidence), _flaws(pdu)


def _value(pdu: bytes, evidence: Evidence) -> AssociateRj | ReleaseRq | ReleaseRp | Abort:
    match pdu[0]:
        case PduType.ASSOCIATE_RJ:
            return AssociateRj(evidence, _code(pdu, 7), _code(pdu, 8), _code(pdu, 9))
        case PduType.RELEASE_RQ:
            return ReleaseRq(evidence)
        case PduType.RELEASE_RP:
            return ReleaseRp(evidence)
        case _:
            return Abort(evidence, _code(pdu, 8), _code(pdu, 9))


def _code(pdu: bytes, at: int) -> int:
    return pdu[at] if at < len(pdu) else NOT_SENT


def _flaws(pdu: bytes) -> list[Flaw]:
    length = len(pdu) - 6
    if length == _FIXED_LENGTH:
        return []
    detail = f"{pdu_name(pdu[0])} has PDU-length {length} instead of {_FIXED_LENGTH}"
    return [Flaw(AnomalyCode.PDU_BAD_LENGTH, 0, len(pdu), detail)]
