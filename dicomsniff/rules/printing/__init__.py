"""Rules on film printing: jobs that failed, were degraded or never printed."""

from typing import Any

from dicomsniff.rules.printing import failed_print
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (failed_print.RULE,)
