"""The first packets of a conversation of which no SYN was seen in; where its streams begin, and whether that is their beginning, out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from dicomsniff.core import Direction
from dicomsniff.tcp.segments import ACK, RST, SYN
from dicomsniff.tcp.stream import FARTHEST, HALF, WRAP

FARTHER = 1 << 24
"""Than what is confirmed before a SYN is answered, or not captured, can be."""

if TYPE_CHECKING:
    from dicomsniff.tcp.connection import Row


def first_seen(direction: Direction, early: Sequence[Row], met: bool) -> int | None:
    """The sequence number at which a stream without a SYN begins: what the SYN-ACK confirms; otherwise the lowest among its
    first packets; where the SYN of the other side was seen (`met`), also among what that side confirms. None: not known."""
    own = [row for row in early if row.direction is direction and not row.flags & RST]
    back = [row for row in early if row.direction is not direction and row.flags & ACK and not row.flags & RST]
    for row in back:
        if row.flags & SYN:
            return row.ack
    acks = [row.ack for row in back]
    # a keep-alive stands one byte before what its receiver confirms
    seqs = [(row.seq + (row.length <= 1 and (row.seq + 1) % WRAP in acks)) % WRAP for row in own]
    if acks and (met or not own):
        seqs += acks
    if not seqs:
        return None
    return min(seqs, key=lambda seq: (seq - seqs[0] + HALF) % WRAP)


def numbered(direction: Direction, syn: int | None, early: Sequence[Row]) -> int | None:
    """The number of the SYN that belongs to the first packets: that of the one seen, unless all that these say is far from it,
    as it was captured on the other side of a firewall that draws numbers anew. Then what an answer to a SYN confirms."""
    told = [row.seq for row in early if row.direction is direction and not row.flags & (SYN | RST)]
    back = [row for row in early if row.direction is not direction and row.flags & (ACK | RST) == ACK]
    told += [row.ack for row in back]
    if syn is None or not told or any(abs((at - syn - 1 + HALF) % WRAP - HALF) <= FARTHER for at in told):
        return syn
    return next(((row.ack - 1) % WRAP for row in back if row.flags & SYN), None)


def begun_before(direction: Direction, base: int | None, early: Sequence[Row]) -> bool:
    """Whether bytes before `base` were still to come when the capture began: a packet captured before the first of this
    direction, or one that was captured later than it was sent, waits for them; any, where this direction is out of order."""
    own = [row.seq for row in early if row.direction is direction]
    mixed = any((later - seq) % WRAP > HALF for seq, later in pairwise(own))
    came, latest = False, None
    for row in early:
        if row.direction is direction:
            came = not mixed
        elif row.flags & ACK and not row.flags & RST:
            late = latest is not None and 0 < (latest - row.seq) % WRAP <= FARTHEST
            if (late or not came) and base is not None and 0 < (base - row.ack) % WRAP <= FARTHEST:
                return True
            latest = latest if late else row.seq
    return False
