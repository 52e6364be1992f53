"""The tables that ship with the package are there and are what the code reads them as."""

import pytest

from dicomsniff.dimse.table import rows


def test_rows_are_mappings_by_column() -> None:
    assert rows("c_store")[0] == {
        "first": "0000",
        "last": "0000",
        "class": "success",
        "meaning": "Success",
        "related_elements": "",
    }


def test_a_quoted_cell_keeps_its_comma() -> None:
    assert rows("c_move")[0]["meaning"] == "Sub-operations complete, no failures"


def test_a_table_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        rows("no_such_table")
