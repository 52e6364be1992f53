"""The report as JSON text, written row by row: one row a line, whatever its number."""

import json
from collections.abc import Iterable
from typing import IO, Any

import orjson

from dicomsniff.report.values import SCHEMA, SCHEMA_VERSION, Report, Row

# ASCII only: the text survives every terminal and code page, lone surrogates of file names included.
_ENCODE = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode

BETWEEN = ","
"""What stands between two rows."""


def encoded(value: Any) -> str:
    """The value as JSON in ASCII. orjson takes a tenth of the time and writes the same, but for what is not ASCII."""
    try:
        text = orjson.dumps(value)
    except TypeError:  # a lone surrogate, a number beyond 64 bits
        return _ENCODE(value)
    return text.decode("ascii") if text.isascii() and b"\x7f" not in text else _ENCODE(value)


def write_json(report: Report, stream: IO[str]) -> None:
    """Write the whole report; memory does not grow with the number of rows. Raises OSError as the stream does."""
    stream.write(beginning(report))
    stream.write(f' "time":{encoded(report.time[0])},\n')
    named = sections(report)
    for position, (name, rows) in enumerate(named, 1):
        stream.write(opened(name))
        some = write_rows(rows, stream)
        stream.write(closed(some, last=position == len(named)))


def beginning(report: Report) -> str:
    """Everything before the times of the whole."""
    return "{\n" + "".join(f' "{name}":{encoded(value)},\n' for name, value in _head(report))


def opened(section: str) -> str:
    return f' "{section}":['


def closed(some: bool, *, last: bool) -> str:
    """The end of a section that has rows or none, or of the last one and the report."""
    return ("\n ]" if some else "]") + ("\n}\n" if last else ",\n")


def write_rows(rows: Iterable[Row], stream: IO[str]) -> bool:
    """Write rows one after the other, without what stands around them; whether there was any."""
    separator = "\n  "
    for row in rows:
        stream.write(separator)
        stream.write(encoded(row))
        separator = BETWEEN + "\n  "
    return separator != "\n  "


def _head(report: Report) -> list[tuple[str, Any]]:
    return [
        ("schema", SCHEMA),
        ("schema_version", SCHEMA_VERSION),
        ("tool", {"name": "dicomsniff", "version": report.version}),
        ("redacted", report.redacted),
        ("verdict", report.verdict),
        ("summary", report.summary),
    ]


def sections(report: Report) -> list[tuple[str, Iterable[Row]]]:
    """Name and rows of each, in their order."""
    return [
        ("captures", report.captures),
        ("connections", report.connections),
        ("associations", report.associations),
        ("exchanges", report.exchanges),
        ("retrievals", report.retrievals),
        ("objects", report.objects),
        ("studies", report.studies),
        ("pairs", report.pairs),
        ("findings", report.findings),
        ("checks", report.checks),
    ]
