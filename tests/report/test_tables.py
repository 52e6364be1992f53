"""Sections of the report as CSV: whole, plain, and harmless in a spreadsheet."""

import csv
import io

import pytest

from dicomsniff.report.tables import TABLES, write_table
from tests.captures import real


@real.here
@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize("capture", ["slow_nagle", "query_retrieve"])
def test_every_row_of_the_report_is_in_its_table(name: str, capture: str) -> None:
    report = real.analysis(capture).report()
    stream = io.StringIO()
    write_table(TABLES[name](report), stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    wanted = {"timing": report.exchanges, "exchanges": report.exchanges, "objects": report.objects}
    assert len(rows) == len(wanted.get(name, report.associations)) > 0
    assert all(None not in row.values() for row in rows)


@real.here
def test_the_parts_of_a_row_are_those_of_the_report() -> None:
    stream = io.StringIO()
    write_table(TABLES["timing"](real.analysis("slow_nagle").report()), stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert all(35 < float(row["response_nagle_ms"]) < 60 and row["stalls"] == "1" for row in rows)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("-x", "'-x"),
        ("@a", "'@a"),
        ("+b", "'+b"),
        (-1.5, "-1.5"),
        (None, ""),
        ("a\r\nb\x1b[1m", "a b[1m"),
    ],
)
def test_no_cell_begins_a_formula_or_carries_control_characters(value: object, written: str) -> None:
    stream = io.StringIO()
    write_table([{"one": value, "two": 2}], stream)
    [row] = csv.reader(io.StringIO(stream.getvalue().splitlines()[1]))
    assert " ".join(row[0].split()) == written and row[1] == "2"


def test_no_rows_make_an_empty_file() -> None:
    stream = io.StringIO()
    write_table([], stream)
    assert stream.getvalue() == ""
