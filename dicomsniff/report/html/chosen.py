"""How much the page shows: which associations in detail, which of their operations in the table and in the drawing."""

from dicomsniff.report.choice import chosen_associations
from dicomsniff.report.values import Report

# A page of some thousand table rows still opens at once on a phone; the JSON report holds everything.
ASSOCIATIONS_SHOWN = 200
DETAILED = 100  # where there are more: a table lists all, and those with faults stand below it
EXCHANGES_SHOWN = 500
EXCHANGES_IN_ALL = 6000
CONTEXTS_IN_ALL = 4000
DRAWN = 60  # operations in one sequence diagram
DRAWN_IN_ALL = 1500
_ALWAYS_SHOWN = 20  # rows of an association however many associations there are


def detailed(report: Report) -> list[int]:
    """Ids of the associations that stand on the page in detail."""
    number = len(report.associations)
    return chosen_associations(report, ASSOCIATIONS_SHOWN if number <= ASSOCIATIONS_SHOWN else DETAILED)


def share(in_all: int, most: int, shown: int) -> int:
    """How much of what the page has room for each of `shown` associations may take."""
    return max(_ALWAYS_SHOWN, min(most, in_all // max(shown, 1)))


def drawn(ids: list[int], failed: list[int], limit: int) -> list[int]:
    """At most `limit` of these operations, in order: half of the room for the first, the rest for the failed and the last."""
    if len(ids) <= limit:
        return ids
    kept = dict.fromkeys(ids[: limit // 2])
    there = set(ids)
    kept |= dict.fromkeys([one for one in failed if one in there][: limit // 4])
    kept |= dict.fromkeys(ids[-max(1, limit - len(kept)) :])
    return sorted(kept)
