"""Rules on retrieval (C-MOVE, C-GET): what kept the objects from coming."""

from typing import Any

from dicomsniff.rules.retrieve import unknown_destination
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (unknown_destination.RULE,)
