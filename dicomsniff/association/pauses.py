"""The pauses of one sender in, what each of them waited for out (catalogue part 3.4)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass, field_names
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.options import SynOptions
from dicomsniff.tcp.pace import Pause

RELEASED_NS = 2_000_000
"""What is sent so soon after an acknowledgement reached its sender had waited for it."""
USUAL_MSS = 1460


@dataclass(slots=True)
class Parts:
    """Where the time of a transfer went, in ns. `wire`: on the line (with every pause that tells nothing); `loss`: until
    what was lost had been sent again; `zero_window`: the receiver's window was shut; `receive_window`: it was full;
    `nagle`: a small piece waited to be acknowledged before the rest followed; `congestion`: the sender waited for other
    acknowledgements (slow start, congestion, its own buffer); `sender`: nothing was under way, the sender had nothing to send."""

    wire: int = 0
    loss: int = 0
    zero_window: int = 0
    receive_window: int = 0
    nagle: int = 0
    congestion: int = 0
    sender: int = 0


PARTS = field_names(Parts)


class Sorter:
    """Tells what the pauses of one direction of a connection waited for."""

    def __init__(self, tcp: Connection, direction: Direction) -> None:
        self._tcp, self._direction = tcp, direction
        sender = direction is Direction.TO_RESPONDER
        self.back_ns = (
            tcp.rtt_initiator_ns if sender else tcp.rtt_responder_ns
        )  # capture point - sender - capture point
        self._round_ns = tcp.rtt_ns

    # What follows is made when there is a pause to tell about: most connections have none.

    @cached_property
    def _syns(self) -> tuple[SynOptions | None, SynOptions | None]:
        """What the SYN of this direction announced, and that of the other."""
        return self._tcp.segments[self._direction].syn, self._tcp.segments[self._direction.opposite].syn

    @cached_property
    def scale(self) -> int | None:
        """By how many bits the windows that the receiver offers are shifted; None where that is not known."""
        own, other = self._syns
        if own is None or other is None or not (own.whole and other.whole):
            return None
        both = own.window_scale is not None and other.window_scale is not None
        return (other.window_scale or 0) if both else 0

    @cached_property
    def mss(self) -> int:
        return min((syn.mss for syn in self._syns if syn is not None and syn.mss), default=USUAL_MSS)

    @cached_property
    def _recoveries(self) -> tuple[tuple[int, int], ...]:
        return self._tcp.segments[self._direction].recoveries

    @cached_property
    def _begins(self) -> list[int]:
        return [begin for begin, _ in self._recoveries]

    def parts(self, pauses: list[Pause], total_ns: int) -> Parts:
        """A transfer of so many ns with these pauses."""
        if not pauses:
            return Parts(total_ns if total_ns > 0 else 0)
        made = Parts()
        for pause in pauses:
            for name, took in self.split(pause):
                setattr(made, name, getattr(made, name) + took)
        made.wire += max(0, total_ns - sum(pause.duration_ns for pause in pauses))
        return made

    def recovering(self, pause: Pause) -> bool:
        """Whether something was missing, or was sent again, while nothing new came."""
        if pause.again:
            return True
        at = bisect_right(self._begins, pause.time_ns) - 1
        return at >= 0 and self._recoveries[at][1] > pause.since_ns

    def split(self, pause: Pause) -> list[tuple[str, int]]:
        """What this pause waited for, in order: names of `Parts` and ns."""
        long, made = pause.duration_ns, []
        if self.recovering(pause):
            return [("loss", long)]
        if pause.closed_ns >= RELEASED_NS:
            made.append(("zero_window", pause.closed_ns))
            long -= pause.closed_ns
            if long < RELEASED_NS or pause.last_ack_ns is None:
                return [*made, ("wire", long)]
        if self.back_ns is None or self._round_ns is None or pause.last_ack_ns is None:
            return [*made, ("wire", long)]
        # from when the last acknowledgement reached the sender
        rest = pause.time_ns - pause.last_ack_ns - self.back_ns
        if -RELEASED_NS < rest < max(RELEASED_NS, self._round_ns // 5):
            kind = "nagle" if self.stalled(pause) else "receive_window" if self.window_full(pause) else "congestion"
            return [*made, (kind, long)]
        if pause.acked_ns is not None:
            rest = min(max(0, pause.time_ns - pause.acked_ns - self.back_ns), long)
            return [*made, ("wire", long - rest), ("sender", rest)]
        return [*made, ("wire", long)]

    def stalled(self, pause: Pause) -> bool:
        """Whether a piece shorter than a segment waited until all was acknowledged (RFC 9293 §3.7.4)."""
        return pause.before < self.mss - 40 and pause.acked_ns is not None and pause.acked_ns == pause.last_ack_ns

    def window_full(self, pause: Pause) -> bool:
        if self.scale is None or pause.window is None or pause.flight is None:
            return False
        return (pause.window << self.scale) - pause.flight < self.mss
