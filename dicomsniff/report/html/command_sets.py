"""The first bytes of a message in, its command set element by element out, with what its numbers mean."""

from collections.abc import Callable, Iterator

from dicomsniff.core.records import replace
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.element_rows import command_rows
from dicomsniff.pdu.command_part import command_part
from dicomsniff.report.html.data_sets import ElementView, element_views
from dicomsniff.report.redaction import Redaction

ROWS_IN_ALL = 6000
"""Elements of the command sets of one page."""
_MEANINGS: dict[str, Callable[[int], str]] = {
    "(0000,0100)": message_name,
    "(0000,0700)": lambda value: {0: "medium", 1: "high", 2: "low"}.get(value, "not defined"),
    "(0000,0800)": lambda value: "no data set follows" if value == 0x0101 else "a data set follows",
    "(0000,0900)": lambda value: f"0x{value:04X}",
}


class CommandSets:
    """Makes the command sets of one page, and stops where it is full."""

    def __init__(self, redaction: Redaction, rows: int = ROWS_IN_ALL) -> None:
        self._redaction, self._room = redaction, rows

    def of(self, data: bytes | None) -> tuple[ElementView, ...]:
        """`data`: the first bytes of a message, from its first PDU on; nothing where there is no command set in them."""
        found = command_part(data) if data and self._room > 0 else None
        if found is None:
            return ()
        made = tuple(self._views(found.text))
        self._room -= len(made)
        return made

    def _views(self, text: bytes) -> Iterator[ElementView]:
        for view in element_views(command_rows(text).rows, self._redaction):
            meaning = _MEANINGS.get(view.tag)
            told = meaning is not None and view.value.isdecimal()
            yield replace(view, value=f"{view.value} = {meaning(int(view.value))}") if told and meaning else view
