"""Rules on the capture itself: what it does not show decides what others may claim."""

from typing import Any

from dicomsniff.rules.capture_quality import (
    artefacts,
    hidden_contents,
    lost_packets,
    one_direction,
    partial_association,
    truncated_packets,
)
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    truncated_packets.RULE,
    lost_packets.RULE,
    one_direction.RULE,
    partial_association.RULE,
    artefacts.RULE,
    hidden_contents.RULE,
)
