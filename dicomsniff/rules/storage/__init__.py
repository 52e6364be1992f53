"""Rules on the Storage service: what the archive took, refused, changed, or never got whole."""

from typing import Any

from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = ()
