"""Rules on the Storage service: what the archive took, refused, changed, or never got whole."""

from typing import Any

from dicomsniff.rules.rule import Rule
from dicomsniff.rules.storage import (
    differing_uid,
    interrupted_transfer,
    out_of_resources,
    rejected_data_set,
    repeated_instance,
    stored_with_warning,
)

RULES: tuple[Rule[Any], ...] = (
    out_of_resources.RULE,
    rejected_data_set.RULE,
    stored_with_warning.RULE,
    differing_uid.RULE,
    repeated_instance.RULE,
    interrupted_transfer.RULE,
)
