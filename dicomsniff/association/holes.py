"""The gaps of a connection in, in stream order; as few gaps as say the same out."""

from __future__ import annotations

from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.tcp.events import Gap, GapCause

MOST_GAPS = 10_000
"""Holes of one direction that are kept apart where every packet was cut: enough to place what cannot be judged."""


class Holes:
    """Gathers the holes of one connection."""

    def __init__(self, most: int = MOST_GAPS) -> None:
        self._most = most
        self._gaps: dict[Direction, list[Gap]] = {d: [] for d in DIRECTIONS}

    def add(self, gap: Gap) -> None:
        """One hole, the next of its direction. Holes that touch become one; so do, past a limit, those that the snap
        length made: there is one in every packet."""
        own = self._gaps[gap.direction]
        last = own[-1] if own else None
        crowd = len(own) >= self._most and gap.cause is GapCause.SNAPLEN
        if last is not None and (continues(last, gap) or (crowd and last.cause is gap.cause)):
            connection, direction, start, _, cause, packet, time_ns = last
            own[-1] = Gap(connection, direction, start, gap.start + gap.length - start, cause, packet, time_ns)
        else:
            own.append(gap)

    def copy(self) -> Holes:
        """The same, to be added to apart from this one."""
        made = Holes(self._most)
        made._gaps = {direction: list(own) for direction, own in self._gaps.items()}
        return made

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Those of one direction in stream order."""
        return tuple(gap for own in self._gaps.values() for gap in own)


def continues(last: Gap, gap: Gap) -> bool:
    """Whether a hole begins where the last one of its direction ends, for the same cause."""
    return gap.start == last.start + last.length and gap.cause is last.cause and gap[:2] == last[:2]
