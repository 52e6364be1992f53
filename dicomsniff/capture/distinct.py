"""A column in, its distinct values out, or the rows where it changes.

`numpy.unique` looks whether it was given a masked array, and to do so imports what nothing else here needs: it takes
as long as to analyse a small capture.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import I64


def distinct(column: I64) -> I64:
    """The distinct values, ascending. One value throughout is the rule in many columns, and then nothing is sorted."""
    if not len(column) or (column == column[0]).all():
        return column[:1]
    ordered = np.sort(column)
    return np.asarray(ordered[changes(ordered)])


def changes(column: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows differ from the one before, the first among them; `numpy.diff` takes ten times as long."""
    differs = np.ones(len(column), bool)
    np.not_equal(column[1:], column[:-1], out=differs[1:])
    return differs
