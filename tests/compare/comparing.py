"""Two captures in, what their comparison says out."""

from pathlib import Path

from dicomsniff.api import analyze
from dicomsniff.compare import Comparison, Difference, Side, compare
from dicomsniff.report.redaction import redaction_of


def compared(
    good: Path, bad: Path, *, numbers: tuple[int | None, int | None] = (None, None), masked: bool = False
) -> Comparison:
    """The comparison of two captures, or of an association of each."""
    one, other = (analyze(path, transcribe="messages", rules=False) for path in (good, bad))
    try:
        sides = Side(one.traffic, numbers[0]), Side(other.traffic, numbers[1])
        return compare(*sides, redaction=redaction_of(one.traffic, masked))
    finally:
        one.close()
        other.close()


def telling(comparison: Comparison) -> list[Difference]:
    """What differs beside noise."""
    return [one for one in comparison.differences if not one.noise]
