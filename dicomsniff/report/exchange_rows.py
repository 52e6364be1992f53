"""Exchanges and the objects they carried as rows of the report."""

from dicomsniff.association.pauses import PARTS, Parts
from dicomsniff.association.stalls import stalls
from dicomsniff.association.timing import Time, Timing
from dicomsniff.association.values import Exchange
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.convert import between, iso_time, milliseconds, packet_range
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.timing_rows import stall_row
from dicomsniff.report.values import Row


def exchange_row(exchange: Exchange, redaction: Redaction, times: Timing) -> Row:
    request, final = exchange.request, exchange.final
    return {
        "id": exchange.id,
        "association": exchange.association,
        "context": exchange.context_id,
        "service": exchange.service,
        "message_id": exchange.message_id,
        "requested_by": exchange.requested_by,
        "sop_class": exchange.sop_class,
        "sop_class_name": uid_name(exchange.sop_class) if exchange.sop_class else None,
        "sop_instance": exchange.sop_instance,
        "request_time": iso_time(request.first_ns) if request else None,
        "request_packets": packet_range(request),
        "dataset_bytes": _dataset_bytes(exchange),
        "dataset_missing_bytes": exchange.payload.missing_bytes if exchange.payload else None,
        "responses": exchange.responses,
        "pending": exchange.pending,
        "status": None if exchange.status is None else f"0x{exchange.status:04X}",
        "status_class": exchange.status_class,
        "status_text": exchange.status_text,
        "error_comment": redaction.optional_comment(exchange.error_comment),
        "suboperations": _suboperations_row(exchange),
        "first_response_ms": _first_response_ms(exchange),
        "duration_ms": between(request.first_ns, final.last_ns) if request and final else None,
        "outcome": str(exchange.outcome),
        "outcome_unseen": exchange.unseen,
        "move_destination": exchange.move_destination,
        "move_originator": _move_originator_row(exchange),
        "parent": exchange.parent,
        "children": list(exchange.children),
        "time": time_row(times.exchange(exchange)),
        "stalls": [stall_row(stall) for stall in stalls(exchange, times)],
        "response_packets": packet_range(final),
        "error_id": exchange.error_id,
        "offending_elements": [_tag(element) for element in exchange.offending_elements],
        "cancel_packet": exchange.cancel.first_packet if exchange.cancel else None,
        "action_type_id": exchange.action_type_id,
        "event_type_id": exchange.event_type_id,
    }


_HOLES_SHOWN = 10_000  # a packet that was cut short is a hole; the manifest of an export lists them all


def is_object(exchange: Exchange) -> bool:
    """Whether the exchange is a C-STORE whose request was seen, sub-operations included."""
    return exchange.service == "C-STORE" and exchange.request is not None


def object_row(exchange: Exchange) -> Row:
    payload = exchange.payload
    return {
        "exchange": exchange.id,
        "sop_class": exchange.sop_class,
        "sop_instance": exchange.sop_instance,
        "transfer_syntax": exchange.transfer_syntax,
        "dataset_bytes": payload.length if payload else None,
        "complete": bool(payload and payload.complete and exchange.request_complete),
        "missing_bytes": payload.missing_bytes if payload else None,
        "missing": [list(hole) for hole in payload.missing[:_HOLES_SHOWN]] if payload else [],
        "missing_after": payload.length if payload and not exchange.request_finished else None,
        "sha256": payload.sha256 if payload else None,
    }


def _dataset_bytes(exchange: Exchange) -> int | None:
    """Length of the request's data set; 0 where the command says that there is none."""
    if exchange.payload is not None:
        return exchange.payload.length
    return None if exchange.has_data_set or exchange.request is None else 0


def _suboperations_row(exchange: Exchange) -> Row | None:
    counts = exchange.suboperations
    if counts is None:
        return None
    return {
        "remaining": counts.remaining,
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
    }


def _move_originator_row(exchange: Exchange) -> Row | None:
    """Who asked for the C-MOVE that this C-STORE belongs to, as its sender says (PS3.7 §9.1.1.1)."""
    if exchange.move_originator_ae is None and exchange.move_originator_message_id is None:
        return None
    return {"ae": exchange.move_originator_ae, "message_id": exchange.move_originator_message_id}


def _first_response_ms(exchange: Exchange) -> float | None:
    """Last byte of the request to first byte of the first response, as captured; below 0 where it came early."""
    if exchange.request is None or exchange.first_response is None or not exchange.request_finished:
        return None
    return between(exchange.request.last_ns, exchange.first_response.first_ns)


_NO_PARTS: Row = dict.fromkeys(PARTS)


def time_row(time: Time) -> Row:
    """Where the time went, in ms; null where the capture does not tell."""
    return {
        "think": milliseconds(time.think),
        "transfer": milliseconds(time.transfer),
        "queue": milliseconds(time.queue),
        "server": milliseconds(time.server),
        "round_trip": milliseconds(time.round_trip),
        "response": milliseconds(time.response),
        "transfer_parts": parts_row(time.parts),
        "response_parts": parts_row(time.response_parts),
        "server_min": milliseconds(time.server_min),
        "server_max": milliseconds(time.server_max),
        "overlaps": time.overlaps,
        "confidence": time.confidence,
    }


def parts_row(parts: Parts | None) -> Row:
    if parts is None:
        return _NO_PARTS
    return {
        "wire": parts.wire / 1e6,
        "loss": parts.loss / 1e6,
        "zero_window": parts.zero_window / 1e6,
        "receive_window": parts.receive_window / 1e6,
        "nagle": parts.nagle / 1e6,
        "congestion": parts.congestion / 1e6,
        "sender": parts.sender / 1e6,
    }


def _tag(element: int) -> str:
    return f"({element >> 16:04X},{element & 0xFFFF:04X})"
