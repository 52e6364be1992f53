"""What a rule is: an id, what it looks at, how it judges one subject, and its page (the docstring of its file)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from dicomsniff.association.values import Association, Conversation, Exchange, Kind, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.known_aes import NONE_KNOWN, KnownAes

DICOM_KINDS = (Kind.DICOM, Kind.DICOM_TLS)
"""Connections that carry DICOM, be it in clear or not."""
SHORT_NS = 500_000_000
"""Nobody calls an association slow that took less."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where ordinary ends and remarkable begins; durations in seconds, lengths in bytes. `known_aes` is
    the site's own table of AE titles, against which what is seen may be remarkable."""

    syn_wait_count: int = 3
    syn_wait: float = 3.0
    assoc_wait_warning: float = 10.0
    assoc_wait_error: float = 30.0
    dimse_wait: float = 30.0
    idle_min: float = 30.0
    move_grace: float = 60.0
    commitment_wait: float = 3600.0
    mpps_wait: float = 14400.0
    mpps_next_wait: float = 7200.0
    worklist_abort_wait: float = 2.0
    worklist_empty_count: int = 3
    release_wait: float = 10.0
    retry_count: int = 5
    retry_window: float = 300.0
    retry_at_once: float = 1.0
    contexts_many: int = 64
    request_long: int = 16 << 10
    request_huge: int = 32 << 10
    probe_max: float = 2.0
    artim: float = 10.0
    retrans_rate_warning: float = 0.005
    retrans_rate_error: float = 0.02
    retrans_count: int = 10
    dominant_share: float = 0.4
    dominant_time: float = 1.0
    srv_slow_echo: float = 0.5
    srv_slow_store: float = 1.0
    srv_slow_find: float = 3.0
    srv_slow_move: float = 10.0
    srv_slow_other: float = 2.0
    think_slow: float = 0.5
    think_count: int = 3
    zw_min: float = 0.2
    zw_error: float = 5.0
    stall_long: float = 2.0
    round_trip_long: float = 0.005
    loss_time: float = 0.3
    loss_share: float = 0.3
    nagle_count: int = 3
    nagle_time: float = 0.5
    nagle_least: float = 0.025
    nagle_most: float = 0.5
    bulk_length: int = 32 << 10
    line_fast: float = 5e6
    single_count: int = 10
    single_share: float = 0.2
    single_time: float = 0.3
    known_aes: KnownAes = NONE_KNOWN


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Among(Generic[S]):
    """Subjects of a rule that picks its suspects beforehand: the rule applies to `count` of them and only `suspects`
    are checked; all others are clear. With `traffic.index` that costs nothing where nothing is wrong."""

    count: int
    suspects: Iterable[S]


Answer = Hit | Sequence[Hit] | Inconclusive | None


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One rule of the catalogue.

    `subjects` picks what the rule applies to; none at all makes the verdict not-applicable. Where most of it is clear
    at a glance it gives `Among(how many, the few to check)`. It is called once a capture: what it goes through should come from
    `traffic.index`, or be gathered once for several rules (`association.index.once`). `check` answers for one subject: hits, Inconclusive, or None for clear. It is pure, knows no other rule and parses no bytes.
    `absence`: it argues from something not seen. `claims`: the oddities it explains. `hides`: rules whose findings on
    the same association (or, before one exists, connection; or on what the hit is `about`) follow from this one and
    become its children. `explains`: rules whose findings follow from this one where all exchanges that they tell of have it.
    """

    id: str
    name: str
    severity: Severity
    title: str
    subjects: Callable[[Traffic], Iterable[S] | Among[S]]
    check: Callable[[S, Traffic, Thresholds], Answer]
    page: str
    absence: bool = False
    claims: frozenset[AnomalyCode] = frozenset()
    hides: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()


def associations(traffic: Traffic) -> Iterable[Association]:
    return traffic.associations


def exchanges(traffic: Traffic) -> Iterable[Exchange]:
    return traffic.exchanges


def conversations(traffic: Traffic) -> Iterable[Conversation]:
    return traffic.conversations
