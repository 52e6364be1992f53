"""A column in, its distinct values out.

`numpy.unique` looks whether it was given a masked array, and to do so imports what nothing else here needs: it takes
as long as to analyse a small capture.
"""

import numpy as np

from dicomsniff.capture.block import I64


def distinct(column: I64) -> I64:
    """The distinct values, ascending. One value throughout is the rule in many columns, and then nothing is sorted."""
    if not len(column) or (column == column[0]).all():
        return column[:1]
    ordered = np.sort(column)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])])
