"""An association in, the commands that would say the same again out: DCMTK's programs, or a pynetdicom script.

Nothing here connects to anything. `dcmtk` writes command lines, `script` what DCMTK cannot say, `data_files` the data sets
that they name; `plan` chooses.
"""

from dicomsniff.replay.data_files import DataFiles
from dicomsniff.replay.plan import replay_lines

__all__ = ["DataFiles", "replay_lines"]
