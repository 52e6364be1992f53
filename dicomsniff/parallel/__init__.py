"""A capture's connections shared out: one process looks at every packet, several follow connections, and their parts are
joined to the very traffic that one process alone would give."""

from dicomsniff.parallel.crew import Crew, CrewLostError

__all__ = ["Crew", "CrewLostError"]
