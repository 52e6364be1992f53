"""A station gets an empty worklist.

What it sees
Worklist queries of a station (by scheduled station AE, modality and date, without a patient) that ended in success
without a single item: three times in a row, or once where other answers of the same server in this capture show the
reason: items for a station AE title that is written almost the same, or items for this very station under another
modality. A query with the same keys that had answers later takes it back.

Why it matters
The staff enter patients by hand, or the examination waits.

Likely causes
1. The Scheduled Station AE Title in the RIS differs from that of the station (capitals, an alias).
2. The modality code differs (DX and CR, RF and XA).
3. The date: another time zone, or the clock of the modality.
4. The order has not arrived from the RIS.
5. The step was begun already (MPPS).

Fix
Query with only the date and compare what comes back; then correct the resource in the RIS.

Could be wrong when
Nothing is scheduled: at night or at the weekend an empty list is right. Without a reason in the capture this is only a
remark.

Reference
PS3.4 §K.6.1.2.2
PS3.4 §K.4.1
https://github.com/fo-dicom/fo-dicom/issues/1056
https://github.com/dcm4che/dcm4chee-arc-light/issues/3419
"""

import re
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime

from dicomsniff.association.index import once
from dicomsniff.association.parties import Party
from dicomsniff.association.values import Traffic
from dicomsniff.association.worklist import WORKLIST, WorklistQuery, worklist_queries
from dicomsniff.core import Endpoint
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import how_often, listed, peer
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.worklist.items import step_keys

_PATIENT = ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "RequestedProcedureID")
_SEPARATORS = pattern(r"[\s_\-.]")


class Keys(NamedTuple):
    """What a station asks for, or an item is for."""

    station: str
    modality: str
    date: str


@dataclass(slots=True)
class EmptyRun:
    """The queries of one station with the same keys since the last that had items, none of which had one; `items` are
    what this server answered to anybody."""

    keys: Keys
    queries: list[WorklistQuery] = field(default_factory=list)
    items: frozenset[Keys] = frozenset()


@once
def _runs(traffic: Traffic) -> Among[EmptyRun]:
    open_runs: dict[tuple[Party, Endpoint, Keys], EmptyRun] = {}
    items: dict[Endpoint, set[Keys]] = {}
    judged = 0
    for query in worklist_queries(traffic):
        exchange = query.exchange
        server = traffic.association(exchange.association).acceptor
        items.setdefault(server, set()).update(_of(item.step) for item in query.items)
        if exchange.final is None or exchange.status != 0 or not _general(query):
            continue
        judged += 1
        key = query.station, server, _of(step_keys(query.keys))
        if query.matches:
            open_runs.pop(key, None)
        else:
            open_runs.setdefault(key, EmptyRun(key[2])).queries.append(query)
    for (_, server, _), run in open_runs.items():
        run.items = frozenset(items[server])
    return Among(judged, list(open_runs.values()))


def _of(step: DataSet) -> Keys:
    keywords = ("ScheduledStationAETitle", "Modality", "ScheduledProcedureStepStartDate")
    return Keys(*((step.get(keyword) or "").strip() for keyword in keywords))


def _general(query: WorklistQuery) -> bool:
    """Whether the identifier was read and asks for no single patient."""
    keys = query.keys
    return keys is not None and keys.error is None and not any((keys.get(k) or "").strip("* ") for k in _PATIENT)


def check(run: EmptyRun, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    strong, weak = list(_reasons(run)), list(_remarks(run))
    if not strong and len(run.queries) < thresholds.worklist_empty_count:
        return None
    first, last = run.queries[0].exchange, run.queries[-1].exchange
    for query in run.queries:
        exchange = query.exchange
        if traffic.association(exchange.association).blind_towards(exchange.direction.opposite):
            return Inconclusive("worklist items may have been sent in a stretch that was not captured")
    association, keys = traffic.association(first.association), run.keys
    hints = strong + weak
    times = f", {how_often(len(run.queries))} in a row" if len(run.queries) > 1 else ""
    return Hit(
        f"{peer(association, 'requestor')} gets an empty worklist from {peer(association, 'acceptor')} for AE "
        f"'{keys.station or '*'}', modality {keys.modality or 'any'}, date {_dated(keys.date)}{times}."
        + (f" Check: {'; '.join(hints)}." if hints else ""),
        packets_of(first.request, first.final, last.request, last.final),
        first.final.first_ns if first.final else None,
        Severity.WARNING if strong else Severity.NOTE,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        act=Side.UNKNOWN,
        key=f"{run.queries[0].station}|{association.acceptor}|{keys}",
        facts={
            "station_ae": keys.station or None,
            "modality": keys.modality or None,
            "date": _dated(keys.date) if keys.date else None,
            "queries": len(run.queries),
            "hints": hints,
            "sop_class": WORKLIST,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


def _dated(date: str) -> str:
    """A date of a worklist key, between marks: it is somebody's appointment."""
    return f"⟦{date}⟧" if date else "any"


def _reasons(run: EmptyRun) -> Iterator[str]:
    """What other answers of the server show to be wrong with the keys."""
    keys = run.keys
    if not keys.station or "*" in keys.station or "?" in keys.station:
        return
    alike = {s for s in _stations(run.items) if s != keys.station and _fold(s) == _fold(keys.station)}
    if alike and keys.station not in _stations(run.items):
        yield f"the server has items for {_quoted(alike)}, written differently"
    own = {item.modality for item in run.items if keys.station in item.station.split("\\") and item.modality}
    if keys.modality and own and keys.modality not in own:
        yield f"the server's items for '{keys.station}' have modality {listed(sorted(own))}"


def _remarks(run: EmptyRun) -> Iterator[str]:
    """What may be the reason, or may mean nothing."""
    keys, asked = run.keys, run.queries[-1].exchange.request
    made = datetime.fromtimestamp(asked.first_ns // 10**9, UTC) if asked and asked.first_ns > 0 else None
    wanted = _day(keys.date)
    if wanted and made and abs((wanted.date() - made.date()).days) > 1:  # a day is the time zone's
        yield f"the query asks for {_dated(keys.date)}, the capture was made on {made:%Y%m%d} (UTC)"
    dates = {
        i.date for i in run.items if keys.station in i.station.split("\\") and i.modality == keys.modality and i.date
    }
    if keys.station and dates and keys.date:
        yield f"the server's items for this station are dated {listed(_dated(date) for date in sorted(dates))}"
    others = _stations(i for i in run.items if i.modality == keys.modality)
    if keys.station and others and keys.station not in others:
        yield f"the server has items of this modality for {_quoted(others)}"


def _day(date: str) -> datetime | None:
    """A single date of a worklist key."""
    if not re.fullmatch(r"\d{8}", date):
        return None
    try:
        return datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _stations(items: "frozenset[Keys] | Iterator[Keys]") -> set[str]:
    return {station for item in items for station in item.station.split("\\") if station}


def _quoted(titles: set[str]) -> str:
    return listed(f"'{title}'" for title in sorted(titles))


def _fold(title: str) -> str:
    return _SEPARATORS.sub("", title).casefold()


RULE = Rule(
    id="DS-MWL-001",
    name="worklist-empty",
    severity=Severity.WARNING,
    title="Empty worklist",
    subjects=_runs,
    check=check,
    page=__doc__,
    absence=True,
    hides=("DS-FIND-003",),
)
