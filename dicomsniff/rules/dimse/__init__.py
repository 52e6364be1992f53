"""Rules on DIMSE operations whatever their service: never answered, or failed."""

from typing import Any

from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = ()
