"""Segments in, those out that show a conversation a second time under other sequence numbers.

A firewall that draws initial sequence numbers anew (Cisco's ASA does by default), or answers SYNs itself until it knows that
they are meant (RFC 4987 §3.6), moves all numbers of one or both directions by a constant. A capture of both its sides holds
each packet twice, between the same ends. The SYN betrays it: sent once (its identification or its time stamp is the same),
captured with two numbers. What follows is told apart by its distance from either.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.core.records import dataclass
from dicomsniff.tcp.segments import ACK, I64, RST, SEQUENCE, SYN, U8, Segments, pair_numbers
from dicomsniff.tcp.stamps import long_word, word

APART_NS = 20_000_000
"""A firewall passes a SYN on much sooner; its sender waits longer before it sends another."""
ANSWERED_NS = 500_000_000
"""Between two answers to one SYN: its sender waits longer before it sends it again."""
MOST = 4096
"""Conversations of this kind known at once, and SYNs and resets remembered from block to block."""
FARTHER = 1 << 24
"""Numbers drawn anew are next to never nearer; what is cannot be told apart."""
_HALF = 1 << 31
_STAMP = 0x0402080A  # "SACK permitted", then a time stamp, as Linux and others write them behind the segment size
_SYN_COLUMNS = 9
ANSWER = SYN | ACK
Pair = tuple[int, int]  # endpoint ids of the sender and the receiver of a direction
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class _Two:
    """From packet `since` on one direction of a conversation bears two numbers, `shown` and `other` at its beginning; `gone`
    is how far it has gone on. Where both are the same, it bears one."""

    since: int
    shown: int
    other: int
    answers: int | None = None  # what its SYN acknowledges
    gone: int = 0


class Renumbered:
    """Follows the blocks of a capture in order."""

    def __init__(self) -> None:
        # what holds at the end of the block before, and what begins in this one
        self._known: dict[Pair, list[_Two]] = {}
        self._syns = np.empty((_SYN_COLUMNS, 0), np.int64)

    def find(self, segments: Segments, data: U8) -> I64:
        """The rows of the views that are not shown, ascending."""
        self._learn(segments, data)
        if not self._known or not len(segments):
            return np.empty(0, np.int64)
        pairs = pair_numbers(segments.source, segments.target)
        ends = np.array(list(self._known), np.int64)
        rows = np.flatnonzero(np.isin(pairs, pair_numbers(ends[:, 0], ends[:, 1])))
        order = rows[np.argsort(pairs[rows], kind="stable")]
        found = [order[:0]]
        for own in np.split(order, np.flatnonzero(np.diff(pairs[order])) + 1) if len(order) else ():
            source, target = int(segments.source[own[0]]), int(segments.target[own[0]])
            for pair in ((source, target), (target, source)):
                found.append(own[self._of_the_others(segments.take(own), pair)])
        self._tidy()
        return np.sort(np.concatenate(found))

    def _of_the_others(self, segments: Segments, pair: Pair) -> Mask:
        """Which of these segments, of one conversation after the other, bear the numbers that are not shown."""
        found, eras = np.zeros(len(segments), bool), self._known.get(pair, [])
        bounds = np.searchsorted(segments.number, [*(era.since for era in eras), 1 << 62])
        for era, start, stop in zip(eras, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            if era.shown != era.other and start < stop:
                found[start:stop] = _of_the_other(segments.take(np.arange(start, stop)), pair[0], era)
        return found

    def _tidy(self) -> None:
        """Keep what holds on; also that nothing does, as SYNs from before are looked at again."""
        self._known = {pair: eras[-1:] for pair, eras in list(self._known.items())[-MOST:]}

    def _learn(self, segments: Segments, data: U8) -> None:
        """Look for SYNs of one direction that were sent once and show two numbers; any other SYN ends what was known."""
        rows = np.flatnonzero(segments.flags & (SYN | RST))
        if not len(rows):
            return
        syns = np.concatenate([self._syns, _syns(segments.take(rows), data)], axis=1)
        self._syns = syns[:, syns[2] >= syns[2, -1] - ANSWERED_NS][:, -MOST:]
        twice = _twice(syns)
        if twice or self._known:
            for source, target, _, seq, _, _, number, flags, ack in syns[:, syns[7] & (SYN | RST) == SYN].T.tolist():
                pair, other = (source, target), twice.get(number)
                if flags & ACK:
                    self._begin(pair, seq, number, ack, other)
                elif other is not None or pair in self._known or pair[::-1] in self._known:
                    answered = _answered_before(syns, pair, number)
                    one, other = self._late(pair, seq, answered) or (seq, other)
                    self._begin(pair, one, number, None, other, late=seq in answered)

    def _late(self, pair: Pair, seq: int, answered: list[int]) -> tuple[int, int] | None:
        """Of a SYN captured behind the answers to it and to the other one, which are told apart: both numbers, that shown
        first."""
        back = self._known.get(pair[::-1])
        first = None if not back or back[-1].answers is None else (back[-1].answers - 1) & SEQUENCE
        others = [each for each in answered if each != first]
        if first not in answered or seq not in answered or not others or first is None:
            return None
        return first, others[0]

    def _begin(
        self, pair: Pair, seq: int, number: int, ack: int | None, other: int | None, *, late: bool = False
    ) -> None:
        """`late`: the answer to this SYN was captured before it."""
        eras, answered = self._known.get(pair, []), self._known.get(pair[::-1], [])
        told, at = bool(eras) and eras[-1].shown != eras[-1].other, eras[-1].since if eras else 0
        if number < at or (told and (number == at or seq in (eras[-1].shown, eras[-1].other))):
            return
        if ack is not None and answered and (answered[-1].shown != answered[-1].other or number < answered[-1].since):
            return  # the other direction tells both apart, or did
        if other is not None or told:
            self._known.setdefault(pair, eras).append(_Two(number, seq, seq if other is None else other, ack))
        anew = ack is None and not late and bool(answered) and number > answered[-1].since
        if anew and answered[-1].answers != (seq + 1) & SEQUENCE:
            answered.append(_Two(number, 0, 0))


def _answered_before(syns: I64, pair: Pair, number: int) -> list[int]:
    """The SYNs of this direction whose answers were captured before this one, in that order."""
    answers = (syns[0] == pair[1]) & (syns[1] == pair[0]) & (syns[7] == ANSWER) & (syns[6] < number)
    return [int(ack) - 1 & SEQUENCE for ack in syns[8, answers]]


def _twice(syns: I64) -> dict[int, int]:
    """By the packets of SYNs the number that another one bears although both were sent as one, with nothing come back between
    the two; or although both answer the same SYN, which was sent again too soon to have been lost. Who shows a third number
    tries again and again, with the same identification."""
    low, high = np.minimum(syns[0], syns[1]), np.maximum(syns[0], syns[1])
    order = np.lexsort((high, low))
    source, target, time_ns, seq, identification, stamp, number, flags, ack = syns[:, order]
    near = (np.diff(source) == 0) & (np.diff(target) == 0) & (np.diff(time_ns) <= APART_NS) & (np.diff(flags) == 0)
    once = (np.diff(stamp) == 0) & (np.diff(identification) == 0) & ((stamp[1:] > 0) | (identification[1:] > 0))
    once &= near & (np.diff(seq) != 0)
    third = np.zeros(len(once), bool)
    third[1:] = once[:-1] & (seq[:-2] != seq[2:])
    far = np.abs(_signed(np.diff(seq))) > FARTHER
    found = np.flatnonzero(once & ~third & far & (flags[1:] & (SYN | RST) == SYN))
    twice = dict(zip(number[found].tolist(), seq[found + 1].tolist(), strict=True))
    answers = (flags[:-2] == ANSWER) & (flags[1:-1] & (SYN | ACK) == SYN) & (flags[2:] == ANSWER)
    same = (source[:-2] == target[1:-1]) & (target[:-2] == source[1:-1]) & (source[:-2] == source[2:])
    fits = (ack[:-2] == ack[2:]) & (ack[2:] == (seq[1:-1] + 1 & SEQUENCE)) & (time_ns[2:] - time_ns[:-2] <= ANSWERED_NS)
    found = np.flatnonzero(answers & same & fits & (np.abs(_signed(seq[2:] - seq[:-2])) > FARTHER))
    return twice | dict(zip(number[found].tolist(), seq[found + 2].tolist(), strict=True))


def _of_the_other(segments: Segments, sender: int, two: _Two) -> Mask:
    """Which of these segments of one conversation bear the numbers that are not shown."""
    sent = segments.source == sender
    told = sent | (segments.flags & ACK > 0)
    value = np.where(sent, segments.seq, segments.ack)
    found = np.zeros(len(segments), bool)
    for row, number in zip(np.flatnonzero(told).tolist(), value[told].tolist(), strict=True):
        one, other = ((number - first - two.gone + _HALF & SEQUENCE) - _HALF for first in (two.shown, two.other))
        found[row] = abs(other) < abs(one)
        two.gone += max(0, other if found[row] else one)
    return found


def _signed(distance: I64) -> I64:
    return (distance + _HALF & SEQUENCE) - _HALF


def _syns(segments: Segments, data: U8) -> I64:
    """Columns of SYNs: source, target, time, sequence number, identification, time stamp (these two 0 where there is none),
    packet number, flags and acknowledgement."""
    at = np.where(segments.network >= 0, segments.network, 0)
    v4 = (segments.network >= 0) & (data[at] >> 4 == 4)
    identification = np.where(v4, word(data, np.where(v4, at + 4, 0)), 0)
    stamped = segments.option + 16 <= segments.option_end
    option = np.where(stamped, segments.option, 0)
    stamped &= long_word(data, np.where(stamped, option + 4, 0)) == _STAMP
    stamp = np.where(stamped, long_word(data, np.where(stamped, option + 8, 0)), 0)
    columns = segments.source, segments.target, segments.time_ns, segments.seq, identification, stamp
    return np.stack([*columns, segments.number, segments.flags & (SYN | ACK | RST), segments.ack])
