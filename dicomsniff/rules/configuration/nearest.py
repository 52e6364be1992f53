"""A folder in, the settings file that holds for it out; what reads one is loaded where there is one, as most sites have none."""

from pathlib import Path

NAME = "dicomsniff.toml"


def nearest_file(start: Path) -> Path | None:
    """The dicomsniff.toml in this folder or the nearest one above it."""
    here = start.resolve()
    return next((folder / NAME for folder in (here, *here.parents) if (folder / NAME).is_file()), None)
