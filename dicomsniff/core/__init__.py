"""The words that every room shares: endpoints, evidence, oddities and limits; nothing here reads or judges traffic."""

from dicomsniff.core.anomaly import Anomaly, AnomalyCode
from dicomsniff.core.endpoint import DIRECTIONS, Direction, Endpoint
from dicomsniff.core.evidence import Evidence
from dicomsniff.core.limits import LIMITS, Limits

__all__ = ["DIRECTIONS", "LIMITS", "Anomaly", "AnomalyCode", "Direction", "Endpoint", "Evidence", "Limits"]
