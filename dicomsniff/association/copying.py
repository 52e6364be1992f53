"""A builder in, another one out that can be built as it stands while more is added to the first."""

from __future__ import annotations

from copy import copy

from dicomsniff.association.builder import AssociationBuilder


def copied(builder: AssociationBuilder) -> AssociationBuilder:
    """The same association so far. What building changes is copied, the rest is shared."""
    made = copy(builder)
    made.pairing, made._life = builder.pairing.copy(), copy(builder._life)
    made._anomalies, made._life.wrong = list(builder._anomalies), list(builder._life.wrong)
    return made
