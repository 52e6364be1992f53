"""Odd traffic as a value: parsers name what they met, rules decide what it means."""

from enum import StrEnum

from dicomsniff.core.evidence import Evidence
from dicomsniff.core.tuples import NamedTuple


class AnomalyCode(StrEnum):
    """Every oddity a flow room may report; each is claimed by at least one rule."""

    PDU_BAD_LENGTH = "pdu-bad-length"  # a PDU of fixed length with another length, PS3.8 §9.3.4, 9.3.6-9.3.8
    PDU_UNKNOWN_TYPE = "pdu-unknown-type"  # a PDU type outside 01H-07H, PS3.8 §9.3.1
    PDU_ITEMS_DO_NOT_FIT = "pdu-items-do-not-fit"  # item lengths that do not add up to the PDU's
    PDU_ITEM_MISSING = "pdu-item-missing"  # a mandatory A-ASSOCIATE item is absent
    PDU_ITEM_TWICE = "pdu-item-twice"  # an item that may stand once stands twice
    PDU_UID_INVALID = "pdu-uid-invalid"  # an item's UID is padded or no UID, PS3.8 §F.1
    CONTEXT_UID_INVALID = "context-uid-invalid"  # the same of an abstract or transfer syntax
    PDU_TRUNCATED = "pdu-truncated"  # the stream ended inside a PDU
    PDU_OUT_OF_PHASE = "pdu-out-of-phase"  # a PDU its sender may not send in this state, PS3.8 §9.2
    DATA_AFTER_RELEASE = "data-after-release"  # P-DATA-TF behind the same side's A-RELEASE-RQ, PS3.8 §9.2
    RELEASE_COLLISION = "release-collision"  # both sides asked to release, not both were answered, PS3.8 §7.2
    PDU_TOO_LONG = "pdu-too-long"  # P-DATA-TF above the receiver's maximum length, PS3.8 §D.1
    PDV_BAD_LENGTH = "pdv-bad-length"  # a PDV item that is too short or beyond its PDU, PS3.8 §9.3.5.1
    PDV_ODD_LENGTH = "pdv-odd-length"  # a fragment of odd length, PS3.8 §E.1
    PDV_UNEXPECTED_FRAGMENT = "pdv-unexpected-fragment"  # data without command, or a command inside a message
    COMMAND_UNDECODABLE = "command-undecodable"  # a command set that is not Implicit VR Little Endian, PS3.7 §6.3
    COMMAND_UNKNOWN_FIELD = "command-unknown-field"  # Command Field (0000,0100) not in PS3.7 §E.1
    COMMAND_ODD = "command-odd"  # a command set that reads, but is not as PS3.7 §9.3 and §10.3 want it
    DATASET_UNANNOUNCED = "dataset-unannounced"  # data fragments although (0000,0800) said 0101H
    DATASET_NEVER_SENT = "dataset-never-sent"  # no data fragment although (0000,0800) announced one
    CONTEXT_NOT_ACCEPTED = "context-not-accepted"  # a PDV on a context that was refused or never proposed
    RESPONSE_WITHOUT_REQUEST = "response-without-request"  # no outstanding request has this message ID
    RESPONSE_DIFFERS = (
        "response-differs"  # a response on another context than its request, or of another class or instance
    )


class Anomaly(NamedTuple):
    """One oddity: its code, the bytes that show it, and one clause of detail for a reader."""

    code: AnomalyCode
    evidence: Evidence
    detail: str
