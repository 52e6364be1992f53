"""A connection in, where Wireshark reads the same bytes otherwise out: a second opinion, and an oracle of the tests."""

from dicomsniff.crosscheck.asking import AskingError, ask
from dicomsniff.crosscheck.judging import Disagreement, disagreements

__all__ = ["AskingError", "Disagreement", "ask", "disagreements"]
