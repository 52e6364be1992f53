"""A capture and the name of a room in, what leaves that room out, line by line: the flow made visible.

For people who look for a fault in DICOM, or in this program. `early` tells what packets, segments and streams are, `late` PDUs
and what is made of them.
"""

from dicomsniff.stages.early import EARLY, early_rows
from dicomsniff.stages.late import LATE, late_rows

STAGES = (*EARLY, *LATE)

__all__ = ["EARLY", "LATE", "STAGES", "early_rows", "late_rows"]
