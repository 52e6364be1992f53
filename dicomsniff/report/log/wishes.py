"""What of the traffic a log is to tell: options in, yes or no for associations and exchanges out."""

from __future__ import annotations

from fnmatch import fnmatchcase

from dicomsniff.association.values import Association, Exchange, Outcome
from dicomsniff.core.records import dataclass

FORMATS = ("text", "json-lines", "dcmdump")
LEVELS = ("association", "message", "pdu")
STATUS_CLASSES = ("success", "pending", "warning", "failure", "cancel", "none")
_NO_CONVERSATION = frozenset({Outcome.REJECTED, Outcome.UNANSWERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWish:
    """Which associations and messages, and how much of them. Empty means any.

    `aes` are titles with wildcards, of either side; `statuses` classes, "none" for what was never answered, or codes as four
    digits. `level`: negotiations only, messages, or PDUs too. `flat`: elements in sequences with the way to them instead of
    a tree. `hexadecimal`: the bytes of PDUs. `relative`: times since the association began.
    """

    associations: frozenset[int] = frozenset()
    aes: tuple[str, ...] = ()
    services: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    level: str = "message"
    format: str = "text"
    flat: bool = False
    hexadecimal: bool = False
    relative: bool = False

    @property
    def picks_exchanges(self) -> bool:
        """Whether only some messages are told."""
        return bool(self.services or self.statuses)

    def wants(self, association: Association) -> bool:
        """Whether anything of this association is told."""
        if self.associations and association.id not in self.associations:
            return False
        titles = (association.calling_ae or "", association.called_ae or "")
        if self.aes and not any(fnmatchcase(title, pattern) for title in titles for pattern in self.aes):
            return False
        if not self.picks_exchanges:
            return True
        refused = association.outcome in _NO_CONVERSATION and "failure" in self.statuses and not self.services
        return refused or any(map(self.wants_exchange, association.exchanges))

    def wants_exchange(self, exchange: Exchange | None) -> bool:
        """Whether the messages of this exchange are told; None: messages that belong to none."""
        if not self.picks_exchanges:
            return True
        if exchange is None or (self.services and exchange.service not in self.services):
            return False
        code = "" if exchange.status is None else f"{exchange.status:04X}"
        return not self.statuses or (exchange.status_class or "none") in self.statuses or code in self.statuses
