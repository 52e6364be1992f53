"""Rules on DIMSE messages and operations whatever their service: malformed, unpaired, never answered, or failed."""

from typing import Any

from dicomsniff.rules.dimse import (
    broken_fragments,
    exceeded_window,
    failed_operation,
    foreign_sop_class,
    ignored_cancel,
    invalid_command,
    mismatched_data_set_flag,
    mismatched_response,
    unanswered_request,
    undefined_status,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    unanswered_request.RULE,
    mismatched_response.RULE,
    invalid_command.RULE,
    mismatched_data_set_flag.RULE,
    foreign_sop_class.RULE,
    broken_fragments.RULE,
    exceeded_window.RULE,
    failed_operation.RULE,
    undefined_status.RULE,
    ignored_cancel.RULE,
)
