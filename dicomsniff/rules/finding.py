"""What a rule says: a finding with its proof, or that it could not tell; and the verdict over all it looked at."""

from dataclasses import field
from enum import StrEnum
from typing import Any

from dicomsniff.core import Evidence
from dicomsniff.core.records import dataclass


class Severity(StrEnum):
    """error: it failed. warning: it will, or it worked badly. note: worth knowing. info: a fact."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    INFO = "info"


class Side(StrEnum):
    """Who must act."""

    REQUESTOR = "requestor"
    ACCEPTOR = "acceptor"
    NETWORK = "network"
    CAPTURE = "capture"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class About:
    """Exactly what a hit explains beyond its own exchange: these exchanges, all of these associations, these
    connections. A C-MOVE explains its callbacks, and not the next C-MOVE on its own association."""

    exchanges: tuple[int, ...] = ()
    associations: tuple[int, ...] = ()
    connections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """What one rule found on one subject. `packets` are the numbers that prove it (at most a dozen, in order), `act`
    the side that must act, `actor` its name for a reader ("PACS (10.1.1.5:104)"). `causes` and `fix` replace the
    rule's own where this capture tells more. `key` joins hits of one kind into one finding with a count. `about` says
    what a hit of a rule that `hides` others explains; without it, all of its association (or connection). `tells_of` are
    its exchanges where it is about more than `exchange`; `gist` is the cause in a clause, where the first sentence of the
    message is too long for a headline. `explained`: of what exchanges a hit of a rule that `explains` others is the reason,
    where that is not all it tells of; `hides`: what a hit hides, where that is less than its rule does."""

    message: str
    packets: tuple[int, ...] = ()
    time_ns: int | None = None
    severity: Severity | None = None
    connection: int | None = None
    association: int | None = None
    exchange: int | None = None
    act: Side = Side.UNKNOWN
    actor: str | None = None
    causes: tuple[str, ...] | None = None
    fix: str | None = None
    key: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    about: About | None = None
    tells_of: tuple[int, ...] = ()
    gist: str | None = None
    explained: tuple[int, ...] | None = None
    hides: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The rule could not tell: what it needed was not in the capture."""

    reason: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What to set in a product to mend what a finding tells, in that product's own words."""

    product: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A judged fact, ready to be shown: a Hit with its rule's name, title, causes, fix and references, and a Wireshark
    display filter that shows the proof. `count` > 1 where the same was met that often; `children` are findings that
    follow from this one. `settings` say how to mend it where the side that must act named its product. `associations`,
    `exchanges` and `connections` are all that it was met on, what follows from it not counted; `gist` as of a Hit. `key` is
    that of the hits."""

    rule: str
    name: str
    severity: Severity
    title: str
    message: str
    connection: int | None
    association: int | None
    exchange: int | None
    packets: tuple[int, ...]
    time_ns: int | None
    display_filter: str
    act: Side
    actor: str | None
    causes: tuple[str, ...]
    fix: str
    references: tuple[str, ...]
    facts: dict[str, Any]
    count: int = 1
    children: tuple["Finding", ...] = ()
    settings: tuple[Setting, ...] = ()
    associations: tuple[int, ...] = ()
    exchanges: tuple[int, ...] = ()
    connections: tuple[int, ...] = ()
    gist: str | None = None
    key: str | None = None


class Verdict(StrEnum):
    """The outcome of one rule over the whole capture."""

    FINDING = "finding"
    CLEAR = "clear"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """Verdict of one rule with the number of subjects behind it and, where it could not tell, why."""

    rule: str
    verdict: Verdict
    count: int
    reasons: tuple[str, ...] = ()


def packets_of(*evidence: Evidence | None, limit: int = 12) -> tuple[int, ...]:
    """The packet numbers of these ranges, sorted, without repetition, at most `limit`."""
    return tuple(sorted({p for e in evidence if e is not None for p in e.packets}))[:limit]
