"""Where captures were taken and what their clocks showed: own times of a file in, times on the clock of the first out."""

import numpy as np
import numpy.typing as npt

from dicomsniff.core.records import dataclass

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of capture: all files that were written at it, on one clock.

    `number` counts from 1, the point whose clock counts. `ahead_ns` is by how much this clock was ahead of that one at
    `at_ns` (its own time), `drift` how much faster it ran (seconds a second; 0.0 where that could not be measured),
    `uncertainty_ns` how wrong `ahead_ns` may be at most and `delay_ns` the journey between the two points; None where
    only one direction was captured at both, or nothing. `common` packets told it.
    """

    number: int
    ahead_ns: int = 0
    at_ns: int = 0
    drift: float = 0.0
    uncertainty_ns: int | None = None
    delay_ns: int | None = None
    common: int = 0

    def corrected(self, times: I64) -> I64:
        """Times of this clock as the first point's clock showed them; packets without a time stay so."""
        if not self.ahead_ns and not self.drift:
            return times
        ahead = self.ahead_ns + np.rint(self.drift * (times - self.at_ns)).astype(np.int64)
        return np.where(times > 0, times - ahead, times)

    def corrected_one(self, time_ns: int) -> int:
        return int(self.corrected(np.array([time_ns], np.int64))[0])


FIRST = Point(1)
