"""A DIMSE message in, lines in the manner of DCMTK and pynetdicom out: every command element, the data set as a dump."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.values import Association
from dicomsniff.dimse.command import message_name, service_name
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, command_rows, payload_rows
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.status import describe_status
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.log.elements import element_line, shown_text
from dicomsniff.report.log.negotiation import named_uid
from dicomsniff.report.redaction import Redaction

_PRIORITIES = {0: "medium", 1: "high", 2: "low"}
_LABELS = {
    0x0000: "Command Group Length", 0x0002: "Affected SOP Class UID", 0x0003: "Requested SOP Class UID",
    0x0100: "Message Type", 0x0110: "Message ID", 0x0120: "Message ID Being Responded To",
    0x0600: "Move Destination", 0x0700: "Priority", 0x0800: "Data Set", 0x0900: "DIMSE Status",
    0x0901: "Offending Element", 0x0902: "Error Comment", 0x0903: "Error ID", 0x1000: "Affected SOP Instance UID",
    0x1001: "Requested SOP Instance UID", 0x1002: "Event Type ID", 0x1005: "Attribute Identifier List",
    0x1008: "Action Type ID", 0x1020: "Remaining Sub-operations", 0x1021: "Completed Sub-operations",
    0x1022: "Failed Sub-operations", 0x1023: "Warning Sub-operations", 0x1030: "Move Originator AE Title",
    0x1031: "Move Originator Message ID",
}  # fmt: skip
_CLASS_UIDS = (0x0002, 0x0003)
_LABEL = 30


def short_name(message: Message) -> str:
    """ "C-FIND RQ"."""
    return message_name(message.command.command_field).replace("-RQ", " RQ").replace("-RSP", " RSP")


def command_lines(association: Association, message: Message, redaction: Redaction) -> Iterator[str]:
    """The command set element by element as it was sent, and the presentation context it came on."""
    yield _labelled("Presentation Context ID", _context(association, message.context_id))
    rows = command_rows(message.text)
    for row in rows.rows:
        label = _LABELS.get(row.tag) if not row.tag >> 16 else None
        if label is None or row.text is None:
            yield element_line(row, redaction)
        else:
            yield _labelled(label, _word(association, message, row, redaction))
    if rows.cut is not None:
        yield f"(ends here: {rows.cut})"
    if message.odd:
        yield f"(odd: {redaction.text(message.odd)})"


def data_set_rows(association: Association, message: Message) -> ElementRows | None:
    """The elements of its data set, None where it has none or nothing of it was seen."""
    if message.payload is None:
        return None
    context = association.context(message.context_id)
    return payload_rows(message.payload, context.transfer_syntax if context else None)


def data_set_title(association: Association, message: Message, rows: ElementRows) -> str:
    """ "Identifier, 82 bytes, Explicit VR Little Endian"."""
    context = association.context(message.context_id)
    syntax = uid_name(context.transfer_syntax) if context and context.transfer_syntax else f"read as {rows.encoding}"
    said = "" if message.complete else ", not seen whole"
    return f"{data_set_name(message)}, {rows.length:,} bytes{said}, {syntax}"


def data_set_name(message: Message) -> str:
    service = service_name(message.command.command_field & 0x7FFF)
    if service in ("C-FIND", "C-MOVE", "C-GET"):
        return "Identifier"
    return {"N-ACTION": "Action Information", "N-EVENT-REPORT": "Event Information"}.get(
        service, "Attribute List" if service.startswith("N-") else "Data Set"
    )


def status_words(association: Association, message: Message) -> str:
    """ "0xFF00: Pending: matches are continuing", in the words of the service and of the product that says it."""
    command = message.command
    if command.status is None:
        return "(none)"
    side = association.accept if association.role(message.direction) == "acceptor" else association.request
    product = side.user_information.implementation_version if side else None
    meaning = describe_status(service_name(command.command_field), command.status, command.sop_class_uid, product)
    return f"0x{command.status:04x}: {meaning.status_class.capitalize()}: {meaning.text}"


def _context(association: Association, id: int) -> str:
    context = association.context(id)
    if context is None:
        return f"{id} (was not proposed)"
    syntax = uid_name(context.transfer_syntax) if context.transfer_syntax else str(context.result)
    return f"{id} ({uid_name(context.abstract_syntax) if context.abstract_syntax else 'unknown'}, {syntax})"


def _word(association: Association, message: Message, row: ElementRow, redaction: Redaction) -> str:
    command = message.command
    if row.tag == 0x0100:
        return short_name(message)
    if row.tag in _CLASS_UIDS:
        return named_uid((row.text or "").strip())
    if row.tag == 0x0700:
        return _PRIORITIES.get(command.priority if command.priority is not None else -1, str(row.text))
    if row.tag == 0x0800:
        return f"{'present' if command.has_data_set else 'none'} (0x{command.data_set_type or 0:04x})"
    if row.tag == 0x0900:
        return status_words(association, message)
    return shown_text(row, redaction) or "(no value available)"


def _labelled(label: str, value: str) -> str:
    return f"{label:<{_LABEL}}: {value}"
