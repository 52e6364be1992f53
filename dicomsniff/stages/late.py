"""Traffic with transcripts in, a row for each PDU, PDV, message, exchange or association out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomsniff.association.transcript import PduFacts
from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Evidence
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.tables import pdu_name
from dicomsniff.report.convert import iso_time
from dicomsniff.report.redaction import Redaction

LATE = ("pdu", "pdv", "message", "exchange", "association")
Row = dict[str, Any]


def late_rows(traffic: Traffic, stage: str, start: int, redaction: Redaction) -> Iterator[Row]:
    """The rows of a stage, those that end before packet `start` left out."""
    for association in traffic.associations:
        if association.last_packet < start:
            continue
        if stage == "association":
            yield _association(association)
        elif stage == "exchange":
            yield from _exchanges(association, start, redaction)
        elif association.transcript is not None:
            for entry in association.transcript.entries():
                if entry.evidence.last_packet < start:
                    continue
                if isinstance(entry, Message):
                    if stage == "message":
                        yield _message(association, entry)
                elif stage == "pdu":
                    yield _pdu(association, entry)
                elif stage == "pdv":
                    yield from _values(association, entry)


def _seen(association: Association, evidence: Evidence) -> Row:
    return {
        "packet": evidence.first_packet,
        "last_packet": evidence.last_packet,
        "time": iso_time(evidence.first_ns),
        "association": association.id,
        "from": association.role(evidence.direction),
        "offset": evidence.start,
        "bytes": evidence.length,
    }


def _pdu(association: Association, pdu: PduFacts) -> Row:
    name = "unreadable" if pdu.type is None else pdu_name(pdu.type)
    told = {"pdu": name, "length": pdu.length, "values": len(pdu.pdvs)}
    if not (pdu.begins and pdu.ends):
        told["piece"] = "first" if pdu.begins else "last" if pdu.ends else "middle"
    return _seen(association, pdu.evidence) | told | ({"broken": pdu.broken} if pdu.broken else {})


def _values(association: Association, pdu: PduFacts) -> Iterator[Row]:
    for number, value in enumerate(pdu.pdvs, 1):
        yield {
            "packet": pdu.evidence.first_packet,
            "last_packet": pdu.evidence.last_packet,
            "association": association.id,
            "from": association.role(pdu.evidence.direction),
            "pdv": number,
            "context": value.context_id,
            "kind": "command" if value.is_command else "data",
            "last": value.is_last,
            "value_bytes": value.length,
            "missing": value.missing,
        }


def _message(association: Association, message: Message) -> Row:
    command, payload = message.command, message.payload
    return _seen(association, message.evidence) | {
        "message": message_name(command.command_field),
        "message_id": command.message_id_being_responded_to if command.is_response else command.message_id,
        "context": message.context_id,
        "status": None if command.status is None else f"0x{command.status:04X}",
        "dataset_bytes": payload.length if payload else 0,
        "missing": payload.missing_bytes if payload else 0,
        "complete": message.complete,
        "odd": message.odd,
    }


def _exchanges(association: Association, start: int, redaction: Redaction) -> Iterator[Row]:
    for exchange in association.exchanges:
        seen = [e for e in (exchange.request, exchange.last_response) if e is not None]
        if not seen or seen[-1].last_packet < start:
            continue
        yield {
            "packet": seen[0].first_packet,
            "last_packet": seen[-1].last_packet,
            "time": iso_time(seen[0].first_ns),
            "association": association.id,
            "exchange": exchange.id,
            "service": exchange.service,
            "message_id": exchange.message_id,
            "responses": exchange.responses,
            "status": None if exchange.status is None else f"0x{exchange.status:04X}",
            "outcome": str(exchange.outcome),
            "error_comment": redaction.optional_comment(exchange.error_comment),
        }


def _association(association: Association) -> Row:
    return {
        "packet": association.first_packet,
        "last_packet": association.last_packet,
        "time": iso_time(association.first_ns),
        "association": association.id,
        "connection": association.connection,
        "calling_ae": association.calling_ae,
        "called_ae": association.called_ae,
        "requestor": str(association.requestor),
        "acceptor": str(association.acceptor),
        "contexts": len(association.contexts),
        "exchanges": len(association.exchanges),
        "outcome": str(association.outcome),
        "blind": " ".join(sorted(map(str, association.blind))),
    }
