"""Segments in, the same out with the conversations of Multipath TCP (RFC 8684) brought together.

Such a conversation runs over several connections of TCP, and each carries a part of its bytes. Their options tell where in the
whole a part belongs: what follows reads the whole on the connection that began it, with holes where a path was not captured.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.core.records import dataclass, replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import ACK, FIN, I64, SEQUENCE, SYN, U8, Segments, pair_numbers

KIND, CAPABLE, JOIN, DATA_SEQUENCE = 30, 0, 1, 2
MOST = 4096
"""Directions followed at once."""
_LONGEST = 40
UNKNOWN = 1 << 16
LONG = 16
"""Bytes of options that next to no other segment with data has."""
Pair = tuple[int, int]  # endpoint ids of sender and receiver
NOWHERE = (-1, -1)
"""What is joined where the connection that began it was not captured: nothing tells what its bytes are."""


@dataclass(slots=True)
class _Path:
    """One direction of one connection: the number of its SYN; `ahead` is how far the numbers of the whole are before its own
    now, `began` how far they were at first. `main` is the direction of the connection that it joins."""

    isn: int
    main: Pair | None = None
    began: int | None = None
    ahead: int | None = None
    over: bool = False  # its FIN was seen
    end: int | None = None  # of the whole
    plain: bool = False  # it says that it carries on as ordinary TCP
    joined: bool = False  # another carries a part of the whole


class _Row(NamedTuple):
    source: int
    target: int
    seq: int
    ack: int
    flags: int
    length: int
    captured: int


class _Told(NamedTuple):
    """What an option says: how far the whole is confirmed, where in the whole a byte of this connection stands, and where the
    whole ends."""

    confirmed: int | None = None
    place: int | None = None
    own: int = 0
    end: int | None = None
    plain: bool = False


class Multipath:
    """Follows the blocks of a capture in order."""

    def __init__(self) -> None:
        self._paths: dict[Pair, _Path] = {}
        self._tokens: dict[bytes, Pair] = {}  # of who gave the key, and to whom

    def gather(self, segments: Segments, data: U8) -> Segments:
        """The segments themselves where none of them is of this kind, as nearly always."""
        begun = np.concatenate([_begun(segments, data), _under_way(segments, data)])
        if not len(segments) or not (self._paths or len(begun)):
            return segments
        known = np.array([*self._paths, (0, 0)], np.int64)
        ours = np.concatenate(
            [pair_numbers(known[:, 0], known[:, 1]), pair_numbers(segments.source[begun], segments.target[begun])]
        )
        rows = np.flatnonzero(np.isin(pair_numbers(segments.source, segments.target), ours))
        return self._moved(segments, rows, data.data) if len(rows) else segments

    def _moved(self, segments: Segments, rows: I64, data: memoryview) -> Segments:
        names = ("source", "target", "seq", "ack", "flags", "length", "captured")
        columns = [getattr(segments, name).copy() for name in names]
        spans = zip(rows.tolist(), segments.option[rows].tolist(), segments.option_end[rows].tolist(), strict=True)
        for (row, start, stop), *values in zip(spans, *(c[rows].tolist() for c in columns), strict=True):
            moved = self._row(_Row(*values), bytes(data[start:stop]))
            for column, value in zip(columns, moved, strict=True):
                column[row] = value
        return replace(segments, **dict(zip(names, columns, strict=True)))

    def _row(self, row: _Row, options: bytes) -> _Row:
        """One segment, as it is read."""
        pair = row.source, row.target
        if row.flags & SYN:
            self._begin(pair, row.seq, _option(options, CAPABLE, JOIN))
            return row
        path = self._paths.get(pair)
        if path is None and row.length and _option(options, DATA_SEQUENCE) and len(self._paths) < MOST:
            path = self._paths[pair] = _Path(row.seq - 1, NOWHERE)  # its beginning was not captured
        if path is None:
            return row
        if path.main is None and path.began is None:
            self._learn(pair, _option(options, CAPABLE))
        told, main = _told(_option(options, DATA_SEQUENCE)), path.main or pair
        seq, ack = self._place(path, main, row, told)
        if (whole := self._paths.get(main)) is not None and told.end is not None:
            whole.end = told.end
        if path.main is None:
            moved = row._replace(seq=row.seq if seq is None else seq, ack=row.ack if ack is None else ack)
            return moved if path.began is None or path.plain else _ended(path, moved, told.end is not None)
        path.over |= bool(row.flags & FIN)
        if row.length and seq is not None:
            source, target = path.main
            return row._replace(source=source, target=target, seq=seq, ack=row.ack if ack is None else ack)
        back = self._paths.get(pair[::-1])  # what is left of this connection looks as if it had carried nothing
        own, other = (path.isn + 1) & SEQUENCE, 0 if back is None else (back.isn + 1 + back.over) & SEQUENCE
        return row._replace(seq=own, ack=other if row.flags & ACK else row.ack, length=0, captured=0)

    def _begin(self, pair: Pair, seq: int, option: bytes) -> None:
        known = self._paths.pop(pair, None)
        if not option or len(self._paths) >= MOST:
            return
        if known is not None and known.main is None and known.isn == seq:
            self._paths[pair] = known  # captured or sent again
        elif option[2] >> 4 == CAPABLE:
            path = self._paths[pair] = _Path(seq)
            if known is not None and known.main == NOWHERE and known.began is not None:  # captured too late
                path.began = known.began + known.isn - seq & SEQUENCE
            self._learn(pair, option)
        elif len(option) == 12:  # a SYN: the answer does not say what it joins
            given = self._tokens.get(option[4:8])
            self._paths[pair] = _Path(seq, NOWHERE if given is None else given[::-1])
        elif (asked := self._paths.get(pair[::-1])) is not None and asked.main is not None:
            self._paths[pair] = _Path(seq, asked.main[::-1])
        new = self._paths.get(pair)
        if new is not None and new.main is not None and (main := self._paths.get(new.main)) is not None:
            main.joined = True

    def _learn(self, pair: Pair, option: bytes) -> None:
        """Where the whole begins, in both directions: a hash of the key that its sender gave (RFC 8684 §3.1)."""
        for at, way in ((4, pair), (12, pair[::-1])):
            path = self._paths.get(way)
            if len(option) < at + 8 or path is None or path.main is not None:
                continue
            digest = _digest(option, at)
            if path.began is None:
                path.began = int.from_bytes(digest[-4:], "big") - path.isn & SEQUENCE
            if len(self._tokens) < MOST:
                self._tokens[digest[:4]] = way

    def _place(self, path: _Path, main: Pair, row: _Row, told: _Told) -> tuple[int | None, int | None]:
        """Sequence and acknowledgement number in the whole, None where not known."""
        path.plain |= told.plain
        if told.place is not None:
            path.ahead = (told.place - path.isn - told.own) & SEQUENCE
            if path.began is None:  # where the first byte is not known, there is a hole before what is
                path.began = path.ahead - (UNKNOWN if path.joined and told.own != 1 else 0) & SEQUENCE
        whole, back = self._paths.get(main), self._paths.get(main[::-1])
        seq = None
        if whole is not None and whole.began is not None and path.ahead is not None:
            seq = (row.seq + path.ahead - whole.began) & SEQUENCE
        if not row.flags & ACK or back is None or back.began is None:
            return seq, None
        if told.confirmed is not None:
            return seq, (told.confirmed - back.began) & SEQUENCE
        return seq, (row.ack + (back.ahead or 0) - back.began) & SEQUENCE if path.main is None else None


def _begun(segments: Segments, data: U8) -> I64:
    """The SYNs among whose options there may be one of this kind."""
    rows = np.flatnonzero(segments.flags & SYN)
    if not len(rows):
        return rows
    return rows[_holds(segments, rows, data)]


def _under_way(segments: Segments, data: U8) -> I64:
    """Segments with data whose options are long enough to say where in a whole these belong, and may."""
    rows = np.flatnonzero((segments.option_end - segments.option >= LONG) & (segments.length > 0))
    return rows[_holds(segments, rows, data)] if len(rows) else rows


def _holds(segments: Segments, rows: I64, data: U8) -> npt.NDArray[np.bool_]:
    """Which of these rows may hold an option of this kind."""
    at = segments.option[rows][:, None] + np.arange(_LONGEST)
    inside = at < segments.option_end[rows][:, None]
    return np.asarray(((data[np.where(inside, at, 0)] == KIND) & inside).any(axis=1))


def _option(options: bytes, *subtypes: int) -> bytes:
    """The first option of this kind and one of these subtypes, b"" where there is none in one piece."""
    at = 0
    while at + 2 < len(options) and options[at]:
        length = 1 if options[at] == 1 else options[at + 1]
        if length < 1 or at + length > len(options):
            break
        if options[at] == KIND and length >= 4 and options[at + 2] >> 4 in subtypes:
            return options[at : at + length]
        at += length
    return b""


def _told(option: bytes) -> _Told:
    """RFC 8684 §3.3."""
    if not option:
        return _Told()
    flags, at, confirmed = option[3], 4, None
    if flags & 1:
        width = 8 if flags & 2 else 4
        confirmed, at = int.from_bytes(option[at : at + width], "big") & SEQUENCE, at + width
    width = 8 if flags & 8 else 4
    if not flags & 4 or at + width + 6 > len(option):
        return _Told(confirmed)
    place = int.from_bytes(option[at : at + width], "big") & SEQUENCE
    own, length = (int.from_bytes(option[at + width + a : at + width + b], "big") for a, b in ((0, 4), (4, 6)))
    if not length:
        return _Told(confirmed, plain=True)
    end = (place + length - 1) & SEQUENCE if flags & 16 else None
    return _Told(confirmed, None if length == 1 and end is not None else place, own, end)


def _ended(path: _Path, row: _Row, told: bool) -> _Row:
    """A FIN ends this connection; that the whole ends, and where, the options tell (RFC 8684 §3.3.3)."""
    end = None if path.began is None or path.end is None else (path.end - path.began) & SEQUENCE
    if end is None or not (told or row.flags & FIN):
        return row._replace(flags=row.flags & ~FIN)
    if row.length and (row.seq + row.length) & SEQUENCE != end:
        return row._replace(flags=row.flags & ~FIN)
    return row._replace(seq=row.seq if row.length else end, flags=row.flags | FIN)


def _digest(option: bytes, at: int) -> bytes:
    """Of the key at this place: it begins with the token by which another connection names this one, and ends with the number
    before that of the first byte (RFC 8684 §3.1, §3.2, RFC 6824)."""
    from hashlib import sha1, sha256  # OpenSSL, which few captures need

    key = option[at : at + 8]
    return (sha256(key) if option[2] & 15 else sha1(key, usedforsecurity=False)).digest()
