"""A capture's connections shared out: several processes look at every packet, each follows some of the connections, and their
parts are joined to the very traffic that one process alone would give."""

from dicomsniff.parallel.crew import Crew
from dicomsniff.parallel.helper import CrewLostError

__all__ = ["Crew", "CrewLostError"]
