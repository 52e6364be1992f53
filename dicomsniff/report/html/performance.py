"""Where the time went, as bars by pair and by association; how long answers took, as a table with their distribution."""

from collections.abc import Iterable, Sequence

from dicomsniff.core.records import dataclass
from dicomsniff.report.html.visible import visible
from dicomsniff.report.time_bars import LEAST_MS, NAMED_MS
from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import count

PAIRS = 12
ASSOCIATIONS = 16
ANSWERS = 30
_CLASSES_MS = (*(factor * 10**power for power in range(5) for factor in (1, 2, 5)), 100_000, None)
MATTERS = 0.3
"""A part that is smaller, or so short that nobody waits for it, is not named as what took most."""
_LEAST = 0.002  # of a bar: thinner parts are not seen, and the total says what they are

# Name of the colour, words, and the components that it stands for.
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("server", "until the answer", ("server",)),
    ("think", "pauses of the sender", ("think", "sender")),
    ("wire", "on the line", ("wire",)),
    ("loss", "recovery from lost packets", ("loss",)),
    ("window", "receiver's window shut or full", ("zero_window", "receive_window")),
    ("nagle", "small writes and delayed acknowledgements", ("nagle",)),
    ("congestion", "waiting for other acknowledgements", ("congestion",)),
    ("way", "round trips and queues", ("round_trip", "queue")),
    ("setup", "setting up and releasing", ("setup",)),
    ("other", "retrieves, and what cannot be told apart", ("other",)),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar: where it begins and how long it is, as parts of the full width."""

    kind: str
    words: str
    begin: float
    length: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the time of a pair or an association went; `most` says in words what took the largest part of it, where that matters."""

    title: str
    note: str
    association: int | None
    total_ms: float
    most: str
    pieces: tuple[Piece, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One class of a distribution: its place and its height as parts, and what it says."""

    begin: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class AnswersView:
    """How long one service took to answer between two."""

    who: str
    row: Row
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Performance:
    """The slowest first. `kinds` are the colours that occur; `full_ms` is the full width of the associations' bars."""

    pairs: list[Bar]
    pairs_left: int
    associations: list[Bar]
    full_ms: float
    answers: list[AnswersView]
    answers_left: int
    kinds: list[tuple[str, str]]
    column: float = 1 / len(_CLASSES_MS)


def performance(report: Report, chosen: Sequence[int]) -> Performance:
    """`chosen`: the associations that stand on the page in detail."""
    pairs = sorted((pair for pair in report.pairs if pair["time"]), key=lambda pair: -pair["time"]["total"])
    bars = [
        _bar(pair["time"], _pair_name(pair), _pair_note(pair), None, pair["time"]["total"]) for pair in pairs[:PAIRS]
    ]
    rows = [row for row in (report.associations[number - 1] for number in chosen) if row["time"]]
    rows = sorted(rows, key=lambda row: -row["time"]["total"])[:ASSOCIATIONS]
    full = rows[0]["time"]["total"] if rows else 0.0
    own = [
        _bar(row["time"], _name(row), f"#{row['id']}, {count(len(row['exchanges']), 'operation')}", row["id"], full)
        for row in rows
    ]
    answers = [_answers(pair, answer) for pair in pairs for answer in pair["answers"] if answer["count"]]
    answers.sort(key=lambda view: -(view.row["p95_ms"] or 0))
    used = {piece.kind for bar in (*bars, *own) for piece in bar.pieces}
    return Performance(
        bars, max(0, len(pairs) - PAIRS), own if len(own) > 1 else [], full, answers[:ANSWERS],
        max(0, len(answers) - ANSWERS), [(kind, words) for kind, words, _ in _KINDS if kind in used],
    )  # fmt: skip


def _name(row: Row) -> str:
    return f"{visible(row['calling_ae'] or '?', 20)} → {visible(row['called_ae'] or '?', 20)}"


def _pair_name(pair: Row) -> str:
    return _name(pair)


def _pair_note(pair: Row) -> str:
    note = count(pair["association_count"], "association")
    return note if pair["measured"] == pair["association_count"] else f"{note}, {pair['measured']:,} of them measured"


def _bar(time: Row, title: str, note: str, association: int | None, full_ms: float) -> Bar:
    amounts = [(kind, words, sum(time[name] for name in names)) for kind, words, names in _KINDS]
    total = time["total"]
    _, words, most = max(amounts, key=lambda amount: amount[2])
    named = total >= LEAST_MS and most >= max(NAMED_MS, MATTERS * total)
    said = f"{100 * most / total:.0f} % {words}" if named else ""
    return Bar(
        title,
        note,
        association,
        total,
        said,
        tuple(_pieces(amounts, full_ms)),
        time["confidence"] in ("high", "medium"),
    )


def _pieces(amounts: Iterable[tuple[str, str, float]], full_ms: float) -> Iterable[Piece]:
    begin = 0.0
    for kind, words, milliseconds in amounts:
        length = milliseconds / full_ms if full_ms > 0 else 0.0
        if length >= _LEAST:
            length = min(length, 1.0 - begin)
            yield Piece(kind, words, round(begin, 5), round(length, 5), milliseconds)
            begin += length


def _answers(pair: Row, answer: Row) -> AnswersView:
    server, other = ("called_ae", "calling_ae") if answer["performed_by"] == "acceptor" else ("calling_ae", "called_ae")
    who = f"{visible(pair[server] or '?', 20)} to {visible(pair[other] or '?', 20)}"
    most = max((each["count"] for each in answer["classes"]), default=0)
    columns = tuple(
        Column(
            _CLASSES_MS.index(each["upto_ms"]) / len(_CLASSES_MS),
            round(each["count"] / most, 3),
            f"{each['count']:,} {'longer' if each['upto_ms'] is None else 'up to ' + _bound(each['upto_ms'])}",
        )
        for each in answer["classes"]
        if each["count"]
    )
    return AnswersView(who, answer, columns)


def _bound(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds // 1000} s"
