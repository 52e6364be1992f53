"""Rules on the modality worklist and on procedure steps (MPPS)."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.worklist import (
    aborted_query,
    empty_worklist,
    incomplete_item,
    refused_creation,
    refused_update,
    unfinished_step,
)

RULES: tuple[Rule[Any], ...] = (
    empty_worklist.RULE,
    incomplete_item.RULE,
    aborted_query.RULE,
    refused_creation.RULE,
    refused_update.RULE,
    unfinished_step.RULE,
)
