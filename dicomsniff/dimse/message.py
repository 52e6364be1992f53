"""A DIMSE message as a value: command set, data set by reference, and the bytes that carried it."""

from dicomsniff.core import Direction, Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.command import CommandSet
from dicomsniff.dimse.payload import Payload


class Message(NamedTuple):
    """One DIMSE message of one direction on one presentation context (PS3.7 §6.3, PS3.8 §E.1).

    `evidence` spans command and data set, from the PDV item that began the message to the one that ended it (or to the
    last byte seen of it). `complete`: command and announced data set were seen to their last fragment, every byte.
    `finished`: the last fragment was seen, though bytes before it may be missing. `odd` is what is odd about the
    command set, in one clause, where it could be read nevertheless. `text` is the command set as it was sent.
    """

    direction: Direction
    context_id: int
    command: CommandSet
    payload: Payload | None
    evidence: Evidence
    complete: bool
    finished: bool
    odd: str | None = None
    text: bytes = b""


@dataclass(frozen=True, slots=True)
class SubOperations:
    """(0000,1020)-(0000,1023) of a C-GET or C-MOVE response; None where absent."""

    remaining: int | None
    completed: int | None
    failed: int | None
    warning: int | None
