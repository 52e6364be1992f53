"""A moment and what is new in it in, events as plain rows out: associations opened and closed, exchanges, findings.

The rows are those of the report, masked there, under ids that last for the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dicomsniff.association.timing import Timing, timing
from dicomsniff.association.values import Association, Exchange, Outcome, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.live.ids import Names
from dicomsniff.live.window import Moment
from dicomsniff.report.association_rows import association_row
from dicomsniff.report.convert import iso_time
from dicomsniff.report.exchange_rows import exchange_row
from dicomsniff.report.finding_rows import finding_row
from dicomsniff.report.redaction import Redaction, redaction_of
from dicomsniff.report.values import Row
from dicomsniff.rules.finding import Finding

OPENED, CLOSED, EXCHANGE, FINDING = "association_opened", "association_closed", "exchange", "finding"
DROPPED, NOTICE = "dropped", "notice"


ENDED = (Outcome.RELEASED, Outcome.REJECTED, Outcome.ABORTED)
"""After these nothing more comes, whatever becomes of the connection."""

NOTHING = Traffic((), (), (), ())


class Event(NamedTuple):
    """Something that happened: what, and its row."""

    kind: str
    row: Row

    def line(self) -> Row:
        """The row with the kind of event in front, as `--json-lines` writes it."""
        return {"event": self.kind, **self.row}


def dropped(packets: int, total: int, time_ns: int) -> Event:
    """Packets that nobody could read."""
    message = f"{packets} packets dropped before they could be read ({total} in all): silence proves nothing there"
    return Event(DROPPED, {"time": iso_time(time_ns), "packets": packets, "total": total, "message": message})


def notice(message: str, time_ns: int) -> Event:
    """Something about the watch itself."""
    return Event(NOTICE, {"time": iso_time(time_ns), "message": message})


class Chronicle:
    """Says of each moment what is new since the one before."""

    def __init__(self, redact: bool) -> None:
        self._redact = redact
        self._redaction, self._timing = Redaction(redact), Timing(NOTHING)
        self._open: dict[
            int, set[int]
        ] = {}  # associations that were told to be open, and their exchanges that were told
        self._newest = 0  # association told of last: ids grow

    def events(self, moment: Moment, findings: Iterable[Finding], *, last: bool = False) -> Iterator[Event]:
        """In the order in which it happened, association by association; then the findings. `last`: those still open
        are told as they stand."""
        self._redaction = redaction_of(moment.traffic, self._redact, moment.identifiers)
        self._timing = timing(moment.traffic.without_views())
        newest = self._newest
        for association in moment.traffic.associations:
            id = moment.names.of(association)
            if id > newest:
                self._open[id] = set()
                self._newest = max(self._newest, id)
                yield Event(OPENED, self._association(association, moment))
            if id in self._open:
                yield from self._progress(id, association, moment, last)
        for finding in findings:
            yield Event(FINDING, self.finding(finding, moment.names))
        self._redaction, self._timing = Redaction(self._redact), Timing(NOTHING)  # they hold the traffic

    def finding(self, finding: Finding, names: Names) -> Row:
        """A finding's row under the ids of the session."""
        return _named(finding_row(finding, self._redaction), names)

    def _progress(self, id: int, association: Association, moment: Moment, last: bool) -> Iterator[Event]:
        told = self._open[id]
        over = last or association.connection in moment.ended or association.outcome in ENDED
        for exchange in association.exchanges:
            known = moment.names.exchange(exchange.id) or 0
            if known not in told and (over or (exchange.final is not None and exchange.request is not None)):
                told.add(known)
                yield Event(EXCHANGE, self._exchange(exchange, moment))
        if association.id in moment.lost:
            told &= {moment.names.exchange(exchange.id) or 0 for exchange in association.exchanges}
        if over:
            del self._open[id]
            yield Event(CLOSED, self._association(association, moment))

    def _association(self, association: Association, moment: Moment) -> Row:
        names, row = moment.names, association_row(association, self._redaction, self._timing)
        row["id"], row["connection"] = names.association(row["id"]), names.connection(row["connection"])
        row["view_of"] = names.association(row["view_of"])
        for name in ("exchanges", "failed_exchanges"):
            row[name] = [names.exchange(each) for each in row[name]]
        return row

    def _exchange(self, exchange: Exchange, moment: Moment) -> Row:
        names, row = moment.names, exchange_row(exchange, self._redaction, self._timing)
        row["id"], row["association"] = names.exchange(row["id"]), names.association(row["association"])
        row["parent"], row["children"] = names.exchange(row["parent"]), [names.exchange(c) for c in row["children"]]
        return row


def _named(row: Row, names: Names) -> Row:
    facts: dict[str, Any] = row["facts"]
    if "connections" in facts:
        facts = facts | {"connections": [names.connection(each) for each in facts["connections"]]}
    return row | {
        "connection": names.connection(row["connection"]),
        "association": names.association(row["association"]),
        "exchange": names.exchange(row["exchange"]),
        "facts": facts,
        "children": [_named(child, names) for child in row["children"]],
    }
