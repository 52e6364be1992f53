"""Two captures in, what differs between their conversations out, what most likely matters first.

`aligning` finds which associations (and which of their exchanges) are the same conversation; `negotiation`, `exchanges` and
`data_sets` compare them; `comparing` ranks. What differs at every run (UIDs that are made for each object, message IDs,
times, ports, dates) is told apart as noise. Values are masked as they are written.
"""

from dicomsniff.compare.comparing import Side, compare
from dicomsniff.compare.values import Comparison, Difference

__all__ = ["Comparison", "Difference", "Side", "compare"]
