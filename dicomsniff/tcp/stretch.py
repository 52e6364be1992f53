"""Rows of one conversation in, how many of the first simply go on out, and those added to their streams in one piece."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from dicomsniff.core import Direction
from dicomsniff.tcp.connection import Tracker
from dicomsniff.tcp.flows import Flow
from dicomsniff.tcp.measure import terms
from dicomsniff.tcp.segment_facts import Silence
from dicomsniff.tcp.segments import ACK, FIN, I64, RST, SYN, Segments
from dicomsniff.tcp.sighting import Sighted
from dicomsniff.tcp.steps import Steps
from dicomsniff.tcp.stream import FARTHEST, HALF, WRAP, Stream
from dicomsniff.tcp.watch import SILENCE_NS


def going_on(flow: Flow, segments: Segments) -> int:
    """How many of the first rows are ordinary and follow what their direction delivered."""
    wrong = (segments.flags & (SYN | FIN | RST | ACK) != ACK) | (segments.window == 0)
    for _, rows, stream, back in _directions(flow, segments):
        before = np.cumsum(segments.length[rows]) - segments.length[rows]
        expected = ((stream.base or 0) + stream.next + before) % WRAP
        wrong[rows] |= (segments.seq[rows] != expected) | _not_rising(segments.ack[rows], back)
    return int(wrong.argmax()) if wrong.any() else len(wrong)


def add_stretch(flow: Flow, segments: Segments, decoded: Sighted, measured: bool) -> None:
    """Pass on rows that go on; `measured`: their figures were taken (see `measure`)."""
    tracker, buffer = flow.tracker, decoded.data.data
    for direction, rows, _, _ in list(_directions(flow, segments)):
        if len(rows):
            _add_run(tracker, direction, segments, rows, buffer)
    latest = int(segments.time_ns.max())
    if latest - tracker.last_ns > SILENCE_NS:
        _silences(flow, segments)
    if not tracker.streams[0].ignored:
        up = bool((segments.source[0] == flow.initiator) == (segments.source[0] < segments.target[0]))
        steps = Steps(segments, np.arange(len(segments)), np.zeros(1, np.int64), measured=measured)
        steps.show(0, 0, tracker.pace, up, partial(terms, tracker))
    tracker.last_packet = int(segments.number[-1])
    tracker.last_ns = max(tracker.last_ns, latest)


def _directions(flow: Flow, segments: Segments) -> list[tuple[Direction, I64, Stream, Stream]]:
    """Each direction's rows, its stream, and that of the other."""
    to_responder, to_initiator = flow.tracker.streams
    mask = segments.source == flow.initiator
    return [
        (Direction.TO_RESPONDER, np.flatnonzero(mask), to_responder, to_initiator),
        (Direction.TO_INITIATOR, np.flatnonzero(~mask), to_initiator, to_responder),
    ]


def _silences(flow: Flow, segments: Segments) -> None:
    """Note the long silences before and between these rows."""
    tracker = flow.tracker
    before = np.maximum.accumulate(np.concatenate([[tracker.last_ns], segments.time_ns[:-1]]))
    numbers = np.concatenate([[tracker.last_packet], segments.number[:-1]])
    for row in np.flatnonzero(segments.time_ns - before > SILENCE_NS).tolist():
        columns = numbers, before, segments.number, segments.time_ns, segments.seq, segments.length
        last, last_ns, number, time_ns, seq, length = (int(column[row]) for column in columns)
        direction = Direction(int(segments.source[row] != flow.initiator))
        tracker.watch.silence(Silence(last, last_ns, number, time_ns, direction, seq, length))


def _not_rising(acks: I64, stream: Stream) -> npt.NDArray[np.bool_]:
    """Which acknowledgements go back or farther than can be meant: up to the first of them, the last says everything."""
    known = stream.acknowledged or 0
    nearest = max(known, stream.next)
    offsets = (acks - (stream.base or 0) - nearest + HALF) % WRAP - HALF + nearest
    wrong: npt.NDArray[np.bool_] = offsets - nearest > FARTHEST
    wrong[1:] |= offsets[1:] < offsets[:-1]
    if len(wrong) and known > stream.highest + 1:
        wrong[0] |= known > offsets[0]
    return wrong


def _add_run(tracker: Tracker, direction: Direction, segments: Segments, rows: I64, buffer: memoryview) -> None:
    stream = tracker.streams[direction]
    lengths = segments.length[rows]
    filled = lengths > 0
    data = rows[filled]
    tracker.add_run(direction, len(rows), len(data), int(segments.ack[rows[-1]]), int(segments.time_ns[rows[0]]))
    tracker.watch.look_along(direction, segments, rows, buffer)
    tracker.watch.last[direction] = int(segments.number[rows[-1]]), int(segments.time_ns[rows[-1]])
    if not len(data):
        return
    captured, total, latest = segments.captured[data], int(lengths.sum()), int(segments.time_ns[data].max())
    there = int(captured.sum())
    if stream.ignored:
        stream.pass_over(total, there, latest)
        return
    begin = segments.payload[data]
    pieces = [buffer[a:b] for a, b in zip(begin.tolist(), (begin + captured).tolist(), strict=True)]
    starts = (np.cumsum(lengths)[filled] - lengths[filled] + stream.next).tolist()
    numbers, times = segments.number[data].tolist(), segments.time_ns[data].tolist()
    heard = tracker.streams[direction.opposite].offsets_of(segments.ack[data]).tolist()
    if there < total:
        stream.add_cut_run(pieces, starts, lengths[filled].tolist(), numbers, times, heard)
    else:
        stream.add_run(total, latest, pieces, starts, numbers, times, heard)
