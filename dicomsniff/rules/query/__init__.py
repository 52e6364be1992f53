"""Rules on queries (C-FIND): failed ones, and empty ones whose keys explain it."""

from typing import Any

from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = ()
