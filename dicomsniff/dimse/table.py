"""A name in, the rows of that table of the standard out, each a mapping from column to text; read once."""

from collections.abc import Mapping
from functools import cache


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The table `tables/{name}.csv` of this package. Raises FileNotFoundError for a name that is not there."""
    import csv  # only captures with a status to explain need these two
    from importlib.resources import files

    text = files("dicomsniff.dimse").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
