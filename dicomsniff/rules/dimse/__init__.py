"""Rules on DIMSE operations whatever their service: never answered, or failed."""

from typing import Any

from dicomsniff.rules.dimse import failed_operation, unanswered_request
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (unanswered_request.RULE, failed_operation.RULE)
