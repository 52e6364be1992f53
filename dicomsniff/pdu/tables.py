"""Codes of PS3.8 and PS3.7 Annex D in; the standard's names for them, and one line for a reader, out."""

from typing import Final

from dicomsniff.core.tuples import NamedTuple

NOT_SENT: Final = -1
"""Stands for a code whose byte the sender left out (a fixed PDU that is too short); no wire value is negative."""


class PduName(NamedTuple):
    """A PDU type: its name, its clause, and its PDU-length where the standard fixes it."""

    name: str
    clause: str
    fixed_length: int | None


class ItemName(NamedTuple):
    """An A-ASSOCIATE item or sub-item: its name, the PDUs it may stand in, and its clause."""

    name: str
    pdus: tuple[str, ...]
    clause: str


PDU_NAMES: Final[dict[int, PduName]] = {
    0x01: PduName("A-ASSOCIATE-RQ", "PS3.8 §9.3.2", None),
    0x02: PduName("A-ASSOCIATE-AC", "PS3.8 §9.3.3", None),
    0x03: PduName("A-ASSOCIATE-RJ", "PS3.8 §9.3.4", 4),
    0x04: PduName("P-DATA-TF", "PS3.8 §9.3.5", None),
    0x05: PduName("A-RELEASE-RQ", "PS3.8 §9.3.6", 4),
    0x06: PduName("A-RELEASE-RP", "PS3.8 §9.3.7", 4),
    0x07: PduName("A-ABORT", "PS3.8 §9.3.8", 4),
}

ITEM_NAMES: Final[dict[int, ItemName]] = {
    0x10: ItemName("Application Context", ("RQ", "AC"), "PS3.8 §9.3.2.1"),
    0x20: ItemName("Presentation Context", ("RQ",), "PS3.8 §9.3.2.2"),
    0x21: ItemName("Presentation Context", ("AC",), "PS3.8 §9.3.3.2"),
    0x30: ItemName("Abstract Syntax", ("RQ",), "PS3.8 §9.3.2.2.1"),
    0x40: ItemName("Transfer Syntax", ("RQ", "AC"), "PS3.8 §9.3.2.2.2"),
    0x50: ItemName("User Information", ("RQ", "AC"), "PS3.8 §9.3.2.3"),
    0x51: ItemName("Maximum Length", ("RQ", "AC"), "PS3.8 §D.1"),
    0x52: ItemName("Implementation Class UID", ("RQ", "AC"), "PS3.7 §D.3.3.2"),
    0x53: ItemName("Asynchronous Operations Window", ("RQ", "AC"), "PS3.7 §D.3.3.3"),
    0x54: ItemName("SCP/SCU Role Selection", ("RQ", "AC"), "PS3.7 §D.3.3.4"),
    0x55: ItemName("Implementation Version Name", ("RQ", "AC"), "PS3.7 §D.3.3.2"),
    0x56: ItemName("SOP Class Extended Negotiation", ("RQ", "AC"), "PS3.7 §D.3.3.5"),
    0x57: ItemName("SOP Class Common Extended Negotiation", ("RQ",), "PS3.7 §D.3.3.6"),
    0x58: ItemName("User Identity", ("RQ",), "PS3.7 §D.3.3.7"),
    0x59: ItemName("User Identity response", ("AC",), "PS3.7 §D.3.3.7"),
}

REJECT_RESULTS: Final[dict[int, str]] = {1: "rejected-permanent", 2: "rejected-transient"}
"""PS3.8 §9.3.4, Table 9-21."""

REJECT_SOURCES: Final[dict[int, str]] = {
    1: "DICOM UL service-user",
    2: "DICOM UL service-provider (ACSE related)",
    3: "DICOM UL service-provider (Presentation related)",
}
"""PS3.8 §9.3.4, Table 9-21."""

REJECT_REASONS: Final[dict[tuple[int, int], str]] = {
    (1, 1): "no-reason-given",
    (1, 2): "application-context-name-not-supported",
    (1, 3): "calling-AE-title-not-recognized",
    **{(1, code): "reserved" for code in (4, 5, 6, 8, 9, 10)},
    (1, 7): "called-AE-title-not-recognized",
    (2, 1): "no-reason-given",
    (2, 2): "protocol-version-not-supported",
    (3, 1): "temporary-congestion",
    (3, 2): "local-limit-exceeded",
    **{(3, code): "reserved" for code in (0, 3, 4, 5, 6, 7)},
}
"""(source, reason) of PS3.8 §9.3.4, Table 9-21."""

ABORT_SOURCES: Final[dict[int, str]] = {
    0: "DICOM UL service-user",
    1: "reserved source",
    2: "DICOM UL service-provider",
}
"""PS3.8 §9.3.8, Table 9-26."""

ABORT_REASONS: Final[dict[int, str]] = {
    0: "reason-not-specified",
    1: "unrecognized-PDU",
    2: "unexpected-PDU",
    3: "reserved",
    4: "unrecognized-PDU-parameter",
    5: "unexpected-PDU-parameter",
    6: "invalid-PDU-parameter-value",
}
"""Reasons of the service-provider (source 2), PS3.8 §9.3.8, Table 9-26."""

CONTEXT_RESULTS: Final[dict[int, str]] = {
    0: "acceptance",
    1: "user-rejection",
    2: "no-reason (provider rejection)",
    3: "abstract-syntax-not-supported (provider rejection)",
    4: "transfer-syntaxes-not-supported (provider rejection)",
}
"""PS3.8 §9.3.3.2, Table 9-18."""


def _word(meaning: str | None, code: int, what: str) -> str:
    if code == NOT_SENT:
        return f"{what} not sent"
    if meaning is None:
        return f"undefined {what} {code}"
    return f"{what} {code} (reserved)" if meaning == "reserved" else meaning


def pdu_name(pdu_type: int) -> str:
    """The PDU's name in PS3.8 §9.3.1, "PDU type 4FH" where it has none."""
    entry = PDU_NAMES.get(pdu_type)
    return entry.name if entry else f"PDU type {pdu_type:02X}H"


def item_name(item_type: int) -> str:
    """Name and type of an A-ASSOCIATE item, as "Maximum Length item (51H)"."""
    entry = ITEM_NAMES.get(item_type)
    return f"{entry.name} item ({item_type:02X}H)" if entry else f"item {item_type:02X}H"


def reject_text(result: int, source: int, reason: int) -> str:
    """The three codes of an A-ASSOCIATE-RJ in the words of PS3.8 Table 9-21."""
    outcome = _word(REJECT_RESULTS.get(result), result, "result")
    origin = _word(REJECT_SOURCES.get(source), source, "source")
    return f"{outcome} by {origin}: {_word(REJECT_REASONS.get((source, reason)), reason, 'reason')}"


def abort_text(source: int, reason: int) -> str:
    """Source and reason of an A-ABORT in the words of PS3.8 Table 9-26; the reason counts only for source 2."""
    origin = _word(ABORT_SOURCES.get(source), source, "source")
    if source != 2:
        return f"aborted by {origin}"
    return f"aborted by {origin}: {_word(ABORT_REASONS.get(reason), reason, 'reason')}"


def context_result_text(code: int) -> str:
    """Result of a presentation context in the words of PS3.8 Table 9-18."""
    return _word(CONTEXT_RESULTS.get(code), code, "result")
