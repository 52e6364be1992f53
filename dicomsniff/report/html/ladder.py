"""One association in, its sequence diagram out: who sent what when, to scale in time, with every stall marked.

Down the page runs time: each step takes the room that its letters need, and beyond that room in proportion to what
passed before it. Across, positions are percentages; see figures.css.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field

from dicomsniff.association.values import Association, Conversation
from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass
from dicomsniff.report.html.steps import Step, steps_of
from dicomsniff.report.wording import duration

ROW = 27.0  # px that a step's letters need
TOP = 34.0  # px of the heading
_ROOM = 260.0  # px for time beside what letters need, at least
_SHARE = 9.0  # px of it for each step, where there are many
STALL_NS = 100_000_000  # shorter waits are no stall
_STALL_PART = 0.03  # of the whole
_LONG_NS = 1_000_000_000  # longer ones always are
_BREAK = 30.0  # px of a place where steps are left out


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step as drawn: from `y` at its sender to `end` at its receiver, the letters above."""

    step: Step
    y: float
    end: float
    after: str


@dataclass(frozen=True, slots=True)
class Stall:
    """Time in which the capture holds nothing new: from `y`, `height` px long. `requestor`: whose turn it was; None where most
    of it passed, or may have passed, on the network."""

    y: float
    height: float
    requestor: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Omission:
    y: float
    count: int


@dataclass(slots=True)
class Ladder:
    """Everything that is drawn; `height` in px. `left` operations are left out."""

    requestor: str
    acceptor: str
    height: float = TOP
    arrows: list[Arrow] = field(default_factory=list)
    stalls: list[Stall] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    left: int = 0
    total: str = ""
    under_way: dict[str, float] = field(default_factory=dict)
    lossy: bool = False


def ladder(
    association: Association,
    conversation: Conversation,
    shown: Sequence[int],
    queues: Mapping[int, float] | None = None,
) -> Ladder:
    """`shown`: ids of the operations that are drawn, in order. `queues`: for how many ms requests of which of them were on
    their way beyond the capture point after the capture had seen them whole."""
    steps = steps_of(association, conversation, frozenset(shown))
    made = Ladder(_name(association, "requestor"), _name(association, "acceptor"))
    made.left = len(association.exchanges) - len(shown)
    made.lossy = any(_lost(conversation, way) for way in Direction)
    made.under_way = {f"exchange-{number}": ms for number, ms in (queues or {}).items()}
    if steps:
        _draw(made, steps)
    made.height += ROW / 2
    return made


def _lost(conversation: Conversation, way: Direction) -> bool:
    facts = conversation.tcp.facts(way)
    return bool(facts.retransmitted_bytes or facts.out_of_order or facts.lost_bytes)


def _name(association: Association, role: str) -> str:
    title = association.calling_ae if role == "requestor" else association.called_ae
    return title or association.end(role).ip


def _draw(made: Ladder, steps: list[Step]) -> None:
    first = steps[0].start_ns
    last = max(step.end_ns for step in steps)
    drawn = max(1, last - first - sum(gap for step in steps if (gap := step.skipped_ns)))
    scale = max(_ROOM, _SHARE * len(steps)) / drawn
    least = max(STALL_NS, min(int(_STALL_PART * drawn), _LONG_NS))
    ruler = _Ruler(scale)
    covered = first
    for step in steps:
        if step.skipped:
            ruler.skip(step.start_ns)
            made.omissions.append(Omission(round(ruler.y - _BREAK / 2, 1), step.skipped))
        elif step.start_ns - covered >= least:
            _add_stall(made, ruler, covered, step)
        y = ruler.start(step.start_ns)
        end = max(y, ruler.y + max(0, step.end_ns - step.start_ns) * scale)
        made.arrows.append(Arrow(step, round(y, 1), round(end, 1), duration((step.start_ns - first) / 1e6)))
        covered = max(covered, step.end_ns)
        ruler.reach(covered)
    made.height = round(max(ruler.y, *(arrow.end for arrow in made.arrows)), 1)
    made.total = duration((last - first) / 1e6)


class _Ruler:
    """Times to places down the page: never backwards, whatever the clock did."""

    def __init__(self, scale: float) -> None:
        self.y, self._scale, self._ns = TOP, scale, -1

    def reach(self, time_ns: int) -> None:
        """Go down to this time."""
        if self._ns >= 0:
            self.y += max(0, time_ns - self._ns) * self._scale
        self._ns = max(self._ns, time_ns)

    def start(self, time_ns: int) -> float:
        """Where a step that begins now is drawn."""
        self.reach(time_ns)
        self.y += ROW
        return self.y

    def skip(self, time_ns: int) -> None:
        """Go on at this time without the room of what lies before."""
        self._ns = max(self._ns, time_ns)
        self.y += _BREAK


def _add_stall(made: Ladder, ruler: _Ruler, since_ns: int, step: Step) -> None:
    ruler.reach(since_ns)
    begin = ruler.y
    ruler.reach(step.start_ns)
    who = made.requestor if step.from_requestor else made.acceptor
    waited_ms = (step.start_ns - since_ns) / 1e6
    text = f"{duration(waited_ms)} until {who} {'answered' if step.answers else 'went on'}"
    way = made.under_way.pop(step.target, 0.0) if step.answers else 0.0  # before the first answer alone
    far = way >= waited_ms / 2
    if far:
        text += f", {duration(min(way, waited_ms))} of it on the network"
    unsure = far or (made.lossy and step.kind == "pdu")  # of negotiations nothing is known but when their bytes passed
    turn = None if unsure else step.from_requestor
    made.stalls.append(Stall(round(begin, 1), round(ruler.y - begin, 1), turn, text))
