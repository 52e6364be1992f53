"""Rules on retrieval (C-MOVE, C-GET): what kept the objects from coming."""

from typing import Any

from dicomsniff.rules.retrieve import (
    callback_context_mismatch,
    early_final_response,
    failed_suboperations,
    impatient_requestor,
    inconsistent_counters,
    nothing_sent,
    rejected_callback,
    unknown_destination,
    unreachable_callback,
    wrong_callback_address,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    unknown_destination.RULE,
    unreachable_callback.RULE,
    wrong_callback_address.RULE,
    rejected_callback.RULE,
    callback_context_mismatch.RULE,
    failed_suboperations.RULE,
    nothing_sent.RULE,
    inconsistent_counters.RULE,
    impatient_requestor.RULE,
    early_final_response.RULE,
)
