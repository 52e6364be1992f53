"""The events of an association in, one JSON value for each out: association, message, pdu, end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomsniff.association.transcript import PduFacts
from dicomsniff.association.values import Association, Traffic
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, command_rows
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.status import describe_status
from dicomsniff.pdu.tables import pdu_name
from dicomsniff.report.convert import between, iso_time, milliseconds
from dicomsniff.report.hexadecimal import hex_lines
from dicomsniff.report.log.elements import shown_text
from dicomsniff.report.log.events import Event, events
from dicomsniff.report.log.exchange_of import answered_after_ns
from dicomsniff.report.log.messages import data_set_rows
from dicomsniff.report.log.negotiation import control_lines, control_name
from dicomsniff.report.log.text import ending
from dicomsniff.report.log.wishes import LogWish
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Row
from dicomsniff.tcp.excerpts import Excerpts


class JsonLog:
    """Writes associations as JSON values."""

    def __init__(self, traffic: Traffic, wish: LogWish, redaction: Redaction, excerpts: Excerpts | None) -> None:
        self._traffic, self._wish, self._redaction, self._excerpts = traffic, wish, redaction, excerpts

    def rows(self, association: Association) -> Iterator[Row]:
        yield {
            "type": "association",
            "association": association.id,
            "connection": association.connection,
            "tcp_stream": self._traffic.conversation(association.connection).tcp.tcp_stream,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
            "requestor": str(association.requestor),
            "acceptor": str(association.acceptor),
            "time": iso_time(association.first_ns),
            "blind": sorted(str(blind) for blind in association.blind),
            "view_of": association.view_of,
        }
        for event in events(association, self._wish):
            yield self._event(association, event)
        left_off = association.transcript.left_off if association.transcript else 0
        yield {
            "type": "end",
            "association": association.id,
            "time": iso_time(association.last_ns),
            "outcome": str(association.outcome),
            "text": ending(association),
            "entries_left_off": left_off,
        }

    def _event(self, association: Association, event: Event) -> Row:
        evidence = event.evidence
        row: Row = {
            "type": "message" if isinstance(event.said, Message) else "pdu",
            "association": association.id,
            "from": association.role(evidence.direction),
            "time": iso_time(evidence.first_ns),
            "since_ms": between(association.first_ns, evidence.first_ns),
            "packets": [evidence.first_packet, evidence.last_packet],
        }
        if isinstance(event.said, Message):
            return row | self._message(association, event, event.said)
        if event.said is not None:
            row["pdu"] = control_name(event.said)
            row["text"] = list(control_lines(association, event.said, self._redaction))
        if event.pdu is not None:
            row |= _pdu(event.pdu)
        if self._excerpts is not None:
            lines = hex_lines(self._excerpts.of(association.connection, evidence), self._redaction)
            row["hex"] = "".join("".join(line.cells) for line in lines)
        return row

    def _message(self, association: Association, event: Event, message: Message) -> Row:
        command, evidence = message.command, message.evidence
        meaning = None
        if command.status is not None:
            service = message_name(command.command_field).removesuffix("-RSP")
            meaning = describe_status(service, command.status, command.sop_class_uid)
        data = data_set_rows(association, message)
        context = association.context(message.context_id)
        return {
            "message": message_name(command.command_field),
            "exchange": event.exchange.id if event.exchange else None,
            "context": message.context_id,
            "message_id": command.message_id_being_responded_to if command.is_response else command.message_id,
            "complete": message.complete,
            "answered_after_ms": milliseconds(answered_after_ns(event.exchange, message)),
            "duration_ms": between(evidence.first_ns, evidence.last_ns),
            "status": None if command.status is None else f"0x{command.status:04X}",
            "status_class": meaning.status_class if meaning else None,
            "status_text": meaning.text if meaning else None,
            "command": self._elements(command_rows(message.text))["elements"],
            "data_set": None
            if data is None
            else {"transfer_syntax": context.transfer_syntax if context else None, **self._elements(data)},
        }

    def _elements(self, rows: ElementRows) -> Row:
        return {
            "bytes": rows.length,
            "elements": nested(rows.rows, self._redaction),
            "cut": rows.cut,
            "error": rows.error,
        }


def nested(rows: tuple[ElementRow, ...], redaction: Redaction) -> list[Row]:
    """The rows as a tree: an element of a sequence holds its items, an item its elements."""
    top: list[Row] = []
    levels: list[list[Row]] = [top]
    for row in rows:
        if row.holds == "item":
            del levels[row.depth :]
            inside: list[Row] = []
            levels[-1][-1]["items"].append(inside)
            levels.append(inside)
            continue
        value: Row = {
            "tag": f"({row.tag >> 16:04X},{row.tag & 0xFFFF:04X})",
            "vr": row.vr,
            "keyword": row.keyword,
            "length": None if row.length == 0xFFFFFFFF else row.length,
        }
        if row.holds == "sequence":
            value["items"] = []
        else:
            value["value"] = shown_text(row, redaction)
        if row.holds in ("pixels", "unseen", "bytes"):
            value["holds"] = str(row.holds)
        if row.shortened:
            value["shortened"] = True
        levels[row.depth].append(value)
    return top


def _pdu(pdu: PduFacts) -> dict[str, Any]:
    return {
        "pdu": "unreadable" if pdu.type is None else pdu_name(pdu.type),
        "length": pdu.length,
        "broken": pdu.broken or None,
        "values": [
            {
                "context": value.context_id,
                "kind": "command" if value.is_command else "data",
                "last": value.is_last,
                "bytes": value.length,
                "missing": value.missing,
            }
            for value in pdu.pdvs
        ],
    }
