"""The report as JSON text, written row by row: one row a line, whatever its number."""

import json
from collections.abc import Iterable
from typing import IO, Any

import orjson

from dicomsniff.report.values import SCHEMA, SCHEMA_VERSION, Report, Row

# ASCII only: the text survives every terminal and code page, lone surrogates of file names included.
_ENCODE = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode


def encoded(value: Any) -> str:
    """The value as JSON in ASCII. orjson takes a tenth of the time and writes the same, but for what is not ASCII."""
    try:
        text = orjson.dumps(value)
    except TypeError:  # a lone surrogate, a number beyond 64 bits
        return _ENCODE(value)
    return text.decode("ascii") if text.isascii() and b"\x7f" not in text else _ENCODE(value)


def write_json(report: Report, stream: IO[str]) -> None:
    """Write the whole report; memory does not grow with the number of rows. Raises OSError as the stream does."""
    stream.write("{\n")
    for name, value in _head(report):
        stream.write(f' "{name}":{encoded(value)},\n')
    sections = _sections(report)
    for position, (name, rows) in enumerate(sections, 1):
        _write_section(stream, name, rows)
        stream.write("\n" if position == len(sections) else ",\n")
    stream.write("}\n")


def _head(report: Report) -> list[tuple[str, Any]]:
    return [
        ("schema", SCHEMA),
        ("schema_version", SCHEMA_VERSION),
        ("tool", {"name": "dicomsniff", "version": report.version}),
        ("redacted", report.redacted),
        ("verdict", report.verdict),
        ("summary", report.summary),
        ("time", report.time[0]),
    ]


def _sections(report: Report) -> list[tuple[str, Iterable[Row]]]:
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


def _write_section(stream: IO[str], name: str, rows: Iterable[Row]) -> None:
    stream.write(f' "{name}":[')
    separator = "\n  "
    for row in rows:
        stream.write(separator)
        stream.write(encoded(row))
        separator = ",\n  "
    stream.write("]" if separator == "\n  " else "\n ]")
