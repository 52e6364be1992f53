"""The JSON Schema of the report, as shipped with the package."""


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) that every JSON report of this version fulfils."""
    from importlib.resources import files  # only where the schema is asked for

    return (files("dicomsniff.report") / "schema.json").read_text(encoding="utf-8")
