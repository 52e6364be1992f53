"""The pauses of one sender in, what each of them waited for out (catalogue part 3.4)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from operator import attrgetter

from dicomsniff.association.carried import ENOUGH, Carried, line_ns
from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass, field_names
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.meter import least_way
from dicomsniff.tcp.options import SynOptions, least_mss, scale_of
from dicomsniff.tcp.pace import Pause, Told
from dicomsniff.tcp.room import AT_ONCE_NS

RELEASED_NS = 2_000_000
"""What is sent so soon after an acknowledgement reached its sender had waited for it."""
SLOWED_NS, SLOWED_ROUNDS = 1_000_000_000, 50
"""For so long after a loss, or so many round trips, a sender is slower than it could be."""
QUEUE_NS = 5_000_000
"""Round trips that are longer by more than this, and by an eighth, show a queue."""
JITTER_NS = 5_000_000
"""With half a round trip to the sender, what a way between may add without anybody having stopped."""
TIMEOUT_NS = 300_000_000
EARLY_NS = 300_000
"""What reached the sender by so much later, by the shortest round trip, may have been there."""
ADDED, FASTER = 4, 3
"""Pauses that are together longer than jitter by so much, and in which the line carries less than otherwise by so much, are its
sender's own."""
HASTY = 3
"""Fewer short pieces that were sent beside another may be an exception of some system."""
UNREAD_NS, UNREAD_ROUNDS = 60_000_000, 3
_BEGIN, _TIME = attrgetter("begin_ns"), attrgetter("time_ns")


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
        self._tcp, self._direction, self._meter = tcp, direction, tcp.meters[direction]
        self._carried = Carried(self._meter)

    # What follows is made when it is asked for: most connections have no pause to tell about.

    @cached_property
    def back_ns(self) -> int | None:
        """Round trip between the capture point and the sender."""
        return self._way(self._direction)

    @cached_property
    def forth_ns(self) -> int | None:
        """Round trip between the capture point and the receiver."""
        return self._way(self._direction.opposite)

    def _way(self, sender: Direction) -> int | None:
        """That of the handshake, which a host that was busy or an address to be looked up makes too long, or a shorter one
        seen later; where packets were captured in disorder, later ones mean nothing."""
        tcp = self._tcp
        handshake = tcp.rtt_initiator_ns if sender is Direction.TO_RESPONDER else tcp.rtt_responder_ns
        if tcp.to_responder.early or tcp.to_initiator.early or any(each.unclear for each in tcp.segments):
            return handshake
        return least_way(handshake, tcp.meters[sender.opposite].trips)

    @property
    def round_ns(self) -> int | None:
        """Round trip between the ends."""
        return None if self.back_ns is None or self.forth_ns is None else self.back_ns + self.forth_ns

    @cached_property
    def _syns(self) -> tuple[SynOptions | None, SynOptions | None]:
        """What the SYN of this direction announced, and that of the other."""
        return self._tcp.segments[self._direction].syn, self._tcp.segments[self._direction.opposite].syn

    @cached_property
    def scale(self) -> int | None:
        """By how many bits the windows that the receiver offers are shifted; None where that is not known."""
        return scale_of(*self._syns)

    @cached_property
    def mss(self) -> int:
        return least_mss(*self._syns)

    @cached_property
    def _recoveries(self) -> tuple[tuple[int, int], ...]:
        return self._tcp.segments[self._direction].recoveries

    @cached_property
    def _begins(self) -> list[int]:
        return [begin for begin, _ in self._recoveries]

    def parts(self, pauses: list[Pause], begin_ns: int, end_ns: int) -> Parts:
        """A transfer that lasted from then till then, with these pauses."""
        total = max(0, end_ns - begin_ns)
        if not pauses and not self._meter.stretches and not self._recoveries:
            return Parts(total)
        made = Parts()
        even, adds_up = self._even(pauses, begin_ns, end_ns), self._adds_up(pauses, begin_ns, end_ns)
        rate = self._carried.line_rate(pauses, begin_ns, end_ns, self.back_ns)
        for pause in pauses:
            for name, took in self.split(pause, adds_up):
                name = "wire" if even and name in ("sender", "congestion") else name
                if rate and name == "sender":
                    line = min(took, line_ns(pause, rate))
                    made.wire, took = made.wire + line, took - line
                setattr(made, name, getattr(made, name) + took)
        rest = max(0, total - sum(pause.duration_ns for pause in pauses))
        full, opening = self._full(begin_ns, end_ns)
        full = min(full, rest)
        opening = min(opening, rest - full)
        left = rest - full - opening
        lost = min(self._lost(begin_ns, end_ns, left), left)
        made.receive_window += full
        made.congestion += opening
        made.loss += lost
        made.wire += left - lost
        return made

    def _full(self, begin_ns: int, end_ns: int) -> tuple[int, int]:
        """The time in pauses too short to be told one by one in which the window was full, and that in which it still grew."""
        full, opening, at = 0.0, 0.0, bisect_right(self._meter.stretches, end_ns, key=_BEGIN)
        for place in range(at - 1, -1, -1):
            stretch = self._meter.stretches[place]
            if stretch.end_ns < begin_ns:
                break
            if self._queued(stretch.begin_ns, stretch.end_ns):
                continue
            shared = max(0, min(end_ns, stretch.end_ns) - max(begin_ns, stretch.begin_ns))
            share = shared / max(1, stretch.end_ns - stretch.begin_ns)
            grew = stretch.opening_ns if self._opening(stretch.window) else 0
            full, opening = full + share * (stretch.full_ns - grew), opening + share * grew
        return round(full), round(opening)

    def _opening(self, window: int) -> bool:
        """Whether a window (as headers say, 0: it had been wider) had yet to grow: receivers open theirs step by step as data
        come, at the pace of a sender's slow start, whatever their buffer is."""
        return window > 0 and 2 * window <= (self._meter.window or 0)

    def _lost(self, begin_ns: int, end_ns: int, rest: int) -> int:
        """The part of a rest that a sender, slowed down by a loss, took beyond what the line takes at its best."""
        if rest <= 0 or not self._slowed(begin_ns, end_ns) or self._queued(begin_ns, end_ns):
            return 0
        best = self._carried.best_rate
        return max(0, rest - round(self._carried.length(begin_ns, end_ns) / best)) if best else 0

    def _slowed(self, begin_ns: int, end_ns: int) -> bool:
        """Whether something had been lost shortly before or meanwhile."""
        at = bisect_right(self._begins, end_ns) - 1
        if at < 0 or self.round_ns is None:
            return False
        return self._recoveries[at][1] >= begin_ns - max(SLOWED_NS, SLOWED_ROUNDS * self.round_ns)

    def _queued(self, begin_ns: int, end_ns: int) -> bool:
        """Whether round trips behind the capture point were never short then: the line there is busy."""
        usual, trips = self.forth_ns or 0, self._meter.trips
        first = max(0, bisect_right(trips, begin_ns, key=_TIME) - 1)
        near = trips[first : bisect_right(trips, end_ns, key=_TIME)]
        return bool(near) and min(each.least_ns for each in near) > usual + max(QUEUE_NS, usual // 8)

    def _even(self, pauses: list[Pause], begin_ns: int, end_ns: int) -> bool:
        """Whether full segments came one by one at about the same distance all the time: as from a narrow line, which may
        lie before the capture point, and not as from a program that stops, or a sender that waits, after several."""
        if len(pauses) < ENOUGH:
            return False
        took = sorted(pause.duration_ns for pause in pauses)
        usual = took[len(took) // 2]
        full = sum(1 for pause in pauses if pause.after >= pause.before > 500)
        if took[-1] >= 3 * usual or 2 * full <= len(pauses):
            return False
        if sum(1 for pause in pauses if self._one_at_a_time(pause)) > 0.8 * len(pauses):
            return False
        return self._carried.length(begin_ns, end_ns) < 1.5 * sum(pause.after for pause in pauses)

    def _adds_up(self, pauses: list[Pause], begin_ns: int, end_ns: int) -> bool:
        """Whether pauses between small pieces, each so short that the way to the sender may have made it, are its own: a way
        that takes longer at times makes up for it later, and a line that is as slow as that is so for every piece."""
        small = [pause for pause in pauses if self._small(pause) and not self.recovering(pause)]
        took = sum(pause.duration_ns for pause in small)
        if len(small) < ENOUGH or took < ADDED * self._jitter:
            return False
        return self._carried.between(pauses, begin_ns, end_ns) > FASTER * sum(pause.after for pause in small) / took

    def _one_at_a_time(self, pause: Pause) -> bool:
        """Whether it was ended by the acknowledgement of everything sent before."""
        if pause.acked_ns is None or self.back_ns is None or self.round_ns is None:
            return False
        return abs(pause.time_ns - pause.acked_ns - self.back_ns) < max(RELEASED_NS, self.round_ns // 8)

    def recovering(self, pause: Pause) -> bool:
        """Whether something was missing, or was sent again, while nothing new came."""
        if pause.again:
            return True
        at = bisect_right(self._begins, pause.time_ns) - 1
        return at >= 0 and self._recoveries[at][1] > pause.since_ns

    def split(self, pause: Pause, adds_up: bool = False) -> list[tuple[str, int]]:
        """What this pause waited for, in order: names of `Parts` and ns. `adds_up`: too much for jitter, with others."""
        long, made = pause.duration_ns, []
        if self.recovering(pause):
            return [("loss", long)]
        told = self._told(pause)
        shut = max(pause.closed_ns, 0 if told is None else min(told.shut_ns, long))
        shrunk = (
            shut >= RELEASED_NS and told is not None and not told.opening and (told.full or self.window_full(pause))
        )
        if shrunk or (shut < RELEASED_NS and self._not_read(pause)):
            shut = long  # it was full because nobody read, before it was shut
        if shut >= RELEASED_NS:
            made.append(("zero_window", shut))
            long -= shut
            if long < max(RELEASED_NS, self.round_ns or 0):
                return [*made, ("wire", long)] if long else made
        if self.back_ns is None or self.round_ns is None or (pause.last_ack_ns is None and told is None):
            return [*made, ("wire", long)]
        small = self._small(pause) and not self.stalled(pause)
        if self._in_time(pause) and not small:
            return [*made, (self._released(pause), long)]
        return [*made, *self._stopped(pause, long, small, adds_up)]

    def _in_time(self, pause: Pause) -> bool:
        """Whether an acknowledgement reached the sender about when it went on."""
        told, back, whole = self._told(pause), self.back_ns or 0, self.round_ns or 0
        released = told.released_ns if told is not None else pause.last_ack_ns
        if released is None:
            return False
        all_of_it = pause.acked_ns is not None and pause.acked_ns == pause.last_ack_ns
        slack = self._jitter if all_of_it or self._had_room(pause) else whole // 5 if told is None else 0
        slack = max(slack, whole // (2 if told is not None and told.full else 8))
        return -RELEASED_NS < pause.time_ns - released - back < max(RELEASED_NS, slack)

    def _small(self, pause: Pause) -> bool:
        """Whether so little was under way, and sent then, that no acknowledgement can have been waited for, however near one
        was: what is written while a sender is held back goes out as whole segments."""
        if pause.flight is None or pause.flight + pause.after > 2 * self.mss:
            return False
        return self._short(pause) and self._had_room(pause)

    @property
    def _jitter(self) -> int:
        """What the way to the sender may add without anybody having stopped."""
        back, whole = self.back_ns or 0, self.round_ns or 0
        return max(RELEASED_NS if back < RELEASED_NS else JITTER_NS + back // 2, whole // 4)

    def _told(self, pause: Pause) -> Told | None:
        return self._tcp.told.get(pause.packet)

    def _not_read(self, pause: Pause) -> bool:
        """Whether the window stayed full for much longer than acknowledgements take: they came, and no room with them."""
        told = self._told(pause)
        if told is None or not told.full or self.round_ns is None:
            return False
        return pause.duration_ns > max(UNREAD_NS, UNREAD_ROUNDS * self.round_ns)

    def _released(self, pause: Pause) -> str:
        """What an acknowledgement ended."""
        if self.stalled(pause):
            return "nagle"
        told, slowed = self._told(pause), self._slowed(pause.since_ns, pause.time_ns)
        if self._queued(pause.since_ns, pause.time_ns) or (told is not None and told.busy and not slowed):
            return "wire"
        if self._filled(pause, told):
            opening = told is not None and self._opening(told.opening)
            return ("loss" if slowed else "congestion") if opening else "receive_window"
        return "loss" if slowed else "congestion"

    def _filled(self, pause: Pause, told: Told | None) -> bool:
        """Whether the window was full; or nearly, where nothing but the window can have been the limit."""
        if told is None:
            return self.window_full(pause)
        return told.full or (told.nearly and not self._recoveries)

    def _stopped(self, pause: Pause, long: int, small: bool, adds_up: bool) -> list[tuple[str, int]]:
        """No acknowledgement ended it. One that reached the sender long before and set nothing free tells that it had had
        nothing to send from the beginning; so does very little under way (`small`)."""
        assert self.back_ns is not None and self.round_ns is not None
        told = self._told(pause)
        full = told is not None and told.full
        since = pause.acked_ns if told is None or full else pause.first_ack_ns
        rest = 0 if since is None else min(max(0, pause.time_ns - since - self.back_ns), long)
        if small or (rest and self._had_room(pause)):
            rest = long
        slowed = self._slowed(pause.since_ns, pause.time_ns)
        if rest < self._jitter and not (small and adds_up):
            if told is not None and told.released_ns is not None and not rest:
                rest = max(0, pause.time_ns - told.released_ns - self.back_ns)
            if slowed and 0 < rest < min(long, self._jitter):  # it had waited for an acknowledgement, as after a loss
                return [("loss", long - rest), ("wire", rest)]
            return [("wire", long)]
        if rest < max(TIMEOUT_NS, 4 * self.round_ns) and slowed:
            return [("loss", long)]  # acknowledgements of what was lost tell the sender little
        if not full and not slowed:
            rest = long
        return [("wire", long - rest), ("sender", rest)] if rest < long else [("sender", long)]

    def _had_room(self, pause: Pause) -> bool:
        """Whether less was under way than any sender may send without hearing anything (RFC 5681 §3.1), or much less than
        this one did at other times, and nothing was ever lost: it could have gone on at once."""
        told = self._told(pause)
        if pause.flight is None or self._recoveries or (told is not None and told.full):
            return False
        return pause.flight + pause.after <= max(2 * self.mss, self._meter.flight // 2)

    def stalled(self, pause: Pause) -> bool:
        """Whether a piece shorter than a segment waited until all was acknowledged, and another such piece with it (RFC
        9293 §3.7.4): a whole segment would not have waited."""
        return self._held_back(pause) and self._holds_back

    def _held_back(self, pause: Pause) -> bool:
        if not self._short(pause) or pause.acked_ns is None or pause.acked_ns != pause.last_ack_ns:
            return False
        told = self._told(pause)
        if told is not None:
            return told.whole
        return pause.acked_ns + (self.back_ns or 0) <= pause.time_ns + EARLY_NS

    @cached_property
    def _holds_back(self) -> bool:
        """Whether this sender holds short pieces back at all: none was sent too early for that, and most of those that may
        have waited followed the acknowledgement at once, as they do where a system has them ready."""
        if self._meter.hasty >= HASTY:
            return False
        waits = sorted(
            pause.time_ns - (pause.acked_ns or 0) - (self.back_ns or 0)
            for pause in self._tcp.pauses
            if pause.direction is self._direction and self._held_back(pause) and self._in_time(pause)
        )
        return not waits or waits[len(waits) // 2] <= AT_ONCE_NS + (self.back_ns or 0) // 8

    def _short(self, pause: Pause) -> bool:
        """Whether it lies between two pieces shorter than a segment."""
        return pause.before < self.mss - 40 and pause.after < self.mss - 40

    def window_full(self, pause: Pause) -> bool:
        if self.scale is None or pause.window is None or pause.flight is None:
            return False
        return (pause.window << self.scale) - pause.flight < self.mss
