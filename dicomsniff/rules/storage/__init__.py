"""Rules on the Storage service: what the archive took, refused, changed, or never got whole."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.storage import interrupted_transfer, out_of_resources, rejected_data_set, stored_with_warning

RULES: tuple[Rule[Any], ...] = (
    out_of_resources.RULE,
    rejected_data_set.RULE,
    stored_with_warning.RULE,
    interrupted_transfer.RULE,
)
