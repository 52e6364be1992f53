"""Traffic and a wish in, the lines of the log out, whatever the format."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dicomsniff.association.values import Association, Kind, Traffic
from dicomsniff.dimse.element_rows import command_rows
from dicomsniff.dimse.message import Message
from dicomsniff.report.log.elements import dcmdump_lines
from dicomsniff.report.log.events import events, sender
from dicomsniff.report.log.json_lines import JsonLog
from dicomsniff.report.log.messages import data_set_rows, data_set_title, short_name
from dicomsniff.report.log.text import TextLog
from dicomsniff.report.log.wishes import LogWish
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.wording import clean, count
from dicomsniff.tcp.excerpts import Excerpts

_LISTED = 20  # connections without an association


def log_lines(traffic: Traffic, wish: LogWish, redaction: Redaction, excerpts: Excerpts | None = None) -> Iterator[str]:
    """The log, line by line, without line ends. The payload store must be open."""
    return map(redaction.outgoing, _lines(traffic, wish, redaction, excerpts))


def _lines(traffic: Traffic, wish: LogWish, redaction: Redaction, excerpts: Excerpts | None) -> Iterator[str]:
    chosen = (a for a in traffic.associations if wish.wants(a))
    if wish.format == "json-lines":
        writer = JsonLog(traffic, wish, redaction, excerpts)
        for association in chosen:
            yield from (json.dumps(row) for row in writer.rows(association))
        return
    if wish.format == "dcmdump":
        for association in chosen:
            yield from map(clean, _dumps(association, wish, redaction))
        return
    text = TextLog(traffic, wish, redaction, excerpts)
    for association in chosen:
        yield from map(clean, text.lines(association))
    if not (wish.associations or wish.aes or wish.services):
        yield from map(clean, _without_association(traffic))


def _dumps(association: Association, wish: LogWish, redaction: Redaction) -> Iterator[str]:
    """Every message as dcmdump would write it, after a comment that says which it is."""
    for event in events(association, wish):
        message = event.said
        if not isinstance(message, Message):
            continue
        yield f"# Association {association.id}, {short_name(message)}, {sender(association, message.direction)}, " + (
            f"packets {message.evidence.first_packet}-{message.evidence.last_packet}"
        )
        yield "# Dicom-Command-Set"
        yield from dcmdump_lines(command_rows(message.text), redaction)
        rows = data_set_rows(association, message)
        if rows is not None:
            yield "# Dicom-Data-Set"
            yield f"# {data_set_title(association, message, rows)}"
            yield from dcmdump_lines(rows, redaction)
        yield ""


def _without_association(traffic: Traffic) -> Iterator[str]:
    """Connections on which nobody came to speak: refused, silent, or encrypted."""
    told = [
        c
        for c in traffic.conversations
        if c.kind in (Kind.EMPTY, Kind.DICOM_TLS) and not c.associations and c.view_of is None
    ]
    for conversation in told[:_LISTED]:
        tcp = conversation.tcp
        what = {"refused": "Connection refused", "unanswered": "The host did not answer"}.get(
            tcp.opened, "TLS" if conversation.kind is Kind.DICOM_TLS else "Connection opened, and nobody spoke"
        )
        yield f"# {tcp.initiator} → {tcp.responder}, tcp.stream eq {tcp.tcp_stream}: {what}; no association"
    if len(told) > _LISTED:
        yield f"# … and {count(len(told) - _LISTED, 'more connection')} without an association"
