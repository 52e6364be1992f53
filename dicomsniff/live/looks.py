"""How long looks took in, when to look again and at how much out: at what is new often, at everything in a tenth of the time."""

from __future__ import annotations

from enum import Enum

SOONEST = 0.25
"""Seconds between two looks at least: what is told must be true at both of them."""
LATEST = 2.0
"""Seconds between two whole looks where no packets come: only the clock can bring anything new."""
SHARE, WHOLE_SHARE = 3, 9
"""A look is followed by another one only after so many times as long as that worked; and a whole one by another whole one."""


class Look(Enum):
    """What to look at: nothing yet, what is new, or everything that is kept."""

    NOT_YET = 0
    NEW = 1
    WHOLE = 2


class Looks:
    """Keeps the times. While a whole look takes next to nothing every look is one."""

    def __init__(self, now: float) -> None:
        self._due = self._whole_due = now
        self._changed = self._whole_changed = True
        self._before = 0.0  # what the last whole look cost

    def stir(self) -> None:
        """Something came, or waits to be looked at again."""
        self._changed = self._whole_changed = True

    def next(self, now: float) -> Look:
        """What is due now."""
        if now >= self._whole_due and (self._whole_changed or now >= self._whole_due + LATEST - SOONEST):
            return Look.WHOLE
        return Look.NEW if self._changed and now >= self._due else Look.NOT_YET

    def took(self, look: Look, worked: float, now: float) -> None:
        """A look has ended that worked for so many seconds. A whole one may work longer once, as the first that finds
        something does: what the one before took counts too."""
        if look is Look.WHOLE:
            worked, self._before = min(worked, self._before), worked
            self._whole_due = now + max(SOONEST, WHOLE_SHARE * worked)
            self._whole_changed = False
        self._due = now + max(SOONEST, SHARE * worked)
        self._changed = False
