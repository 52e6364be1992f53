"""Traffic with transcripts in, each association as its own text out, in the manner of the toolkits' debug logs.

`events` says what is told in which order, `text`, `json_lines` and `dcmdump` tell it, each in its own format. Values are
masked through `report.redaction` like everywhere; no line holds a control character from the wire.
"""

from dicomsniff.report.log.wishes import FORMATS, LEVELS, LogWish
from dicomsniff.report.log.writing import log_lines

__all__ = ["FORMATS", "LEVELS", "LogWish", "log_lines"]
