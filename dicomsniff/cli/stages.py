"""The command that shows what leaves a room: dump."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout

_STAGES = ("packet", "segment", "stream", "pdu", "pdv", "message", "exchange", "association")


@click.command()
@options.reading
@options.redact
@click.option("--stage", type=click.Choice(_STAGES), required=True, help="What to show: what leaves this room.")
@click.option("--packet", "start", type=click.IntRange(min=1), default=1, metavar="N", help="From this packet on, as Wireshark numbers them.")  # fmt: skip
@click.option("--json-lines", "as_json", is_flag=True, help="One JSON value a line.")
def dump(stage: str, start: int, as_json: bool, **asked: Any) -> int:
    """Make the flow visible at any room: packets, segments, streams, PDUs, values, messages, exchanges, associations."""
    from dicomsniff.report.wording import clean

    with until_reader_leaves(), utf8_stdout() as stream:
        for row in _rows(stage, start, Asked(**asked)):
            if as_json:
                stream.write(json.dumps(row) + "\n")
            else:
                told = (f"{name}={_word(value)}" for name, value in row.items() if value not in (None, ""))
                stream.write(clean("  ".join(told)) + "\n")
    return 0


def _rows(stage: str, start: int, wish: Asked) -> Iterator[dict[str, Any]]:
    from dicomsniff.stages import EARLY, early_rows, late_rows

    if stage in EARLY:
        from dicomsniff.capture import open_captures

        with open_captures(wish.captures) as source:
            yield from early_rows(source, stage, start, frozenset(wish.ports) if wish.ports else None)
        return
    from dicomsniff.report.redaction import redaction_of

    analysis = read(wish, transcribe="pdus")
    yield from late_rows(analysis.traffic, stage, start, redaction_of(analysis.traffic, wish.redact))


def _word(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}'" if " " in text else text
