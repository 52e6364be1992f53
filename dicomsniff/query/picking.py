"""Traffic and an expression in, the exchanges for which it is true out."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.query.attributes import Attributes, check_names
from dicomsniff.query.language import Expression


def pick(traffic: Traffic, expression: Expression) -> Iterator[Exchange]:
    """In the order of the capture, each conversation once however often it was captured. Raises ExpressionError for a name
    that nothing has."""
    check_names(expression.names)
    attributes = Attributes(traffic)
    for exchange in traffic.without_views().exchanges:
        if expression.holds(attributes.of(exchange)):
            yield exchange
