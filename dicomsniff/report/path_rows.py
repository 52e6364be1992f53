"""What a connection showed of the way between its ends, as rows of the report: place of the capture, round trips, windows, what
was sent again and where it had been lost."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.report.convert import milliseconds
from dicomsniff.report.values import Row
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.meter import Trips
from dicomsniff.tcp.options import scale_of
from dicomsniff.tcp.position import Position


def position_row(position: Position) -> Row:
    """`share`: 0 at the initiator, 1 at the responder. The round trips are the shortest ones from the capture point."""
    return {
        "place": str(position.place),
        "share": position.share,
        "to_initiator_and_back_ms": milliseconds(position.initiator_ns),
        "to_responder_and_back_ms": milliseconds(position.responder_ns),
        "on_a_host": position.offload,
    }


def path_row(tcp: Connection, direction: Direction) -> Row:
    """Of the data of one direction. `round_trips`: from the capture point to its receiver and back, by time. Windows are
    those that its receiver offered, in bytes, null where their scale is not known. `resent_after_passing` segments had
    passed the capture point before, `resent_after_hole` had not: they were lost behind it and before it."""
    meter, segments = tcp.meters[direction], tcp.segments[direction]
    own, other = segments.syn, tcp.segments[direction.opposite].syn
    scale = scale_of(own, other)
    handshake = tcp.rtt_responder_ns if direction is Direction.TO_RESPONDER else tcp.rtt_initiator_ns
    return {
        "mss": own.mss if own else None,
        "window_scale": scale,
        "window_bytes": None if scale is None or meter.window is None else meter.window << scale,
        "least_window_bytes": None if scale is None or meter.least_window is None else meter.least_window << scale,
        "flight_bytes": meter.flight,
        "window_full_ms": milliseconds(sum(stretch.full_ns for stretch in meter.stretches)),
        "resent_after_passing": segments.seen_twice,
        "resent_after_hole": segments.filled_holes,
        "recovery_ms": milliseconds(segments.recovery_ns),
        "handshake_round_trip_ms": milliseconds(handshake),
        "round_trips": _trips_row(meter.trips),
    }


def _trips_row(trips: tuple[Trips, ...]) -> Row | None:
    if not trips:
        return None
    return {
        "samples": sum(each.samples for each in trips),
        "least_ms": milliseconds(min(each.least_ns for each in trips)),
        "most_ms": milliseconds(max(each.most_ns for each in trips)),
    }
