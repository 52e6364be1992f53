"""What is known of captures and what senders' clocks tell of their silences in, the captures with what then holds of times out."""

from __future__ import annotations

from dicomsniff.capture import CaptureFacts
from dicomsniff.capture.clock import jumps, span
from dicomsniff.core.records import replace
from dicomsniff.tcp.silences import Silence

TOLD = 5  # clocks that were set, told one by one


def timed(captures: tuple[CaptureFacts, ...], silences: tuple[Silence, ...]) -> tuple[CaptureFacts, ...]:
    """Durations hold across the silences that are confirmed, and not across those that are denied."""
    if not captures or not silences:
        return captures
    confirmed = {silence.packet for silence in silences if silence.sender_ns is None}
    told = [_confirmed(capture, confirmed) for capture in captures]
    denied = [silence for silence in silences if silence.sender_ns is not None]
    for place in range(len(told)):
        last = told[place + 1].first_packet if place + 1 < len(told) else 1 << 62
        own = [s for s in denied if s.packet < last and (place == 0 or s.packet >= told[place].first_packet)]
        told[place] = _denied(told[place], own) if own else told[place]
    return tuple(told)


def _confirmed(capture: CaptureFacts, packets: set[int]) -> CaptureFacts:
    """Without the jumps that were none."""
    doubtful = [(packet, ns) for packet, ns in capture.leaps if packet not in packets]
    if len(doubtful) == len(capture.leaps):
        return capture
    old, new = _sentence(capture.leaps), _sentence(doubtful)
    breaks = tuple(each for each in capture.clock_breaks if each[0] != each[1] or each[0] not in packets)
    return replace(
        capture,
        leaps=tuple(doubtful),
        clock_breaks=breaks,
        notes=_exchanged(capture.notes, old, new),
        clock_notes=_exchanged(capture.clock_notes, old, new),
    )


def _sentence(leaps: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> str:
    return jumps(len(leaps), leaps[0][0], max(ns for _, ns in leaps)) if leaps else ""


def _exchanged(notes: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(each for note in notes if (each := new if note == old else note))


def _denied(capture: CaptureFacts, silences: list[Silence]) -> CaptureFacts:
    """With breaks where less time went by for those who sent."""
    words = tuple(_words(silence) for silence in silences[:TOLD])
    if len(silences) > TOLD:
        words += (f"so it was {len(silences) - TOLD} more times",)
    breaks = sorted({*capture.clock_breaks, *((silence.packet, silence.packet) for silence in silences)})
    return replace(
        capture, clock_breaks=tuple(breaks), notes=capture.notes + words, clock_notes=capture.clock_notes + words
    )


def _words(silence: Silence) -> str:
    return (
        f"before packet {silence.packet} {_rounded(silence.clock_ns)} went by, but not even {_rounded(silence.sender_ns or 0)} by the time "
        "stamps of those who sent: the clock was set, or they stood still; durations across it prove nothing"
    )


def _rounded(ns: int) -> str:
    return span(round(ns, -6))
