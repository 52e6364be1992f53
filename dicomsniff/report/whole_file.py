"""A path in, a text file out that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def whole_file(path: str | Path, newline: str | None = None) -> Iterator[TextIO]:
    """Written under another name until it is whole; devices and pipes are written to as they are. `newline` as of `open`. Raises
    OSError as the file system does."""
    target = Path(path)
    as_it_is = target.exists() and not target.is_file()
    part = target if as_it_is else target.with_name(target.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline=newline) as stream:
            yield stream
        if not as_it_is:
            os.replace(part, target)
    except BaseException as error:
        if not as_it_is:
            part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None and error.filename in (None, str(part)):
            error.filename = str(target)  # the name that the user knows
        raise
