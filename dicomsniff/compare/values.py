"""What a comparison says: one value for each difference, the most likely cause first."""

from __future__ import annotations

from dicomsniff.association.values import Association
from dicomsniff.core.tuples import NamedTuple


class Pair(NamedTuple):
    """Two associations that are the same conversation in the two captures."""

    good: Association
    bad: Association


class Difference(NamedTuple):
    """One difference, in a sentence that names GOOD and BAD. `weight` says how likely it matters, 100 at most; `good` and
    `bad` are what each has, as it may be shown; packets are those that prove it. `noise`: it differs at every run."""

    weight: int
    area: str
    sentence: str
    good: str | None = None
    bad: str | None = None
    good_packets: tuple[int, ...] = ()
    bad_packets: tuple[int, ...] = ()
    good_association: int | None = None
    bad_association: int | None = None
    noise: bool = False


class Comparison(NamedTuple):
    """Everything that differs, the weightiest first, noise last; `pairs` are the associations that were compared."""

    differences: tuple[Difference, ...]
    pairs: tuple[tuple[int, int], ...]

    @property
    def equal(self) -> bool:
        """Whether nothing but noise differs."""
        return all(difference.noise for difference in self.differences)
