"""A C-ECHO and a C-STORE over a path that lets only some packets through, as frames; what rules on dying paths share."""

import random

from dicomsniff.core import Direction
from tests.forge.dialogue import Dialogue, fragments
from tests.forge.messages import command_bytes
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION, p_data, pdv
from tests.forge.wire import ACK, BACK, OUT, Frame, Wire

CT = "1.2.840.10008.5.1.4.1.1.2"
SECOND = 1_000_000_000


def talk(wire: Wire, called: str = "PACS") -> Dialogue:
    """An association on which a C-ECHO went well."""
    proposals = (VERIFICATION, (IMPLICIT_LITTLE,), 0), (CT, (IMPLICIT_LITTLE,), 0)
    return Dialogue(wire, "CT01", called, *proposals).request().accept().echo()


def hang(wire: Wire, data: bytes, tries: int = 5) -> None:
    """Data that its sender repeats with a doubling timer, and that nobody confirms."""
    wait = 0.3
    for _ in range(tries + 1):
        wire.packet(OUT, ACK, data)
        wire.wait(wait)
        wait *= 2
    wire.seq[OUT] += len(data)


class LateWire(Wire):
    """A wire that, while `tries` is not 0, loses what the client sends behind the capture point, as often as that."""

    tries = 0

    def send(self, direction: Direction, data: bytes) -> Wire:
        if direction is BACK or not self.tries:
            return super().send(direction, data)
        hang(self, data, self.tries)
        self.wait(-0.3 * 2**self.tries + 0.01)  # the last of them is answered at once
        return self.acknowledge(OUT)


def other_association(start_s: float, port: int = 41_000) -> list[Frame]:
    """A second association between the same hosts, on which all is well."""
    wire = Wire(("10.0.0.1", port), start_ns=1_700_000_000 * SECOND + int(start_s * SECOND))
    talk(wire).release()
    return wire.frames


_COMMAND = command_bytes(
    AffectedSOPClassUID=CT,
    CommandField=1,
    MessageID=2,
    Priority=0,
    CommandDataSetType=1,
    AffectedSOPInstanceUID="1.2.3",
)
LONG = (p_data(pdv(_COMMAND, 3, command=True)) + fragments(3, random.Random(5).randbytes(30_000)))[:1448]
"""The first segment of a C-STORE."""
