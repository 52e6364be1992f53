"""Stream bytes in, framer events and results out: how the tests of this room feed a framer."""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

from dicomsniff.core import LIMITS, Anomaly, AnomalyCode, Direction, Limits
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import BrokenPdu, PData, Pdu, Pdv
from dicomsniff.tcp.events import Chunk, Gap, GapCause

TO = Direction.TO_RESPONDER
CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
SEGMENT = 1448

Result = list[Pdu | Anomaly]


def chunk(data: bytes, start: int = 0, segment: int = SEGMENT) -> Chunk:
    """A chunk whose packet number is its offset divided by `segment`, plus 1, and whose time is a thousand times that."""
    first = start // segment * segment
    starts = list(range(first, start + len(data), segment))
    numbers = [offset // segment + 1 for offset in starts]
    return Chunk(1, TO, start, data, starts, numbers, [number * 1000 for number in numbers])


def gap(start: int, end: int) -> Gap:
    return Gap(1, TO, start, end - start, GapCause.LOST, end // SEGMENT + 1, (end // SEGMENT + 1) * 1000)


def split(data: bytes, cuts: Iterable[int], start: int = 0) -> list[Chunk]:
    """`data` as chunks that end at the offsets in `cuts`."""
    edges = sorted({0, len(data), *(cut for cut in cuts if 0 < cut < len(data))})
    return [chunk(data[a:b], start + a) for a, b in itertools.pairwise(edges)]


def with_holes(data: bytes, holes: Sequence[tuple[int, int]], cuts: Iterable[int] = ()) -> list[Chunk | Gap]:
    """`data` without the ranges in `holes`, which are ordered and apart, cut at `cuts`."""
    events: list[Chunk | Gap] = []
    at = 0
    cuts = list(cuts)
    for start, end in [*holes, (len(data), len(data))]:
        events.extend(split(data[at:start], [cut - at for cut in cuts], at))
        if end > start:
            events.append(gap(start, end))
        at = end
    return events


def run(events: Iterable[Chunk | Gap], *, joined_late: bool = False, limits: Limits = LIMITS) -> Result:
    """Everything a framer gives, to the end of the stream."""
    framer = Framer(TO, joined_late=joined_late, limits=limits)
    out = [value for event in events for value in framer.feed(event)]
    return out + framer.close()


def read(data: bytes, *, joined_late: bool = False, limits: Limits = LIMITS) -> Result:
    return run([chunk(data)] if data else [], joined_late=joined_late, limits=limits)


def bytewise(data: bytes, limits: Limits = LIMITS) -> Result:
    return run(split(data, range(len(data))), limits=limits)


def codes(result: Result) -> list[AnomalyCode]:
    return [value.code for value in result if isinstance(value, Anomaly)]


def pdus(result: Result) -> list[Pdu]:
    return [value for value in result if not isinstance(value, Anomaly)]


def broken(result: Result) -> list[tuple[str, int, int]]:
    """(reason, start, end) of everything that could not be read."""
    return [(p.reason, p.evidence.start, p.evidence.end) for p in result if isinstance(p, BrokenPdu)]


def comparable(result: Result) -> Result:
    """The PDUs with data as bytes, P-DATA-TF in pieces as one and pieces of one PDV joined; then the anomalies."""
    merged: Result = []
    for value in pdus(result):
        last = merged[-1] if merged else None
        if isinstance(value, PData) and isinstance(last, PData) and not value.begins and not last.ends:
            evidence = last.evidence.through(value.evidence)
            merged[-1] = last._replace(evidence=evidence, pdvs=_merged(last.pdvs + value.pdvs), ends=value.ends)
        elif isinstance(value, PData):
            merged.append(value._replace(pdvs=_merged(value.pdvs)))
        else:
            merged.append(value)
    return [*merged, *(value for value in result if isinstance(value, Anomaly))]


def _merged(pdvs: tuple[Pdv, ...]) -> tuple[Pdv, ...]:
    merged: list[Pdv] = []
    for pdv in pdvs:
        pdv = pdv._replace(data=bytes(pdv.data))
        if merged and merged[-1].more and bool(merged[-1].missing) == bool(pdv.missing):
            last = merged[-1]
            pdv = pdv._replace(data=bytes(last.data) + bytes(pdv.data), missing=last.missing + pdv.missing)
            merged[-1] = pdv
        else:
            merged.append(pdv)
    return tuple(merged)
