"""Rules on presentation contexts: what was proposed, what was accepted, what was used."""

from typing import Any

from dicomsniff.rules.contexts import (
    compressed_fallback,
    inconsistent_acceptance,
    invalid_context_list,
    missing_default_syntax,
    missing_role,
    refused_transfer_syntax,
    rejected_contexts,
    unaccepted_context,
    unexplained_refusal,
    unsupported_sop_class,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    rejected_contexts.RULE,
    unsupported_sop_class.RULE,
    refused_transfer_syntax.RULE,
    unexplained_refusal.RULE,
    inconsistent_acceptance.RULE,
    invalid_context_list.RULE,
    unaccepted_context.RULE,
    compressed_fallback.RULE,
    missing_default_syntax.RULE,
    missing_role.RULE,
)
