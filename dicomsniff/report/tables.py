"""The report in, its sections as CSV tables out: one line a row, for spreadsheets and scripts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from dicomsniff.association.pauses import PARTS
from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import clean

_TIMES = ("think", "transfer", "queue", "server", "server_min", "server_max", "round_trip", "response")
_SUMS = (
    "setup", "think", "server", "queue", "round_trip", *PARTS, "other", "total", "confidence",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet takes for a formula at the beginning of a cell


def timing(report: Report) -> Iterator[Row]:
    """Every exchange with where its time went, in ms; empty where it is not known."""
    for row in report.exchanges:
        association = report.associations[row["association"] - 1]
        time = row["time"]
        yield {
            **_named(row, "id", "association"),
            **_named(association, "connection", "calling_ae", "called_ae"),
            **_named(
                row, "service", "message_id", "requested_by", "request_time", "status", "outcome", "dataset_bytes"
            ),
            "duration_ms": row["duration_ms"],
            **{f"{name}_ms": time[name] for name in _TIMES},
            **{f"transfer_{name}_ms": time["transfer_parts"][name] for name in PARTS},
            **{f"response_{name}_ms": time["response_parts"][name] for name in PARTS},
            **_named(time, "overlaps", "confidence"),
            "stalls": len(row["stalls"]),
            "longest_stall_ms": max((stall["duration_ms"] for stall in row["stalls"]), default=0.0),
        }


def associations(report: Report) -> Iterator[Row]:
    """Every association with where its time went as a whole, in ms."""
    for row in report.associations:
        time = row["time"] or dict.fromkeys(_SUMS)
        yield {
            **_named(row, "id", "connection", "calling_ae", "called_ae"),
            "requestor": _end(row["requestor"]),
            "acceptor": _end(row["acceptor"]),
            **_named(row, "outcome", "first_time", "last_time", "duration_ms"),
            "exchanges": len(row["exchanges"]),
            **{f"{name}_ms" if name != "confidence" else name: time[name] for name in _SUMS},
        }


def exchanges(report: Report) -> Iterator[Row]:
    """Every exchange: what was asked and what was answered."""
    for row in report.exchanges:
        yield {
            **_named(
                row, "id", "association", "context", "service", "message_id", "requested_by", "sop_class", "sop_class_name",
                "sop_instance", "request_time", "dataset_bytes", "responses", "pending", "status", "status_class",
                "status_text", "error_comment", "first_response_ms", "duration_ms", "outcome", "move_destination", "parent",
            ),
            "request_first_packet": _first(row["request_packets"]),
            "response_last_packet": _last(row["response_packets"]),
        }  # fmt: skip


def objects(report: Report) -> Iterator[Row]:
    """Every object that a C-STORE carried."""
    names = (
        "exchange",
        "sop_class",
        "sop_instance",
        "transfer_syntax",
        "dataset_bytes",
        "complete",
        "missing_bytes",
        "sha256",
    )
    for row in report.objects:
        yield _named(row, *names)


TABLES: dict[str, Callable[[Report], Iterator[Row]]] = {
    "timing": timing,
    "associations": associations,
    "exchanges": exchanges,
    "objects": objects,
}


def write_table(rows: Iterable[Row], stream: IO[str]) -> None:
    """Comma-separated (RFC 4180 but for the line ends), with a line of names first where there is a row. No cell begins a
    formula, whatever the wire said."""
    writer = csv.writer(stream, lineterminator="\n")
    for place, row in enumerate(rows):
        if not place:
            writer.writerow(row)
        writer.writerow([_cell(value) for value in row.values()])


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _named(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def _end(side: Row) -> str:
    return f"{side['ip']}:{side['port']}"


def _first(packets: list[int] | None) -> int | None:
    return packets[0] if packets else None


def _last(packets: list[int] | None) -> int | None:
    return packets[-1] if packets else None
