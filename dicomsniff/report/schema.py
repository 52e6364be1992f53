"""The JSON Schema of the report, as shipped with the package."""

from importlib.resources import files


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) that every JSON report of this version fulfils."""
    return (files("dicomsniff.report") / "schema.json").read_text(encoding="utf-8")
