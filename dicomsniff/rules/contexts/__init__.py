"""Rules on presentation contexts: what was proposed, what was accepted, what was used."""

from typing import Any

from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = ()
