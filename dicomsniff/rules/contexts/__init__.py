"""Rules on presentation contexts: what was proposed, what was accepted, what was used."""

from typing import Any

from dicomsniff.rules.contexts import (
    refused_transfer_syntax,
    rejected_contexts,
    unaccepted_context,
    unsupported_sop_class,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    rejected_contexts.RULE,
    unsupported_sop_class.RULE,
    refused_transfer_syntax.RULE,
    unaccepted_context.RULE,
)
