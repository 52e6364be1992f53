"""Rules on storage commitment: results that do not come, refuse objects, cannot be handed over; invalid requests."""

from typing import Any

from dicomsniff.rules.commitment import failed_objects, invalid_request, missing_result, undelivered_result
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    missing_result.RULE,
    failed_objects.RULE,
    undelivered_result.RULE,
    invalid_request.RULE,
)
