"""The objects that were sent in, by class and encoding, and one by one the faulty first, out."""

from collections.abc import Iterable, Sequence

from dicomsniff.association.values import Exchange, ExchangeOutcome
from dicomsniff.core.median import median
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.html.previews import Preview, previews
from dicomsniff.report.html.visible import visible
from dicomsniff.report.values import Report
from dicomsniff.report.wording import OUTCOMES, size

KINDS = 60
OBJECTS = 200
_LEAST_NS = 1_000_000  # a shorter transfer tells nothing of a rate
_BAD = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class KindOfObject:
    """All objects of one SOP class in one transfer syntax."""

    sop_class: str
    syntax: str
    number: int
    total_bytes: int
    median_bytes: int
    incomplete: int
    failed: int
    rate: str


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object. `missing_bytes` were not captured, `whole` says that it was seen to its end; `rate` is empty where it is
    not known."""

    exchange: int
    association: int
    sop_class: str
    sop_instance: str
    syntax: str
    length: int
    missing_bytes: int
    whole: bool
    rate: str
    answer: str
    tone: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A preview of one object."""

    view: ObjectView
    preview: Preview


@dataclass(frozen=True, slots=True)
class Objects:
    """`figures` are None where no previews were asked for, `figures_left` objects have none for want of room or time."""

    kinds: list[KindOfObject]
    kinds_left: int
    objects: list[ObjectView]
    objects_left: int
    figures: list[Figure] | None
    figures_left: int


def objects(report: Report, pictures: bool = False) -> Objects:
    """Faulty objects first where there are too many, always in order."""
    stores: Sequence[Exchange] = report.objects.items
    kinds = _kinds(stores)
    shown = _chosen(stores)
    views = [_view(one) for one in shown]
    figures = _figures(shown, views) if pictures else None
    return Objects(
        kinds[:KINDS],
        max(0, len(kinds) - KINDS),
        views,
        len(stores) - len(shown),
        figures,
        len(stores) - len(figures or ()),
    )


def _figures(shown: Sequence[Exchange], views: Sequence[ObjectView]) -> list[Figure]:
    made = previews(shown)
    return [Figure(view, made[view.exchange]) for view in views if view.exchange in made]


def _kinds(stores: Iterable[Exchange]) -> list[KindOfObject]:
    found: dict[tuple[str | None, str | None], list[Exchange]] = {}
    for one in stores:
        found.setdefault((one.sop_class, one.transfer_syntax), []).append(one)
    made = [_kind(*key, own) for key, own in found.items()]
    return sorted(made, key=lambda kind: -kind.number)


def _kind(sop_class: str | None, syntax: str | None, own: list[Exchange]) -> KindOfObject:
    lengths = [one.payload.length for one in own if one.payload]
    took = sum(ns for one in own if (ns := _took_ns(one)) is not None)
    sent = sum(one.payload.length for one in own if one.payload and _took_ns(one) is not None)
    return KindOfObject(
        _name(sop_class),
        _name(syntax),
        len(own),
        sum(lengths),
        round(median(lengths)) if lengths else 0,
        sum(not _whole(one) for one in own),
        sum(_failed(one) for one in own),
        _rate(sent, took),
    )


def _chosen(stores: Sequence[Exchange]) -> list[Exchange]:
    if len(stores) <= OBJECTS:
        return list(stores)
    bad = [one for one in stores if _failed(one) or not _whole(one)][:OBJECTS]
    kept = {one.id for one in bad}
    good = [one for one in stores if one.id not in kept][: OBJECTS - len(bad)]
    return sorted(bad + good, key=lambda one: one.id)


def _view(one: Exchange) -> ObjectView:
    length = one.payload.length if one.payload else 0
    took = _took_ns(one)
    answer = OUTCOMES[str(one.outcome)]
    if one.status is not None:
        answer = f"0x{one.status:04X} {one.status_class or ''}".strip()
    elif one.unseen:
        answer = "not captured"
    return ObjectView(
        one.id,
        one.association,
        _name(one.sop_class),
        visible(one.sop_instance or "?", 64),
        _name(one.transfer_syntax),
        length,
        one.payload.missing_bytes if one.payload else 0,
        _whole(one),
        "" if took is None else _rate(length, took),
        answer,
        "error" if _failed(one) else "warning" if one.outcome is ExchangeOutcome.WARNING else "",
    )


def _name(uid: str | None) -> str:
    return visible(uid_name(uid), 80) if uid else "?"


def _whole(one: Exchange) -> bool:
    return bool(one.payload and one.payload.complete and one.request_complete)


def _failed(one: Exchange) -> bool:
    return one.outcome in _BAD and not one.unseen


def _took_ns(one: Exchange) -> int | None:
    """From the first to the last packet of the request; None where that tells nothing."""
    if one.request is None or not one.request_complete:
        return None
    took = one.request.last_ns - one.request.first_ns
    return took if took >= _LEAST_NS else None


def _rate(length: int, took_ns: int) -> str:
    return f"{size(round(length / took_ns * 1e9))}/s" if took_ns > 0 else ""
