"""The standard library's `re.compile`, cheap where a program starts: a pattern is compiled when it is first used.

Compiling the patterns of every room took a twentieth of the time of a small capture, which needs few of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class _Pattern:
    """Stands for a pattern; what is asked of it is asked of the compiled one, and remembered."""

    def __init__(self, text: Any, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, value)
        return value


def _pattern(text: Any, flags: int = 0) -> Any:
    """A pattern, of text or bytes, with all its methods and attributes."""
    return _Pattern(text, flags)


if TYPE_CHECKING:
    pattern = re.compile
else:
    pattern = _pattern
