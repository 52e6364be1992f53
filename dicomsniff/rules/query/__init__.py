"""Rules on queries (C-FIND): failed ones, and empty ones whose keys explain it."""

from typing import Any

from dicomsniff.rules.query import empty_answer, failed_query
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (failed_query.RULE, empty_answer.RULE)
