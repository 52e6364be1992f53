"""How files lie to one another in, traffic marked and told accordingly out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicomsniff.association.points import mark_points
from dicomsniff.association.values import Traffic
from dicomsniff.capture.places import Places
from dicomsniff.core.records import dataclass, replace

if TYPE_CHECKING:
    from dicomsniff.tcp.points import Group


@dataclass(frozen=True, slots=True)
class Layout:
    """How the files lie to one another: where each packet stands, and the points of capture if there are several,
    `merged` if their packets were joined."""

    places: Places | None = None
    groups: tuple[Group, ...] = ()
    merged: bool = False

    def mark(self, traffic: Traffic) -> Traffic:
        """The traffic with what is known of its files, and each conversation marked that another point shows."""
        traffic = replace(traffic, places=self.places, joined=self.merged)
        return mark_points(traffic) if self.groups and not self.merged else traffic

    def notes(self, traffic: Traffic) -> list[str]:
        """What the user is to know of points and views."""
        notes = []
        if self.groups:
            from dicomsniff.tcp.points import point_notes  # where there are several files

            notes += point_notes(self.groups, [capture.path for capture in traffic.captures], self.merged)
        views = sum(1 for conversation in traffic.conversations if conversation.view_of is not None)
        if views:
            where = "at more than one point" if self.groups else "again behind a proxy or an address translation"
            notes.append(f"conversations captured {where}, judged once: {views}")
        return notes
