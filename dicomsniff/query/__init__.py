"""An expression in, the exchanges of the traffic for which it is true out.

`language` reads the expression (a small part of Python's own syntax, never evaluated by Python), `attributes` says what an
exchange has, `picking` brings both together.
"""

from dicomsniff.query.attributes import ATTRIBUTES, Attributes
from dicomsniff.query.language import Expression, ExpressionError, parse
from dicomsniff.query.picking import pick

__all__ = ["ATTRIBUTES", "Attributes", "Expression", "ExpressionError", "parse", "pick"]
