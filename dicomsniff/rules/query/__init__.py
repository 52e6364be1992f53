"""Rules on queries (C-FIND): failed, empty, malformed, too broad or too many, and answers that do not fit."""

from typing import Any

from dicomsniff.rules.query import (
    broad_query,
    empty_answer,
    failed_query,
    invalid_keys,
    query_per_item,
    unfitting_answer,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    failed_query.RULE,
    invalid_keys.RULE,
    empty_answer.RULE,
    unfitting_answer.RULE,
    broad_query.RULE,
    query_per_item.RULE,
)
