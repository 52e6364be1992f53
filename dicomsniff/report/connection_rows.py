"""Captures and connections as rows of the report."""

from dicomsniff.association.values import Conversation
from dicomsniff.capture.block import CaptureFacts
from dicomsniff.capture.points import Point
from dicomsniff.core import Direction
from dicomsniff.pdu.preamble import Preamble
from dicomsniff.report.convert import endpoint_row, iso_time, milliseconds
from dicomsniff.report.path_rows import path_row, position_row
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.timing_rows import throughput_row
from dicomsniff.report.tls_rows import tls_row
from dicomsniff.report.values import Row
from dicomsniff.tcp.events import Closing, Connection, Gap
from dicomsniff.tcp.position import position

_GAPS_SHOWN = 100  # a lossy capture has thousands; the counts per direction tell the rest

_LINK_TYPES = {  # https://www.tcpdump.org/linktypes.html
    0: "BSD loopback",
    1: "Ethernet",
    101: "raw IP",
    105: "IEEE 802.11",
    108: "OpenBSD loopback",
    113: "Linux cooked",
    127: "IEEE 802.11 radiotap",
    228: "raw IPv4",
    229: "raw IPv6",
    276: "Linux cooked v2",
}


def capture_row(facts: CaptureFacts, redaction: Redaction) -> Row:
    return {
        "path": facts.path,
        "format": facts.format,
        "packets": facts.packets,
        "bytes": facts.bytes,
        "first_time": iso_time(facts.first_ns),
        "last_time": iso_time(facts.last_ns),
        "truncated_packets": facts.truncated_packets,
        "link_types": list(facts.link_types),
        "link_type_names": [_LINK_TYPES.get(number, f"link type {number}") for number in facts.link_types],
        "notes": [redaction.text(note) for note in facts.notes],
        "first_packet": facts.first_packet,
        "snap_length": facts.snap_length,
        "dropped": facts.dropped,
        "cut": facts.cut,
        "point": facts.point.number,
        "clock": _clock_row(facts.point),
        "comments": [{"packet": packet or None, "text": redaction.text(text)} for packet, text in facts.comments],
    }


def _clock_row(point: Point) -> Row | None:
    """How far the clock of a file was ahead of that whose times are shown; None for a file on that clock itself."""
    if point.number == 1:
        return None
    known = point.common > 0
    return {
        "ahead_ms": point.ahead_ns / 1e6 if known else None,
        "uncertainty_ms": milliseconds(point.uncertainty_ns),
        "drift_ppm": point.drift * 1e6,
        "delay_ms": milliseconds(point.delay_ns),
        "common_packets": point.common,
    }


def connection_row(conversation: Conversation) -> Row:
    tcp = conversation.tcp
    return {
        "id": tcp.id,
        "tcp_stream": tcp.tcp_stream,
        "initiator": endpoint_row(tcp.initiator),
        "responder": endpoint_row(tcp.responder),
        "opened": tcp.opened,
        "closed": tcp.closed,
        "kind": str(conversation.kind),
        "first_time": iso_time(tcp.first_ns),
        "last_time": iso_time(tcp.last_ns),
        "first_packet": tcp.first_packet,
        "last_packet": tcp.last_packet,
        "rtt_ms": milliseconds(tcp.rtt_ns) if tcp.first_ns >= 0 else None,
        "to_responder": _direction_row(tcp, Direction.TO_RESPONDER),
        "to_initiator": _direction_row(tcp, Direction.TO_INITIATOR),
        "associations": list(conversation.associations),
        "protocols": {
            "to_responder": conversation.protocols[0] or None,
            "to_initiator": conversation.protocols[1] or None,
        },
        "opening": _opening_row(tcp),
        "closings": [_closing_row(closing) for closing in tcp.closings],
        "view_of": conversation.view_of,
        "note": conversation.view_proof or None,
        "preamble": preamble_row(conversation.preamble),
        "throughput": throughput_row(tcp),
        "tls": None if conversation.tls is None else tls_row(conversation.tls),
        "position": position_row(position(tcp)),
        "gap_count": len(conversation.gaps),
        "gaps": [_gap_row(gap) for gap in conversation.gaps[:_GAPS_SHOWN]],
    }


def preamble_row(preamble: Preamble | None) -> Row | None:
    """What a load balancer says of the client whose connection it passes on."""
    return preamble and {
        "protocol": preamble.protocol,
        "bytes": preamble.length,
        "source": preamble.source and endpoint_row(preamble.source),
        "target": preamble.target and endpoint_row(preamble.target),
        "local": preamble.local,
        "tls": preamble.tls or None,
    }


def _direction_row(tcp: Connection, direction: Direction) -> Row:
    facts = tcp.facts(direction)
    return {
        "packets": facts.packets,
        "bytes": facts.bytes,
        "retransmitted_bytes": facts.retransmitted_bytes,
        "out_of_order": facts.out_of_order,
        "lost_bytes": facts.lost_bytes,
        "zero_window_ms": milliseconds(facts.zero_window_ns),
        "data_packets": facts.data_packets,
        "truncated_bytes": facts.truncated_bytes,
        **path_row(tcp, direction),
    }


def _opening_row(tcp: Connection) -> Row:
    """The packets that opened the connection, or refused to."""
    unreachable = tcp.unreachable
    return {
        "syn_packets": list(tcp.syn_packets),
        "syn_ack_packet": tcp.syn_ack_packet,
        "refused_packet": tcp.refused_packet,
        "refused_time": iso_time(tcp.refused_ns),
        "unreachable": unreachable
        and {
            "sender": unreachable.sender,
            "type": unreachable.type,
            "code": unreachable.code,
            "packet": unreachable.packet,
            "time": iso_time(unreachable.time_ns),
        },
    }


def _closing_row(closing: Closing) -> Row:
    return {
        "by": "initiator" if closing.direction is Direction.TO_RESPONDER else "responder",
        "kind": closing.kind,
        "packet": closing.packet,
        "time": iso_time(closing.time_ns),
    }


def _gap_row(gap: Gap) -> Row:
    return {
        "direction": "to_responder" if gap.direction is Direction.TO_RESPONDER else "to_initiator",
        "start": gap.start,
        "length": gap.length,
        "cause": str(gap.cause),
        "packet": gap.packet,
        "time": iso_time(gap.time_ns),
    }
