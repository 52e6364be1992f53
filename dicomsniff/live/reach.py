"""How far a rule looks: those that judge one association (and its connection) only, whatever others did before or after."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.rules.catalogue import every_rule

ALONE = frozenset(
    {
        "DS-TCP-005",
        "DS-ASSOC-001", "DS-ASSOC-002", "DS-ASSOC-003", "DS-ASSOC-004", "DS-ASSOC-008", "DS-ASSOC-009",
        "DS-ASSOC-015", "DS-ASSOC-016",
        "DS-PC-001", "DS-PC-002", "DS-PC-003", "DS-PC-004", "DS-PC-007", "DS-PC-009", "DS-PC-010",
        "DS-DIMSE-001", "DS-DIMSE-002", "DS-DIMSE-003", "DS-DIMSE-004", "DS-DIMSE-005", "DS-DIMSE-006", "DS-DIMSE-007",
        "DS-DIMSE-009", "DS-DIMSE-010",
        "DS-STORE-001", "DS-STORE-002", "DS-STORE-003", "DS-STORE-006",
        "DS-DATA-001", "DS-DATA-002", "DS-DATA-003", "DS-DATA-004", "DS-DATA-005",
        "DS-FIND-001", "DS-FIND-002", "DS-FIND-004",
        "DS-SEC-006",
    }
)  # fmt: skip
"""What these find of a connection alone they also find of it among all others; a test holds them to it."""


def others() -> Iterator[str]:
    """The ids of all other rules: what they find of a part of the traffic may be untrue of all of it."""
    return (rule.id for rule in every_rule() if rule.id not in ALONE)
