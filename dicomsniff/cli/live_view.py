"""A live analysis in, a picture on the terminal out: open associations with their rates, the last findings, counters."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from dicomsniff.capture import PacketBlock
from dicomsniff.cli.live_lines import closed, finding, remark
from dicomsniff.cli.terminal import STYLES
from dicomsniff.live.events import CLOSED, DROPPED, EXCHANGE, FINDING, NOTICE, Event
from dicomsniff.live.open_now import OpenAssociation
from dicomsniff.live.watch import Status
from dicomsniff.report.wording import clean, count, duration, size

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

FINDINGS, ENDED, OPEN = 8, 5, 12


class View:
    """Keeps what is shown; `happened` draws it anew."""

    def __init__(self, name: str, screen: Live | None = None) -> None:
        self._name, self.screen = name, screen
        self._findings: deque[tuple[str, str]] = deque(maxlen=FINDINGS)  # severity and line
        self._ended: deque[str] = deque(maxlen=ENDED)
        self._counts = {CLOSED: 0, EXCHANGE: 0, FINDING: 0}

    def block(self, block: PacketBlock) -> None:
        """Packets are not shown one by one."""

    def happened(self, events: Sequence[Event], status: Status) -> None:
        for event in events:
            if event.kind in self._counts:
                self._counts[event.kind] += 1
            if event.kind == FINDING and event.row["severity"] != "info":
                self._findings.append((event.row["severity"], finding(event.row)))
            elif event.kind in (NOTICE, DROPPED):
                self._findings.append(("error", remark(event)))
            elif event.kind == CLOSED:
                self._ended.append(clean(closed(event.row)))
        picture = self.picture(status)
        if self.screen is not None:
            self.screen.update(picture, refresh=True)

    def picture(self, status: Status) -> Group:
        """Everything as rich draws it."""
        from rich.console import Group
        from rich.text import Text

        lines: list[Text] = [Text(self._head(status), "bold")]
        if status.dropped:
            lines.append(
                Text(
                    f"{count(status.dropped, 'packet')} dropped before they could be read: silence proves nothing",
                    "red",
                )
            )
        found = [Text(line, STYLES.get(severity, ""), overflow="ellipsis") for severity, line in self._findings]
        ended = [Text(line, "dim", no_wrap=True, overflow="ellipsis") for line in self._ended]
        return Group(
            *lines, self._table(status), *ended, Text("Findings", "bold"), *(found or [Text("none so far", "dim")])
        )

    def _head(self, status: Status) -> str:
        facts, counts = status.facts, self._counts
        return clean(
            f"{self._name} · {duration(status.seconds * 1000)} · {count(facts.packets, 'packet')}, {size(facts.bytes)} · "
            f"{count(counts[CLOSED], 'association')} ended, {count(counts[EXCHANGE], 'operation')}, "
            f"{count(counts[FINDING], 'finding')}"
        )

    def _table(self, status: Status) -> Table:
        from rich.table import Table

        table = Table(title=count(len(status.open), "open association"), title_justify="left", expand=True, box=None)
        for name in ("id", "from", "to", "operations", "last", "bytes", "per second"):
            table.add_column(
                name, no_wrap=True, justify="right" if name in ("bytes", "per second", "operations") else "left"
            )
        for each in islice(status.open, OPEN):
            table.add_row(str(each.id), *_cells(each), size(each.bytes), size(int(each.rate)))
        return table


def _cells(association: OpenAssociation) -> tuple[str, ...]:
    return (
        clean(f"{association.calling_ae or '?'} ({association.requestor})"),
        clean(f"{association.called_ae or '?'} ({association.acceptor})"),
        str(association.operations),
        clean(association.doing),
    )


@contextmanager
def live_view(name: str) -> Iterator[View]:
    """A view on this terminal; the last picture stays."""
    from rich.live import Live

    view = View(name)
    with Live(auto_refresh=False, transient=False, vertical_overflow="ellipsis") as screen:
        view.screen = screen
        yield view
