"""Rules on what data sets contain: encoding, structure, identifiers, pixels, text and mandatory values; headers only."""

from typing import Any

from dicomsniff.rules.data_sets import (
    inconsistent_pixels,
    invalid_structure,
    invalid_uid,
    missing_values,
    wrong_character_set,
    wrong_encoding,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    wrong_encoding.RULE,
    invalid_uid.RULE,
    inconsistent_pixels.RULE,
    invalid_structure.RULE,
    wrong_character_set.RULE,
    missing_values.RULE,
)
