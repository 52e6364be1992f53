"""Events of a live analysis in, lines out: for people where standard output is no terminal, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from dicomsniff.capture import PacketBlock
from dicomsniff.cli.outlet import Outlet
from dicomsniff.live.events import Event
from dicomsniff.live.watch import Status
from dicomsniff.report.values import Row
from dicomsniff.report.wording import association_name, clean, clock, count, duration, endpoint, packets, short_ending

SHOWN = ("error", "warning", "note")


class Lines:
    """A listener that writes a line for each event, as `make` words it."""

    def __init__(self, outlet: Outlet, make: Callable[[Event], str | None]) -> None:
        self._outlet, self._make = outlet, make

    def block(self, block: PacketBlock) -> None:
        """Packets are not told one by one."""

    def happened(self, events: Sequence[Event], status: Status) -> None:
        for event in events:
            if line := self._make(event):
                self._outlet.put(line)


def json_lines(outlet: Outlet) -> Lines:
    """One JSON object a line."""
    return Lines(outlet, lambda event: json.dumps(event.line(), ensure_ascii=False))


def plain_lines(outlet: Outlet, verbose: bool) -> Lines:
    """Sentences with the time in front; `verbose` with every exchange and every finding."""
    return Lines(outlet, lambda event: plain(event, verbose))


def plain(event: Event, verbose: bool) -> str | None:
    """An event in one line; None where nobody asked for it."""
    match event.kind:
        case "association_opened":
            return clean(f"{clock(event.row['first_time'])}  + {opened(event.row)}")
        case "association_closed":
            return clean(f"{clock(event.row['last_time'])}  - {closed(event.row)}")
        case "exchange":
            return clean(f"{clock(event.row['request_time'])}    {exchange(event.row)}") if verbose else None
        case "finding":
            return finding(event.row) if verbose or event.row["severity"] in SHOWN else None
        case _:
            return remark(event)


def opened(row: Row) -> str:
    """ "association 3: CT01 (10.0.0.5) -> PACS (10.0.0.2:104)"."""
    return f"association {row['id']}: {association_name(row)} at {endpoint(row['acceptor'])}"


def closed(row: Row) -> str:
    operations = count(len(row["exchanges"]), "operation")
    failed = f", {len(row['failed_exchanges'])} failed" if row["failed_exchanges"] else ""
    return f"association {row['id']}: {association_name(row)} {short_ending(row)} after {duration(row['duration_ms'])}, {operations}{failed}"


def exchange(row: Row) -> str:
    answer = f" -> {row['status']} {row['status_text'] or ''}".rstrip() if row["status"] else ""
    took = f" in {duration(row['duration_ms'])}" if row["duration_ms"] is not None else ""
    return f"{row['service']} {row['message_id']} {row['sop_class_name'] or ''} {row['outcome']}{answer}{took}"


def finding(row: Row) -> str:
    """ "08:00:04.103  ✖ error DS-STORE-001: PACS refused … (packets 5, 6)"."""
    sign = {"error": "✖", "warning": "▲"}.get(row["severity"], "·")
    proof = f" ({packets(row['packets'])})" if row["packets"] else ""
    return clean(f"{clock(row['time'])}  {sign} {row['severity']} {row['rule']}: {row['message']}{proof}")


def remark(event: Event) -> str:
    """What is to be said of the watch itself."""
    return clean(f"{clock(event.row['time'])}  ! {event.row['message']}")
